/* How each mode is taken, in depth (C7). */
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

TestSuite(mode, .init = setup, .fini = teardown);

static uint64_t
say(enum mode mode, const char *text)
{
	talk_say(&k, mode, text);
	return talk_turn(&k, FX_ASK);
}

static void
use_tool(uint64_t turn)
{
	talk_call(&k, turn, "build");
	talk_answered(&k, turn);
}

Test(mode, a_steer_does_not_wait_for_a_tool_of_an_older_turn)
{
	uint64_t a = say(MODE_NOW, "one"), b = say(MODE_NOW, "two"), m, in;

	talk_text(&k, a, "x");
	talk_text(&k, b, "x");
	m = talk_say(&k, MODE_STEER, "faster");
	use_tool(a);
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	talk_answered(&k, b);
	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert_eq(in, a);
	cr_assert_eq(talk_turn(&k, FX_ASK), a);
	cr_assert(talk_is_legal(&k, a));
}

Test(mode, a_message_without_a_place_gets_that_of_a_turn_that_a_tool_holds)
{
	uint64_t t[4], m, in;
	int i;

	for (i = 0; i < 4; i++)
		t[i] = say(MODE_NOW, "go");
	m = talk_say(&k, MODE_NOW, "and I?");
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	use_tool(t[2]);
	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert_eq(talk_outcome(&k, t[2]), OUTCOME_DETACHED);
	cr_assert_eq(session_nturns(k.s), 4);
	cr_assert(talk_is_legal(&k, in));
}

Test(mode, an_own_call_is_carried_out_before_its_turn_gives_up_its_place)
{
	uint64_t t = 0, m;
	int i;

	for (i = 0; i < 4; i++)
		t = say(MODE_NOW, "go");
	m = talk_say(&k, MODE_NOW, "and I?");
	talk_own(&k, t, "task_list", "c1");
	use_tool(t);
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_NONE);
	cr_assert(talk_result(&k, t, "c1", 0));
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_DETACHED);
	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
	cr_assert_eq(talk_keeps(&k, "own result"), 1);
}

Test(mode, those_without_a_place_begin_in_order)
{
	uint64_t t[4], a, b, in;
	int i;

	for (i = 0; i < 4; i++)
		t[i] = say(MODE_NOW, "go");
	a = talk_say(&k, MODE_NOW, "fifth");
	b = talk_say(&k, MODE_NOW, "sixth");
	talk_answered(&k, t[1]);
	cr_assert_str_eq(talk_message(&k, a, NULL), "delivered");
	cr_assert_str_eq(talk_message(&k, b, NULL), "queued");
	talk_answered(&k, t[3]);
	cr_assert_str_eq(talk_message(&k, b, &in), "delivered");
	cr_assert_eq(session_nturns(k.s), 4);
	cr_assert(talk_is_legal(&k, in));
}

Test(mode, now_passes_all_that_are_queued)
{
	uint64_t t = say(MODE_NOW, "go"), m, in;
	int i;

	for (i = 0; i < 100; i++)
		talk_say(&k, MODE_QUEUE, "later");
	m = talk_say(&k, MODE_NOW, "now");
	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert_neq(in, t);
	talk_answered(&k, t);
	talk_answered(&k, in);
	cr_assert_eq(talk_asks_with(&k, talk_turn(&k, FX_ASK), "later"), 100);
}

static bool
say_tools(enum mode mode, enum keep tools, uint64_t id)
{
	struct event ev = { .kind = EV_SAY, .mode = mode, .tools = tools,
	    .message = id };

	ev.text = bytes_of("stop that");
	return talk_step(&k, &ev);
}

Test(mode, now_ends_each_turn_that_a_tool_holds_and_no_other)
{
	uint64_t a = say(MODE_NOW, "one"), b = say(MODE_NOW, "two"),
	    c = say(MODE_NOW, "three"), d;

	talk_text(&k, c, "x");
	use_tool(a);
	use_tool(b);
	d = say(MODE_NOW, "four");
	cr_assert_eq(talk_outcome(&k, a), OUTCOME_DETACHED);
	cr_assert_eq(talk_outcome(&k, b), OUTCOME_DETACHED);
	cr_assert_eq(talk_outcome(&k, c), OUTCOME_NONE);
	cr_assert_eq(talk_count(&k, FX_CUT), 0);
	cr_assert(talk_is_legal(&k, d));
}

