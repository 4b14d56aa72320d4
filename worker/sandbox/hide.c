/* What is hidden, and that it stays so. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"
#include "policy.h"
#include "sabotage.h"
#include "tree.h"
#include "view.h"
#include "walled.h"
#include "xalloc.h"

/* Folders of the host that nobody's tool has any business in. */
static const char *const hidden[] = {
#define HIDDEN(path)	path,
#define REPLACED(path)
#include "hidden.def"
#undef HIDDEN
#undef REPLACED
};

/* Over a file: one of ours that is empty. */
static int
cover_file(struct view *v, int target)
{
	int tree, r;

	tree = tree_clone(v->root, WALLED_FILE + 1, TREE_READ_ONLY);
	if (tree == -1)
		return -1;
	r = tree_attach(tree, target);
	fd_close(&tree);
	return r;
}

/* What is not there, or what the tool could not reach either, is hidden. */
static int
hide(struct view *v, const char *path, bool is_fixed)
{
	struct stat st;
	int at, r;

	if ((at = tree_find(v->root, path)) == -1)
		return errno == ENOENT || errno == ENOTDIR ||
		    errno == EACCES || (is_fixed && errno == ELOOP) ? 0 : -1;
	r = fstat(at, &st);
	if (r == 0)
		r = S_ISDIR(st.st_mode) ? view_cover(v, at, 0755, false) :
		    cover_file(v, at);
	fd_close(&at);
	return r;
}

/* A mount of its own, so that nobody can move it away. */
static int
pin(struct view *v, const char *path)
{
	struct statx st;
	int at, tree = -1, r = -1, error;

	if ((at = tree_find(v->root, path)) == -1)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
		    errno == EACCES ? 0 : -1;
	if (statx(at, "", AT_EMPTY_PATH, 0, &st) == 0)
		r = st.stx_attributes & STATX_ATTR_MOUNT_ROOT ? 0 : 1;
	if (r == 1 && (tree = tree_clone(at, "", 0)) != -1)
		r = tree_attach(tree, at);
	error = errno;
	fd_close(&tree);
	fd_close(&at);
	errno = error;
	return r == 1 ? -1 : r;
}

/* All folders between this one and what lies in it. */
static int
pin_above(struct view *v, const char *folder, const char *path)
{
	char *copy = xstrdup(path), *slash = copy + strlen(folder) + 1;
	int r = 0;

	while (r == 0 && (slash = strchr(slash, '/')) != NULL) {
		*slash = '\0';
		r = pin(v, copy);
		*slash++ = '/';
	}
	free(copy);
	return r;
}

static int
hide_fixed(struct view *v, const char *path)
{
	if (sabotage("hide") || hide(v, path, true) == 0)
		return 0;
	return view_fail(v, "hidden folders");
}

static int
hide_named(struct view *v, const char *path)
{
	return hide(v, path, false) == 0 ? 0 : view_fail(v, "hide=");
}

/* Those inside of what was just put there; all of them if it is the root. */
int
hide_inside(struct view *v, const char *folder)
{
	char **path;
	size_t i;

	for (i = 0; i < COUNT(hidden); i++)
		if (policy_is_inside(hidden[i], folder) &&
		    hide_fixed(v, hidden[i]) == -1)
			return -1;
	for (path = v->policy->hide; *path != NULL; path++) {
		if (!policy_is_inside(*path, folder))
			continue;
		if (strcmp(folder, "/") != 0 &&
		    pin_above(v, folder, *path) == -1)
			return view_fail(v, "way to what is hidden");
		if (hide_named(v, *path) == -1)
			return -1;
	}
	return 0;
}
