/* What waits: listed, edited, moved, cancelled, sent at once (C2, C7). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
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

TestSuite(queue, .init = setup, .fini = teardown);

static uint64_t
say(enum mode mode, const char *text)
{
	talk_say(&k, mode, text);
	return talk_turn(&k, FX_ASK);
}

static uint64_t
in_place(size_t i)
{
	struct message_facts f;

	return session_nth_waiting(k.s, i, &f) ? f.id : 0;
}

/* A turn at work, and three that wait for it. */
static uint64_t
three(uint64_t m[3])
{
	uint64_t t = say(MODE_NOW, "go");

	m[0] = talk_say(&k, MODE_QUEUE, "a");
	m[1] = talk_say(&k, MODE_QUEUE, "b");
	m[2] = talk_say(&k, MODE_QUEUE, "c");
	return t;
}

Test(queue, an_edited_message_is_delivered_as_it_was_edited)
{
	uint64_t m[3], t = three(m), in;

	cr_assert(talk_queue(&k, EV_EDIT, m[1], "better\033[31m", 0));
	talk_answered(&k, t);
	talk_message(&k, m[1], &in);
	cr_assert_eq(talk_asks_with(&k, in, "\"better\""), 1);
	cr_assert_eq(talk_asks_with(&k, in, "\"b\""), 0);
	cr_assert_not(talk_queue(&k, EV_EDIT, m[1], "late", 0));
	cr_assert_eq(k.out.refusal, REFUSAL_GONE);
}

Test(queue, what_says_nothing_is_refused_also_when_only_controls_are_said)
{
	uint64_t m[3];
	size_t rows;

	three(m);
	rows = k.nrows;
	cr_assert_eq(talk_say(&k, MODE_NOW, " \n"), 0);
	cr_assert_eq(talk_say(&k, MODE_NOW, "\033[31m\x01"), 0);
	cr_assert_eq(k.out.refusal, REFUSAL_BAD);
	cr_assert_not(talk_queue(&k, EV_EDIT, m[0], "\033[31m", 0));
	cr_assert_eq(k.out.refusal, REFUSAL_BAD);
	cr_assert_eq(k.nrows, rows);
}

Test(queue, a_place_is_counted_from_one_and_the_last_is_the_end)
{
	uint64_t m[3];

	three(m);
	cr_assert_not(talk_queue(&k, EV_MOVE, m[0], "", 0));
	cr_assert_eq(k.out.refusal, REFUSAL_BAD);
	cr_assert(talk_queue(&k, EV_MOVE, m[2], "", 1));
	cr_assert(in_place(0) == m[2] && in_place(1) == m[0]);
	cr_assert(talk_queue(&k, EV_MOVE, m[2], "", 2));
	cr_assert(in_place(0) == m[0] && in_place(1) == m[2]);
	cr_assert(talk_queue(&k, EV_MOVE, m[0], "", 3));
	cr_assert(in_place(1) == m[1] && in_place(2) == m[0]);
}

Test(queue, any_place_that_a_client_names_can_be_read_back)
{
	uint64_t m[3];

	three(m);
	cr_assert(talk_queue(&k, EV_MOVE, m[0], "", UINT64_MAX));
	cr_assert_eq(in_place(2), m[0]);
	talk_replay(&k);
	cr_assert_eq(in_place(2), m[0]);
}

Test(queue, a_cancelled_message_is_never_delivered)
{
	uint64_t m[3], t = three(m), in;

	cr_assert(talk_queue(&k, EV_CANCEL, m[1], "", 0));
	cr_assert_eq(talk_count(&k, FX_CANCELLED), 1);
	cr_assert_not(talk_queue(&k, EV_CANCEL, m[1], "", 0));
	talk_answered(&k, t);
	cr_assert_str_eq(talk_message(&k, m[1], NULL), "cancelled");
	talk_message(&k, m[2], &in);
	cr_assert_eq(talk_asks_with(&k, in, "\"content\":\"b\""), 0);
	cr_assert(session_is_settled(k.s, m[1]));
}

Test(queue, a_queued_message_becomes_now)
{
	uint64_t t, m, in;

	talk_start(&k, &t);
	m = talk_say(&k, MODE_QUEUE, "later");
	cr_assert(talk_remode(&k, m, MODE_NOW));
	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_DETACHED);
	cr_assert(talk_is_legal(&k, in));
}

Test(queue, a_queued_message_becomes_a_steer)
{
	uint64_t t, m, in;

	talk_start(&k, &t);
	m = talk_say(&k, MODE_QUEUE, "later");
	cr_assert(talk_remode(&k, m, MODE_STEER));
	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert_eq(in, t);
}

Test(queue, what_becomes_reject_beside_a_turn_is_refused_and_waits_on)
{
	uint64_t t, m;

	talk_start(&k, &t);
	m = talk_say(&k, MODE_QUEUE, "later");
	cr_assert_not(talk_remode(&k, m, MODE_REJECT));
	cr_assert_eq(k.out.refusal, REFUSAL_BUSY);
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_NONE);
}