Test(mode, interrupt_cuts_all_turns_and_spares_side_questions)
{
	uint64_t a = say(MODE_NOW, "one"), b = say(MODE_NOW, "two"),
	    c = say(MODE_ASK, "aside"), d, task;

	talk_text(&k, b, "so far");
	task = talk_call(&k, a, "build");
	talk_answered(&k, a);
	talk_forget(&k);
	cr_assert(say_tools(MODE_INTERRUPT, KEEP_SUSPEND, 90));
	d = talk_turn(&k, FX_ASK);
	cr_assert_eq(talk_outcome(&k, a), OUTCOME_INTERRUPTED);
	cr_assert_eq(talk_outcome(&k, b), OUTCOME_INTERRUPTED);
	cr_assert_eq(talk_outcome(&k, c), OUTCOME_NONE);
	cr_assert_eq(talk_count(&k, FX_CUT), 1);
	cr_assert_eq(talk_turn(&k, FX_CUT), b);
	cr_assert_eq(talk_task(&k, FX_SUSPEND), task);
	cr_assert_str_eq(k.out.receipt.data, "{\"turns\":[{\"turn\":\"u1\","
	    "\"was\":\"holding\"},{\"turn\":\"u2\",\"was\":"
	    "\"streaming\"}],\"tasks\":[{\"id\":\"t1\",\"tool\":"
	    "\"build\",\"did\":\"suspended\"}],\"queued\":[]}");
	cr_assert_eq(talk_rows(&k, "receipt", "suspended"), 1);
	cr_assert(talk_is_legal(&k, d));
}

Test(mode, interrupt_keeps_the_queue_and_says_so)
{
	uint64_t t = say(MODE_NOW, "one"), m = talk_say(&k, MODE_QUEUE, "q");

	cr_assert(say_tools(MODE_INTERRUPT, KEEP_KEEP, 90));
	cr_assert_not_null(strstr(k.out.receipt.data, "\"queued\":[\"m2\"]"));
	cr_assert_eq(talk_count(&k, FX_STOP) + talk_count(&k, FX_SUSPEND), 0);
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	talk_answered(&k, talk_turn(&k, FX_ASK));
	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_INTERRUPTED);
}

Test(mode, an_interrupt_without_words_cuts_and_the_queue_goes_on)
{
	uint64_t m;

	say(MODE_NOW, "one");
	m = talk_say(&k, MODE_QUEUE, "next");
	cr_assert(talk_step_alone(&k, EV_INTERRUPT));
	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
	cr_assert_eq(session_nturns(k.s), 1);
}

Test(mode, rollback_drops_the_block_with_what_steered_into_it)
{
	uint64_t a = say(MODE_NOW, "keep me"), b, m, c;

	talk_text(&k, a, "kept");
	talk_answered(&k, a);
	talk_start(&k, &b);
	m = talk_say(&k, MODE_STEER, "faster");
	c = say(MODE_ROLLBACK, "other way");
	cr_assert_eq(talk_outcome(&k, b), OUTCOME_ROLLED_BACK);
	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
	cr_assert_eq(talk_asks_with(&k, c, "faster"), 0);
	cr_assert_eq(talk_asks_with(&k, c, "build it"), 0);
	cr_assert_eq(talk_asks_with(&k, c, "kept"), 1);
	cr_assert_eq(talk_count(&k, FX_CUT), 1, "it was asked again");
	cr_assert(talk_is_legal(&k, c));
}

Test(mode, rollback_drops_the_newest_turn_only)
{
	uint64_t a = say(MODE_NOW, "one"), b = say(MODE_NOW, "two"), c;

	c = say(MODE_ROLLBACK, "three");
	cr_assert_eq(talk_outcome(&k, a), OUTCOME_NONE);
	cr_assert_eq(talk_outcome(&k, b), OUTCOME_ROLLED_BACK);
	cr_assert_eq(talk_asks_with(&k, c, "two"), 0);
	talk_answered(&k, a);
	talk_answered(&k, c);
	cr_assert_eq(talk_keeps(&k, "two"), 0);
	cr_assert_eq(talk_keeps(&k, "\"one\""), 1);
}

Test(mode, rollback_when_idle_is_a_message_like_any)
{
	cr_assert_neq(say(MODE_ROLLBACK, "hello"), 0);
	cr_assert_eq(talk_count(&k, FX_CUT), 0);
}

Test(mode, rollback_leaves_no_news_of_tasks_that_never_were)
{
	uint64_t a, b, early, late, c;

	a = say(MODE_NOW, "one");
	early = talk_call(&k, a, "build");
	late = talk_call(&k, a, "probe");
	talk_answered(&k, a);
	talk_tick(&k, 30000000);		/* detached; asked again */
	talk_ended(&k, early, "exited", "x");
	talk_own(&k, a, "task_list", "c1");
	talk_answered(&k, a);
	talk_result(&k, a, "c1", 0);		/* told of the first */
	cr_assert_eq(talk_asks_with(&k, a, "<task-event id"), 1);
	talk_ended(&k, late, "exited", "x");	/* the second is due */
	b = say(MODE_ROLLBACK, "forget it");
	cr_assert_eq(talk_asks_with(&k, b, "<task-event"), 0);
	talk_answered(&k, b);
	cr_assert_eq(session_is_open(k.s), 0);
	c = say(MODE_NOW, "anything?");
	cr_assert_eq(talk_asks_with(&k, c, "<task-event"), 0);
}

