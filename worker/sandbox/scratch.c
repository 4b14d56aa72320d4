/* What scratch shows of the host: its programs, a little of /etc. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "tree.h"
#include "view.h"

static const char *const system_folders[] = {
#define SYSTEM(path)	path,
#define SHOWN(path)
#include "shown.def"
#undef SYSTEM
#undef SHOWN
};
static const char *const system_files[] = {
#define SYSTEM(path)
#define SHOWN(path)	path,
#include "shown.def"
#undef SYSTEM
#undef SHOWN
};

/* A link as a link; what is not there is not shown. */
static int
show_folder(struct view *v, int top, const char *path)
{
	char to[256];
	ssize_t n;
	int tree;

	if ((n = readlink(path, to, sizeof(to) - 1)) > 0) {
		to[n] = '\0';
		return symlinkat(to, top, path + 1);
	}
	if (errno == ENOENT)
		return 0;
	if ((tree = tree_clone(AT_FDCWD, path, TREE_READ_ONLY)) == -1)
		return -1;
	return view_put(v, tree, path);
}

/* Files and folders of /etc, links followed once. */
static int
show_file(struct view *v, const char *path)
{
	char *real = realpath(path, NULL);
	struct stat st;
	int r = 0, etc;

	if (real == NULL || stat(real, &st) == -1) {
		free(real);
		return 0;
	}
	if (!S_ISDIR(st.st_mode)) {
		etc = view_place(v, "/etc");
		if (etc == -1 || view_touch(etc, strrchr(path, '/') + 1, 0444) == -1)
			r = -1;
		fd_close(&etc);
	}
	if (r == 0)
		r = view_put(v, tree_clone(AT_FDCWD, real, TREE_READ_ONLY), path);
	free(real);
	return r;
}

int
scratch_fill(struct view *v)
{
	static const char *const folders[] = {
		"etc", "proc", "dev", "tmp", "run"
	};
	int top = v->ours[v->nours - 1].fd;
	size_t i;

	for (i = 0; i < COUNT(folders); i++)
		if (mkdirat(top, folders[i], 0755) == -1)
			return view_fail(v, "scratch");
	for (i = 0; i < COUNT(system_folders); i++)
		if (show_folder(v, top, system_folders[i]) == -1)
			return view_fail(v, system_folders[i]);
	for (i = 0; i < COUNT(system_files); i++)
		if (show_file(v, system_files[i]) == -1)
			return view_fail(v, system_files[i]);
	return 0;
}
