/*
 * The supervisor's memory: idle, with a thousand tasks, after they ended. The
 * limits are the promise; where fewer tasks could be started in time, theirs
 * is that part of it. Pages of libraries that others map too are shared out,
 * so that the same supervisor weighs more on an empty machine; anonymous ones
 * are its own alone.
 */
#include <stdio.h>

#include "bench.h"
#include "box.h"
#include "ear.h"

#define MANY		1000
#define SECONDS		30
#define IDLE_KB		8192.0
#define MANY_KB		16384.0

static const char conf[] = "[tasks]\nmax_total=2000\nmax_session=2000\n"
    "nproc=0\n[log]\nlevel=warn\n";

struct memory {
	double	pss, anonymous;
};

static struct memory
weigh(struct box *b, struct ear *e)
{
	struct memory m;

	box_say(b, e, "main");
	m.pss = (double)box_memory(b, "Pss:");
	m.anonymous = (double)box_memory(b, "Anonymous:");
	return m;
}

static void
row(const char *what, double limit, double ours, double target)
{
	bench_row("12", what, limit, ours, ours, "kB", target);
}

int
main(void)
{
	struct ear *e = ear_new();
	struct box *b = box_new(e, BOX_IN_MEMORY, conf);
	struct memory before, with, after;
	char what[64];
	size_t n;

	box_start(b, NULL);
	before = weigh(b, e);
	n = box_run(b, MANY, "exec sleep 1000", SECONDS);
	with = weigh(b, e);
	box_stop_tasks(b);
	after = weigh(b, e);
	row("supervisor, idle (8 MiB)", IDLE_KB, before.pss, 1);
	snprintf(what, sizeof(what), "with %zu tasks (16 MiB for 1000)", n);
	row(what, IDLE_KB + (MANY_KB - IDLE_KB) * (double)n / MANY, with.pss,
	    1);
	row("after they ended (before)", before.pss, after.pss, 1.2);
	row("anonymous, with them (idle)", before.anonymous, with.anonymous, 0);
	row("anonymous, after (idle)", before.anonymous, after.anonymous, 0);
	box_free(b);
	ear_free(e);
	return bench_status();
}
