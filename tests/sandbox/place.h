/*
 * A place for attempts: a tree of nobody's below /tmp, and children in it
 * that try one thing, as nobody, with the wall or, as the control, without.
 */
#ifndef PLACE_H
#define PLACE_H

#include <sys/types.h>

#include "policy.h"

struct place {
	char		*root;		/* where the tree is */
	const char	*base;		/* where the children find it */
	struct policy	 policy;	/* profile workspace; all of it named */
	pid_t		 other;		/* a process of nobody's outside */
	int		 abstract, tcp;	/* sockets that listen */
	int		 descriptors;	/* so many are open in a child */
	/* In a child, before it is nobody; NULL: the host's view. */
	int		 (*view)(const struct place *);
};

/* 0, or what errno was. */
typedef int	(*attempt)(const struct place *);

/* Paths of the policy are below base: NULL is the tree itself. */
void	place_init(struct place *, enum tier, const char *base);
void	place_fini(struct place *);

/* It is possible here, and forbidden there, by the wall and so. */
void	place_expect(const struct place *, const char *what, attempt, int why);
/* It is possible, with the wall too. */
void	place_expect_allowed(const struct place *, const char *what, attempt);
/* The wall refuses itself. */
void	place_expect_refused(const struct place *, const char *step, int why);

/* A path in the tree; the last four are valid. */
const char	*place_path(const struct place *, const char *below);

#endif
