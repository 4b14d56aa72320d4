/*
 * Mounts as descriptors. All return -1 and errno; every descriptor is closed
 * on exec.
 */
#ifndef TREE_H
#define TREE_H

#include <stdbool.h>
#include <stdint.h>

#define TREE_READ_ONLY	1U
#define TREE_DEVICES	2U	/* its device nodes work */

/*
 * A copy of what is mounted at and below `path`, nosuid; detached, and what is
 * mounted there later does not come along.
 */
int	tree_clone(int folder, const char *path, unsigned flags);
/* That is what a copy gets; this one and all below may be mounted already. */
int	tree_restrict(int tree, unsigned flags);
/* Its owners are mapped by this user namespace; a detached copy only. */
int	tree_map(int tree, int user_namespace);
int	tree_seal(int tree);			/* read-only from now on */
/* A new tmpfs, nosuid, nodev. size: bytes, 0: the kernel's own limits. */
int	tree_tmpfs(unsigned mode, uint64_t size);
int	tree_proc(void);
int	tree_attach(int tree, int target);	/* over what target names */

/*
 * What `path` names below `root`, O_PATH; a link anywhere in it is ELOOP. Both
 * "usr/bin" and "/usr/bin" count from root.
 */
int	tree_find(int root, const char *path);

#endif
