#include "groups.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "hierarchy.h"
#include "xalloc.h"

#define PATIENCE	5000	/* ms */

const struct cgroup_limits groups_no_limits;

struct cgroups *
groups_open(void)
{
	struct cgroups *g;
	char *why = NULL;

	g = cgroups_open(&why);
	cr_assert_not_null(g, "%s", why);
	return g;
}

struct cgroup *
groups_make(struct cgroups *g, const struct cgroup_limits *l)
{
	struct cgroup *c;
	char *why = NULL;

	c = cgroup_make(g, 7, l, &why);
	cr_assert_not_null(c, "%s", why);
	return c;
}

static void
count(int folder, const char *name, void *arg)
{
	(void)folder;
	*(int *)arg += strcmp(name, "supervisor") != 0;
}

int
groups_count(int dir)
{
	int n = 0;

	cgroup_each(dir, ".", count, &n);
	return n;
}

static char *
find(const char **why)
{
	struct buf group = { 0 }, mounts = { 0 };
	char *own, *folder = NULL;

	cr_assert_eq(cgroup_read(AT_FDCWD, "/proc/self", "cgroup", &group), 0);
	cr_assert_eq(cgroup_read(AT_FDCWD, "/proc/self", "mountinfo", &mounts),
	    0);
	own = hierarchy_own(buf_bytes(&group), why);
	if (own != NULL)
		folder = hierarchy_folder(buf_bytes(&mounts), own, why);
	free(own);
	buf_fini(&group);
	buf_fini(&mounts);
	return folder;
}

static void
await_empty(const char *path)
{
	struct pollfd p = { .events = POLLPRI };
	int dir = open(path, O_PATH | O_DIRECTORY), quiet = 0;

	p.fd = openat(dir, "cgroup.events", O_RDONLY);
	while (quiet == 0 &&
	    cgroup_number(dir, ".", "cgroup.events", "populated") != 0)
		quiet = poll(&p, 1, PATIENCE) == 0;
	if (quiet)
		cgroup_kill_tree(dir, ".");
}

/* Hears the end of the test by the end of a pipe, and is nobody's child. */
static void
leave_a_janitor(const char *path)
{
	int fds[2];
	pid_t pid;
	char c;

	cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
	if ((pid = fork()) == 0) {
		if (fork() != 0)
			_exit(0);
		setsid();
		dup2(fds[0], 0);
		syscall(SYS_close_range, 1, ~0U, 0);
		while (read(0, &c, 1) > 0)
			;
		await_empty(path);
		cgroup_remove_tree(AT_FDCWD, path);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	close(fds[0]);		/* the other end stays open while we live */
}

static void
give(const char *path, uid_t owner)
{
	static const char *const files[] = { "", "cgroup.procs",
	    "cgroup.threads", "cgroup.subtree_control" };
	char name[512];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", path, files[i]);
		cr_assert_eq(chown(name, owner, owner), 0);
	}
}

static void
take_what_there_is(void)
{
	struct cgroups *g;
	char *why = NULL;

	if ((g = cgroups_open(&why)) == NULL)
		cr_skip_test("%s", why);
	cgroups_close(g);
}

void
groups_delegate(uid_t owner)
{
	const char *why = "";
	char *folder, *path;

	if (geteuid() != 0) {
		take_what_there_is();
		return;
	}
	if ((folder = find(&why)) == NULL)
		cr_skip_test("%s", why);
	path = xasprintf("%s/sigbox-test-%d", folder, (int)getpid());
	if (mkdir(path, 0755) == -1)
		cr_skip_test("%s: %s", path, strerror(errno));
	leave_a_janitor(path);
	give(path, owner);
	cr_assert_eq(cgroup_write(AT_FDCWD, path, "cgroup.procs", "0"), 0);
	free(path);
	free(folder);
}

/* Fakes. */

void
fake_file(struct fake *f, const char *group, const char *name,
    const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", group, name);
	fd = openat(f->fd, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	cr_assert_neq(fd, -1);
	cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

void
fake_init(struct fake *f)
{
	snprintf(f->dir, sizeof(f->dir), "/tmp/sigbox-test-XXXXXX");
	cr_assert_not_null(mkdtemp(f->dir));
	f->fd = open(f->dir, O_RDONLY | O_DIRECTORY);
}

void
fake_expect(struct fake *f, const char *name, const char *text)
{
	struct buf b = { 0 };

	cr_expect_eq(cgroup_read(f->fd, ".", name, &b), 0);
	cr_expect(bytes_is(buf_bytes(&b), text), "%s: %.*s", name, (int)b.len,
	    b.data == NULL ? "" : b.data);
	buf_fini(&b);
}

void
fake_remove(struct fake *f, const char *name)
{
	cr_expect_eq(unlinkat(f->fd, name, 0), 0, "%s", name);
}
