#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "policy.h"
#include "protect.h"
#include "sabotage.h"
#include "tree.h"
#include "view.h"
#include "walled.h"

static int
put_node(int dev, int tree, const char *name)
{
	int at, r = -1;

	if (view_touch(dev, name, 0600) == 0 && (at = tree_find(dev, name)) != -1) {
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
	return view_touch(dev, WALLED_NAME, 0444);
}

/* No terminal, and no device but those that are none. */
static int
make_dev(struct view *v)
{
	int at;

	if ((at = view_place(v, "/dev")) == -1)
		return view_fail(v, "/dev");
	if (view_cover(v, at, 0755, false) == -1)
		return view_fail_fd(v, "/dev", at);
	fd_close(&at);
	if (fill_dev(&v->host, v->ours[v->nours - 1].fd) == -1)
		return view_fail(v, "/dev");
	return 0;
}

/* The same folder by another name; where the host has a link, at its end. */
static int
share_tmp(struct view *v, const char *name)
{
	char *real = realpath(name, NULL);
	int r = 0;

	if (real != NULL && strcmp(real, "/tmp") != 0)
		r = view_put(v, tree_clone(v->root, "tmp", 0), real);
	free(real);
	return r == -1 && errno != ENOENT ? view_fail(v, name) : 0;
}

/* One private folder, so that it has one limit. */
static int
make_tmp(struct view *v)
{
	int at;

	if (sabotage("tmp"))
		return 0;
	if ((at = view_place(v, "/tmp")) == -1)
		return view_fail(v, "/tmp");
	if (view_cover(v, at, 01777, true) == -1)
		return view_fail_fd(v, "/tmp", at);
	fd_close(&at);
	if (view_put(v, tree_clone(v->root, "tmp", 0), "/dev/shm") == -1)
		return view_fail(v, "/dev/shm");
	return share_tmp(v, "/var/tmp");
}

static int
make_proc(struct view *v)
{
	return view_put(v, tree_proc(), "/proc") == -1 ? view_fail(v, "/proc") : 0;
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
		return view_fail(v, "seal of the root");
	return 0;
}

static int
make_scratch(struct view *v)
{
	int tree, top;

	if ((tree = tree_tmpfs(0755, 0)) == -1)
		return view_fail(v, "new root");
	if ((top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    tree_attach(tree, top) == -1) {
		fd_close(&top);
		return view_fail_fd(v, "new root", tree);
	}
	fd_close(&top);
	v->root = tree;
	if (view_own(v, tree, false) == -1)
		return view_fail(v, "scratch");
	return scratch_fill(v);
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

	return view_is_ours(v, target) || (fstat(target, &st) == 0 &&
	    st.st_dev == v->policy->cwd_dev && st.st_ino == v->policy->cwd_ino);
}

static int
put_cwd(struct view *v)
{
	const struct policy *p = v->policy;
	int at, r;

	if (v->host.cwd == -1)
		return 0;
	if ((at = view_place(v, p->cwd)) == -1)
		return view_fail(v, "place of the working folder");
	errno = ESTALE;
	r = is_cwd(v, at) ? tree_attach(v->host.cwd, at) : -1;
	if (r == -1)
		return view_fail_fd(v, "place of the working folder", at);
	fd_close(&at);
	fd_close(&v->host.cwd);
	return hide_inside(v, p->cwd);
}

static int
put_writable(struct view *v, int tree, const char *path)
{
	if (view_put(v, tree, path) == -1)
		return view_fail(v, "rw=");
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
	if (p->tools != NULL && view_put(v, v->host.tools, p->tools) == -1)
		return view_fail(v, "folder of the tool");
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
		return view_fail_fd(v, "protected paths", at);
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
		return view_fail(v, "protected paths");
	for (i = 0; protect_path(i) != NULL; i++)
		if (protect(v, cwd, i) == -1)
			return view_fail_fd(v, "protected paths", cwd);
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
			return view_fail(v, "seal");
	return 0;
}

static int
enter(struct view *v)
{
	if (!is_scratch(v))
		return chdir("/") == -1 ? view_fail(v, "the root") : 0;
	if (fchdir(v->root) == -1 || syscall(SYS_pivot_root, ".", ".") == -1)
		return view_fail(v, "pivot_root");
	if (umount2(".", MNT_DETACH) == -1 || chdir("/") == -1)
		return view_fail(v, "the old root");
	return 0;
}

int
mounts_raise(const struct policy *p, int map, const char **step)
{
	struct view v = { .policy = p, .root = -1, .step = step };

	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) == -1)
		return view_fail(&v, "mount propagation");
	if (host_take(&v.host, p, map, step) == -1)
		return -1;
	if (make_root(&v) == -1 || make_dev(&v) == -1 || make_proc(&v) == -1 ||
	    hide_inside(&v, "/") == -1 || make_tmp(&v) == -1 ||
	    put_folders(&v) == -1 || protect_all(&v) == -1 || seal(&v) == -1)
		return -1;
	return enter(&v);
}
