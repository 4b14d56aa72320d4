/*
 * How long a spawn holds the loop (row 3): child_spawn() against vfork and exec
 * of the same worker, which then finds no socket and exits. Again with a
 * gigabyte of heap in use, and with 4000 descriptors open: it must be flat.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "child.h"
#include "loop.h"

#define ROUNDS		300
#define HEAP		(1UL << 30)
#define NFDS		4000
#define TARGET		2.0

static struct loop	*loop;
static struct shop	*shop;
static int		 folder, null;
static double		 theirs[ROUNDS], ours[ROUNDS];

static void
on_gone(void *arg, const struct child_end *end)
{
	(void)end;
	child_free(*(struct child **)arg);
	*(struct child **)arg = NULL;
}

static const struct child_ops ops = { .gone = on_gone };

static void
stop_if_gone(void *arg)
{
	if (*(struct child **)arg == NULL)
		loop_stop(loop);
}

static double
spawn_raw(void)
{
	static char name[] = "sigbox-worker";
	char *const argv[] = { name, NULL };
	uint64_t from = bench_now();
	double us;
	pid_t pid;

	if ((pid = vfork()) == 0) {
		dup2(null, STDERR_FILENO);
		execv(WORKER, argv);
		_exit(127);
	}
	us = (double)(bench_now() - from) / 1000;
	if (pid == -1 || waitpid(pid, NULL, 0) == -1)
		err(EX_OSERR, "vfork");
	return us;
}

static double
spawn_ours(void)
{
	static const struct child_spec spec = {
		.task = 1, .tool = "true", .session = "bench",
		.path = "/bin/true", .argv = { "true", 5 },
		.profile = PROFILE_NONE, .tier = TIER_NONE
	};
	struct child_spec s = spec;
	struct child *c;
	char *why;
	uint64_t from;
	double us;

	s.out_fd = s.err_fd = null;
	s.cwd_fd = folder;
	from = bench_now();
	c = child_spawn(shop, &s, &ops, &c, &why);
	us = (double)(bench_now() - from) / 1000;
	if (c == NULL)
		errx(EX_OSERR, "%s", why);
	child_kill(c);
	loop_run(loop, stop_if_gone, &c);
	return us;
}

/* Returns our median. */
static double
measure(const char *what, double base)
{
	double median;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		theirs[i] = spawn_raw();
		ours[i] = spawn_ours();
	}
	bench_sort(theirs, ROUNDS);
	bench_sort(ours, ROUNDS);
	median = bench_percentile(ours, ROUNDS, 50);
	bench_row("3", what, base != 0 ? base :
	    bench_percentile(theirs, ROUNDS, 50), median,
	    bench_percentile(ours, ROUNDS, 99), "us", TARGET);
	return median;
}

static void
open_many(void)
{
	struct rlimit r;
	int i;

	if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < NFDS + 100) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	for (i = 0; i < NFDS; i++)
		if (fcntl(null, F_DUPFD_CLOEXEC, 0) == -1)
			err(EX_OSERR, "descriptors");
}

int
main(void)
{
	char *why, *heap;
	double base;

	bench_pin();
	loop = loop_new();
	if ((shop = shop_new(loop, WORKER, &why)) == NULL)
		errx(EX_OSERR, "%s", why);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	folder = open("/", O_PATH | O_CLOEXEC);
	base = measure("spawn, vfork and exec of the same", 0);
	if ((heap = malloc(HEAP)) == NULL)
		err(EX_OSERR, "heap");
	memset(heap, 1, HEAP);
	measure("with 1 GB of heap, against it without", base);
	free(heap);
	open_many();
	measure("with 4000 descriptors, against it without", base);
	shop_free(shop);
	loop_free(loop);
	return bench_status();
}
