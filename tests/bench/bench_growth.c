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

int
main(void)
{
	struct ear *e = ear_new();
	struct box *b = box_new(e, BOX_IN_MEMORY, "[log]\nlevel=warn\n");
	struct buf request = { 0 };
	struct said first;
	double cpu;
	int i, fd = -1;

	write_past(b);
	box_start(b, NULL);
	box_say(b, e, "brief");
	cpu = box_cpu(b);
	first = box_say(b, e, "lengthy");	/* all of it is read again */
	cpu = box_cpu(b) - cpu;
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
	bench_row("16", "the first after a restart (50 ms, C3)", PROMISE_MS,
	    first.last / 1000, first.last / 1000, "ms", 1);
	bench_row("16", "its CPU (50 ms, C3)", PROMISE_MS, cpu / 1000,
	    cpu / 1000, "ms", 1);
	buf_fini(&request);
	close(fd);
	box_free(b);
	ear_free(e);
	return bench_status();
}
