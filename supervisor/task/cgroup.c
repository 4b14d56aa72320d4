#include "cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup_own.h"
#include "fd.h"
#include "hierarchy.h"
#include "xalloc.h"

#define PATH_SIZE	128
#define NROUNDS		64	/* of those who fork while we kill them */
#define CPU_PERIOD	100000	/* us */

struct cgroup {
	struct cgroups	*groups;
	char		*name;
};

/* Files of a group. */

static int
open_in(int dir, const char *group, const char *file, int flags)
{
	char path[PATH_SIZE];
	int n;

	n = snprintf(path, sizeof(path), "%s/%s", group, file);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return openat(dir, path, flags | O_CLOEXEC | O_NOFOLLOW);
}

int
cgroup_read(int dir, const char *group, const char *file, struct buf *b)
{
	ssize_t n = -1;
	int fd;

	buf_reset(b);
	if ((fd = open_in(dir, group, file, O_RDONLY)) == -1)
		return -1;
	while ((n = fd_read_all(fd, buf_room(b, 4096), 4096)) > 0)
		b->len += (size_t)n;
	fd_close(&fd);
	return n == -1 ? -1 : 0;
}

/* In one stroke: each write is an order of its own. */
int
cgroup_write(int dir, const char *group, const char *file, const char *text)
{
	ssize_t n;
	int fd;

	if ((fd = open_in(dir, group, file, O_WRONLY)) == -1)
		return -1;
	do
		n = write(fd, text, strlen(text));
	while (n == -1 && errno == EINTR);
	fd_close(&fd);
	return n == -1 ? -1 : 0;
}

uint64_t
cgroup_number(int dir, const char *group, const char *file, const char *key)
{
	struct buf b = { 0 };
	uint64_t value = 0;

	if (cgroup_read(dir, group, file, &b) == -1 ||
	    !hierarchy_number(buf_bytes(&b), key, &value))
		value = 0;
	buf_fini(&b);
	return value;
}

/* Groups. */

void
cgroup_each(int dir, const char *group,
    void (*did)(int folder, const char *name, void *arg), void *arg)
{
	struct dirent *e;
	DIR *d;
	int fd;

	if ((fd = open_in(dir, group, ".", O_RDONLY | O_DIRECTORY)) == -1)
		return;
	if ((d = fdopendir(fd)) == NULL) {
		fd_close(&fd);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_type == DT_DIR && e->d_name[0] != '.')
			did(fd, e->d_name, arg);
	closedir(d);
}

static void
remove_below(int folder, const char *name, void *arg)
{
	(void)arg;
	cgroup_remove_tree(folder, name);
}

