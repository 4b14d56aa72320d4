/* A person's consent to a call: T13. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "talk.h"

static struct talk k;
static uint64_t turn, task;

/* The turn called a tool that needs consent, and was asked on. */
static void
setup(void)
{
	talk_init(&k);
	talk_say(&k, MODE_NOW, "clean up");
	turn = talk_turn(&k, FX_ASK);
	task = talk_ask_for(&k, turn, "wipe", "all");
	talk_forget(&k);
	talk_answered(&k, turn);
}

static void
teardown(void)
{
	talk_fini(&k);
}

TestSuite(approval, .init = setup, .fini = teardown);

static struct approval_facts
facts(uint64_t id)
{
	struct approval_facts f = { 0 };

	cr_assert(session_approval(k.s, id, &f));
	return f;
}

static uint64_t
again(const char *tool, const char *grant)
{
	uint64_t id;

	talk_say(&k, MODE_NOW, "once more");
	turn = talk_turn(&k, FX_ASK);
	id = talk_ask_for(&k, turn, tool, grant);
	talk_answered(&k, turn);
	return id;
}

static bool
decide_always(uint64_t approval)
{
	struct event ev = { .kind = EV_DECIDE, .approval = approval,
	    .approve = true, .always = true };

	ev.grant = bytes_of("all");
	ev.by = bytes_of("uid 7");
	return talk_step(&k, &ev);
}

Test(approval, the_call_is_let_go_of_at_once)
{
	cr_assert_eq(talk_turn(&k, FX_ASK), turn);
	cr_assert_eq(talk_asks_with(&k, turn, "waiting for approval a1"), 1);
	cr_assert_eq(talk_asks_with(&k, turn, "\\\"state\\\":\\\"queued\\\""),
	    1);
	cr_assert(talk_is_legal(&k, turn));
	cr_assert(session_task_is_pending(k.s, task));
	cr_assert_eq(facts(1).task, task);
	cr_assert_str_eq(facts(1).profile, "none");
	cr_assert_str_eq(facts(1).grant, "all");
}

Test(approval, only_what_needs_it_asks)
{
	uint64_t other = again("build", NULL);
	struct approval_facts f;

	cr_assert_not(session_task_is_pending(k.s, other));
	cr_assert_not(session_nth_approval(k.s, 1, &f));
}

Test(approval, others_of_the_same_answer_hold_the_turn)
{
	uint64_t other;

	talk_say(&k, MODE_NOW, "both");
	turn = talk_turn(&k, FX_ASK);
	talk_ask_for(&k, turn, "wipe", "all");
	other = talk_call(&k, turn, "build");
	talk_forget(&k);
	talk_answered(&k, turn);
	cr_assert_eq(talk_count(&k, FX_ASK), 0);
	cr_assert(session_task_is_held(k.s, other));
	talk_ended(&k, other, "exited", "built");
	cr_assert_eq(talk_asks_with(&k, turn, "waiting for approval a2"), 1);
	cr_assert(talk_is_legal(&k, turn));
}

Test(approval, the_first_answer_wins)
{
	cr_assert(talk_decide(&k, 1, true, "all", "uid 7"));
	cr_assert_eq(talk_task(&k, FX_RELEASE), task);
	cr_assert_not(session_task_is_pending(k.s, task));
	cr_assert_not(talk_decide(&k, 1, false, "all", "uid 8"));
	cr_assert_eq(k.out.refusal, REFUSAL_GONE);
	cr_assert_eq(talk_count(&k, FX_REFUSE), 0);
	cr_assert_eq(facts(1).state, APPROVAL_APPROVED);
	cr_assert_str_eq(facts(1).by, "uid 7");
	cr_assert_str_eq(facts(1).why, "a reason");
}

Test(approval, a_denial_is_no_start)
{
	cr_assert(talk_decide(&k, 1, false, "all", "uid 7"));
	cr_assert_eq(talk_task(&k, FX_REFUSE), task);
	cr_assert_eq(talk_count(&k, FX_RELEASE), 0);
	cr_assert_eq(facts(1).state, APPROVAL_DENIED);
	cr_assert_not(talk_decide(&k, 1, true, "all", "uid 7"));
}

Test(approval, nothing_starts_before_it_is_given)
{
	cr_assert_not(talk_state(&k, task, "running"));
	cr_assert_eq(k.out.refusal, REFUSAL_BAD);
	cr_assert(talk_state(&k, task, "queued"));
	talk_decide(&k, 1, true, "all", "uid 7");
	cr_assert(talk_state(&k, task, "running"));
}

