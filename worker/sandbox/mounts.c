#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "host.h"
#include "policy.h"
#include "protect.h"
#include "sabotage.h"
#include "tree.h"
#include "walled.h"
#include "xalloc.h"

/* A view that is being built. */
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

/* Folders of the host that nobody's tool has any business in. */
static const char *const hidden[] = {
#define HIDDEN(path)	path,
#define REPLACED(path)
#include "hidden.def"
#undef HIDDEN
#undef REPLACED
};

/* What scratch shows of the host. */
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

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static int
fail(struct view *v, const char *step)
{
	*v->step = step;
	return -1;
}

/* As fail(), for what has a descriptor open. */
static int
fail_fd(struct view *v, const char *step, int fd)
{
	int error = errno;

	fd_close(&fd);
	errno = error;
	return fail(v, step);
}

/* From now on folders may be made in it; the descriptor is kept. */
static int
own(struct view *v, int tree, bool is_open)
{
	struct stat st;

	if (fstat(tree, &st) == -1)
		return -1;
	v->ours = xreallocarray(v->ours, v->nours + 1, sizeof(*v->ours));
	v->ours[v->nours++] = (struct our_tmpfs){ tree, st.st_dev, is_open };
	return 0;
}

static bool
is_ours(const struct view *v, int folder)
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

/* A new tmpfs over this folder of the view. */
static int
cover(struct view *v, int target, unsigned mode, bool is_open)
{
	int tree;

	tree = tree_tmpfs(mode, is_open ? v->policy->tmp_size : COVER_SIZE);
	if (tree == -1)
		return -1;
	if (tree_attach(tree, target) == -1 || own(v, tree, is_open) == -1) {
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
	if (fd == -1 && errno == ENOENT && is_ours(v, at) &&
	    mkdirat(at, name, 0755) == 0)
		fd = tree_find(at, name);
	error = errno;
	fd_close(&at);
	errno = error;
	return fd;
}

/* Where something goes, O_PATH; what lacks is made, in what is ours. */
static int
place(struct view *v, const char *path)
{
	char *copy = xstrdup(path), *save = NULL, *name;
	int at = tree_find(v->root, ".");

	for (name = strtok_r(copy, "/", &save); name != NULL && at != -1;
	    name = strtok_r(NULL, "/", &save))
		at = step_into(v, at, name);
	free(copy);
	return at;
}

/* Puts a tree there and lets go of it. */
static int
put(struct view *v, int tree, const char *path)
{
	int at, r = -1, error;

	if (tree == -1)
		return -1;
	if ((at = place(v, path)) != -1)
		r = tree_attach(tree, at);
	error = errno;
	fd_close(&at);
	fd_close(&tree);
	errno = error;
	return r;
}

/* An empty file of ours, in an open folder of ours. */
static int
touch(int folder, const char *name, unsigned mode)
{
	int fd;

	fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd == -1)
		return -1;
	fd_close(&fd);
	return 0;
}

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
		r = S_ISDIR(st.st_mode) ? cover(v, at, 0755, false) :
		    cover_file(v, at);
	fd_close(&at);
	return r;
}

static bool
is_inside(const char *path, const char *folder)
{
	return strcmp(path, folder) != 0 && policy_is_below(path, folder);
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
	return fail(v, "hidden folders");
}

static int
hide_named(struct view *v, const char *path)
{
	return hide(v, path, false) == 0 ? 0 : fail(v, "hide=");
}

/* Those inside of what was just put there; all of them if it is the root. */
static int
hide_inside(struct view *v, const char *folder)
{
	char **path;
	size_t i;

	for (i = 0; i < COUNT(hidden); i++)
		if (is_inside(hidden[i], folder) &&
		    hide_fixed(v, hidden[i]) == -1)
			return -1;
	for (path = v->policy->hide; *path != NULL; path++) {
		if (!is_inside(*path, folder))
			continue;
		if (strcmp(folder, "/") != 0 &&
		    pin_above(v, folder, *path) == -1)
			return fail(v, "way to what is hidden");
		if (hide_named(v, *path) == -1)
			return -1;
	}
	return 0;
}

static int
put_node(int dev, int tree, const char *name)
{
	int at, r = -1;

	if (touch(dev, name, 0600) == 0 && (at = tree_find(dev, name)) != -1) {
		r = tree_attach(tree, at);
		fd_close(&at);
	}
	fd_close(&tree);
	return r;
}

