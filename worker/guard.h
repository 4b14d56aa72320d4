/*
 * What the init of a pid namespace and the keeper have in common: they stand
 * outside of the task's group, so that no suspend stops them; they hear the
 * worker's death and the supervisor's by the ends of two pipes; they take
 * one-byte orders and answer with reports. Each is a process of its own.
 */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>
#include <sys/types.h>

#include "members.h"

struct policy;
struct tool;

enum guard_order {
	GUARD_START = 'g',	/* keeper: the group stands, fork the tool */
	GUARD_SWEEP = 's',	/* SIGSTOP to all; answered by SWEPT */
	GUARD_THAW = 'c',	/* SIGCONT to all */
	GUARD_TERM = 't',	/* SIGTERM, SIGCONT to what left the group */
	GUARD_GAUGE = 'u',	/* answered by GAUGED */
	GUARD_CENSUS = 'l',	/* init: the tool is reaped; answered by LEFT */
	GUARD_CLEAR = 'k'	/* keeper: kill all but the worker, and exit */
};

enum guard_said {
	GUARD_READY,		/* armed, walls stand */
	GUARD_FAILED,		/* a: errno, text: the step; it exits */
	GUARD_STARTED,		/* keeper: a: the tool's pid */
	GUARD_SWEPT,		/* a: complete */
	GUARD_GAUGED,		/* a: seconds, b: and us of processors */
	GUARD_EXITED,		/* keeper: the tool's a: code, b: signal */
	GUARD_LEFT,		/* a: how many live after it, text: names */
	GUARD_EMPTY		/* none of them any more */
};

/* Smaller than PIPE_BUF: it comes whole. */
struct guard_report {
	enum guard_said	said;
	int		a, b;
	char		text[256];
};

struct guard {
	int		 ctl;		/* orders; its end: the worker's */
	int		 rep;
	int		 lifeline;	/* its end is the supervisor's death */
	int		 sigfd;		/* SIGCHLD */
	pid_t		 group;		/* of the tool, as seen from here */
	bool		 swept;		/* what had left the group is stopped */
	bool		 waiting;	/* LEFT was said, EMPTY was not */
	void		(*list)(struct members *);
	void		(*stop)(void);	/* SIGSTOP to all of the task */
	void		(*thaw)(void);
	void		(*reap)(struct guard *);
	void		(*order)(struct guard *, char);	/* those of its own */
	void		(*end)(struct guard *) __attribute__((noreturn));
};

/*
 * Right after the fork, before the group exists: every descriptor but ours is
 * closed, signals are blocked, a death that was missed is noticed.
 */
void	guard_init(struct guard *);
bool	guard_is_orphan(const struct guard *);
void	guard_loop(struct guard *) __attribute__((noreturn));

void	guard_say(struct guard *, enum guard_said, int a, int b,
	    const char *text);
void	guard_fail(struct guard *, const char *step)
	    __attribute__((noreturn));
void	guard_say_left(struct guard *);

/* Each runs in a process that was forked for it. */
void	init_run(struct guard *, const struct policy *, int map)
	    __attribute__((noreturn));
void	keeper_run(struct guard *, struct tool *, pid_t worker)
	    __attribute__((noreturn));
/*
 * Kills this process's children, and theirs as they are handed up, until the
 * kernel says that there are none. The status of `tool` is kept; false: it
 * was not among them.
 */
bool	keeper_clear(pid_t tool, int *code, int *signo);

#endif
