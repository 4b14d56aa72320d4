/*
 * How long it takes from a task's submission to the first byte of its tool
 * (row 4), behind the default walls: against the same tool without any of
 * ours, and against bubblewrap with all namespaces, which is what others pay.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "crate.h"
#include "fd.h"

#define ROUNDS		100
#define WARM		5		/* rounds that are not counted */
#define BUBBLEWRAP	"/usr/bin/bwrap"
#define OF_PEER		0.5

static const char *const echo[] = { "/bin/sh", "-c", "echo hi", NULL };

static double	raw[ROUNDS], peer[ROUNDS], full[ROUNDS], landlock[ROUNDS],
		bare[ROUNDS];

/* From here to the first byte, in us. Its end is waited for, too. */
static double
run(const char *const *argv)
{
	uint64_t from = bench_now();
	int fds[2];
	double us;
	pid_t pid;
	char c;

	if (pipe2(fds, O_CLOEXEC) == -1)
		err(EX_OSERR, "pipe");
	if ((pid = vfork()) == 0) {
		dup2(fds[1], STDOUT_FILENO);
		/* It does not write to them. */
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	fd_close(&fds[1]);
	if (pid == -1 || read(fds[0], &c, 1) != 1)
		errx(EX_UNAVAILABLE, "%s: prints nothing", argv[0]);
	us = (double)(bench_now() - from) / 1000;
	fd_close(&fds[0]);
	waitpid(pid, NULL, 0);
	return us;
}

static double
run_peer(const struct crate *c)
{
	const char *const argv[] = { BUBBLEWRAP, "--unshare-all",
	    "--die-with-parent", "--new-session", "--ro-bind", "/", "/",
	    "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs",
	    "/run", "--tmpfs", "/home", "--bind", crate_folder(c),
	    crate_folder(c), "--chdir", crate_folder(c), echo[0], echo[1],
	    echo[2], NULL };

	return run(argv);
}

static double
run_ours(struct crate *c, enum tier tier)
{
	uint64_t from = bench_now();
	struct crate_task t;
	double us;

	crate_start(c, &t, tier, echo, NULL);
	crate_until(c, &t.grew);
	us = (double)(bench_now() - from) / 1000;
	crate_until(c, &t.gone);
	return us;
}

static void
row(const char *what, const double *limit, const double *ours, double target)
{
	bench_row("4", what, bench_percentile(limit, ROUNDS, 50),
	    bench_percentile(ours, ROUNDS, 50),
	    bench_percentile(ours, ROUNDS, 99), "us", target);
}

/*
 * The kernel takes a network namespace apart when its last process is gone, so
 * something that has none stands after each that has.
 */
static void
measure(struct crate *c, bool has_peer)
{
	int round, i;

	for (round = -WARM; round < ROUNDS; round++) {
		i = round < 0 ? 0 : round;
		raw[i] = run(echo);
		if (has_peer)
			peer[i] = run_peer(c);
		bare[i] = run_ours(c, TIER_NONE);
		landlock[i] = run_ours(c, TIER_LANDLOCK);
		full[i] = run_ours(c, TIER_FULL);
	}
	bench_sort(raw, ROUNDS);
	bench_sort(peer, ROUNDS);
	bench_sort(full, ROUNDS);
	bench_sort(landlock, ROUNDS);
	bench_sort(bare, ROUNDS);
}

int
main(void)
{
	bool has_peer = access(BUBBLEWRAP, X_OK) == 0;
	struct crate *c;

	bench_pin();
	crate_become();
	c = crate_new();
	measure(c, has_peer);
	if (has_peer)
		row("first byte, full (bubblewrap)", peer, full, OF_PEER);
	else
		printf("4   | first byte: skipped, no " BUBBLEWRAP "\n");
	row("first byte, full (no sandbox)", raw, full, 0);
	row("first byte, landlock (no sandbox)", raw, landlock, 0);
	row("first byte, profile none (no sandbox)", raw, bare, 0);
	if (has_peer)
		row("bubblewrap itself (no sandbox)", raw, peer, 0);
	crate_free(c);
	return bench_status();
}
