/* Control groups where they are ours, and a reason where they are not. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "groups.h"
#include "hierarchy.h"

#define NOBODY	65534

/* A process in c that holds no descriptor but one whose end is its own. */
static pid_t
settle(struct cgroup *c, int *end)
{
	int fds[2], procs = cgroup_procs(c);
	pid_t pid;
	char up;

	cr_assert_eq(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		signal(SIGTERM, SIG_IGN);
		if (write(procs, "0", 1) != 1 || dup2(fds[1], 3) == -1)
			_exit(1);
		syscall(SYS_close_range, 4, ~0U, 0);
		if (write(3, "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(fds[1]);
	close(procs);
	cr_assert_eq(read(fds[0], &up, 1), 1, "it could not enter");
	*end = fds[0];
	return pid;
}

static bool
is_over(int end)
{
	struct pollfd p = { .fd = end, .events = POLLIN };
	char c;

	return poll(&p, 1, 10000) == 1 && read(end, &c, 1) == 0;
}

Test(cgroup, it_is_tried_described_and_undone)
{
	struct cgroups *g;
	int base;

	groups_delegate(0);
	g = groups_open();
	cr_expect_eq(strncmp(cgroups_describe(g), "tasks are killed", 16), 0);
	base = dup(g->base);
	cr_expect_eq(groups_count(base), 1);
	cgroups_close(g);
	cr_expect_eq(groups_count(base), 0);
	close(base);
}

static void
become_nobody(void)
{
	cr_assert_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	cr_assert_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
}

Test(cgroup, what_is_not_delegated_is_told_with_the_reason)
{
	char *why = NULL;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	groups_delegate(0);
	become_nobody();
	cr_expect_null(cgroups_open(&why));
	cr_expect_eq(strncmp(why, "not delegated: /", 16), 0, "%s", why);
	cr_expect_not_null(strstr(why, "Permission denied"), "%s", why);
	free(why);
}

/* The folder alone is not enough: nobody can be moved within it. */
Test(cgroup, a_group_that_takes_no_processes_is_not_ours)
{
	const char *no = "";
	struct buf b = { 0 };
	char *why = NULL, *own, *folder;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	groups_delegate(NOBODY);
	cr_assert_eq(cgroup_read(AT_FDCWD, "/proc/self", "cgroup", &b), 0);
	cr_assert_not_null(own = hierarchy_own(buf_bytes(&b), &no));
	cr_assert_eq(cgroup_read(AT_FDCWD, "/proc/self", "mountinfo", &b), 0);
	folder = hierarchy_folder(buf_bytes(&b), own, &no);
	cr_assert_eq(chdir(folder), 0);
	cr_assert_eq(chown("cgroup.procs", 0, 0), 0);
	cr_assert_eq(chdir("/"), 0);
	become_nobody();
	cr_expect_null(cgroups_open(&why));
	cr_expect_not_null(strstr(why, "moving a process: Permission denied"),
	    "%s", why);
	free(why);
}

Test(cgroup, a_group_is_entered_frozen_killed_and_removed)
{
	struct cgroups *g;
	struct cgroup *c;
	pid_t pid;
	int end;

	groups_delegate(0);
	g = groups_open();
	c = groups_make(g, &groups_no_limits);
	cr_expect(cgroup_is_empty(c));
	pid = settle(c, &end);
	cr_expect_not(cgroup_is_empty(c));
	cr_expect_eq(cgroup_remove(c), -1);
	cr_expect_eq(errno, EBUSY);
	cr_expect_eq(cgroup_freeze(c, true), 0);
	while (!cgroup_is_frozen(c))
		;
	cr_expect_eq(cgroup_kill(c), 0);
	cr_expect_eq(waitpid(pid, NULL, 0), pid);
	cr_expect(is_over(end));
	cr_expect_eq(cgroup_ooms(c), 0);
	cr_expect_eq(cgroup_remove(c), 0);
	cr_expect_eq(cgroup_remove(c), 0, "what is gone is gone");
	cgroup_free(c);
	cgroups_close(g);
}

Test(cgroup, an_old_kernel_has_each_killed_also_further_down)
{
	struct cgroups *g;
	struct cgroup *c, *below;
	int ends[2], dir;

	groups_delegate(0);
	g = groups_open();
	c = groups_make(g, &groups_no_limits);
	dir = openat(g->own, cgroup_name(c), O_RDONLY | O_DIRECTORY);
	below = groups_make(&(struct cgroups){ .own = dir }, &groups_no_limits);
	settle(c, &ends[0]);
	cr_assert_eq(cgroup_kill_each(g->own, cgroup_name(c)), 0);
	cr_expect(is_over(ends[0]));
	cr_expect_not(cgroup_is_frozen(c));
	cgroup_free(below);
	while (waitpid(-1, NULL, 0) > 0)
		;
	cr_expect_eq(cgroup_remove(c), 0, "with what is in it");
	cgroup_free(c);
	close(dir);
	cgroups_close(g);
}

static void
be_a_supervisor(int say)
{
	struct cgroups *g = groups_open();
	struct cgroup *c = groups_make(g, &groups_no_limits);
	int end;

	settle(c, &end);
	cgroup_freeze(c, true);
	while (!cgroup_is_frozen(c))
		;
	if (write(say, g->name, strlen(g->name)) == -1)
		_exit(1);
	for (;;)
		pause();
}

Test(cgroup, leftovers_are_swept_and_the_living_are_not)
{
	struct cgroups *g;
	char name[64] = "";
	int fds[2];
	pid_t pid;

	groups_delegate(0);
	cr_assert_eq(pipe(fds), 0);
	if ((pid = fork()) == 0)
		be_a_supervisor(fds[1]);
	cr_assert_gt(read(fds[0], name, sizeof(name) - 1), 0);
	close(fds[1]);
	g = groups_open();
	cr_assert_eq(mkdirat(g->base, "sigbox-mine", 0755), 0);
	cgroups_sweep(g);
	cr_expect_eq(faccessat(g->base, name, F_OK, 0), 0, "it lives");
	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	cgroups_sweep(g);
	cr_expect_eq(faccessat(g->base, name, F_OK, 0), -1, "it is dead");
	cr_expect_eq(faccessat(g->base, "sigbox-mine", F_OK, 0), 0);
	cr_expect_eq(unlinkat(g->base, "sigbox-mine", AT_REMOVEDIR), 0);
	/* Nobody else has that end of the pipe: the one in the group died. */
	cr_expect(is_over(fds[0]));
	cgroups_close(g);
}

Test(cgroup, limits_are_written_as_the_kernel_wants_them)
{
	static const char *const files[] = { "memory.max", "memory.oom.group",
	    "memory.swap.max", "pids.max", "cpu.max" };
	const struct cgroup_limits l = { .memory = UINT64_C(5) << 30,
	    .pids = 64, .cpu = 150 };
	const char *file = "";
	struct fake f;
	size_t i;

	fake_init(&f);
	for (i = 0; i < 5; i++)
		fake_file(&f, ".", files[i], "");
	cr_expect_eq(cgroup_limit(f.fd, ".", CONTROLLERS, &groups_no_limits,
	    &file), 0);
	cr_expect_eq(cgroup_limit(f.fd, ".", 0, &l, &file), 0);
	for (i = 0; i < 5; i++)
		fake_expect(&f, files[i], "");
	cr_expect_eq(cgroup_limit(f.fd, ".", CONTROLLERS, &l, &file), 0);
	fake_expect(&f, "memory.max", "5368709120");
	fake_expect(&f, "memory.oom.group", "1");
	fake_expect(&f, "memory.swap.max", "0");
	fake_expect(&f, "pids.max", "64");
	fake_expect(&f, "cpu.max", "150000 100000");
	fake_remove(&f, "memory.swap.max");
	cr_expect_eq(cgroup_limit(f.fd, ".", CONTROLLERS, &l, &file), 0,
	    "there is no swap");
	fake_remove(&f, "pids.max");
	cr_expect_eq(cgroup_limit(f.fd, ".", CONTROLLERS, &l, &file), -1);
	cr_expect_str_eq(file, "pids.max");
	fake_remove(&f, "memory.max");
	fake_remove(&f, "memory.oom.group");
	fake_remove(&f, "cpu.max");
	cr_expect_eq(rmdir(f.dir), 0);
}
