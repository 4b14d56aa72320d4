#include "notice.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define S	UINT64_C(1000000)	/* a second */
#define SILENT	(60 * S)

/*
 * A script of what happens, and of what was said: "seen 0 2 line", "waits
 * line", "silent 60", "gauge", each on its own line behind its time.
 */
static struct notice	n;
static struct buf	said;
static uint64_t		now;

static void
set_up(void)
{
	notice_init(&n, SILENT);
	now = 1000 * S;
}

static void
tear_down(void)
{
	notice_fini(&n);
	buf_fini(&said);
}

TestSuite(notice, .init = set_up, .fini = tear_down);

static void
note(const struct notice_out *out)
{
	const struct notice_say *s;
	size_t i;

	if (out->gauge)
		buf_puts(&said, "gauge\n");
	for (i = 0; i < out->n; i++) {
		s = &out->say[i];
		if (s->about == NOTICE_SEEN)
			buf_printf(&said, "seen %zu %ju %.*s\n", s->watch,
			    (uintmax_t)s->count, (int)s->line.len,
			    s->line.data);
		else
			buf_printf(&said, "%s %ju %.*s\n",
			    s->about == NOTICE_WAITS ? "waits" : "silent",
			    (uintmax_t)(s->quiet / S), (int)s->line.len,
			    s->line.data);
	}
}

static void
step(struct notice_event ev)
{
	struct notice_out out;

	ev.now = now;
	notice_step(&n, &ev, &out);
	note(&out);
}

static void
happen(enum notice_event_type type)
{
	step((struct notice_event){ .type = type });
}

static void
see(size_t watch, uint64_t count, const char *line)
{
	step((struct notice_event){ .type = NOTICE_EV_SEEN, .watch = watch,
	    .count = count, .line = bytes_of(line) });
}

static void
gauged(uint64_t cpu, const char *line)
{
	step((struct notice_event){ .type = NOTICE_EV_GAUGED, .cpu = cpu,
	    .partial = *line != '\0', .line = bytes_of(line) });
}

/* Time goes by, and each alarm rings at its time. */
static void
pass(uint64_t us)
{
	uint64_t until = now + us, at;

	while ((at = notice_due(&n)) != 0 && at <= until) {
		cr_assert_gt(at, now - 1, "an alarm in the past");
		now = at;
		happen(NOTICE_EV_TICK);
		cr_assert_neq(notice_due(&n), at, "a deadline does not pass");
	}
	now = until;
}

/* All that was said since the last time. */
static void
expect(const char *text)
{
	buf_putc(&said, '\0');
	cr_expect_str_eq(said.data, text);
	buf_reset(&said);
}

Test(notice, a_first_line_is_said_at_once_and_then_not_too_often)
{
	happen(NOTICE_EV_RUNS);
	see(0, 1, "one");
	expect("seen 0 1 one\n");
	see(0, 3, "four");
	see(0, 1, "five");
	expect("");
	happen(NOTICE_EV_GREW);
	pass(4 * S);
	expect("");
	happen(NOTICE_EV_GREW);
	pass(4 * S);
	see(1, 2, "other");
	expect("seen 1 2 other\n");
	happen(NOTICE_EV_ENDED);
	expect("seen 0 4 five\n");
	cr_expect_eq(notice_due(&n), 0);
}

Test(notice, what_is_left_is_said_when_its_time_has_come)
{
	happen(NOTICE_EV_RUNS);
	gauged(0, "nobody asked");
	see(0, 1, "a");
	expect("seen 0 1 a\n");
	pass(S);
	see(0, 100000, "b");
	cr_expect_eq(notice_due(&n), 1000 * S + NOTICE_PROMPT);
	pass(5 * S);
	expect("gauge\n");
	gauged(0, "");
	cr_expect_eq(notice_due(&n), 1000 * S + NOTICE_EVERY);
	pass(24 * S);
	expect("seen 0 100000 b\n");
	pass(S);
	see(0, 1, "c");
	expect("");
	pass(29 * S);
	happen(NOTICE_EV_ENDED);
	expect("gauge\nseen 0 1 c\n");
}

