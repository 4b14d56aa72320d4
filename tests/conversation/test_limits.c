/* Where there is little room: few requests, few places, a small context. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

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

TestSuite(limits, .init = setup, .fini = teardown);

static void
set_asks(unsigned most)
{
	k.limits.max_asks = most;
	session_limit(k.s, &k.limits);
}

/* The one that steers has it end, and the one below it is held as well. */
Test(limits, a_message_that_steers_waits_for_no_tool_of_the_next_turn)
{
	uint64_t a, b, m, t = 0;

	set_asks(1);
	talk_say(&k, MODE_NOW, "first");
	a = talk_turn(&k, FX_ASK);
	talk_say(&k, MODE_NOW, "second");
	b = talk_turn(&k, FX_ASK);
	talk_call(&k, b, "bench");
	talk_answered(&k, b);
	talk_call(&k, a, "build");
	talk_answered(&k, a);
	m = talk_say(&k, MODE_STEER, "faster");
	cr_expect_eq(talk_outcome(&k, b), OUTCOME_FAILED);
	cr_expect_eq(talk_outcome(&k, a), OUTCOME_FAILED);
	cr_expect_str_eq(talk_message(&k, m, &t), "delivered");
	cr_expect(t > b);
	cr_expect(talk_is_legal(&k, t));
}

static uint64_t
compact(void)
{
	return talk_step_alone(&k, EV_COMPACT) ? talk_turn(&k, FX_ASK) : 0;
}

static void
answer(uint64_t turn, const char *text)
{
	talk_text(&k, turn, text);
	talk_answered(&k, turn);
}

static void
talk_a_while(void)
{
	int i;

	for (i = 0; i < 3; i++) {
		talk_say(&k, MODE_NOW, "a thing");
		answer(talk_turn(&k, FX_ASK), "one");
	}
}

/* Compacted beside a turn that a tool holds; then that turn never was. */
static uint64_t
drop_what_is_stated(bool ended, uint64_t *turn)
{
	uint64_t task, sums_up;

	talk_a_while();
	task = talk_start(&k, turn);
	sums_up = compact();
	answer(sums_up, "A summary.");
	cr_expect_eq(talk_rows(&k, "compacted", "Task t1 build is running"), 1);
	if (ended)
		talk_ended(&k, task, "exited", "output");
	talk_say(&k, MODE_ROLLBACK, "never mind");
	cr_expect_eq(talk_outcome(&k, *turn), OUTCOME_ROLLED_BACK);
	*turn = talk_turn(&k, FX_ASK);
	return task;
}

Test(limits, an_end_that_a_head_promises_is_told_after_a_rollback)
{
	uint64_t turn, task = drop_what_is_stated(false, &turn);

	talk_ended(&k, task, "stopped", "");
	answer(turn, "well");
	talk_tick(&k, 1000000);
	cr_expect_eq(talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "<task-event id=\\\"t1"), 1);
}

Test(limits, an_end_that_was_a_result_is_told_if_a_head_promised_it)
{
	uint64_t turn;

	drop_what_is_stated(true, &turn);
	cr_expect_eq(talk_asks_with(&k, turn, "<task-event id=\\\"t1"), 1);
	cr_expect(talk_is_legal(&k, turn));
	talk_replay(&k);
	cr_expect_eq(session_npending(k.s), 0);
}

Test(limits, an_event_that_a_head_promises_is_told_after_a_rollback)
{
	struct event ev = { .kind = EV_CALL, .background = BACKGROUND_YES,
	    .task = ++k.numbers['t'], .call = BYTES("c"), .tool =
	    BYTES("build"), .args = BYTES("{}") };

	talk_a_while();
	talk_say(&k, MODE_NOW, "go");
	ev.turn = talk_turn(&k, FX_ASK);
	talk_step(&k, &ev);
	talk_answered(&k, ev.turn);
	talk_ended(&k, ev.task, "exited", "output");
	answer(compact(), "A summary.");
	cr_expect_eq(talk_rows(&k, "compacted", "build has ended: exited"), 1);
	talk_say(&k, MODE_ROLLBACK, "never mind");
	cr_expect_eq(talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "<task-event id=\\\"t1"), 1);
}

Test(limits, an_end_that_a_head_promises_is_told_beside_a_side_question)
{
	uint64_t turn, task;

	talk_a_while();
	talk_say(&k, MODE_ASK, "how far?");
	turn = talk_turn(&k, FX_ASK);
	task = talk_call(&k, turn, "look");
	talk_answered(&k, turn);
	answer(compact(), "A summary.");
	talk_ended(&k, task, "exited", "output");
	cr_expect_eq(talk_asks_with(&k, turn, "<task-event"), 0);
	answer(turn, "far");
	talk_tick(&k, 1000000);
	talk_tick(&k, 1000000);
	cr_expect_eq(talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "<task-event id=\\\"t1"), 1);
}

Test(limits, what_a_rolled_back_turn_began_behind_its_head_never_was)
{
	char long_text[4000];
	uint64_t turn, task;
	struct event ev = { .kind = EV_FAILED, .context = true,
	    .text = BYTES("prompt is too long") };

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	talk_say(&k, MODE_NOW, long_text);
	answer(talk_turn(&k, FX_ASK), long_text);
	talk_say(&k, MODE_NOW, "work");
	ev.turn = turn = talk_turn(&k, FX_ASK);
	talk_step(&k, &ev);
	cr_assert_eq(talk_rows(&k, "compacted", ""), 1);
	task = talk_call(&k, turn, "build");
	talk_answered(&k, turn);
	talk_say(&k, MODE_ROLLBACK, "never mind");
	turn = talk_turn(&k, FX_ASK);
	talk_ended(&k, task, "stopped", "");
	answer(turn, "well");
	cr_expect_eq(session_npending(k.s), 0);
	cr_expect_eq(talk_rows(&k, "event", "t1"), 0);
}

