/*
 * Which queued task may start next (T7): limits per session, per user and in
 * all; round robin between sessions, first in first out within one. At a
 * limit a task waits and the reason can be told: nothing is refused, and
 * nothing that runs is evicted, also when a limit is lowered. Tasks are known
 * by their numbers; it holds no task and starts none.
 */
#ifndef ADMIT_H
#define ADMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct admit;

struct admit_limits {		/* of running tasks; 0: no limit */
	unsigned	 session;
	unsigned	 user;
	unsigned	 all;
};

struct admit	*admit_new(const struct admit_limits *);
void		 admit_free(struct admit *);
void		 admit_limit(struct admit *, const struct admit_limits *);

/* id is new and not 0; session is copied. A session belongs to one user. */
void		 admit_add(struct admit *, uint64_t id, const char *session,
		    uid_t);
/* Gives a place to the task whose turn it is; 0: nobody may start now. */
uint64_t	 admit_next(struct admit *);
/* Its place is free again. false: it had none. */
bool		 admit_done(struct admit *, uint64_t id);
/* It waits no longer: stopped before its turn. false: it did not wait. */
bool		 admit_remove(struct admit *, uint64_t id);
/* Why it waits, in words. false: it does not (buf is empty then). */
bool		 admit_why(const struct admit *, uint64_t id, char *buf,
		    size_t size);

size_t		 admit_running(const struct admit *);
size_t		 admit_waiting(const struct admit *);

#endif
