#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "policy.h"
#include "tree.h"
#include "walled.h"
#include "xalloc.h"

int
view_fail(struct view *v, const char *step)
{
	*v->step = step;
	return -1;
}

int
view_fail_fd(struct view *v, const char *step, int fd)
{
	int error = errno;

	fd_close(&fd);
	errno = error;
	return view_fail(v, step);
}

int
view_own(struct view *v, int tree, bool is_open)
{
	struct stat st;

	if (fstat(tree, &st) == -1)
		return -1;
	v->ours = xreallocarray(v->ours, v->nours + 1, sizeof(*v->ours));
	v->ours[v->nours++] = (struct our_tmpfs){ tree, st.st_dev, is_open };
	return 0;
}

bool
view_is_ours(const struct view *v, int folder)
{
	struct stat st;
	size_t i;

	if (fstat(folder, &st) == -1)
		return false;
	for (i = 0; i < v->nours; i++)
		if (v->ours[i].dev == st.st_dev)
			return true;
	return false;
}

int
view_cover(struct view *v, int target, unsigned mode, bool is_open)
{
	int tree;

	tree = tree_tmpfs(mode, is_open ? v->policy->tmp_size : COVER_SIZE);
	if (tree == -1)
		return -1;
	if (tree_attach(tree, target) == -1 || view_own(v, tree, is_open) == -1) {
		fd_close(&tree);
		return -1;
	}
	return 0;
}

/*
 * The folder `name` of `at`, made there if it is in a tmpfs of ours. Both are
 * O_PATH; at is closed.
 */
static int
step_into(struct view *v, int at, const char *name)
{
	int fd, error;

	fd = tree_find(at, name);
	if (fd == -1 && errno == ENOENT && view_is_ours(v, at) &&
	    mkdirat(at, name, 0755) == 0)
		fd = tree_find(at, name);
	error = errno;
	fd_close(&at);
	errno = error;
	return fd;
}

int
view_place(struct view *v, const char *path)
{
	char *copy = xstrdup(path), *save = NULL, *name;
	int at = tree_find(v->root, ".");

	for (name = strtok_r(copy, "/", &save); name != NULL && at != -1;
	    name = strtok_r(NULL, "/", &save))
		at = step_into(v, at, name);
	free(copy);
	return at;
}

int
view_put(struct view *v, int tree, const char *path)
{
	int at, r = -1, error;

	if (tree == -1)
		return -1;
	if ((at = view_place(v, path)) != -1)
		r = tree_attach(tree, at);
	error = errno;
	fd_close(&at);
	fd_close(&tree);
	errno = error;
	return r;
}

int
view_touch(int folder, const char *name, unsigned mode)
{
	int fd;

	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd == -1)
		return -1;
	fd_close(&fd);
	return 0;
}