static int
fill_dev(const struct host *h, int dev)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" }, { "fd/0", "stdin" },
		{ "fd/1", "stdout" }, { "fd/2", "stderr" }
	};
	size_t i;
	int node;

	for (node = 0; node < HOST_NODES; node++)
		if (put_node(dev, h->nodes[node], host_node(node)) == -1)
			return -1;
	for (i = 0; i < COUNT(links); i++)
		if (symlinkat(links[i][0], dev, links[i][1]) == -1)
			return -1;
	return touch(dev, WALLED_NAME, 0444);
}

/* No terminal, and no device but those that are none. */
static int
make_dev(struct view *v)
{
	int at;

	if ((at = place(v, "/dev")) == -1)
		return fail(v, "/dev");
	if (cover(v, at, 0755, false) == -1)
		return fail_fd(v, "/dev", at);
	fd_close(&at);
	if (fill_dev(&v->host, v->ours[v->nours - 1].fd) == -1)
		return fail(v, "/dev");
	return 0;
}

/* The same folder by another name; where the host has a link, at its end. */
static int
share_tmp(struct view *v, const char *name)
{
	char *real = realpath(name, NULL);
	int r = 0;

	if (real != NULL && strcmp(real, "/tmp") != 0)
		r = put(v, tree_clone(v->root, "tmp", 0), real);
	free(real);
	return r == -1 && errno != ENOENT ? fail(v, name) : 0;
}

/* One private folder, so that it has one limit. */
static int
make_tmp(struct view *v)
{
	int at;

	if (sabotage("tmp"))
		return 0;
	if ((at = place(v, "/tmp")) == -1)
		return fail(v, "/tmp");
	if (cover(v, at, 01777, true) == -1)
		return fail_fd(v, "/tmp", at);
	fd_close(&at);
	if (put(v, tree_clone(v->root, "tmp", 0), "/dev/shm") == -1)
		return fail(v, "/dev/shm");
	return share_tmp(v, "/var/tmp");
}

static int
make_proc(struct view *v)
{
	return put(v, tree_proc(), "/proc") == -1 ? fail(v, "/proc") : 0;
}

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
	return put(v, tree, path);
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
		etc = place(v, "/etc");
		if (etc == -1 || touch(etc, strrchr(path, '/') + 1, 0444) == -1)
			r = -1;
		fd_close(&etc);
	}
	if (r == 0)
		r = put(v, tree_clone(AT_FDCWD, real, TREE_READ_ONLY), path);
	free(real);
	return r;
}

static int
fill_scratch(struct view *v)
{
	static const char *const folders[] = {
		"etc", "proc", "dev", "tmp", "run"
	};
	int top = v->ours[v->nours - 1].fd;
	size_t i;

	for (i = 0; i < COUNT(folders); i++)
		if (mkdirat(top, folders[i], 0755) == -1)
			return fail(v, "scratch");
	for (i = 0; i < COUNT(system_folders); i++)
		if (show_folder(v, top, system_folders[i]) == -1)
			return fail(v, system_folders[i]);
	for (i = 0; i < COUNT(system_files); i++)
		if (show_file(v, system_files[i]) == -1)
			return fail(v, system_files[i]);
	return 0;
}

/*
 * The host's own, as this namespace has it: nobody else is in there yet. To put
 * a sealed copy in its place would cost a wait for all readers of mounts in
 * the kernel, when the old one goes.
 */
static int
seal_root(struct view *v)
{
	v->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->root == -1 ||
	    tree_restrict(v->root, sabotage("root") ? 0 : TREE_READ_ONLY) == -1)
		return fail(v, "seal of the root");
	return 0;
}

