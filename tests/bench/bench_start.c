/*
 * Start-up, from fork to an answer: of a program with the same libraries that
 * only listens, of the supervisor with nothing to remember, with a thousand
 * sessions of a thousand records, and with some of those cut off in the middle
 * of a turn. The state is in memory: what a disk takes is the journal's bench.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "box.h"
#include "ear.h"
#include "past.h"

#define ROUNDS		20
#define SESSIONS	1000
#define RECORDS		1000
#define CUT		10	/* of the sessions */
#define SECONDS		25	/* to write them in */
#define EMPTY_MS	10.0
#define FULL_MS		100.0

/* In ms; cpu: the process's own, which a busy machine does not stretch. */
struct series {
	double	at[ROUNDS], cpu[ROUNDS];
	int	n;
};

static void
once(struct box *b, const char *program, struct series *s)
{
	s->at[s->n] = box_start(b, program);
	s->cpu[s->n++] = box_cpu(b) / 1000;
	box_kill(b);
}

static double
of(double *v, double percent)
{
	bench_sort(v, ROUNDS);
	return bench_percentile(v, ROUNDS, percent);
}

static void
row(const char *what, double limit, double *v, double target)
{
	bench_row("14", what, limit, of(v, 50), of(v, 99), "ms", target);
}

static void
bench_empty(struct box *b)
{
	const char *listener = getenv("BENCH_LISTENER");
	struct series raw = { 0 }, ours = { 0 };
	int i;

	for (i = 0; i < ROUNDS; i++) {
		once(b, listener, &raw);
		box_forget(b);
		once(b, NULL, &ours);
	}
	row("start, nothing there (only listens)", of(raw.at, 50), ours.at, 0);
	row("its CPU (only listens)", of(raw.cpu, 50), ours.cpu, 0);
	row("start, nothing there (10 ms)", EMPTY_MS, ours.at, 1);
}

static unsigned
fill(const struct box *b, unsigned first, unsigned n, bool cut)
{
	uint64_t until = bench_now() + SECONDS * UINT64_C(1000000000);
	struct past *p = past_open(b);
	char name[32];
	unsigned i;

	for (i = first; i < first + n && bench_now() < until; i++) {
		snprintf(name, sizeof(name), "session-%u", i);
		past_session(p, name, RECORDS / PAST_RECORDS, cut);
	}
	past_close(p);
	return i - first;
}

static void
bench_full(struct box *b)
{
	struct series ours = { 0 }, cut = { 0 };
	char what[64];
	unsigned n;
	int i;

	box_forget(b);
	n = fill(b, 0, SESSIONS - CUT, false);
	for (i = 0; i < ROUNDS; i++)
		once(b, NULL, &ours);
	snprintf(what, sizeof(what), "%u x %d records (100 ms)", n, RECORDS);
	row(what, FULL_MS, ours.at, 1);
	row("its CPU (100 ms)", FULL_MS, ours.cpu, 1);
	fill(b, n, CUT, true);
	once(b, NULL, &cut);		/* the next one finds all mended */
	bench_row("14", "and 10 sessions that were cut off", FULL_MS,
	    cut.at[0], cut.at[0], "ms", 0);
}

int
main(void)
{
	struct ear *e = ear_new();
	struct box *b = box_new(e, BOX_IN_MEMORY, NULL);

	bench_empty(b);
	bench_full(b);
	box_free(b);
	ear_free(e);
	return bench_status();
}
