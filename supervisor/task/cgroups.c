#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgroup_own.h"
#include "fd.h"
#include "hierarchy.h"
#include "log.h"
#include "xalloc.h"

#define LEAF		"supervisor"
#define NTRIES		8	/* against who sweeps what we just made */
#define PATIENCE	1000	/* ms, for what was killed */

/* Where we are. */

static bool
is_leaf(const char *own)
{
	const char *slash = strrchr(own, '/');

	return slash != NULL && strcmp(slash + 1, LEAF) == 0;
}

/* OURS, if it is a folder; the leaf was made by us, or by who started us. */
static int
open_base(struct cgroups *g, char *folder)
{
	g->in_leaf = is_leaf(folder);
	if (g->in_leaf)
		*strrchr(folder, '/') = '\0';
	g->base = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return g->base == -1 ? -1 : 0;
}

/* NULL: *why is words. *held: what version 1 keeps from us. */
static char *
find_folder(unsigned *held, char **why)
{
	struct buf group = { 0 }, mounts = { 0 };
	char *own = NULL, *folder = NULL;
	const char *no = "/proc cannot be read";

	if (cgroup_read(AT_FDCWD, "/proc/self", "cgroup", &group) == 0 &&
	    cgroup_read(AT_FDCWD, "/proc/self", "mountinfo", &mounts) == 0) {
		*held = hierarchy_held(buf_bytes(&group));
		own = hierarchy_own(buf_bytes(&group), &no);
	}
	if (own != NULL)
		folder = hierarchy_folder(buf_bytes(&mounts), own, &no);
	if (folder == NULL)
		*why = xstrdup(no);
	free(own);
	buf_fini(&group);
	buf_fini(&mounts);
	return folder;
}

/* Ours. */

/* Until we have its lock, a folder is anybody's to sweep. */
static bool
lock_own(struct cgroups *g)
{
	struct stat st;

	g->own = openat(g->base, g->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (g->own != -1 && flock(g->own, LOCK_EX | LOCK_NB) == 0 &&
	    fstatat(g->base, g->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	fd_close(&g->own);
	return false;
}

static int
make_own(struct cgroups *g)
{
	int i;

	for (i = 0; i < NTRIES; i++) {
		free(g->name);
		g->name = xasprintf(HIERARCHY_SUPERVISOR "%08x%08x",
		    arc4random(), arc4random());
		if (mkdirat(g->base, g->name, 0755) == -1)
			return -1;
		if (lock_own(g))
			return 0;
	}
	errno = EAGAIN;
	return -1;
}

/* A folder that we may make is not yet one that processes may be moved to. */
static int
try_move(struct cgroups *g)
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0)
		_exit(cgroup_write(g->own, ".", "cgroup.procs", "0") == 0 ? 0 :
		    errno);
	if (pid == -1)
		return -1;
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno == 0 ? 0 : -1;
}

static int
try_freeze(struct cgroups *g)
{
	return cgroup_write(g->own, ".", "cgroup.freeze", "0");
}

/* Controllers. */

static unsigned
read_controllers(int dir, const char *file)
{
	struct buf b = { 0 };
	unsigned found = 0;

	if (cgroup_read(dir, ".", file, &b) == 0)
		found = hierarchy_controllers(buf_bytes(&b));
	buf_fini(&b);
	return found;
}

/* One by one: one that cannot be had takes no other with it. */
static void
set_controllers(int dir, char sign, unsigned which)
{
	char name[CONTROLLER_NAMES_MAX], text[CONTROLLER_NAMES_MAX + 1];
	unsigned bit;

	for (bit = 1; bit & CONTROLLERS; bit <<= 1) {
		if ((which & bit) == 0)
			continue;
		hierarchy_names(bit, name);
		text[0] = sign;
		strlcpy(text + 1, name, sizeof(text) - 1);
		cgroup_write(dir, ".", "cgroup.subtree_control", text);
	}
}

/* A group with processes can pass no controllers on, except the root. */
static bool
needs_leaf(const struct cgroups *g)
{
	return !g->in_leaf && faccessat(g->base, "cgroup.type", F_OK, 0) == 0;
}

static void
enter_leaf(struct cgroups *g)
{
	if (mkdirat(g->base, LEAF, 0755) == -1 && errno != EEXIST)
		return;
	g->moved = cgroup_write(g->base, LEAF, "cgroup.procs", "0") == 0;
	g->in_leaf = g->moved;
	if (!g->moved)
		unlinkat(g->base, LEAF, AT_REMOVEDIR);
}

static void
leave_leaf(struct cgroups *g)
{
	if (!g->moved || cgroup_write(g->base, ".", "cgroup.procs", "0") == -1)
		return;
	g->moved = g->in_leaf = false;
	unlinkat(g->base, LEAF, AT_REMOVEDIR);	/* not if others are in it */
}

static void
enable(struct cgroups *g, unsigned there)
{
	unsigned before;

	before = read_controllers(g->base, "cgroup.subtree_control");
	if ((there & ~before) != 0 && needs_leaf(g))
		enter_leaf(g);
	set_controllers(g->base, '+', there & ~before);
	g->enabled = ~before &
	    read_controllers(g->base, "cgroup.subtree_control");
	set_controllers(g->own, '+',
	    read_controllers(g->own, "cgroup.controllers"));
	g->controllers = read_controllers(g->own, "cgroup.subtree_control");
	if (g->enabled == 0)
		leave_leaf(g);
}

/* Words. */

static void
add_missing(struct buf *b, unsigned which, const char *why)
{
	char names[CONTROLLER_NAMES_MAX];

	if (which != 0)
		buf_printf(b, "; none on %s: %s",
		    hierarchy_names(which, names), why);
}

static char *
describe(const struct cgroups *g, unsigned there, unsigned held)
{
	unsigned not_enabled = there & ~g->controllers;
	unsigned gone = CONTROLLERS & ~there;
	char names[CONTROLLER_NAMES_MAX];
	struct buf b = { 0 };

	buf_puts(&b, "tasks are killed and frozen by cgroup");
	if (g->controllers != 0)
		buf_printf(&b, "; limits on %s",
		    hierarchy_names(g->controllers, names));
	add_missing(&b, not_enabled, "other processes are in our group");
	add_missing(&b, gone & held, "held by a version 1 hierarchy");
	add_missing(&b, gone & ~held, "not delegated to our group");
	return buf_take(&b);
}

/* From here on what the header promises. */

static void
release(struct cgroups *g)
{
	fd_close(&g->own);
	fd_close(&g->base);
	free(g->name);
	free(g->words);
	free(g);
}

static struct cgroups *
give_up(struct cgroups *g, char *folder, const char *step, char **why)
{
	*why = xasprintf("not delegated: %s: %s%s", folder, step,
	    strerror(errno));
	if (g->name != NULL)
		unlinkat(g->base, g->name, AT_REMOVEDIR);
	release(g);
	free(folder);
	return NULL;
}

struct cgroups *
cgroups_open(char **why)
{
	struct cgroups *g;
	unsigned held = 0, there;
	char *folder;

	if ((folder = find_folder(&held, why)) == NULL)
		return NULL;
	g = xcalloc(1, sizeof(*g));
	g->base = g->own = -1;
	if (open_base(g, folder) == -1 || make_own(g) == -1)
		return give_up(g, folder, "", why);
	if (try_freeze(g) == -1)
		return give_up(g, folder, "cgroup.freeze: ", why);
	if (try_move(g) == -1)
		return give_up(g, folder, "moving a process: ", why);
	there = read_controllers(g->base, "cgroup.controllers");
	if (there != 0)
		enable(g, there);
	g->words = describe(g, there, held);
	free(folder);
	return g;
}

const char *
cgroups_describe(const struct cgroups *g)
{
	return g->words;
}

unsigned
cgroups_controllers(const struct cgroups *g)
{
	return g->controllers;
}

/* In ms; 0 and less: it is over. */
static int
time_left(const struct timespec *from)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return PATIENCE - (int)((now.tv_sec - from->tv_sec) * 1000 +
	    (now.tv_nsec - from->tv_nsec) / 1000000);
}