static int
make_scratch(struct view *v)
{
	int tree, top;

	if ((tree = tree_tmpfs(0755, 0)) == -1)
		return fail(v, "new root");
	if ((top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    tree_attach(tree, top) == -1) {
		fd_close(&top);
		return fail_fd(v, "new root", tree);
	}
	fd_close(&top);
	v->root = tree;
	if (own(v, tree, false) == -1)
		return fail(v, "scratch");
	return fill_scratch(v);
}

static bool
is_scratch(const struct view *v)
{
	return v->policy->profile == PROFILE_SCRATCH;
}

static int
make_root(struct view *v)
{
	return is_scratch(v) ? make_scratch(v) : seal_root(v);
}

/* Somebody may have put another one, or a link, in its place. */
static bool
is_cwd(const struct view *v, int target)
{
	struct stat st;

	return is_ours(v, target) || (fstat(target, &st) == 0 &&
	    st.st_dev == v->policy->cwd_dev && st.st_ino == v->policy->cwd_ino);
}

static int
put_cwd(struct view *v)
{
	const struct policy *p = v->policy;
	int at, r;

	if (v->host.cwd == -1)
		return 0;
	if ((at = place(v, p->cwd)) == -1)
		return fail(v, "place of the working folder");
	errno = ESTALE;
	r = is_cwd(v, at) ? tree_attach(v->host.cwd, at) : -1;
	if (r == -1)
		return fail_fd(v, "place of the working folder", at);
	fd_close(&at);
	fd_close(&v->host.cwd);
	return hide_inside(v, p->cwd);
}

static int
put_writable(struct view *v, int tree, const char *path)
{
	if (put(v, tree, path) == -1)
		return fail(v, "rw=");
	return hide_inside(v, path);
}

/* Those that hold the working folder, or all the others. */
static int
put_rw(struct view *v, bool around)
{
	const struct policy *p = v->policy;
	size_t i;

	for (i = 0; p->rw[i] != NULL; i++)
		if (policy_is_below(p->cwd, p->rw[i]) == around &&
		    put_writable(v, v->host.rw[i], p->rw[i]) == -1)
			return -1;
	return 0;
}

/* What holds another comes before it, and the tool's own folder last. */
static int
put_folders(struct view *v)
{
	const struct policy *p = v->policy;

	if (put_rw(v, true) == -1 || put_cwd(v) == -1 ||
	    put_rw(v, false) == -1)
		return -1;
	free(v->host.rw);
	if (p->tools != NULL && put(v, v->host.tools, p->tools) == -1)
		return fail(v, "folder of the tool");
	return 0;
}

/* What others run later is covered by itself: it cannot be moved away either. */
static int
protect(struct view *v, int cwd, size_t i)
{
	unsigned flags = protect_is_pinned(i) ? 0 : TREE_READ_ONLY;
	int at, tree;

	/* A link, or nothing, is compared afterwards. */
	if ((at = tree_find(cwd, protect_path(i))) == -1)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
		    errno == EACCES ? 0 : -1;
	tree = tree_clone(at, "", flags);
	if (tree == -1 || tree_attach(tree, at) == -1) {
		fd_close(&tree);
		return fail_fd(v, "protected paths", at);
	}
	fd_close(&tree);
	fd_close(&at);
	return 0;
}

static int
protect_all(struct view *v)
{
	size_t i;
	int cwd;

	if (!policy_is_writable(v->policy))
		return 0;
	if ((cwd = tree_find(v->root, v->policy->cwd)) == -1)
		return fail(v, "protected paths");
	for (i = 0; protect_path(i) != NULL; i++)
		if (protect(v, cwd, i) == -1)
			return fail_fd(v, "protected paths", cwd);
	fd_close(&cwd);
	return 0;
}

/* Nothing is made any more in what hides something. */
static int
seal(struct view *v)
{
	size_t i;

	for (i = 0; i < v->nours; i++)
		if (!v->ours[i].is_open && tree_seal(v->ours[i].fd) == -1)
			return fail(v, "seal");
	return 0;
}

static int
enter(struct view *v)
{
	if (!is_scratch(v))
		return chdir("/") == -1 ? fail(v, "the root") : 0;
	if (fchdir(v->root) == -1 || syscall(SYS_pivot_root, ".", ".") == -1)
		return fail(v, "pivot_root");
	if (umount2(".", MNT_DETACH) == -1 || chdir("/") == -1)
		return fail(v, "the old root");
	return 0;
}

int
mounts_raise(const struct policy *p, int map, const char **step)
{
	struct view v = { .policy = p, .root = -1, .step = step };

	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) == -1)
		return fail(&v, "mount propagation");
	if (host_take(&v.host, p, map, step) == -1)
		return -1;
	if (make_root(&v) == -1 || make_dev(&v) == -1 || make_proc(&v) == -1 ||
	    hide_inside(&v, "/") == -1 || make_tmp(&v) == -1 ||
	    put_folders(&v) == -1 || protect_all(&v) == -1 || seal(&v) == -1)
		return -1;
	return enter(&v);
}
