/*
 * Ways through folders in which somebody hostile may have written: by
 * descriptor, one name at a time, no link followed. All return -1: errno.
 */
#ifndef WALK_H
#define WALK_H

#include <sys/stat.h>

/* O_PATH and close-on-exec, the caller's; a link is ELOOP. */
int	walk_one(int at, const char *name, struct stat *);
/*
 * The same for a whole path, absolute or below at. A link on the way is
 * ENOTDIR; what is not canonical is EINVAL.
 */
int	walk_open(int at, const char *path, struct stat *);
/*
 * Each name in a folder (O_PATH will do) but . and .., in no order, with a
 * descriptor of the folder. Whatever one returns but 0 ends it, and is
 * returned.
 */
int	walk_each(int folder, int (*one)(void *, int at, const char *name),
	    void *);

#endif