/* The kernel makes the file say so; no look at it is in vain. */
static void
await_empty(int dir)
{
	struct pollfd p = { .events = POLLPRI };
	struct timespec from;
	int left;

	clock_gettime(CLOCK_MONOTONIC, &from);
	p.fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	while (p.fd != -1 && (left = time_left(&from)) > 0 &&
	    cgroup_number(dir, ".", "cgroup.events", "populated") != 0)
		poll(&p, 1, left);
	fd_close(&p.fd);
}

/* dir: open, and locked by us. */
static void
end_supervisor(int base, const char *name, int dir)
{
	cgroup_kill_tree(dir, ".");
	await_empty(dir);
	if (cgroup_remove_tree(base, name) == -1)
		log_warn("cgroup %s", name);
}

/* Whoever lives has the lock; whoever is not of our user has no business. */
static void
sweep_one(int base, const char *name, void *arg)
{
	const struct cgroups *g = arg;
	struct stat st;
	int dir;

	if (!hierarchy_is_supervisor(name) || strcmp(name, g->name) == 0)
		return;
	dir = openat(base, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
	    O_NOFOLLOW);
	if (dir == -1)
		return;
	if (fstat(dir, &st) == 0 && st.st_uid == geteuid() &&
	    flock(dir, LOCK_EX | LOCK_NB) == 0) {
		log_info("cgroup %s: left by a supervisor that died", name);
		end_supervisor(base, name, dir);
	}
	fd_close(&dir);
}

void
cgroups_sweep(struct cgroups *g)
{
	cgroup_each(g->base, ".", sweep_one, g);
}

void
cgroups_close(struct cgroups *g)
{
	if (g == NULL)
		return;
	end_supervisor(g->base, g->name, g->own);
	/* Not those that another supervisor beside us has a use for. */
	set_controllers(g->base, '-', g->enabled);
	leave_leaf(g);
	release(g);
}
