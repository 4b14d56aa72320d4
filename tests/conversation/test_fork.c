/* A session that begins as another one stands. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "talk.h"

static struct talk k, other;

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

TestSuite(fork, .init = setup, .fini = teardown);

static bool
copy(struct talk *to, enum role role, struct bytes json)
{
	struct event ev = { .kind = EV_COPY, .role = role, .text = json };

	return talk_step(to, &ev);
}

/* What the engine does with a new session. */
static void
fork_it(void)
{
	struct item_facts f;
	struct buf note = { 0 };
	size_t i;

	talk_init(&other);
	for (i = 0; session_nth_seen(k.s, i, &f); i++)
		cr_assert(copy(&other, f.role, f.json));
	if (session_fork_note(k.s, &note)) {
		copy(&other, ROLE_USER, buf_bytes(&note));
		copy(&other, ROLE_ASSISTANT, BYTES("{\"role\":\"assistant\","
		    "\"content\":\"(understood)\"}"));
	}
	buf_fini(&note);
}

static void
exchange(struct talk *t, const char *said)
{
	talk_say(t, MODE_NOW, said);
	talk_text(t, talk_turn(t, FX_ASK), "well");
	talk_answered(t, talk_turn(t, FX_ASK));
}

Test(fork, it_sees_the_same_bytes_and_goes_its_own_way)
{
	char *here, *there;

	exchange(&k, "one");
	exchange(&k, "two");
	here = talk_transcript(&k);
	fork_it();
	talk_say(&other, MODE_NOW, "there");
	there = talk_request(&other, 1);
	cr_expect(strncmp(here, there, strlen(here)) == 0);
	cr_expect(talk_is_legal(&other, 1));
	cr_expect(eq(sz, talk_keeps(&k, "there"), 0));
	talk_replay(&other);
	free(here);
	here = talk_request(&other, 1);
	cr_expect_str_eq(here, there);
	free(here);
	free(there);
	talk_fini(&other);
}

Test(fork, of_a_compacted_one_begins_with_the_head)
{
	exchange(&k, "one");
	exchange(&k, "two");
	talk_step_alone(&k, EV_COMPACT);
	talk_text(&k, talk_turn(&k, FX_ASK), "A summary.");
	talk_answered(&k, talk_turn(&k, FX_ASK));
	exchange(&k, "three");
	fork_it();
	talk_say(&other, MODE_NOW, "there");
	cr_expect(talk_is_legal(&other, 1));
	cr_expect(eq(sz, talk_asks_with(&other, 1, "A summary."), 1));
	cr_expect(eq(sz, talk_asks_with(&other, 1, "one"), 0));
	cr_expect(eq(sz, talk_asks_with(&other, 1, "three"), 1));
	talk_fini(&other);
}

Test(fork, tasks_and_events_and_active_turns_stay)
{
	uint64_t turn, task = talk_start(&k, &turn);

	talk_tick(&k, 30000000);
	talk_answered(&k, turn);
	talk_say(&k, MODE_NOW, "not yet said");
	fork_it();
	cr_expect(eq(sz, session_nlive(other.s), 0));
	cr_expect_not(session_is_open(other.s));
	talk_say(&other, MODE_NOW, "there");
	cr_expect(talk_is_legal(&other, 1));
	cr_expect(eq(sz, talk_asks_with(&other, 1, "You go on from session "
	    "main"), 1));
	cr_expect(eq(sz, talk_asks_with(&other, 1, "Task t1 build goes on"),
	    1));
	cr_expect(eq(sz, talk_asks_with(&other, 1, "not yet said"), 0));
	cr_expect(talk_ended(&k, task, "exited", ""));
	cr_expect_not(talk_ended(&other, task, "exited", ""));
	talk_fini(&other);
}

/* What the fork is told stands in its first request, once. */
static void
expect_note(const char *text)
{
	uint64_t turn;

	fork_it();
	talk_say(&other, MODE_NOW, "there");
	turn = talk_turn(&other, FX_ASK);
	cr_expect(talk_is_legal(&other, turn));
	cr_expect(eq(sz, talk_asks_with(&other, turn, text), 1), "%s", text);
	cr_expect(eq(sz, session_nlive(other.s), 0));
	talk_fini(&other);
}

Test(fork, an_open_approval_waits_for_consent_there)
{
	uint64_t turn;

	talk_say(&k, MODE_NOW, "clean up");
	turn = talk_turn(&k, FX_ASK);
	talk_ask_for(&k, turn, "wipe", "all");
	talk_answered(&k, turn);
	talk_answered(&k, turn);
	expect_note("Task t1 wipe waits for consent.");
	talk_decide(&k, 1, true, "all", "uid 7");
	expect_note("Task t1 wipe goes on.");
}

Test(fork, an_untold_end_is_news_there)
{
	uint64_t turn, task;

	k.limits.wakes_per_hour = 0;
	task = talk_start(&k, &turn);
	talk_tick(&k, 30000000);
	talk_answered(&k, turn);
	talk_ended(&k, task, "exited", "built");
	expect_note("Task t1 build has news.");
}

Test(fork, a_sub_agent_goes_on_there)
{
	uint64_t turn, task;

	talk_say(&k, MODE_NOW, "find out");
	turn = talk_turn(&k, FX_ASK);
	task = talk_call(&k, turn, "agent");
	talk_answered(&k, turn);
	talk_state(&k, task, "running");
	talk_tick(&k, 30000000);
	talk_answered(&k, turn);
	expect_note("Task t1 agent goes on.");
}

Test(fork, without_anything_that_goes_on_nothing_is_said_of_it)
{
	struct buf note = { 0 };

	exchange(&k, "one");
	cr_expect_not(session_fork_note(k.s, &note));
	cr_expect(eq(sz, note.len, 0));
}

Test(fork, the_calls_of_its_origin_have_their_ids)
{
	uint64_t turn, task = talk_start(&k, &turn);

	talk_ended(&k, task, "exited", "built");
	talk_answered(&k, turn);
	fork_it();
	cr_expect_str_eq(session_nth_called(other.s, 0), "build");
	talk_say(&other, MODE_NOW, "again");
	turn = talk_turn(&other, FX_ASK);
	talk_own(&other, turn, "task_list", "call_t1");
	talk_answered(&other, turn);
	cr_expect(eq(sz, talk_rows(&other, "called", "call_t1"), 0));
	cr_expect(eq(sz, talk_rows(&other, "called", "task_list"), 1));
	talk_fini(&other);
}

Test(fork, the_tools_of_its_origin_are_known_by_name)
{
	static const struct session_limits limits = { .max_turns = 1 };
	struct record r = { .kind = RECORD_CREATED };
	struct session *s = session_new("fork", &limits);

	r.created.cwd = BYTES("/");
	r.created.mode = BYTES("now");
	r.created.owner = BYTES("0");
	r.created.forked = BYTES("main");
	r.created.called = BYTES("build exec");
	cr_assert(session_apply(s, &r));
	cr_expect_str_eq(session_nth_called(s, 0), "build");
	cr_expect_str_eq(session_nth_called(s, 1), "exec");
	cr_expect_null(session_nth_called(s, 2));
	session_free(s);
}

Test(fork, nothing_is_copied_into_a_conversation_that_goes_on)
{
	exchange(&k, "one");
	cr_expect_not(copy(&k, ROLE_USER, BYTES("{\"role\":\"user\","
	    "\"content\":\"x\"}")));
	cr_expect(eq(int, k.out.refusal, REFUSAL_BAD));
}
