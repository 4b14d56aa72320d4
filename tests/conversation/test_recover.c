/* After a crash, in each state (S4, T11); what is read back is what was. */
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

TestSuite(recover, .init = setup, .fini = teardown);

static uint64_t
say(enum mode mode, const char *text)
{
	talk_say(&k, mode, text);
	return talk_turn(&k, FX_ASK);
}

/* How often the model is asked when the next supervisor has come up. */
static size_t
recover(void)
{
	talk_replay(&k);
	talk_forget(&k);
	talk_recover(&k);
	return talk_count(&k, FX_ASK);
}

Test(recover, an_idle_session_stays_idle)
{
	talk_answered(&k, say(MODE_NOW, "hello"));
	cr_assert_eq(recover(), 0);
	cr_assert_not(session_is_open(k.s));
}

Test(recover, a_request_in_flight_is_asked_again_and_twice_at_most)
{
	uint64_t t = say(MODE_NOW, "hello");
	struct turn_facts f;

	talk_text(&k, t, "par");
	cr_assert_eq(recover(), 1);
	talk_text(&k, t, "part");
	talk_tick(&k, 2000000);
	cr_assert_eq(recover(), 1);
	cr_assert_eq(talk_turn(&k, FX_ASK), t);
	talk_text(&k, t, "partly");
	talk_tick(&k, 2000000);
	cr_assert_eq(recover(), 0);
	cr_assert(session_turn(k.s, t, &f));
	cr_assert_eq(f.outcome, OUTCOME_FAILED);
	cr_assert_neq(f.why[0], '\0');
	cr_assert_eq(talk_keeps(&k, "partly\\n(cut: the supervisor"), 1);
	cr_assert_eq(talk_keeps(&k, "\"par"), 1, "older attempts are gone");
}

Test(recover, attempts_are_counted_for_each_request_anew)
{
	uint64_t t = say(MODE_NOW, "hello");
	int i;

	for (i = 0; i < 20; i++) {
		cr_assert_eq(recover(), 1);
		cr_assert_eq(recover(), 1);
		talk_own(&k, t, "task_list", "c");
		talk_answered(&k, t);
		talk_result(&k, t, "c", 0);
	}
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_NONE);
}

Test(recover, the_text_that_was_saved_is_shown_once)
{
	uint64_t t = say(MODE_NOW, "hello");
	int i;

	for (i = 0; i < 3; i++) {
		talk_text(&k, t, "ab");
		talk_tick(&k, 2000000);
	}
	talk_replay(&k);
	talk_step_alone(&k, EV_INTERRUPT);
	cr_assert_eq(talk_keeps(&k, "\"ababab\\n(interrupted)"), 1);
}

Test(recover, a_turn_whose_tools_were_lost_is_asked_once_whatever_comes_first)
{
	uint64_t t, task = talk_start(&k, &t);
	int order;

	for (order = 0; order < 2; order++) {
		talk_replay(&k);
		talk_forget(&k);
		if (order == 0)
			talk_recover(&k);
		talk_ended(&k, task, "lost", "some output");
		if (order == 1)
			talk_recover(&k);
		cr_assert_eq(talk_count(&k, FX_ASK), 1, "order %d", order);
		cr_assert_eq(talk_turn(&k, FX_ASK), t);
		cr_assert(talk_is_legal(&k, t));
		cr_assert_eq(talk_asks_with(&k, t, "some output"),
		    (size_t)order + 1);
		task = talk_call(&k, t, "build");
		talk_answered(&k, t);
	}
}

Test(recover, an_own_call_in_flight_is_cancelled_and_says_why)
{
	uint64_t t = say(MODE_NOW, "hello");

	talk_own(&k, t, "task_stop", "c1");
	talk_answered(&k, t);
	cr_assert_eq(recover(), 1);
	cr_assert_eq(talk_asks_with(&k, t, "whether this was done"), 1);
	cr_assert(talk_is_legal(&k, t));
}

