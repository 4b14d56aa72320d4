/*
 * What the files of struct admit share with each other and with nobody else.
 * admit.c has the places; admit_line.c who waits in one session, in what order.
 */
#ifndef ADMIT_OWN_H
#define ADMIT_OWN_H

#include <sys/queue.h>
#include <sys/tree.h>

#include "admit.h"

enum admit_state {
	ADMIT_BLOCKED,		/* on admit.blocked: others are to end first */
	ADMIT_READY,		/* on session.queue */
	ADMIT_PLACED,
	ADMIT_PAUSED,		/* it had a place */
	ADMIT_RETURNING,	/* on admit.returning: it wants one again */
	ADMIT_REFUSED		/* on admit.refused */
};

TAILQ_HEAD(admit_line, task);

struct user {
	RB_ENTRY(user)		 entry;
	uid_t			 uid;
	size_t			 placed;
	size_t			 nsessions;
};

/* Exists while it has a task here; in the ring while one waits to start. */
struct session {
	RB_ENTRY(session)	 entry;
	TAILQ_ENTRY(session)	 link;	/* admit.ring */
	struct admit_line	 queue;	/* those that may start, in order */
	char			*name;
	struct user		*user;
	size_t			 ntasks, placed, waiting;
};

struct task {
	RB_ENTRY(task)		 entry;
	TAILQ_ENTRY(task)	 link;
	uint64_t		 id;
	struct session		*session;
	enum admit_state	 state;
	int			 priority;
	int64_t			 rank;
	uint64_t		 age;	/* when it came; the oldest is lowest */
	unsigned		 passed;
	uint64_t		*after;
	size_t			 nafter;
	bool			 any;
	uint64_t		 because;	/* REFUSED */
};

RB_HEAD(users, user);
RB_HEAD(sessions, session);
RB_HEAD(tasks, task);

struct admit {
	struct admit_limits	 limits;
	struct users		 users;
	struct sessions		 sessions;
	struct tasks		 tasks;
	TAILQ_HEAD(, session)	 ring;
	struct admit_line	 blocked, returning, refused;
	size_t			 placed, waiting;
	uint64_t		 came;		/* the age of the newest */
};

/* It waits on these terms, from now on or again. */
void	line_join(struct admit *, struct task *, const struct admit_task *);
/* It waits no longer; the session stays as it is. */
void	line_leave(struct admit *, struct task *);
/* It starts: those that came earlier and wait on were passed over. */
void	line_start(struct task *);
bool	line_waits(const struct task *);	/* to start */
/* "after t3, t4" */
void	line_say_after(const struct task *, char *buf, size_t size);

#endif