static void
refuse(uint64_t turn)
{
	struct event ev = { .kind = EV_FAILED, .turn = turn, .context = true,
	    .text = BYTES("prompt is too long") };

	talk_step(&k, &ev);
}

static size_t
nsums(void)
{
	return talk_rows(&k, "began", "\"cause\":\"compact\"");
}

/* What was refused is no proof that a server takes as much. */
Test(limits, what_is_learned_is_not_forgotten_by_what_is_refused)
{
	char long_text[8000];
	uint64_t turn;
	int i;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	talk_say(&k, MODE_NOW, "begin");
	long_text[4000] = '\0';
	answer(talk_turn(&k, FX_ASK), long_text);
	long_text[4000] = 'x';
	talk_say(&k, MODE_NOW, "more");
	turn = talk_turn(&k, FX_ASK);
	refuse(turn);
	cr_assert_eq(talk_rows(&k, "compacted", "\"limit\":9"), 1);
	answer(turn, "m");
	talk_say(&k, MODE_NOW, long_text);
	turn = talk_turn(&k, FX_ASK);
	refuse(turn);
	cr_assert_eq(talk_outcome(&k, turn), OUTCOME_FAILED);
	cr_assert_eq(talk_rows(&k, "compacted", ""), 1);
	cr_assert_eq(nsums(), 1);
	talk_failed(&k, talk_turn(&k, FX_ASK), "the model is away");
	for (i = 0; i < 5; i++) {
		struct event used = { .kind = EV_USAGE, .input = 800 };

		talk_say(&k, MODE_NOW, "and now?");
		used.turn = talk_turn(&k, FX_ASK);
		talk_step(&k, &used);
		answer(used.turn, "so");
	}
	cr_expect_eq(nsums(), 2);
}

Test(limits, a_thousand_tasks_leave_room_for_words)
{
	char long_text[30000];
	uint64_t turn;
	int i;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (i = 0; i < 1000; i++) {
		struct event ev = { .kind = EV_TASK, .tool = BYTES("a-tool-of-a"
		    "-long-name"), .task = ++k.numbers['t'] };

		talk_step(&k, &ev);
		if (i % 2 == 0)
			talk_ended(&k, ev.task, "exited", "");
	}
	talk_say(&k, MODE_NOW, long_text);
	answer(talk_turn(&k, FX_ASK), "one");
	for (i = 2; i <= 1000; i += 4)
		talk_ended(&k, (uint64_t)i, "exited", "");
	talk_say(&k, MODE_ASK, "how far?");
	turn = talk_turn(&k, FX_ASK);
	refuse(turn);
	cr_assert_eq(talk_rows(&k, "compacted", ""), 1);
	cr_expect_eq(talk_asks_with(&k, turn, "you will be told when it ends"),
	    50);
	cr_expect_eq(talk_asks_with(&k, turn, ", which you will be told"), 50);
	cr_expect_eq(talk_asks_with(&k, turn, "t1000 are not ended either"), 1);
	cr_expect_eq(talk_asks_with(&k, turn, "t998 have news, too"), 1);
	cr_expect(talk_is_legal(&k, turn));
}

Test(limits, a_side_question_waits_for_no_tool_of_another_one)
{
	uint64_t task, turn, a, m;

	k.limits.max_asides = 1;
	session_limit(k.s, &k.limits);
	task = talk_start(&k, &turn);
	talk_say(&k, MODE_ASK, "how far?");
	a = talk_turn(&k, FX_ASK);
	talk_own(&k, a, "task_output", "own");
	talk_answered(&k, a);
	talk_hold(&k, a, "own", task, 60000000);
	talk_forget(&k);
	m = talk_say(&k, MODE_ASK, "and how long?");
	cr_expect_eq(talk_turn(&k, FX_ASK), a);
	cr_expect(talk_is_legal(&k, a));
	cr_expect_eq(talk_asks_with(&k, a, "a new message came"), 1);
	answer(a, "far");
	cr_expect_str_eq(talk_message(&k, m, NULL), "delivered");
	cr_expect_eq(talk_outcome(&k, turn), OUTCOME_NONE);
}

/* What it printed is no fact, so nothing may come of telling it. */
Test(limits, output_begins_nothing)
{
	struct output o = { .out_bytes = 3, .tail = BYTES("abc") };
	struct event ev = { .kind = EV_OUTPUT, .output = &o };
	uint64_t turn;
	size_t before;

	ev.task = talk_start(&k, &turn);
	k.limits.max_turns = 1;
	session_limit(k.s, &k.limits);
	talk_say(&k, MODE_NOW, "one");
	talk_say(&k, MODE_NOW, "two");
	k.limits.max_turns = 4;
	session_limit(k.s, &k.limits);
	before = k.nrows;
	cr_assert(talk_step(&k, &ev));
	cr_expect(k.nrows == before && k.out.neffects == 0);
	talk_tick(&k, 1);
	cr_expect(k.nrows > before);
}
