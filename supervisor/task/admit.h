/*
 * Who may start next (T7), and who may go on: limits per session, per user and
 * in all. At a limit a task waits and the reason can be told; nothing is
 * refused for want of a place and nothing that runs is evicted, also when a
 * limit is lowered. Tasks are known by their numbers; it holds no task and
 * starts none.
 *
 * The order
 * - Who was suspended and wants to go on comes first, in the order in which
 *   that was asked for, before anything that never started.
 * - Then sessions take turns. One that has nobody who may start, or that is at
 *   a limit of its own or of its user, is passed by and keeps its turn.
 * - Within a session: whoever was passed over ADMIT_PATIENCE times by others
 *   that came later, whatever its priority, the oldest such first; then the
 *   highest priority; then the lowest rank, which is the oldest unless
 *   somebody moved it.
 * - A task that is to run after others may not start before all of them have
 *   ended. Where they had to end well and one did not, it is refused.
 */
#ifndef ADMIT_H
#define ADMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct admit;

#define ADMIT_PATIENCE	8

struct admit_limits {		/* of tasks that have a place; 0: no limit */
	unsigned	 session;
	unsigned	 user;
	unsigned	 all;
};

/* All of it is copied. */
struct admit_task {
	uint64_t	 id;		/* not 0 */
	const char	*session;	/* belongs to one user while it has tasks */
	uid_t		 uid;
	int		 priority;	/* the highest first */
	int64_t		 rank;		/* within the session, the lowest first */
	const uint64_t	*after;		/* others that have not ended */
	size_t		 nafter;
	bool		 any;		/* however they end */
};

struct admit	*admit_new(const struct admit_limits *);
void		 admit_free(struct admit *);
void		 admit_limit(struct admit *, const struct admit_limits *);

/* The id is new. */
void		 admit_add(struct admit *, const struct admit_task *);
/*
 * It waits on other terms: all but session and uid. Behind its old rank it is
 * as if it had just come. false: it does not wait to start.
 */
bool		 admit_change(struct admit *, const struct admit_task *);
/* Gives a place to the task whose turn it is; 0: nobody may have one now. */
uint64_t	 admit_next(struct admit *);
/* It is over, whether it had a place or had given it away. false: neither. */
bool		 admit_done(struct admit *, uint64_t id);
/* It waits no longer: stopped before its turn. false: it did not wait. */
bool		 admit_remove(struct admit *, uint64_t id);

/* For those that run after it; any number, known here or not. */
void		 admit_ended(struct admit *, uint64_t id, bool ok);
/* Takes out one that will never start, since *because did not end well. */
uint64_t	 admit_refused(struct admit *, uint64_t *because);

/* It gives its place away. false: it has none. */
bool		 admit_pause(struct admit *, uint64_t id);
/* It wants to go on: admit_next() tells when. false: it gave no place away. */
bool		 admit_return(struct admit *, uint64_t id);
/* It does not want to any more. false: it did not. */
bool		 admit_stay(struct admit *, uint64_t id);
/* It goes on now, whatever the limits say. false: it gave no place away. */
bool		 admit_force(struct admit *, uint64_t id);

/* Why it waits, in words. false: it does not (buf is empty then). */
bool		 admit_why(const struct admit *, uint64_t id, char *buf,
		    size_t size);

size_t		 admit_running(const struct admit *);	/* have a place */
size_t		 admit_waiting(const struct admit *);	/* never started */

#endif
