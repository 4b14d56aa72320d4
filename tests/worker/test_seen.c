/* What a worker sees in its tool's output, and how it says the task stands. */
#include "rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
start(struct rig_task *t, struct rig *r, struct bytes patterns,
    const char *script)
{
	struct child_spec s = rig_spec(r, script);

	s.watch = patterns;
	rig_start(t, r, &s);
}

static void
stop(struct rig_task *t)
{
	child_kill(t->child);
	rig_until(t->rig, &t->gone);
}

RIG_TEST(seen, a_line_is_told_while_the_tool_runs)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	start(&t, &r, BYTES("no such\0listening\0"), "echo starting; "
	    "echo listening on 80 >&2; exec sleep 1000");
	rig_until(&r, &t.saw);
	cr_expect_eq(t.seen[1], 1);
	cr_expect_str_eq(t.line, "listening on 80");
	cr_expect_not(t.exited);
	stop(&t);
	cr_expect_eq(t.seen[0], 0);
	rig_fini(&r);
}

/* The end of it is not waited for, and nothing is lost on the way. */
RIG_TEST(seen, of_a_flood_few_words_are_made_and_each_line_counts)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	start(&t, &r, BYTES("^[0-9]*7$\0"), "seq 100000; printf 77");
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.seen[0], 10001, "%ju", (uintmax_t)t.seen[0]);
	cr_expect_str_eq(t.line, "77");
	cr_expect_leq(t.nreports, 30, "%u", t.nreports);
	rig_fini(&r);
}

/* It has more states than there is memory, and random lines come to all. */
RIG_TEST(seen, a_pattern_that_takes_too_long_holds_up_no_stop)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	start(&t, &r, BYTES("(a|b)*a(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)"
	    "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c\0"),
	    "tr -dc ab </dev/urandom | fold -w 4000");
	rig_until(&r, &t.saw);
	cr_expect(strstr(t.line, "takes too long"), "%s", t.line);
	child_kill(t.child);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	rig_fini(&r);
}

RIG_TEST(seen, one_more_finds_what_was_printed_before)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, "echo ready 1; echo ready 2 >&2; printf 'rea'; "
	    "echo there; printf 'rea'; until [ -e go ]; do sleep 0.01; done; "
	    "echo dy 3; echo ready 4; exec sleep 1000");
	rig_until_output(&t, "there\nrea");
	child_match(t.child, BYTES("ready [0-9]"));
	rig_until(&r, &t.saw);
	cr_expect_eq(t.seen[0], 2, "%ju", (uintmax_t)t.seen[0]);
	t.saw = false;
	rig_touch(&r, "go");
	rig_until(&r, &t.saw);
	stop(&t);
	cr_expect_eq(t.seen[0], 4, "%ju", (uintmax_t)t.seen[0]);
	rig_fini(&r);
}

RIG_TEST(seen, one_more_before_the_tool_runs_is_not_lost)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	start(&t, &r, BYTES("first\0"), "echo second; echo first; "
	    "exec sleep 1000");
	child_match(t.child, BYTES("second"));
	cr_expect_not(t.running);
	while (t.seen[0] + t.seen[1] < 2) {
		t.saw = false;
		rig_until(&r, &t.saw);
	}
	cr_expect_eq(t.seen[0], 1);
	cr_expect_eq(t.seen[1], 1);
	stop(&t);
	rig_fini(&r);
}

RIG_TEST(seen, only_the_end_of_a_long_past_is_looked_at)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, "echo ready first; seq 100000; echo ready last; "
	    "exec sleep 1000");
	rig_until_output(&t, "ready last\n");
	child_match(t.child, BYTES("^ready|^1$"));
	rig_until(&r, &t.saw);
	stop(&t);
	cr_expect_eq(t.seen[0], 1, "%ju", (uintmax_t)t.seen[0]);
	cr_expect_str_eq(t.line, "ready last");
	rig_fini(&r);
}

static uint64_t
gauge(struct rig_task *t)
{
	t->gauged = false;
	child_gauge(t->child);
	rig_until(t->rig, &t->gauged);
	return t->cpu_us;
}

/* A script that says what it has done: n times the work, whole, is a lap. */
#define LAPS(until, n, work)	"lap=0; " until "; do i=0; "		\
	"while [ $i -lt " n " ]; do " work "; i=$((i + 1)); done; "	\
	"lap=$((lap + 1)); echo lap $lap; done; "

/* Another whole lap was run meanwhile. */
static void
expect_busy(struct rig_task *t)
{
	uint64_t first;

	rig_until_output(t, "lap 1\n");
	first = gauge(t);
	rig_until_output(t, "lap 3\n");
	cr_expect_geq(gauge(t), first + 50000);
}

RIG_TEST(seen, who_works_is_told_from_who_waits)
{
	struct rig_task t;
	uint64_t first;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, LAPS("until [ -e go ]", "100000", ":")
	    "(exec sleep 1000) & echo idle; exec sleep 1000");
	expect_busy(&t);
	rig_touch(&r, "go");
	rig_until_output(&t, "idle");
	first = gauge(&t);
	cr_expect_geq(first, 50000);
	cr_expect_lt(gauge(&t), first + 20000);
	cr_expect_not(t.partial);
	stop(&t);
	rig_fini(&r);
}

RIG_TEST(seen, the_work_of_short_lives_counts)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, LAPS("while :", "400", "/bin/true"));
	expect_busy(&t);
	stop(&t);
	rig_sh(&t, &r, LAPS("while :", "400",
	    "(/bin/sh -c '/bin/true; /bin/true' &)"));
	expect_busy(&t);
	stop(&t);
	rig_fini(&r);
}

static void
expect_partial(struct rig *r, const char *script, const char *ready,
    const char *line)
{
	struct rig_task t;

	rig_sh(&t, r, script);
	rig_until_output(&t, ready);
	gauge(&t);
	cr_expect(t.partial == (*line != '\0'), "%s", script);
	cr_expect_str_eq(t.line, line, "%s", t.line);
	stop(&t);
}

RIG_TEST(seen, an_unfinished_line_is_shown)
{
	struct rig r;

	rig_init(&r, at);
	expect_partial(&r, "printf 'x\\nPassword: '; exec sleep 1000",
	    "Password: ", "Password: ");
	expect_partial(&r, "printf 'Really? ' >&2; echo there; exec sleep "
	    "1000", "there", "Really? ");
	expect_partial(&r, "printf 'all said\\n'; exec sleep 1000", "said\n",
	    "");
	expect_partial(&r, "printf '50%%\\r'; exec sleep 1000", "\r", "");
	expect_partial(&r, "printf 'x\\n   '; exec sleep 1000", "   ", "");
	expect_partial(&r, "printf '\\033[1mName\\033[m: '; exec sleep 1000",
	    ": ", "Name: ");
	rig_fini(&r);
}

/* The worker stands still with its group. */
RIG_TEST(seen, what_is_asked_while_it_is_suspended_is_answered_after_it)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, "echo there; exec sleep 1000");
	rig_until_output(&t, "there");
	child_suspend(t.child);
	rig_until(&r, &t.suspended);
	child_gauge(t.child);
	child_match(t.child, BYTES("there"));
	child_resume(t.child);
	rig_until(&r, &t.gauged);
	rig_until(&r, &t.saw);
	stop(&t);
	rig_fini(&r);
}