Test(mode, rollback_returns_news_of_others_in_their_order)
{
	uint64_t a, b, one = talk_start(&k, &a), two, t;
	char *request;

	t = say(MODE_NOW, "two");
	two = talk_call(&k, t, "probe");
	talk_answered(&k, t);
	b = say(MODE_NOW, "three");
	talk_ended(&k, one, "exited", "x");
	talk_own(&k, b, "task_list", "c1");
	talk_answered(&k, b);
	talk_result(&k, b, "c1", 0);
	talk_ended(&k, two, "exited", "y");
	t = say(MODE_ROLLBACK, "four");
	request = talk_request(&k, t);
	cr_assert_eq(talk_asks_with(&k, t, "<task-event"), 2);
	cr_assert_lt(strstr(request, "<task-event id=\\\"t1"),
	    strstr(request, "<task-event id=\\\"t2"));
	free(request);
	cr_assert(talk_is_legal(&k, t));
}

Test(mode, a_steer_into_a_stream_waits_for_it_and_not_for_its_calls)
{
	uint64_t t = say(MODE_NOW, "one"), m, in;

	talk_text(&k, t, "let me");
	m = talk_say(&k, MODE_STEER, "faster");
	use_tool(t);
	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert_eq(in, t);
	cr_assert_eq(talk_turn(&k, FX_ASK), t);
	cr_assert_eq(talk_asks_with(&k, t, "\\\"task\\\":\\\"t1\\\""), 1);
	cr_assert(talk_is_legal(&k, t));
}

Test(mode, a_steer_when_idle_is_like_now)
{
	uint64_t m = talk_say(&k, MODE_STEER, "hello");

	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
}

Test(mode, a_wake_takes_no_message_its_place)
{
	uint64_t t, woken, a[4], m, task = talk_start(&k, &t);
	int i;

	say(MODE_NOW, "go on");
	talk_answered(&k, talk_turn(&k, FX_ASK));
	talk_ended(&k, task, "exited", "");
	talk_tick(&k, 1000000);
	woken = talk_turn(&k, FX_ASK);
	talk_text(&k, woken, "it ended");
	for (i = 0; i < 4; i++) {
		a[i] = say(MODE_NOW, "go");
		talk_text(&k, a[i], "x");
	}
	cr_assert_eq(session_nturns(k.s), 5);
	m = talk_say(&k, MODE_NOW, "one more");
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	talk_answered(&k, woken);
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	talk_answered(&k, a[1]);
	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
}

Test(mode, a_wake_that_a_tool_holds_is_no_place_to_be_had)
{
	uint64_t t, woken, m, task = talk_start(&k, &t);
	int i;

	say(MODE_NOW, "go on");
	talk_answered(&k, talk_turn(&k, FX_ASK));
	talk_ended(&k, task, "exited", "");
	talk_tick(&k, 1000000);
	woken = talk_turn(&k, FX_ASK);
	for (i = 0; i < 4; i++)
		talk_text(&k, say(MODE_NOW, "go"), "x");
	m = talk_say(&k, MODE_NOW, "one more");
	use_tool(woken);
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	cr_assert_eq(talk_outcome(&k, woken), OUTCOME_NONE, "to no avail");
}

Test(mode, side_questions_have_places_of_their_own)
{
	uint64_t a[4], m, in;
	int i;

	for (i = 0; i < 4; i++)
		a[i] = say(MODE_ASK, "aside?");
	m = talk_say(&k, MODE_ASK, "one more?");
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	cr_assert_neq(say(MODE_NOW, "go"), a[3], "not in its way");
	cr_assert_eq(session_nturns(k.s), 5);
	talk_answered(&k, a[2]);
	cr_assert_str_eq(talk_message(&k, m, &in), "delivered");
	cr_assert(talk_is_legal(&k, in));
}

Test(mode, a_side_question_takes_no_news_from_the_conversation)
{
	uint64_t a, b, c, task = talk_start(&k, &a);

	b = say(MODE_NOW, "two");
	talk_text(&k, b, "x");
	talk_ended(&k, task, "exited", "out");
	c = say(MODE_ASK, "is it done?");
	cr_assert_eq(talk_asks_with(&k, c, "Task t1 build is exited, which is "
	    "news."), 1);
	talk_own(&k, c, "task_output", "c1");
	talk_answered(&k, c);
	talk_result(&k, c, "c1", task);
	talk_answered(&k, c);
	talk_own(&k, b, "task_list", "c2");
	talk_answered(&k, b);
	talk_result(&k, b, "c2", 0);
	cr_assert_eq(talk_asks_with(&k, b, "<task-event"), 1);
}

Test(mode, reject_passes_when_only_tasks_are_at_work)
{
	uint64_t t, task = talk_start(&k, &t);

	cr_assert_eq(talk_say(&k, MODE_REJECT, "busy?"), 0);
	talk_tick(&k, 30000000);
	talk_answered(&k, t);
	cr_assert_neq(talk_say(&k, MODE_REJECT, "busy?"), 0);
	cr_assert_str_eq(session_task(k.s, task)->state, "running");
}