Test(notice, a_prompt_is_said_once_until_there_is_more)
{
	happen(NOTICE_EV_RUNS);
	pass(S);
	happen(NOTICE_EV_GREW);
	pass(5 * S - 1);
	expect("");
	pass(1);
	expect("gauge\n");
	gauged(700, "Password: ");
	pass(2 * S - 1);
	expect("");
	pass(1);
	expect("gauge\n");
	gauged(700, "Password: ");
	expect("waits 7 Password: \n");
	cr_expect_eq(notice_due(&n), 0, "also not that it is silent");
	pass(3600 * S);
	expect("");
	happen(NOTICE_EV_GREW);
	pass(5 * S);
	gauged(900, "Again: ");
	pass(2 * S);
	gauged(20000, "Again: ");
	expect("gauge\ngauge\nwaits 7 Again: \n");
}

Test(notice, who_works_does_not_wait)
{
	happen(NOTICE_EV_RUNS);
	happen(NOTICE_EV_GREW);
	pass(5 * S);
	gauged(0, "Computing ");
	pass(2 * S);
	gauged(NOTICE_IDLE, "Computing ");
	expect("gauge\ngauge\n");
	cr_expect_eq(notice_due(&n), now + NOTICE_AGAIN);
	pass(NOTICE_AGAIN);
	gauged(5 * S, "Computing ");
	pass(2 * S);
	gauged(4 * S, "Computing ");	/* one of its processes is no more */
	expect("gauge\ngauge\n");
	pass(NOTICE_AGAIN);
	gauged(4 * S, "Computing ");
	pass(2 * S);
	gauged(4 * S + NOTICE_IDLE - 1, "Computing ");
	expect("gauge\ngauge\nwaits 71 Computing \n");
}

Test(notice, silence_is_said_once_until_there_is_more)
{
	happen(NOTICE_EV_RUNS);
	happen(NOTICE_EV_GREW);
	pass(5 * S);
	gauged(0, "");
	expect("gauge\n");
	cr_expect_eq(notice_due(&n), 1000 * S + SILENT);
	pass(55 * S);
	gauged(S, "");
	pass(2 * S);
	gauged(S, "");
	expect("gauge\ngauge\nsilent 62 \n");
	cr_expect_eq(notice_due(&n), 0);
	pass(3600 * S);
	expect("");
	happen(NOTICE_EV_GREW);
	pass(59 * S);
	gauged(S, "");
	expect("gauge\n");
	pass(S);
	gauged(S, "");
	pass(2 * S);
	gauged(3 * S, "");
	expect("gauge\ngauge\n");
	cr_expect_eq(notice_due(&n), now + NOTICE_AGAIN, "it is at work");
}

Test(notice, silence_is_not_looked_for_where_nobody_wants_it)
{
	notice_init(&n, 0);
	happen(NOTICE_EV_RUNS);
	pass(5 * S);
	gauged(0, "");
	expect("gauge\n");
	cr_expect_eq(notice_due(&n), 0);
}

Test(notice, who_never_printed_is_silent_too)
{
	happen(NOTICE_EV_RUNS);
	pass(5 * S);
	gauged(0, "");
	pass(55 * S);
	gauged(0, "");
	pass(2 * S);
	gauged(0, "");
	expect("gauge\ngauge\ngauge\nsilent 62 \n");
	happen(NOTICE_EV_STANDS);
	happen(NOTICE_EV_RUNS);
	pass(3600 * S);
	expect("");
}

Test(notice, output_between_two_looks_begins_anew)
{
	happen(NOTICE_EV_RUNS);
	pass(5 * S);
	gauged(0, "Name: ");
	pass(S);
	happen(NOTICE_EV_GREW);
	expect("gauge\n");
	cr_expect_eq(notice_due(&n), now + NOTICE_PROMPT);
	pass(5 * S);
	expect("gauge\n");
	happen(NOTICE_EV_GREW);
	gauged(0, "Name: ");		/* to the question before */
	pass(4 * S);
	expect("");
	pass(S);
	expect("gauge\n");
	gauged(0, "");
	pass(S);
	expect("");
}