Test(queue, what_becomes_an_interrupt_does_with_tools_as_it_was_said)
{
	struct event ev = { .kind = EV_SAY, .mode = MODE_QUEUE, .message = 77,
	    .tools = KEEP_STOP };
	uint64_t t, task = talk_start(&k, &t);

	ev.text = bytes_of("enough");
	talk_step(&k, &ev);
	cr_assert(talk_remode(&k, 77, MODE_INTERRUPT));
	cr_assert_eq(talk_task(&k, FX_STOP), task);
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_INTERRUPTED);
	cr_assert_not_null(strstr(k.out.receipt.data, "\"queued\":[]"));
}

Test(queue, waits_for_all_turns_but_not_for_tasks_or_side_questions)
{
	uint64_t a, b, m, task = talk_start(&k, &a);

	b = say(MODE_NOW, "two");
	say(MODE_ASK, "aside");
	m = talk_say(&k, MODE_QUEUE, "later");
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	talk_answered(&k, b);
	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
	cr_assert_eq(session_nlive(k.s), 1);
	talk_ended(&k, task, "exited", "");
}

/* A turn that an event began, since nobody spoke. */
static uint64_t
wake(void)
{
	uint64_t t, task = talk_start(&k, &t);

	say(MODE_NOW, "go on");
	talk_answered(&k, talk_turn(&k, FX_ASK));
	talk_ended(&k, task, "exited", "");
	talk_tick(&k, 1000000);
	t = talk_turn(&k, FX_ASK);
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_NONE);
	cr_assert_eq(talk_rows(&k, "began", "\"cause\":\"wake\""), 1);
	return t;
}

Test(queue, a_queued_message_does_not_wait_for_a_wake)
{
	uint64_t woken = wake(), in, m = talk_say(&k, MODE_QUEUE, "a");

	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert_neq(in, woken);
	cr_assert_eq(talk_outcome(&k, woken), OUTCOME_NONE);
	cr_assert(talk_is_legal(&k, in));
	m = talk_say(&k, MODE_QUEUE, "b");
	talk_answered(&k, woken);
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	talk_answered(&k, in);
	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
}

Test(queue, a_message_that_came_before_the_wake_is_told_the_event_itself)
{
	uint64_t t, m, in, task = talk_start(&k, &t);

	say(MODE_NOW, "go on");
	t = talk_turn(&k, FX_ASK);
	talk_ended(&k, task, "exited", "");
	m = talk_say(&k, MODE_QUEUE, "a");
	talk_answered(&k, t);
	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert_eq(talk_asks_with(&k, in, "<task-event"), 1);
	talk_tick(&k, 1000000);
	cr_assert_eq(talk_rows(&k, "began", "\"cause\":\"wake\""), 0);
}

Test(queue, a_wake_that_somebody_spoke_to_is_a_turn_like_any_other)
{
	uint64_t woken = wake(), in, m;

	m = talk_say(&k, MODE_STEER, "and this");
	talk_own(&k, woken, "task_list", "own");
	talk_answered(&k, woken);
	talk_result(&k, woken, "own", 0);
	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert_eq(in, woken);
	m = talk_say(&k, MODE_QUEUE, "later");
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	talk_replay(&k);
	talk_recover(&k);
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	talk_answered(&k, woken);
	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
}

Test(queue, neighbours_of_one_mode_go_together_and_no_others)
{
	uint64_t t = say(MODE_NOW, "go"), m[3], in[3];

	m[0] = talk_say(&k, MODE_QUEUE, "a");
	m[1] = talk_say(&k, MODE_STEER, "b");
	m[2] = talk_say(&k, MODE_QUEUE, "c");
	talk_answered(&k, t);
	talk_message(&k, m[1], &in[1]);
	cr_assert_str_eq(talk_message(&k, m[0], NULL), "queued");
	talk_answered(&k, in[1]);
	talk_message(&k, m[0], &in[0]);
	talk_message(&k, m[2], &in[2]);
	cr_assert_eq(in[0], in[2], "neighbours again");
	cr_assert_neq(in[0], in[1]);
}

/* What one of them led to, all led to that were read before it began. */
Test(queue, each_of_those_that_are_delivered_together_waits_for_their_task)
{
	uint64_t busy, a, b, late, turn, task;

	talk_say(&k, MODE_NOW, "busy");
	busy = talk_turn(&k, FX_ASK);
	a = talk_say(&k, MODE_QUEUE, "one");
	b = talk_say(&k, MODE_QUEUE, "two");
	talk_answered(&k, busy);
	turn = talk_turn(&k, FX_ASK);
	task = talk_call(&k, turn, "build");
	talk_answered(&k, turn);
	late = talk_say(&k, MODE_STEER, "and fast");
	talk_answered(&k, turn);
	cr_expect_not(session_is_settled(k.s, a));
	cr_expect_not(session_is_settled(k.s, b));
	cr_expect(session_is_settled(k.s, late));
	talk_replay(&k);
	talk_ended(&k, task, "exited", "out");
	cr_expect_not(session_is_settled(k.s, b), "it is still to be told");
	talk_tick(&k, 20000);
	turn = talk_turn(&k, FX_ASK);
	cr_expect(session_concerns(k.s, turn, a));
	cr_expect(session_concerns(k.s, turn, b));
	cr_expect_not(session_concerns(k.s, turn, late));
	talk_answered(&k, turn);
	cr_expect(session_is_settled(k.s, b));
}
