/* Tasks that wait to start are moved, and wait for others (T7). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "talk.h"

static struct talk k;

static void
setup(void)
{
	talk_init(&k);
}

static void
teardown(void)
{
	talk_fini(&k);
}

TestSuite(task_order, .init = setup, .fini = teardown);

static uint64_t
task(const char *after)
{
	struct event ev = { .kind = EV_TASK, .task = ++k.numbers['t'],
	    .tool = BYTES("exec"), .args = BYTES("{}"), .cwd = BYTES("/"),
	    .profile = BYTES("none"), .terms.after = bytes_of(after) };

	talk_step(&k, &ev);
	return ev.task;
}

static bool
order(uint64_t id, struct record_order o)
{
	struct event ev = { .kind = EV_ORDER, .task = id, .order = &o };

	return talk_step(&k, &ev);
}

static const struct task_facts *
facts(uint64_t id)
{
	return session_task(k.s, id);
}

Test(task_order, a_list_of_ids_is_read_one_by_one)
{
	struct bytes after = BYTES(" t3  t14 x"), empty = BYTES("");

	cr_assert(eq(u64, terms_next(&after), 3));
	cr_assert(eq(u64, terms_next(&after), 14));
	cr_assert(eq(u64, terms_next(&after), 0));
	cr_assert(eq(u64, terms_next(&empty), 0));
}

Test(task_order, tasks_stand_in_line_as_they_came)
{
	uint64_t a = task(""), b = task("");

	cr_assert(facts(a)->rank < facts(b)->rank);
}

Test(task_order, a_moved_task_is_before_or_behind_all_others_also_read_back)
{
	uint64_t a = task(""), b = task(""), c = task("");

	cr_assert(order(c, (struct record_order){ .place = BYTES("first") }));
	cr_assert(order(a, (struct record_order){ .place = BYTES("last") }));
	cr_assert(order(b, (struct record_order){ .place = BYTES("first") }));
	cr_assert_eq(talk_count(&k, FX_ORDER), 3);
	talk_replay(&k);
	cr_assert(facts(b)->rank < facts(c)->rank);
	cr_assert(facts(c)->rank < facts(a)->rank);
	cr_assert(facts(task(""))->rank > facts(a)->rank);
}

Test(task_order, what_is_not_said_stays_as_it_was)
{
	uint64_t a = task(""), b = task("t1");

	cr_assert(order(b, (struct record_order){ .priority = BYTES("high"),
	    .condition = BYTES("any"), .by = BYTES("user") }));
	cr_assert(order(b, (struct record_order){ .place = BYTES("last") }));
	talk_replay(&k);
	cr_assert_eq(facts(b)->terms.priority, PRIORITY_HIGH);
	cr_assert_eq(facts(b)->terms.condition, CONDITION_ANY);
	cr_assert(bytes_is(facts(b)->terms.after, "t1"));
	cr_assert_eq(facts(a)->terms.priority, PRIORITY_NORMAL);
}

Test(task_order, it_waits_for_others_and_for_nobody_again)
{
	uint64_t a = task(""), b = task("");

	cr_assert(order(a, (struct record_order){ .after = BYTES("t2") }));
	cr_assert(bytes_is(facts(a)->terms.after, "t2"));
	cr_assert(order(a, (struct record_order){ .after = BYTES("none") }));
	talk_replay(&k);
	cr_assert(bytes_is(facts(a)->terms.after, ""));
	cr_assert(bytes_is(facts(b)->terms.after, ""));
}

Test(task_order, nobody_waits_for_himself_however_far_round)
{
	size_t rows;

	task("");
	task("t1");
	task("t2 t1");
	rows = k.nrows;
	cr_assert_not(order(1, (struct record_order){ .after = BYTES("t1") }));
	cr_assert_eq(k.out.refusal, REFUSAL_BAD);
	cr_assert_not(order(1, (struct record_order){ .after = BYTES("t3") }));
	cr_assert_eq(k.out.refusal, REFUSAL_BAD);
	cr_assert_eq(k.nrows, rows);
	cr_assert(order(3, (struct record_order){ .after = BYTES("none") }));
	cr_assert(order(1, (struct record_order){ .after = BYTES("t3") }));
}

Test(task_order, who_has_ended_closes_no_circle)
{
	task("");
	task("t1");
	talk_ended(&k, 2, "stopped", "");
	cr_assert(order(1, (struct record_order){ .after = BYTES("t2") }));
}

Test(task_order, words_that_say_nothing_are_refused)
{
	uint64_t a = task("");

	cr_assert_not(order(a, (struct record_order){ .place = BYTES("x") }));
	cr_assert_eq(k.out.refusal, REFUSAL_BAD);
	cr_assert_not(order(a, (struct record_order){
	    .priority = BYTES("huge") }));
	cr_assert_not(order(a, (struct record_order){
	    .condition = BYTES("maybe") }));
	cr_assert_not(order(a, (struct record_order){ .after = BYTES("t7") }));
	cr_assert_not(order(a, (struct record_order){ .after = BYTES("x") }));
	cr_assert_eq(k.out.refusal, REFUSAL_BAD);
}

Test(task_order, what_has_begun_or_ended_is_not_moved)
{
	uint64_t a = task("");

	talk_state(&k, a, "queued");
	cr_assert(order(a, (struct record_order){ .place = BYTES("first") }));
	talk_state(&k, a, "starting");
	cr_assert_not(order(a, (struct record_order){
	    .place = BYTES("first") }));
	cr_assert_eq(k.out.refusal, REFUSAL_GONE);
	talk_ended(&k, a, "exited", "");
	cr_assert_not(order(a, (struct record_order){
	    .place = BYTES("first") }));
	cr_assert_not(order(99, (struct record_order){ .by = BYTES("x") }));
	cr_assert_eq(k.out.refusal, REFUSAL_GONE);
}
