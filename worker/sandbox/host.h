/*
 * What the view shows of the host elsewhere than by its root: copies of trees,
 * detached, taken while the host is still seen as it is. A root that is sealed
 * afterwards does not change them.
 */
#ifndef HOST_H
#define HOST_H

struct policy;

enum { HOST_NULL, HOST_ZERO, HOST_FULL, HOST_RANDOM, HOST_URANDOM, HOST_NODES };

/* Descriptors of trees, closed on exec; who attaches one closes it. */
struct host {
	int	 nodes[HOST_NODES];
	int	 cwd;			/* -1: the view has none of its own */
	int	 tools;			/* -1: none */
	int	*rw;			/* one for each of the policy's */
};

/*
 * Standing in the working folder. `map`: a user namespace for one of root's,
 * or -1. -1: errno, *step is a literal, and this process is to end.
 */
int		 host_take(struct host *, const struct policy *, int map,
		    const char **step);

const char	*host_node(int);	/* its name in /dev */

#endif
