/*
 * libevent behind four verbs; no other file includes it. Callbacks take what
 * is there and return. Anything may be freed inside any callback, its own
 * included. Times are absolute, monotonic, in microseconds.
 */
#ifndef LOOP_H
#define LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct watch;			/* a descriptor */
struct alarm;			/* a deadline */

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop	*loop_new(void);
void		 loop_free(struct loop *);
/*
 * One iteration at a time: every callback that is ready, then after(), whose
 * business is the commit and what may leave only behind it (C1). Returns when
 * loop_stop() was called.
 */
void		 loop_run(struct loop *, void (*after)(void *), void *arg);
void		 loop_stop(struct loop *);
uint64_t	 loop_now(void);	/* CLOCK_MONOTONIC */
uint64_t	 loop_wall(void);	/* since the epoch, for records only */

struct watch	*watch_new(struct loop *, int fd, unsigned what,
		    void (*cb)(void *arg, unsigned what), void *arg);
void		 watch_set(struct watch *, unsigned what);	/* 0: nothing */
void		 watch_free(struct watch *);	/* the descriptor stays open */

struct alarm	*alarm_new(struct loop *, void (*cb)(void *arg), void *arg);
void		 alarm_at(struct alarm *, uint64_t us);	/* again: the later call counts */
void		 alarm_off(struct alarm *);
void		 alarm_free(struct alarm *);

/* Signals arrive as events; for ever, until the loop is freed. */
void		 loop_signal(struct loop *, int signo, void (*cb)(void *), void *arg);

#endif