Test(approval, another_grant_is_not_what_was_asked_for)
{
	cr_assert(talk_decide(&k, 1, true, "all and more", "uid 7"));
	cr_assert_eq(talk_count(&k, FX_RELEASE), 0);
	cr_assert_eq(talk_task(&k, FX_REFUSE), task);
	cr_assert_eq(facts(1).state, APPROVAL_CANCELLED);
	cr_assert_str_eq(facts(1).by, "supervisor");
}

Test(approval, an_unknown_one_cannot_be_answered)
{
	cr_assert_not(talk_decide(&k, 2, true, "all", "uid 7"));
	cr_assert_eq(k.out.refusal, REFUSAL_GONE);
}

Test(approval, the_end_of_the_task_cancels_it)
{
	talk_ended(&k, task, "stopped", "");
	cr_assert_eq(facts(1).state, APPROVAL_CANCELLED);
	cr_assert_not(talk_decide(&k, 1, true, "all", "uid 7"));
	cr_assert_eq(talk_count(&k, FX_RELEASE), 0);
}

Test(approval, an_interrupt_that_stops_tools_cancels_it_at_once)
{
	struct event ev = { .kind = EV_INTERRUPT, .tools = KEEP_STOP };

	talk_step(&k, &ev);
	cr_assert_eq(facts(1).state, APPROVAL_CANCELLED);
	cr_assert_not(talk_decide(&k, 1, true, "all", "uid 7"));
}

Test(approval, an_interrupt_that_keeps_tools_keeps_it)
{
	talk_step_alone(&k, EV_INTERRUPT);
	cr_assert(session_task_is_pending(k.s, task));
	cr_assert(talk_decide(&k, 1, true, "all", "uid 7"));
}

Test(approval, a_rollback_cancels_it)
{
	talk_say(&k, MODE_ROLLBACK, "no, not that");
	cr_assert_eq(facts(1).state, APPROVAL_CANCELLED);
}

Test(approval, words_are_no_answer)
{
	talk_say(&k, MODE_NOW, "I approve a1. /approve a1");
	talk_say(&k, MODE_STEER, "yes");
	talk_answered(&k, turn);
	talk_tick(&k, 60000000);
	cr_assert(session_task_is_pending(k.s, task));
	cr_assert_eq(talk_count(&k, FX_RELEASE), 0);
}

Test(approval, it_survives_a_crash)
{
	talk_replay(&k);
	talk_recover(&k);
	cr_assert(session_task_is_pending(k.s, task));
	cr_assert(talk_decide(&k, 1, true, "all", "uid 7"));
	talk_replay(&k);
	cr_assert_eq(facts(1).state, APPROVAL_APPROVED);
	cr_assert_not(talk_decide(&k, 1, true, "all", "uid 7"));
}

Test(approval, always_holds_for_what_is_alike)
{
	uint64_t alike, other, wider;

	cr_assert(decide_always(1));
	talk_replay(&k);
	alike = again("wipe", "all");
	cr_assert_not(session_task_is_pending(k.s, alike));
	cr_assert_eq(facts(2).state, APPROVAL_APPROVED);
	cr_assert_str_eq(facts(2).by, "a1");
	cr_assert(session_task_is_held(k.s, alike));
	other = again("burn", "all");
	cr_assert(session_task_is_pending(k.s, other));
	wider = again("wipe", "all and more");
	cr_assert(session_task_is_pending(k.s, wider));
}

Test(approval, a_denial_can_hold_always_and_the_newest_word_counts)
{
	struct event ev = { .kind = EV_DECIDE, .always = true };
	uint64_t alike;

	cr_assert(decide_always(1));
	ev.approval = 2;
	again("wipe", "more");
	ev.by = bytes_of("uid 7");
	cr_assert(talk_step(&k, &ev));
	alike = again("wipe", "more");
	cr_assert_eq(facts(3).state, APPROVAL_DENIED);
	cr_assert_str_eq(facts(3).by, "a2");
	cr_assert_not(session_task_is_pending(k.s, alike));
	again("wipe", "all");
	cr_assert_eq(facts(4).state, APPROVAL_APPROVED);
}

Test(approval, once_is_not_always)
{
	talk_decide(&k, 1, true, "all", "uid 7");
	cr_assert(session_task_is_pending(k.s, again("wipe", "all")));
}