Test(recover, a_wait_is_over_and_the_end_is_still_told)
{
	uint64_t t, task = talk_start(&k, &t);

	t = say(MODE_NOW, "wait for it");
	talk_own(&k, t, "task_wait", "c1");
	talk_answered(&k, t);
	talk_hold(&k, t, "c1", task, 60000000);
	cr_assert_eq(recover(), 1);
	talk_ended(&k, task, "lost", "");
	talk_answered(&k, t);
	talk_tick(&k, 20000);
	cr_assert_eq(talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "<task-event id=\\\"t1\\\""), 1);
}

Test(recover, queued_messages_are_still_queued_and_go_on)
{
	uint64_t t = say(MODE_NOW, "hello"), m = talk_say(&k, MODE_QUEUE, "q");

	cr_assert_eq(recover(), 1);
	cr_assert_str_eq(talk_message(&k, m, NULL), "queued");
	talk_answered(&k, t);
	cr_assert_str_eq(talk_message(&k, m, NULL), "delivered");
}

Test(recover, a_key_is_known_after_a_crash)
{
	struct event ev = { .kind = EV_SAY, .message = 7 };

	ev.key = bytes_of("k");
	ev.text = bytes_of("x");
	talk_step(&k, &ev);
	talk_replay(&k);
	ev.message = 8;
	cr_assert(talk_step(&k, &ev));
	cr_assert_eq(k.out.message, 7);
}

Test(recover, news_that_was_not_told_wakes)
{
	uint64_t t, task = talk_start(&k, &t);

	talk_tick(&k, 30000000);
	talk_answered(&k, t);
	talk_ended(&k, task, "exited", "out");
	recover();
	talk_tick(&k, 20000);
	cr_assert_eq(talk_count(&k, FX_ASK), 1);
	cr_assert_eq(talk_rows(&k, "told", "\"e1\""), 1);
}

Test(recover, a_task_of_the_users_own_is_lost_and_wakes_nobody)
{
	struct event ev = { .kind = EV_TASK, .task = 9, .wake = WAKE_NEVER };

	ev.tool = bytes_of("backup");
	ev.args = ev.cwd = ev.profile = bytes_of("");
	cr_assert(talk_step(&k, &ev));
	cr_assert_eq(talk_task(&k, FX_RUN), 9);
	recover();
	talk_ended(&k, 9, "lost", "");
	cr_assert_eq(session_deadline(k.s), UINT64_MAX);
	cr_assert_str_eq(session_task(k.s, 9)->end, "lost");
}

/* Read back without the records of that kind; what is out of place is left. */
static void
replay_without(const char *kind)
{
	struct record r;
	size_t i;

	session_free(k.s);
	k.s = session_new("main", &k.limits);
	for (i = 0; i < k.nrows; i++) {
		if (strcmp(k.rows[i].kind, kind) == 0 ||
		    !record_read(&r, bytes_of(k.rows[i].kind),
		    bytes_of(k.rows[i].body)))
			continue;
		r.seq = k.rows[i].seq;
		r.time = k.rows[i].time;
		session_apply(k.s, &r);
		record_done(&r);
	}
}

/* A journal that a disk has eaten at; its session is spoken to all the same. */
Test(recover, a_call_whose_task_is_nowhere_is_cancelled)
{
	uint64_t t;

	talk_start(&k, &t);
	replay_without("task");
	talk_say(&k, MODE_STEER, "are you there?");
	cr_expect_eq(talk_rows(&k, "result", "cancelled"), 1);
	cr_expect(talk_is_legal(&k, t));
}

Test(recover, a_result_that_is_nowhere_makes_no_request_illegal)
{
	uint64_t t, task = talk_start(&k, &t);

	talk_ended(&k, task, "exited", "the output");
	talk_answered(&k, t);
	replay_without("result");
	talk_recover(&k);
	cr_expect(talk_is_legal(&k, t));
	talk_answered(&k, t);
	t = say(MODE_NOW, "and now?");
	cr_expect(talk_is_legal(&k, t));
	cr_expect_eq(talk_asks_with(&k, t, "is not known"), 1);
}
