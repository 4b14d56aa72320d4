/*
 * Follows a supervisor and what it starts, by ptrace, and kills one of them
 * when another is at its Nth system call: every instant of a start that a
 * death can hit. After that it leaves all of them alone, and ends.
 *
 * Who is who is told by the order of birth: 'S' the supervisor, 'W' its first
 * child, in W's order of birth what plan.children names ('H' a helper, 'I' the
 * init or keeper, 'T' the tool), and 'T' the first child of a keeper.
 */
#ifndef TRACER_H
#define TRACER_H

#include <stdbool.h>
#include <sys/types.h>

enum tracer_way {
	TRACER_HOLD,	/* who is counted stands until the other is dead */
	TRACER_RACE,	/* it goes on at once */
	TRACER_STOP,	/* W, exec'ed and counted, is stopped before that */
	TRACER_STOP_GROUP	/* its group is, where there is one */
};

struct tracer_plan {
	char		 counted, victim;
	unsigned	 nth;		/* system call of it; from 1 */
	enum tracer_way	 way;
	char		 children[4];
};

/* In memory that both share. */
struct tracer {
	struct tracer_plan plan;
	bool	 killed;
	/* of whom is counted: so many calls, and the last one's number */
	unsigned ncalls;
	long	 call;
	int	 error;		/* errno of what the tracer could not do */
};

/*
 * Attaches to a living process of ours, in a process of its own, the caller's
 * child; returns its pid when the supervisor is followed. It exits with 0 when
 * it has killed, or when nobody is left to follow. A victim that is not born
 * yet is killed at the first call at which it is.
 */
pid_t	tracer_start(struct tracer *, pid_t supervisor);

#endif