int
cgroup_remove_tree(int dir, const char *group)
{
	if (unlinkat(dir, group, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return -1;
	cgroup_each(dir, group, remove_below, NULL);
	if (unlinkat(dir, group, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return -1;
}

/* How many there were; they are in our group, so the numbers are theirs. */
static size_t
kill_listed(int dir, const char *group, struct buf *b)
{
	char *at, *end;
	size_t n = 0;
	long pid;

	if (cgroup_read(dir, group, "cgroup.procs", b) == -1 || b->len == 0)
		return 0;
	b->data[b->len] = '\0';
	for (at = b->data; (pid = strtol(at, &end, 10)) > 0; at = end) {
		kill((pid_t)pid, SIGKILL);
		n++;
	}
	return n;
}

static void
kill_below(int folder, const char *name, void *arg)
{
	(void)arg;
	cgroup_kill_each(folder, name);
}

/*
 * Frozen, nobody forks, and nobody leaves whose number another could get
 * before we use it.
 */
int
cgroup_kill_each(int dir, const char *group)
{
	struct buf b = { 0 };
	int i;

	if (cgroup_write(dir, group, "cgroup.freeze", "1") == -1)
		return -1;
	for (i = 0; i < NROUNDS && kill_listed(dir, group, &b) > 0; i++)
		;
	buf_fini(&b);
	cgroup_each(dir, group, kill_below, NULL);
	return cgroup_write(dir, group, "cgroup.freeze", "0");
}

int
cgroup_kill_tree(int dir, const char *group)
{
	if (cgroup_write(dir, group, "cgroup.kill", "1") == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	return cgroup_kill_each(dir, group);
}

static int
limit(int dir, const char *group, const char **file, const char *name,
    const char *text)
{
	*file = name;
	return cgroup_write(dir, group, name, text);
}

/* swap.max is missing where swap is off, and then there is none to bound. */
static int
limit_memory(int dir, const char *group, uint64_t bytes, const char **file)
{
	char text[24];

	snprintf(text, sizeof(text), "%ju", (uintmax_t)bytes);
	if (limit(dir, group, file, "memory.max", text) == -1 ||
	    limit(dir, group, file, "memory.oom.group", "1") == -1)
		return -1;
	if (limit(dir, group, file, "memory.swap.max", "0") == -1 &&
	    errno != ENOENT)
		return -1;
	return 0;
}

int
cgroup_limit(int dir, const char *group, unsigned controllers,
    const struct cgroup_limits *l, const char **file)
{
	char text[64];

	if ((controllers & CONTROLLER_MEMORY) && l->memory > 0 &&
	    limit_memory(dir, group, l->memory, file) == -1)
		return -1;
	snprintf(text, sizeof(text), "%ju", (uintmax_t)l->pids);
	if ((controllers & CONTROLLER_PIDS) && l->pids > 0 &&
	    limit(dir, group, file, "pids.max", text) == -1)
		return -1;
	snprintf(text, sizeof(text), "%ju %d",
	    (uintmax_t)(l->cpu * (CPU_PERIOD / 100)), CPU_PERIOD);
	if ((controllers & CONTROLLER_CPU) && l->cpu > 0 &&
	    limit(dir, group, file, "cpu.max", text) == -1)
		return -1;
	return 0;
}

/* A task's. */

struct cgroup *
cgroup_make(struct cgroups *g, uint64_t task, const struct cgroup_limits *l,
    char **why)
{
	struct cgroup *c = xcalloc(1, sizeof(*c));
	const char *step = "mkdir";

	c->groups = g;
	c->name = xasprintf("t%ju-%08x%08x", (uintmax_t)task, arc4random(),
	    arc4random());
	if (mkdirat(g->own, c->name, 0755) == -1)
		goto fail;
	if (cgroup_limit(g->own, c->name, g->controllers, l, &step) == 0)
		return c;
fail:
	*why = xasprintf("cgroup: %s: %s", step, strerror(errno));
	unlinkat(g->own, c->name, AT_REMOVEDIR);
	cgroup_free(c);
	return NULL;
}

const char *
cgroup_name(const struct cgroup *c)
{
	return c->name;
}

int
cgroup_procs(const struct cgroup *c)
{
	return open_in(c->groups->own, c->name, "cgroup.procs", O_WRONLY);
}

int
cgroup_freeze(struct cgroup *c, bool frozen)
{
	return cgroup_write(c->groups->own, c->name, "cgroup.freeze",
	    frozen ? "1" : "0");
}

bool
cgroup_is_frozen(const struct cgroup *c)
{
	return cgroup_number(c->groups->own, c->name, "cgroup.events",
	    "frozen") == 1;
}

bool
cgroup_is_empty(const struct cgroup *c)
{
	return cgroup_number(c->groups->own, c->name, "cgroup.events",
	    "populated") == 0;
}

int
cgroup_kill(struct cgroup *c)
{
	return cgroup_kill_tree(c->groups->own, c->name);
}

uint64_t
cgroup_ooms(const struct cgroup *c)
{
	return cgroup_number(c->groups->own, c->name, "memory.events",
	    "oom_kill");
}

int
cgroup_remove(struct cgroup *c)
{
	return cgroup_remove_tree(c->groups->own, c->name);
}

void
cgroup_free(struct cgroup *c)
{
	int error = errno;

	if (c == NULL)
		return;
	free(c->name);
	free(c);
	errno = error;
}
