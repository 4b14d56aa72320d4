/* What requests used, each once; and a budget that is used up. */
#include <criterion/criterion.h>

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

TestSuite(usage, .init = setup, .fini = teardown);

static bool
use(uint64_t turn, uint64_t input, uint64_t cached, uint64_t output)
{
	struct event ev = { .kind = EV_USAGE, .turn = turn, .input = input,
	    .cached = cached, .output_tokens = output };

	return talk_step(&k, &ev);
}

static void
expect(uint64_t requests, uint64_t input, uint64_t cached, uint64_t output)
{
	struct usage_facts u;

	session_usage(k.s, &u);
	cr_expect(u.requests == requests && u.input == input &&
	    u.cached == cached && u.output == output, "%ju %ju %ju %ju",
	    (uintmax_t)u.requests, (uintmax_t)u.input, (uintmax_t)u.cached,
	    (uintmax_t)u.output);
}

/* Of the session, as it is and as it is read back. */
static void
expect_for_good(uint64_t requests, uint64_t input, uint64_t cached,
    uint64_t output)
{
	expect(requests, input, cached, output);
	talk_replay(&k);
	expect(requests, input, cached, output);
}

Test(usage, all_requests_of_a_turn_are_summed)
{
	struct turn_facts f;
	uint64_t turn, task = talk_start(&k, &turn);

	use(turn, 10, 4, 2);
	talk_ended(&k, task, "exited", "done");
	use(turn, 20, 15, 3);
	expect(2, 30, 19, 5);
	talk_answered(&k, turn);
	cr_expect(talk_rows(&k, "finished", "\"input_tokens\":30,"
	    "\"cached_tokens\":19,\"output_tokens\":5") == 1);
	expect_for_good(2, 30, 19, 5);
	cr_assert(session_turn(k.s, turn, &f));
	cr_expect(f.requests == 2 && f.input == 30 && f.output == 5);
}

Test(usage, a_turn_that_is_under_way_counts_after_a_crash)
{
	uint64_t turn;

	talk_start(&k, &turn);
	use(turn, 10, 0, 2);
	expect_for_good(1, 10, 0, 2);
	talk_recover(&k);
	expect(1, 10, 0, 2);
}

Test(usage, what_was_cut_counts_though_its_turn_has_ended)
{
	struct turn_facts f;
	uint64_t turn;

	talk_say(&k, MODE_NOW, "tell me");
	turn = talk_turn(&k, FX_ASK);
	talk_text(&k, turn, "Once");
	talk_step_alone(&k, EV_INTERRUPT);
	cr_expect(use(turn, 10, 0, 1));
	expect_for_good(1, 10, 0, 1);
	cr_assert(session_turn(k.s, turn, &f));
	cr_expect(f.input == 10 && f.output == 1);
}

Test(usage, side_questions_and_failures_count)
{
	uint64_t turn;

	talk_say(&k, MODE_ASK, "how far?");
	turn = talk_turn(&k, FX_ASK);
	use(turn, 7, 0, 1);
	talk_answered(&k, turn);
	talk_say(&k, MODE_NOW, "well?");
	turn = talk_turn(&k, FX_ASK);
	use(turn, 5, 0, 0);
	talk_failed(&k, turn, "away");
	expect_for_good(2, 12, 0, 1);
}

Test(usage, what_was_rolled_back_was_used)
{
	uint64_t turn;

	talk_start(&k, &turn);
	use(turn, 10, 0, 2);
	talk_say(&k, MODE_ROLLBACK, "no, this");
	expect_for_good(2, 10, 0, 2);
}

Test(usage, what_sub_agents_used_counts_for_the_tree_alone)
{
	struct usage_facts u;
	uint64_t turn;

	talk_start(&k, &turn);
	use(turn, 10, 4, 2);
	cr_expect(use(0, 100, 50, 7));
	cr_expect(use(0, 100, 50, 7));
	expect_for_good(1, 10, 4, 2);
	session_usage_tree(k.s, &u);
	cr_expect(u.requests == 3 && u.input == 210 && u.cached == 104 &&
	    u.output == 16);
}

