/*
 * A view of the host that is being built (mounts.c), and how something is put
 * in it. Return -1: errno; view_fail() names the step.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "host.h"

struct policy;

struct view {
	const struct policy	*policy;
	struct host		 host;
	int			 root;		/* of it, O_PATH or a mount */
	struct our_tmpfs {
		int	fd;			/* the mount */
		dev_t	dev;
		bool	is_open;		/* the tool may write in it */
	}			*ours;
	size_t			 nours;
	const char		**step;
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* Always -1; the latter closes fd and leaves errno. */
int	view_fail(struct view *, const char *step);
int	view_fail_fd(struct view *, const char *step, int fd);

/* From now on folders may be made in it; the descriptor is kept. */
int	view_own(struct view *, int tree, bool is_open);
bool	view_is_ours(const struct view *, int folder);
/* A new tmpfs over this folder of the view. */
int	view_cover(struct view *, int target, unsigned mode, bool is_open);
/* Where something goes, O_PATH; what lacks is made, in what is ours. */
int	view_place(struct view *, const char *path);
/* Puts a tree there and lets go of it. */
int	view_put(struct view *, int tree, const char *path);
/* An empty file of ours, in an open folder of ours. */
int	view_touch(int folder, const char *name, unsigned mode);

/* hide.c: what is hidden in this folder, or in the root; see hidden.def. */
int	hide_inside(struct view *, const char *folder);
/* scratch.c: what profile scratch shows, in the tmpfs that was made last. */
int	scratch_fill(struct view *);

#endif