/* The same two, in either order. */
Test(notice, an_answer_and_new_output_race)
{
	happen(NOTICE_EV_RUNS);
	pass(5 * S);
	gauged(0, "Name: ");
	pass(2 * S);
	expect("gauge\ngauge\n");
	happen(NOTICE_EV_GREW);
	gauged(0, "Name: ");
	expect("");
	pass(5 * S);
	gauged(0, "Name: ");
	pass(2 * S);
	gauged(0, "Name: ");
	happen(NOTICE_EV_GREW);
	expect("gauge\ngauge\nwaits 7 Name: \n");
}

Test(notice, clocks_stand_while_the_task_does)
{
	happen(NOTICE_EV_RUNS);
	see(0, 1, "a");
	pass(4 * S);
	happen(NOTICE_EV_STANDS);
	see(0, 2, "c");
	see(1, 1, "x");
	expect("seen 0 1 a\n");
	cr_expect_eq(notice_due(&n), 0);
	pass(3600 * S);
	happen(NOTICE_EV_TICK);
	expect("");
	happen(NOTICE_EV_RUNS);
	expect("seen 1 1 x\n");
	cr_expect_eq(notice_due(&n), now + S);
	pass(S);
	expect("gauge\n");
	gauged(0, "");
	pass(24 * S);
	expect("");
	pass(S);
	expect("seen 0 2 c\n");
}

Test(notice, nothing_is_asked_or_said_while_it_stands)
{
	happen(NOTICE_EV_RUNS);
	pass(5 * S);
	expect("gauge\n");
	happen(NOTICE_EV_STANDS);
	gauged(0, "Name: ");
	cr_expect_eq(notice_due(&n), 0);
	pass(100 * S);
	happen(NOTICE_EV_RUNS);
	expect("gauge\n");
	gauged(0, "Name: ");
	pass(2 * S);
	expect("gauge\n");
	happen(NOTICE_EV_STANDS);
	pass(100 * S);
	happen(NOTICE_EV_RUNS);
	expect("gauge\n");
	gauged(0, "");			/* to the one before */
	gauged(0, "Name: ");
	expect("");
	pass(S);
	happen(NOTICE_EV_STANDS);
	pass(100 * S);
	happen(NOTICE_EV_RUNS);
	expect("gauge\n");
	gauged(0, "Name: ");
	pass(2 * S);
	gauged(0, "Name: ");
	expect("gauge\nwaits 10 Name: \n");
}

Test(notice, before_it_runs_there_is_nothing_to_do)
{
	cr_expect_eq(notice_due(&n), 0);
	happen(NOTICE_EV_TICK);
	happen(NOTICE_EV_STANDS);
	happen(NOTICE_EV_ENDED);
	expect("");
}

/* No line is lost, and none is said too often, whatever happens. */
Test(notice, every_line_is_counted_once)
{
	uint64_t told = 0, sum = 0, last = 0;
	unsigned random = 3, i, dice;
	struct notice_event ev;
	struct notice_out out;

	for (i = 0; i < 100000; i++) {
		random = random * 1664525 + 1013904223;
		dice = (random >> 16) % 16;
		now += (random >> 20) % S;
		ev = (struct notice_event){ .now = now, .type =
		    dice < 7 ? (enum notice_event_type)dice :
		    NOTICE_EV_SEEN, .line = BYTES("line") };
		if (ev.type == NOTICE_EV_ENDED)
			ev.type = NOTICE_EV_TICK;
		if (ev.type == NOTICE_EV_SEEN)
			sum += ev.count = 1 + dice;
		notice_step(&n, &ev, &out);
		cr_assert_leq(out.n, 2);
		if (out.n > 0 && out.say[0].about == NOTICE_SEEN) {
			cr_assert(last == 0 || now - last >= NOTICE_EVERY);
			last = now;
			told += out.say[0].count;
		}
	}
	notice_step(&n, &(struct notice_event){ .type = NOTICE_EV_ENDED,
	    .now = now }, &out);
	told += out.n > 0 ? out.say[0].count : 0;
	cr_expect_eq(told, sum);
	cr_expect_gt(told, 0);
}