Test(usage, nobodys_usage_is_refused)
{
	cr_expect_not(use(99, 1, 1, 1));
	expect(0, 0, 0, 0);
}

Test(usage, claims_of_any_size_fit_the_journal)
{
	uint64_t turn;

	talk_start(&k, &turn);
	use(turn, UINT64_MAX, UINT64_MAX, UINT64_MAX);
	use(turn, UINT64_MAX, 1, 1);
	expect_for_good(1, INT64_MAX, INT64_MAX, INT64_MAX);
}

/* A turn's end had the only numbers there were. */
Test(usage, a_journal_from_before_has_the_sums_of_turns)
{
	struct record r = { .kind = RECORD_FINISHED, .seq = 99, .time = 99 };
	uint64_t turn;

	talk_say(&k, MODE_NOW, "tell me");
	turn = talk_turn(&k, FX_ASK);
	r.finished.turn = turn;
	r.finished.outcome = bytes_of("answered");
	r.finished.why = bytes_of("");
	r.finished.input_tokens = 8;
	r.finished.output_tokens = 3;
	cr_assert(session_apply(k.s, &r));
	expect(1, 8, 0, 3);
}

static void
spend(bool spent)
{
	k.limits.spent = spent;
	session_limit(k.s, &k.limits);
}

static const char words[] = "The token budget of this conversation is used up";

Test(usage, beyond_the_budget_events_wait_for_a_message)
{
	uint64_t turn, task = talk_start(&k, &turn);

	talk_step_alone(&k, EV_DETACH);
	talk_answered(&k, turn);
	spend(true);
	talk_forget(&k);
	talk_ended(&k, task, "exited", "done");
	cr_expect(session_deadline(k.s) == UINT64_MAX);
	talk_tick(&k, 60000000);
	cr_expect(talk_count(&k, FX_ASK) == 0);
	cr_expect(session_npending(k.s) == 1);
	talk_say(&k, MODE_NOW, "and?");
	turn = talk_turn(&k, FX_ASK);
	cr_expect(talk_asks_with(&k, turn, "<task-event") == 1);
	cr_expect(session_npending(k.s) == 0);
	cr_expect(talk_is_legal(&k, turn));
}

Test(usage, a_wake_that_was_due_is_none_when_the_budget_is_used_up)
{
	uint64_t turn, task = talk_start(&k, &turn);

	talk_step_alone(&k, EV_DETACH);
	talk_answered(&k, turn);
	talk_forget(&k);
	talk_ended(&k, task, "exited", "done");
	spend(true);
	talk_tick(&k, 60000000);
	cr_expect(talk_count(&k, FX_ASK) == 0);
	spend(false);
	talk_tick(&k, 1);
	talk_tick(&k, 60000000);
	cr_expect(talk_count(&k, FX_ASK) == 1);
	cr_expect(talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "<task-event") == 1);
}

Test(usage, a_turn_is_told_once_that_the_budget_is_used_up)
{
	uint64_t turn, task = talk_start(&k, &turn);

	spend(true);
	talk_ended(&k, task, "exited", "done");
	cr_expect(talk_asks_with(&k, turn, words) == 1);
	cr_expect(talk_is_legal(&k, turn));
	task = talk_call(&k, turn, "build");
	talk_answered(&k, turn);
	talk_ended(&k, task, "exited", "done");
	cr_expect(talk_asks_with(&k, turn, words) == 1);
	talk_answered(&k, turn);
	talk_say(&k, MODE_NOW, "and now?");
	cr_expect(talk_asks_with(&k, talk_turn(&k, FX_ASK), words) == 2);
	spend(false);
	talk_answered(&k, talk_turn(&k, FX_ASK));
	talk_say(&k, MODE_NOW, "and now?");
	cr_expect(talk_asks_with(&k, talk_turn(&k, FX_ASK), words) == 2);
}
