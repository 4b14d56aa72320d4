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

TestSuite(session, .init = setup, .fini = teardown);

Test(session, a_message_is_asked_about_at_once)
{
	uint64_t m = talk_say(&k, MODE_NOW, "hello");
	uint64_t t = talk_turn(&k, FX_ASK);

	cr_assert_neq(m, 0);
	cr_assert_neq(t, 0);
	cr_assert(talk_is_legal(&k, t));
	talk_text(&k, t, "hi");
	talk_answered(&k, t);
	cr_assert_eq(talk_turn(&k, FX_FINISHED), t);
	cr_assert_eq(talk_keeps(&k, "hi"), 1);
	cr_assert(session_is_settled(k.s, m));
}

Test(session, now_frees_what_a_tool_holds)
{
	uint64_t first, task = talk_start(&k, &first), second;
	struct turn_facts f;

	talk_say(&k, MODE_NOW, "how far is it?");
	second = talk_turn(&k, FX_ASK);
	cr_assert_neq(second, first);
	cr_assert(session_turn(k.s, first, &f));
	cr_assert_eq(f.outcome, OUTCOME_DETACHED);
	cr_assert(talk_is_legal(&k, second));
	cr_assert_eq(talk_asks_with(&k, second, "\\\"task\\\":\\\"t1\\\""), 1);
	cr_assert_eq(talk_count(&k, FX_STOP), 0);
	talk_answered(&k, second);
	/* Later the end is told, once, and wakes. */
	talk_forget(&k);
	talk_ended(&k, task, "exited", "done & dusted");
	talk_tick(&k, 20000);
	cr_assert_eq(talk_count(&k, FX_ASK), 1);
	cr_assert_eq(talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "<task-event id=\\\"t1\\\""), 1);
	cr_assert(talk_is_legal(&k, talk_turn(&k, FX_ASK)));
}

Test(session, now_runs_beside_a_turn_that_streams)
{
	uint64_t a, b;

	talk_say(&k, MODE_NOW, "one");
	a = talk_turn(&k, FX_ASK);
	talk_text(&k, a, "part");
	talk_say(&k, MODE_NOW, "two");
	b = talk_turn(&k, FX_ASK);
	cr_assert_neq(a, b);
	cr_assert_eq(session_nturns(k.s), 2);
	cr_assert(talk_is_legal(&k, b));
	talk_text(&k, b, "answer two");
	talk_answered(&k, b);
	/* The older one calls a tool; its next request has a note of b. */
	talk_own(&k, a, "task_list", "c1");
	talk_answered(&k, a);
	cr_assert_eq(talk_count(&k, FX_OWN), 1);
	struct event ev = { .kind = EV_RESULT, .turn = a };
	ev.call = bytes_of("c1");
	ev.text = bytes_of("[]");
	talk_step(&k, &ev);
	cr_assert(talk_is_legal(&k, a));
	cr_assert_eq(talk_asks_with(&k, a, "answer two"), 1);
}

Test(session, steer_joins_and_detaches)
{
	uint64_t t;

	talk_start(&k, &t);
	talk_forget(&k);
	talk_say(&k, MODE_STEER, "faster");
	cr_assert_eq(talk_turn(&k, FX_ASK), t);
	cr_assert(talk_is_legal(&k, t));
	cr_assert_eq(talk_asks_with(&k, t, "faster"), 1);
}

Test(session, a_steer_behind_the_last_request_becomes_now_R2)
{
	uint64_t t, m;
	struct message_facts f;

	talk_say(&k, MODE_NOW, "one");
	t = talk_turn(&k, FX_ASK);
	m = talk_say(&k, MODE_STEER, "two");
	cr_assert(session_message(k.s, m, &f));
	cr_assert_str_eq(f.state, "queued");
	talk_text(&k, t, "final");
	talk_answered(&k, t);
	cr_assert(session_message(k.s, m, &f));
	cr_assert_str_eq(f.state, "delivered");
	cr_assert_neq(f.turn, t);
}

Test(session, interrupt_keeps_the_text_and_says_what_it_did)
{
	uint64_t t, task = talk_start(&k, &t), b;

	talk_say(&k, MODE_NOW, "two");
	b = talk_turn(&k, FX_ASK);
	talk_text(&k, b, "so far");
	talk_forget(&k);
	struct event ev = { .kind = EV_SAY, .mode = MODE_INTERRUPT,
	    .tools = KEEP_STOP, .message = 99 };
	ev.text = bytes_of("no, wait");
	cr_assert(talk_step(&k, &ev));
	cr_assert_eq(talk_turn(&k, FX_CUT), b);
	cr_assert_eq(talk_task(&k, FX_STOP), task);
	cr_assert_not_null(strstr(k.out.receipt.data, "\"did\":\"stopped\""));
	cr_assert_eq(talk_keeps(&k, "so far\\n(interrupted)"), 1);
	cr_assert(talk_is_legal(&k, talk_turn(&k, FX_ASK)));
}

