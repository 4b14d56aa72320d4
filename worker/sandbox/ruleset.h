/*
 * Landlock as the kernel has it: a set of rules on files, made, filled and
 * entered. What is allowed by it, landlock.c knows. All return -1: errno.
 */
#ifndef RULESET_H
#define RULESET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum right {
	RIGHT_LIST,	/* the names in folders */
	RIGHT_READ,	/* that, and read and execute */
	RIGHT_WRITE,	/* all but devices */
	RIGHT_DEVICE	/* read, write and control it */
};

struct ruleset {
	int		 fd;
	uint64_t	 handled;	/* what is denied if no rule allows it */
};

/*
 * With all that this ABI, at least 1, can deny; net leaves TCP out. Where it
 * can, signals and abstract sockets are kept inside.
 */
int	ruleset_open(struct ruleset *, unsigned abi, bool net);
void	ruleset_close(struct ruleset *);
/* For a file (O_PATH will do), or a folder and all below it. */
int	ruleset_allow(const struct ruleset *, int fd, const struct stat *,
	    enum right);
/* This process, for good. */
int	ruleset_enter(const struct ruleset *);

#endif
