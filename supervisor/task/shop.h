/*
 * What shop.c and child.c share, and nobody else sees: a shop takes the news
 * of all children from the kernel, a child knows what to make of its own.
 */
#ifndef SHOP_H
#define SHOP_H

#include <signal.h>
#include <sys/queue.h>

#include "child.h"
#include "wire.h"

struct alarm;
struct spawner;
struct watch;

TAILQ_HEAD(shop_children, child);

struct shop {
	struct loop		*loop;
	struct spawner		*spawner;
	struct alarm		*again;		/* news left for a next turn */
	struct shop_children	 children;
};

enum child_pause {
	CHILD_RUNNING,
	CHILD_TO_SUSPEND,	/* asked before there was a group */
	CHILD_SWEEPING,		/* what left the group is being stopped */
	CHILD_STOPPING,		/* SIGSTOP was sent, not yet confirmed */
	CHILD_SUSPENDED
};

struct child {
	TAILQ_ENTRY(child)	 link;		/* shop.children, until gone */
	struct shop		*shop;
	const struct child_ops	*ops;		/* NULL: nobody listens */
	void			*arg;

	pid_t			 pid;		/* the worker's, its group's */
	int			 pidfd;		/* -1: the kernel has none */
	pid_t			 named;		/* its init, as it said; 0: not yet */
	pid_t			 init;		/* must be gone too; 0: none */
	bool			 reaped;
	bool			 is_gone;
	siginfo_t		 status;	/* of the worker, if reaped */

	int			 sock;		/* -1: the line has ended */
	struct wire		 wire;
	struct watch		*watch;
	uint64_t		 second;	/* the window of nframes */
	unsigned		 nframes;

	bool			 is_running;	/* RUNNING was said */
	bool			 said_last;	/* ENDED or REFUSED */
	struct child_end	 end;
	char			*why;

	enum child_pause	 pause;
	bool			 is_stopped;	/* as the kernel says */
	bool			 complete;	/* SWEPT said so */
	bool			 our_cont;	/* its news is none */
	unsigned		 nsweeps;	/* not answered yet */

	bool			 stream;	/* takes input */
	struct buf		 early;		/* input before RUNNING */
	bool			 early_eof;
	uint64_t		 ninput, nfed;	/* bytes */

	size_t			 nwatches;	/* patterns that it has, and */
	struct buf		 matches;	/* gets when it is RUNNING */
	unsigned		 ngauges;	/* not answered yet */

	struct cgroup		*cgroup;	/* NULL: none, or removed */
	unsigned		 nlooks;	/* at its end */
	uint64_t		 freeze_by;	/* it should be frozen */

	const char		*killed;	/* why; NULL: not by us */
	bool			 killing;	/* KILL was said */
	struct alarm		*alarm;		/* the earliest of: */
	uint64_t		 start_by, sweep_by, kill_by, stuck_by;
	uint64_t		 look_at;	/* at the cgroup, once more */
	bool			 news;		/* in the socket, not read */
};

#define TELL(c, op, ...)	do {					\
	if ((c)->ops != NULL && (c)->ops->op != NULL)			\
		(c)->ops->op((c)->arg, __VA_ARGS__);			\
} while (0)

#define CHILD_KILL_TIME	UINT64_C(1000000) /* us, for the worker's own end */

struct child	*shop_find(struct shop *, pid_t);
/* Its worker stopped, went on or ended; that news has been taken. */
void		 child_changed(struct child *, const siginfo_t *);
/* A process that a dead worker left to us is reaped. */
void		 child_lost_stranger(struct child *, pid_t);
/* At once, whatever lives; for the end of the shop. */
void		 child_destroy(struct child *);

void		 child_on_line(void *, unsigned);	/* for the loop */
void		 child_on_time(void *);
void		 child_set_alarm(struct child *);
void		 child_say(struct child *, const struct frame *);

/* hear.c: takes at most 64 KiB; what wire_fill() says, -1 after a breach. */
int		 child_read_line(struct child *);
void		 child_order(struct child *, enum frame_type);
/* Signals go out only by these, and while the worker is not reaped (T6). */
void		 child_signal(struct child *, int signo);
void		 child_signal_group(struct child *, int signo);

/* seen.c */
void		 child_send_matches(struct child *);
bool		 child_hear_seen(struct child *, const struct frame *);
bool		 child_hear_gauged(struct child *, const struct frame *);

/* pause.c: SIGSTOP to the group, when the sweep is over. */
void		 child_stop_group(struct child *, bool complete);
void		 child_stopped(struct child *);		/* says the kernel */
void		 child_continued(struct child *);
/* It runs again, or is to end; nothing of a suspend is told any more. */
void		 child_forget_pause(struct child *);
void		 child_look_at_pause(struct child *);	/* it is time */

/* for hear.c */
void		 child_breach(struct child *, const char *why);
void		 child_send_early(struct child *);	/* input.c */

#endif