Test(session, rollback_forgets_and_returns_the_news)
{
	uint64_t t, task = talk_start(&k, &t), other, u;

	talk_say(&k, MODE_NOW, "two");
	u = talk_turn(&k, FX_ASK);
	talk_answered(&k, u);
	talk_ended(&k, task, "exited", "out");
	talk_tick(&k, 20000);				/* wakes */
	u = talk_turn(&k, FX_ASK);
	other = talk_call(&k, u, "probe");
	talk_answered(&k, u);
	talk_forget(&k);
	talk_say(&k, MODE_ROLLBACK, "three");
	cr_assert_eq(talk_task(&k, FX_STOP), other);
	t = talk_turn(&k, FX_ASK);
	cr_assert(talk_is_legal(&k, t));
	cr_assert_eq(talk_asks_with(&k, t, "probe"), 0);
	cr_assert_eq(talk_asks_with(&k, t, "<task-event"), 1);
	talk_answered(&k, t);
	talk_forget(&k);
	talk_ended(&k, other, "stopped", "");
	talk_tick(&k, 20000);
	cr_assert_eq(talk_count(&k, FX_ASK), 0, "as if it had not been");
}

Test(session, queue_waits_and_neighbours_go_together)
{
	uint64_t t, a, b;
	struct message_facts fa, fb;

	talk_say(&k, MODE_NOW, "one");
	t = talk_turn(&k, FX_ASK);
	a = talk_say(&k, MODE_QUEUE, "two");
	b = talk_say(&k, MODE_QUEUE, "three");
	talk_forget(&k);
	talk_answered(&k, t);
	cr_assert_eq(talk_count(&k, FX_ASK), 1);
	session_message(k.s, a, &fa);
	session_message(k.s, b, &fb);
	cr_assert_eq(fa.turn, fb.turn);
	cr_assert(talk_is_legal(&k, fa.turn));
}

Test(session, reject_is_refused_while_a_turn_is_active)
{
	talk_say(&k, MODE_NOW, "one");
	cr_assert_eq(talk_say(&k, MODE_REJECT, "two"), 0);
	cr_assert_eq(k.out.refusal, REFUSAL_BUSY);
	talk_answered(&k, talk_turn(&k, FX_ASK));
	cr_assert_neq(talk_say(&k, MODE_REJECT, "three"), 0);
}

Test(session, ask_sees_everything_and_leaves_no_trace)
{
	uint64_t t, aside;
	char *before;

	talk_start(&k, &t);
	before = talk_transcript(&k);
	talk_say(&k, MODE_ASK, "what are you doing?");
	aside = talk_turn(&k, FX_ASK);
	cr_assert_neq(aside, t);
	cr_assert(talk_is_legal(&k, aside));
	cr_assert_eq(talk_asks_with(&k, aside, "Task t1 build is running"), 1);
	talk_text(&k, aside, "building");
	talk_answered(&k, aside);
	char *after = talk_transcript(&k);
	cr_assert_str_eq(after, before);
	free(before);
	free(after);
	cr_assert_eq(session_nturns(k.s), 1);
}

Test(session, the_same_key_is_the_same_message)
{
	struct event ev = { .kind = EV_SAY, .message = 7 };

	ev.key = bytes_of("k");
	ev.text = bytes_of("x");
	cr_assert(talk_step(&k, &ev));
	ev.message = 8;
	cr_assert(talk_step(&k, &ev));
	cr_assert_eq(k.out.message, 7);
	cr_assert_eq(talk_count(&k, FX_ASK), 1);
}

Test(session, a_long_tool_is_let_go_when_nobody_speaks)
{
	uint64_t t;

	talk_start(&k, &t);
	cr_assert_neq(session_deadline(k.s), UINT64_MAX);
	talk_forget(&k);
	talk_tick(&k, 19000000);
	cr_assert_eq(talk_count(&k, FX_ASK), 0);
	talk_tick(&k, 2000000);
	cr_assert_eq(talk_turn(&k, FX_ASK), t);
	cr_assert(talk_is_legal(&k, t));
}

Test(session, nothing_happens_twice_to_an_ended_task_R13)
{
	uint64_t t, task = talk_start(&k, &t);

	cr_assert(talk_ended(&k, task, "exited", "x"));
	cr_assert_not(talk_ended(&k, task, "signaled", "y"));
	cr_assert_not(talk_state(&k, task, "running"));
	cr_assert_str_eq(session_task(k.s, task)->end, "exited");
}

Test(session, a_task_keeps_its_terms)
{
	struct event ev = { .kind = EV_TASK, .task = 1, .tool = BYTES("exec"),
	    .args = BYTES("{}"), .cwd = BYTES("/"), .profile = BYTES("none"),
	    .terms = { .after = BYTES("t3 t4"), .condition = CONDITION_ANY,
	    .priority = PRIORITY_HIGH, .watch = BYTES("listening") } };
	const struct task_facts *f;

	talk_step(&k, &ev);
	talk_replay(&k);
	f = session_task(k.s, 1);
	cr_assert(bytes_is(f->terms.after, "t3 t4"));
	cr_assert(bytes_is(f->terms.watch, "listening"));
	cr_assert_eq(f->terms.condition, CONDITION_ANY);
	cr_assert_eq(f->terms.priority, PRIORITY_HIGH);
}
