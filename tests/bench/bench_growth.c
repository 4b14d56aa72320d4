/*
 * What a message costs as its session grows, from ten items to ten thousand.
 * The request itself is a concatenation and grows with them, so that the
 * reference of the long one is its bytes sent raw.
 */
#include <unistd.h>

#include "bench.h"
#include "box.h"
#include "ear.h"
#include "past.h"

#define ROUNDS		60
#define SHORT		5	/* turns: two items each */
#define LONG		5000
#define PROMISE_MS	50.0

struct series {
	double	admitted[ROUNDS], last[ROUNDS], cpu[ROUNDS];
};

static struct series	brief, lengthy;
static double		raw[ROUNDS];

static void
say(struct box *b, struct ear *e, const char *session, struct series *s, int i)
{
	double before = box_cpu(b);
	struct said said = box_say(b, e, session);

	s->cpu[i] = box_cpu(b) - before;
	s->admitted[i] = said.admitted;
	s->last[i] = said.last;
}

static void
row(const char *what, double *limit, double *ours, double target)
{
	bench_sort(limit, ROUNDS);
	bench_sort(ours, ROUNDS);
	bench_row("16", what, bench_percentile(limit, ROUNDS, 50),
	    bench_percentile(ours, ROUNDS, 50),
	    bench_percentile(ours, ROUNDS, 99), "us", target);
}

static void
write_past(const struct box *b)
{
	struct past *p = past_open(b);

	past_session(p, "brief", SHORT, false);
	past_session(p, "lengthy", LONG, false);
	past_close(p);
}

/* All of it is read from the journal again. */
static void
bench_first(struct box *b, struct ear *e)
{
	double before = box_cpu(b), cpu, ms;

	ms = box_say(b, e, "lengthy").last / 1000;
	cpu = (box_cpu(b) - before) / 1000;
	bench_row("16", "10,000 items, first after a restart", PROMISE_MS, ms,
	    ms, "ms", 1);
	bench_row("16", "its CPU (limit of both: the promise)", PROMISE_MS,
	    cpu, cpu, "ms", 1);
}

static void
bench_later(struct box *b, struct ear *e)
{
	struct buf request = { 0 };
	int i, fd = -1;

	for (i = 0; i < ROUNDS; i++) {
		say(b, e, "brief", &brief, i);
		say(b, e, "lengthy", &lengthy, i);
		ear_copy(e, &request);
		raw[i] = ear_post(e, &fd, buf_bytes(&request));
	}
	row("admission, 10,000 items (10 items)", brief.admitted,
	    lengthy.admitted, 0);
	row("its CPU until answered (10 items)", brief.cpu, lengthy.cpu, 0);
	row("request of 10,000 items (raw write)", raw, lengthy.last, 0);
	buf_fini(&request);
	close(fd);
}

int
main(void)
{
	struct ear *e = ear_new();
	struct box *b = box_new(e, BOX_IN_MEMORY, "[log]\nlevel=warn\n");

	write_past(b);
	box_start(b, NULL);
	box_say(b, e, "brief");
	bench_first(b, e);
	bench_later(b, e);
	box_free(b);
	ear_free(e);
	return bench_status();
}
