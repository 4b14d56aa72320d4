/*
 * From the request to the end of everything: of one process (row 8) and of a
 * tree of a thousand (row 9), against kill() and wait; and how long a tree of a
 * hundred takes to be still and to go on (row 10), against a stop of its group.
 * The wait is for all of it: the references reap every process, ours is over
 * when the worker is gone and nothing can be left.
 */
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "child.h"
#include "crate.h"
#include "fd.h"

#define ROUNDS		100
#define TREES		9		/* rounds with a large one */
#define OF_ONE		2.0
#define OF_TREE		1.3
#define OF_PAUSE	1.3

static const char *const one[] = { TREE, "0", NULL };
static const char *const hundred[] = { TREE, "100", NULL };
static const char *const thousand[] = { TREE, "1000", NULL };
static const char *const apart[] = { TREE, "1000", "apart", NULL };

static struct crate	*crate;
static double		 raw[ROUNDS], ours[ROUNDS];
static int		 npartial;

static double
us_since(uint64_t from)
{
	return (double)(bench_now() - from) / 1000;
}

/* The leader of a group of its own; the tree is up. */
static pid_t
start_raw(const char *const *argv)
{
	int fds[2];
	pid_t pid;
	char c;

	if (pipe2(fds, O_CLOEXEC) == -1)
		err(EX_OSERR, "pipe");
	if ((pid = vfork()) == 0) {
		setpgid(0, 0);
		dup2(fds[1], STDOUT_FILENO);
		/* It does not write to them. */
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	fd_close(&fds[1]);
	if (pid == -1 || read(fds[0], &c, 1) != 1)
		errx(EX_UNAVAILABLE, "%s: does not come up", argv[0]);
	fd_close(&fds[0]);
	return pid;
}

/* We are a subreaper: the leaves come to us. */
static double
stop_raw(const char *const *argv)
{
	pid_t pid = start_raw(argv);
	uint64_t from = bench_now();

	if (kill(-pid, SIGKILL) == -1)
		err(EX_OSERR, "kill");
	while (waitpid(-1, NULL, 0) > 0)
		;
	return us_since(from);
}

static void
start(struct crate_task *t, enum tier tier, const char *const *argv)
{
	crate_start(crate, t, tier, argv, FOLDER);
	crate_until(crate, &t->grew);
}

static double
stop(enum tier tier, const char *const *argv, void (*how)(struct child *))
{
	struct crate_task t;
	uint64_t from;

	start(&t, tier, argv);
	from = bench_now();
	how(t.child);
	crate_until(crate, &t.gone);
	return us_since(from);
}

static void
row(const char *number, const char *what, size_t n, double target)
{
	bench_sort(raw, n);
	bench_sort(ours, n);
	bench_row(number, what, bench_percentile(raw, n, 50),
	    bench_percentile(ours, n, 50), bench_percentile(ours, n, 99), "us",
	    target);
}

static void
bench_one(const char *what, enum tier tier, void (*how)(struct child *))
{
	size_t i;

	for (i = 0; i < ROUNDS; i++) {
		raw[i] = stop_raw(one);
		ours[i] = stop(tier, one, how);
	}
	row("8", what, ROUNDS, OF_ONE);
}

static void
bench_tree(const char *what, enum tier tier, const char *const *argv)
{
	size_t i;

	for (i = 0; i < TREES; i++) {
		raw[i] = stop_raw(thousand);
		ours[i] = stop(tier, argv, child_kill);
	}
	row("9", what, TREES, OF_TREE);
}

static double
pause_raw(pid_t pid)
{
	uint64_t from = bench_now();

	kill(-pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	kill(-pid, SIGCONT);
	return us_since(from);
}

static double
pause_ours(struct crate_task *t)
{
	uint64_t from = bench_now();

	t->suspended = false;
	child_suspend(t->child);
	crate_until(crate, &t->suspended);
	child_resume(t->child);
	npartial += !t->complete;
	return us_since(from);
}

/* The one waits while the other is measured: both are always there. */
static void
bench_pause(const char *what, enum tier tier)
{
	pid_t pid = start_raw(hundred);
	struct crate_task t;
	size_t i;

	npartial = 0;
	start(&t, tier, hundred);
	for (i = 0; i < ROUNDS; i++) {
		raw[i] = pause_raw(pid);
		ours[i] = pause_ours(&t);
	}
	row("10", what, ROUNDS, OF_PAUSE);
	if (npartial > 0)
		printf("10  | in part only: %d of %d\n", npartial, ROUNDS);
	child_kill(t.child);
	crate_until(crate, &t.gone);
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

int
main(void)
{
	bench_pin();
	crate_become();
	crate = crate_new();
	bench_one("kill of one, full", TIER_FULL, child_kill);
	bench_one("kill of one, landlock", TIER_LANDLOCK, child_kill);
	bench_one("kill of one, profile none", TIER_NONE, child_kill);
	bench_one("SIGTERM to one, full", TIER_FULL, child_term);
	bench_tree("kill of 1000, full", TIER_FULL, thousand);
	bench_tree("kill of 1000 by setsid, full", TIER_FULL, apart);
	bench_tree("kill of 1000, landlock", TIER_LANDLOCK, thousand);
	bench_pause("suspend and resume of 100, full", TIER_FULL);
	bench_pause("suspend and resume of 100, landlock", TIER_LANDLOCK);
	crate_free(crate);
	return bench_status();
}
