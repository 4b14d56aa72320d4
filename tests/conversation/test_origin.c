/* A sub-agent's session: whose it is, what it may, when it is done (T10). */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

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

TestSuite(origin, .init = setup, .fini = teardown);

/* Of nobody who would keep a journal. */
static void
forget_record(void *arg, const struct record *r)
{
	(void)arg;
	(void)r;
}

static struct session *
born(const char *tools, unsigned depth)
{
	static const struct session_limits limits = { .max_turns = 1 };
	struct origin o = { .parent = "main", .task = 7, .depth = depth,
	    .tools = tools, .model = "small", .room = "main" };
	struct event ev = { .kind = EV_CREATE, .cwd = BYTES("/"),
	    .origin = &o };
	struct session *s = session_new("main.t7", &limits);
	struct out out = { .record = forget_record };

	cr_assert(session_step(s, &ev, &out));
	out_fini(&out);
	return s;
}

static bool
step(struct session *s, struct event *ev)
{
	struct out out = { .record = forget_record };
	bool ok = session_step(s, ev, &out);

	out_fini(&out);
	return ok;
}

Test(origin, a_users_session_is_nobodys_and_may_call_all)
{
	const struct origin *o = session_origin(k.s);

	cr_assert_eq(o->depth, 0);
	cr_assert_str_eq(o->parent, "");
	cr_assert_eq(o->task, 0);
	cr_assert(session_may_call(k.s, "agent"));
	cr_assert(session_may_call(k.s, "build"));
}

Test(origin, it_is_on_record_whose_session_it_is)
{
	struct session *s = born("exec build", 2);
	const struct origin *o = session_origin(s);

	cr_assert_str_eq(o->parent, "main");
	cr_assert_eq(o->task, 7);
	cr_assert_eq(o->depth, 2);
	cr_assert_str_eq(o->tools, "exec build");
	cr_assert_str_eq(o->model, "small");
	cr_assert_str_eq(o->room, "main");
	session_free(s);
}

Test(origin, it_may_call_the_tools_that_it_was_given)
{
	struct session *s = born("exec build", 1);

	cr_assert(session_may_call(s, "exec"));
	cr_assert(session_may_call(s, "build"));
	cr_assert_not(session_may_call(s, "buil"));
	cr_assert_not(session_may_call(s, "exec build"));
	cr_assert_not(session_may_call(s, "agent"));
	cr_assert_not(session_may_call(s, "agent_send"));
	session_free(s);
	s = born("agent", 1);
	cr_assert(session_may_call(s, "agent_send"));
	cr_assert_not(session_may_call(s, "exec"));
	session_free(s);
}

Test(origin, the_third_has_no_agents)
{
	struct session *s = born("", SESSION_DEPTH);

	cr_assert_not(session_may_call(s, "agent"));
	cr_assert_not(session_may_call(s, "agent_send"));
	cr_assert(session_may_call(s, "agents"));
	cr_assert(session_may_call(s, "exec"));
	session_free(s);
	s = born("", SESSION_DEPTH - 1);
	cr_assert(session_may_call(s, "agent"));
	session_free(s);
}

Test(origin, it_can_be_another_task_of_its_parent)
{
	struct event ev = { .kind = EV_ADOPT, .task = 9 };
	struct session *s = born("", 1);

	cr_assert(step(s, &ev));
	cr_assert_eq(session_origin(s)->task, 9);
	session_free(s);
	cr_assert_not(talk_step(&k, &ev), "a user's session");
}

Test(origin, what_it_did_for_an_older_task_is_told_apart)
{
	static const struct session_limits limits = { .max_turns = 1 };
	struct session *s = session_new("main.t7", &limits);
	struct record r;
	const char *const rows[][2] = {
		{ "created", "{\"cwd\":\"/\",\"mode\":\"now\","
		    "\"parent\":\"main\",\"task\":\"t7\",\"depth\":1}" },
		{ "began", "{\"turn\":\"u1\",\"cause\":\"message\","
		    "\"message\":null}" },
		{ "adopted", "{\"task\":\"t9\",\"parent\":\"main\"}" },
	};
	size_t i;

	for (i = 0; i < 3; i++) {
		cr_assert(record_read(&r, bytes_of(rows[i][0]),
		    bytes_of(rows[i][1])));
		cr_assert(session_apply(s, &r), "%s", rows[i][0]);
		record_done(&r);
	}
	cr_assert_eq(session_origin(s)->nturns, 1);
	cr_assert(record_read(&r, BYTES("adopted"),
	    BYTES("{\"task\":\"t9\",\"parent\":\"other\"}")));
	cr_assert_not(session_apply(s, &r), "not its parent");
	record_done(&r);
	session_free(s);
}

Test(origin, it_is_idle_when_nothing_goes_on_by_itself)
{
	uint64_t t, task;

	cr_assert(session_is_idle(k.s));
	task = talk_start(&k, &t);
	cr_assert_not(session_is_idle(k.s), "a turn");
	talk_step_alone(&k, EV_INTERRUPT);
	cr_assert_not(session_is_idle(k.s), "a task");
	talk_ended(&k, task, "exited", "");
	cr_assert_not(session_is_idle(k.s), "a wake");
	talk_tick(&k, 20000);
	talk_answered(&k, talk_turn(&k, FX_ASK));
	cr_assert(session_is_idle(k.s));
}

Test(origin, an_end_that_is_to_be_quiet_wakes_nobody)
{
	struct record_end end = { .end = bytes_of("stopped"),
	    .by = bytes_of(""), .why = bytes_of("") };
	struct event ev = { .kind = EV_ENDED, .end = &end, .quiet = true };
	uint64_t t;

	ev.task = talk_start(&k, &t);
	talk_step_alone(&k, EV_INTERRUPT);
	cr_assert(talk_step(&k, &ev));
	cr_assert(session_is_idle(k.s));
	talk_say(&k, MODE_NOW, "well?");
	cr_assert_eq(talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "<task-event id=\\\"t1\\\""), 1);
}

Test(origin, a_suspended_one_is_asked_when_it_is_resumed_and_not_before)
{
	struct event ev = { .kind = EV_RECOVER, .quiet = true };
	uint64_t t;
	int i;

	talk_say(&k, MODE_NOW, "hello");
	t = talk_turn(&k, FX_ASK);
	for (i = 0; i < 10; i++) {
		talk_replay(&k);
		talk_forget(&k);
		cr_assert(talk_step(&k, &ev));
		cr_assert_eq(talk_count(&k, FX_ASK), 0);
	}
	talk_step_alone(&k, EV_REASK);
	cr_assert_eq(talk_count(&k, FX_ASK), 1);
	talk_answered(&k, t);
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_ANSWERED);
}

Test(origin, what_was_cut_is_asked_again_as_the_same_attempt)
{
	uint64_t t;
	char *before, *after;
	int i;

	talk_say(&k, MODE_NOW, "hello");
	t = talk_turn(&k, FX_ASK);
	before = talk_request(&k, t);
	talk_text(&k, t, "half");
	talk_tick(&k, 2000000);
	talk_forget(&k);
	for (i = 0; i < 1000; i++)
		cr_assert(talk_step_alone(&k, EV_REASK));
	cr_assert_eq(talk_count(&k, FX_ASK), 1000);
	after = talk_request(&k, t);
	cr_assert_str_eq(before, after);
	talk_text(&k, t, "whole");
	talk_answered(&k, t);
	cr_assert_eq(talk_keeps(&k, "half"), 0);
	cr_assert_eq(talk_keeps(&k, "\"whole\""), 1);
	free(before);
	free(after);
}
