/*
 * What an idle task weighs where there are many (row 11): the proportional
 * share of a worker, and of its guard, while their tools sleep; what they all
 * share counts little then. They hide from their own user, so only root may
 * look. The limit is the promise.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "child.h"
#include "crate.h"

#define MANY		200
#define LIMIT_KB	150.0

static const char *const idle[] = { "/bin/sleep", "1000", NULL };

static struct crate_task	tasks[MANY];

/* kB; what: the line's name and colon. */
static double
weigh(pid_t pid, const char *what)
{
	char path[64], line[128];
	double kb = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	if ((f = fopen(path, "re")) == NULL)
		err(EX_OSERR, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, what, strlen(what)) == 0)
			kb = strtod(line + strlen(what), NULL);
	fclose(f);
	if (kb < 0)
		errx(EX_OSERR, "%s: nothing of %s", path, what);
	return kb;
}

static void
row(const char *what, double *kb, double target)
{
	bench_sort(kb, MANY);
	bench_row("11", what, LIMIT_KB, bench_percentile(kb, MANY, 50),
	    bench_percentile(kb, MANY, 99), "kB", target);
}

static void
weigh_all(const char *tier)
{
	static double worker[MANY], guard[MANY], own[MANY];
	char what[64];
	int i;

	for (i = 0; i < MANY; i++) {
		worker[i] = weigh(tasks[i].worker, "Pss:");
		guard[i] = weigh(tasks[i].init, "Pss:");
		own[i] = weigh(tasks[i].worker, "Anonymous:") +
		    weigh(tasks[i].init, "Anonymous:");
	}
	snprintf(what, sizeof(what), "idle worker, %s (150 KiB)", tier);
	row(what, worker, 1);
	snprintf(what, sizeof(what), "its guard, %s (the same)", tier);
	row(what, guard, 0);
	snprintf(what, sizeof(what), "anonymous of both, %s", tier);
	row(what, own, 0);
}

static void
bench_tier(struct crate *c, enum tier tier, const char *name)
{
	int i;

	for (i = 0; i < MANY; i++) {
		crate_start(c, &tasks[i], tier, idle, NULL);
		crate_until(c, &tasks[i].running);
	}
	weigh_all(name);
	for (i = 0; i < MANY; i++)
		child_kill(tasks[i].child);
	for (i = 0; i < MANY; i++)
		crate_until(c, &tasks[i].gone);
}

int
main(void)
{
	struct crate *c;

	if (geteuid() != 0) {
		printf("11  | idle worker: skipped, only root may look\n");
		return 0;
	}
	bench_pin();
	c = crate_new();
	bench_tier(c, TIER_FULL, "full");
	bench_tier(c, TIER_LANDLOCK, "landlock");
	crate_free(c);
	return bench_status();
}
