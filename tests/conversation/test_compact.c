/* What is long is compacted: by a model in time, without one in need (C12). */
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

TestSuite(compact, .init = setup, .fini = teardown);

static void
set_context(uint64_t tokens)
{
	k.limits.context = tokens;
	session_limit(k.s, &k.limits);
}

static bool
answer(uint64_t turn, const char *text, uint64_t tokens)
{
	struct event used = { .kind = EV_USAGE, .turn = turn,
	    .input = tokens };

	if (tokens > 0)
		talk_step(&k, &used);
	talk_text(&k, turn, text);
	return talk_answered(&k, turn);
}

static bool
refuse(uint64_t turn)
{
	struct event ev = { .kind = EV_FAILED, .turn = turn, .context = true,
	    .text = BYTES("prompt is too long") };

	return talk_step(&k, &ev);
}

/* Its turn, which has answered. */
static uint64_t
exchange(const char *said, const char *answered, uint64_t tokens)
{
	uint64_t turn;

	talk_say(&k, MODE_NOW, said);
	turn = talk_turn(&k, FX_ASK);
	answer(turn, answered, tokens);
	return turn;
}

static uint64_t
compact(void)
{
	return talk_step_alone(&k, EV_COMPACT) ? talk_turn(&k, FX_ASK) : 0;
}

/* The turn that sums up, if one is at work. */
static uint64_t
at_work(void)
{
	struct turn_facts f;
	size_t i;

	for (i = 0; session_nth_active(k.s, i, &f); i++)
		if (f.cause == CAUSE_COMPACT)
			return f.id;
	return 0;
}

static void
talk_a_while(void)
{
	exchange("the first thing", "one", 0);
	exchange("the second thing", "two", 0);
}

Test(compact, a_summary_stands_for_what_was_before)
{
	uint64_t turn;

	talk_a_while();
	turn = compact();
	cr_assert(ne(u64, turn, 0));
	cr_expect(talk_is_legal(&k, turn));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "the second thing"), 1));
	cr_expect(answer(turn, "We did <both> things.", 0));
	talk_say(&k, MODE_NOW, "and now?");
	turn = talk_turn(&k, FX_ASK);
	cr_expect(talk_is_legal(&k, turn));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "We did &lt;both&gt;"), 1));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "the second thing"), 0));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "first 4 items"), 1));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "and now?"), 1));
}

Test(compact, nothing_of_its_turn_enters_the_transcript)
{
	uint64_t turn;

	talk_a_while();
	turn = compact();
	talk_own(&k, turn, "task_list", "own");
	talk_answered(&k, turn);
	talk_result(&k, turn, "own", 0);
	answer(turn, "A summary.", 0);
	cr_expect(eq(sz, talk_keeps(&k, "task_list"), 0));
	cr_expect(eq(sz, talk_keeps(&k, "too long for you"), 0));
	cr_expect(eq(sz, talk_keeps(&k, "A summary."), 1));	/* the head */
	cr_expect(eq(int, talk_outcome(&k, turn), OUTCOME_ANSWERED));
}

Test(compact, messages_go_on_meanwhile_and_are_seen_later)
{
	uint64_t sums_up, now, queued, turn;

	talk_a_while();
	sums_up = compact();
	talk_say(&k, MODE_NOW, "meanwhile");
	now = talk_turn(&k, FX_ASK);
	cr_expect(ne(u64, now, sums_up));
	cr_expect(eq(sz, talk_asks_with(&k, now, "the first thing"), 1));
	queued = talk_say(&k, MODE_QUEUE, "in the queue");
	answer(now, "at once", 0);
	cr_expect_str_eq(talk_message(&k, queued, &turn), "delivered");
	answer(sums_up, "A summary.", 0);
	cr_expect(eq(sz, talk_asks_with(&k, turn, "the first thing"), 1));
	answer(turn, "in turn", 0);
	talk_say(&k, MODE_NOW, "and then?");
	turn = talk_turn(&k, FX_ASK);
	cr_expect(talk_is_legal(&k, turn));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "the first thing"), 0));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "meanwhile"), 1));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "in turn"), 1));
}

Test(compact, it_is_no_active_turn)
{
	uint64_t message;

	talk_a_while();
	compact();
	message = talk_say(&k, MODE_REJECT, "am I alone?");
	cr_expect(ne(u64, message, 0));
	cr_expect(eq(int, talk_outcome(&k, at_work()), OUTCOME_NONE));
	talk_step_alone(&k, EV_INTERRUPT);
	cr_expect(ne(u64, at_work(), 0));
	talk_step_alone(&k, EV_INTERRUPT);	/* nothing else is there */
	cr_expect(eq(u64, at_work(), 0));
}

Test(compact, a_turn_keeps_what_it_began_with)
{
	uint64_t turn, sums_up;
	char *before, *after;

	talk_a_while();
	talk_say(&k, MODE_NOW, "go");
	turn = talk_turn(&k, FX_ASK);
	before = talk_request(&k, turn);
	sums_up = compact();
	answer(sums_up, "A summary.", 0);
	talk_own(&k, turn, "task_list", "own");
	talk_answered(&k, turn);
	talk_result(&k, turn, "own", 0);
	after = talk_request(&k, turn);
	cr_expect(strncmp(before, after, strlen(before)) == 0);
	cr_expect_null(strstr(after, "A summary."));
	free(before);
	free(after);
}

Test(compact, what_lives_and_is_open_and_untold_is_stated_again)
{
	uint64_t turn, sums_up;

	talk_a_while();
	talk_say(&k, MODE_NOW, "work");
	turn = talk_turn(&k, FX_ASK);
	talk_call(&k, turn, "build");
	talk_call(&k, turn, "bench");
	talk_ask_for(&k, turn, "wipe", "all");
	talk_answered(&k, turn);
	talk_state(&k, 1, "running");
	talk_tick(&k, 30000000);
	answer(talk_turn(&k, FX_ASK), "they go on", 0);
	sums_up = compact();
	cr_assert(ne(u64, sums_up, 0));
	talk_ended(&k, 2, "exited", "output");
	answer(sums_up, "A summary.", 0);
	cr_expect(eq(sz, talk_rows(&k, "compacted", "Task t1 build is running"),
	    1));
	cr_expect(eq(sz, talk_rows(&k, "compacted",
	    "Approval a1 of task t3 wipe is open"), 1));
	cr_expect(eq(sz, talk_rows(&k, "compacted",
	    "Task t2 bench has ended: exited, which you will be told"), 1));
	talk_tick(&k, 1000000);
	turn = talk_turn(&k, FX_ASK);
	cr_expect(eq(sz, talk_asks_with(&k, turn, "<task-event id=\\\"t2"), 1));
	cr_expect(talk_is_legal(&k, turn));
	answer(turn, "noted", 0);
	cr_expect(eq(sz, talk_rows(&k, "told", "\"e1\""), 1));
}

Test(compact, what_was_seen_of_a_task_is_no_end_of_it)
{
	static const struct output output = { .out_bytes = 1 };
	struct event seen = { .kind = EV_SEEN, .task = 1, .about = ABOUT_SEEN,
	    .pattern = BYTES("y"), .count = 1, .wake = WAKE_NEVER,
	    .output = &output, .text = BYTES("y") };
	uint64_t turn;

	talk_a_while();
	talk_start(&k, &turn);
	talk_tick(&k, 30000000);
	answer(talk_turn(&k, FX_ASK), "it goes on", 0);
	cr_assert(talk_step(&k, &seen));
	talk_ended(&k, 1, "exited", "output");
	answer(compact(), "A summary.", 0);
	cr_expect(eq(sz, talk_rows(&k, "compacted", "Task t1 build has news"),
	    1));
	cr_expect(eq(sz, talk_rows(&k, "compacted", "Task t1 build has ended"),
	    1));
}

Test(compact, near_the_limit_it_begins_by_itself)
{
	set_context(1000);
	exchange("one", "1", 100);
	exchange("two", "2", 700);
	cr_expect(eq(u64, at_work(), 0));
	exchange("three", "3", 800);
	cr_expect(ne(u64, at_work(), 0));
	answer(at_work(), "Three numbers.", 700);
	cr_expect(eq(u64, at_work(), 0));
	exchange("four", "4", 300);
	cr_expect(eq(u64, at_work(), 0));
}

Test(compact, without_a_count_bytes_tell_how_long_it_is)
{
	char long_text[2000];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	set_context(1000);
	exchange("one", "1", 0);
	exchange("two", "2", 0);
	cr_expect(eq(u64, at_work(), 0));
	exchange(long_text, long_text, 0);
	cr_expect(ne(u64, at_work(), 0));
}

Test(compact, without_a_summary_nothing_changes_and_it_waits_for_more)
{
	int i;

	set_context(1000);
	exchange("one", "1", 0);
	exchange("two", "2", 900);
	cr_assert(ne(u64, at_work(), 0));
	answer(at_work(), " \n", 0);
	cr_expect(eq(sz, talk_rows(&k, "compacted", ""), 0));
	cr_expect(eq(sz, talk_rows(&k, "finished", "gave no summary"), 1));
	for (i = 0; i < 4; i++) {
		exchange("more", "m", 900);
		cr_expect(eq(u64, at_work(), 0), "after %d", i);
	}
	exchange("more", "m", 900);
	cr_expect(ne(u64, at_work(), 0));
	talk_failed(&k, at_work(), "the model is away");
	cr_expect(eq(u64, at_work(), 0));
	talk_say(&k, MODE_NOW, "still there?");
	cr_expect(eq(sz, talk_asks_with(&k, talk_turn(&k, FX_ASK), "two"), 1));
}

Test(compact, there_must_be_something_and_one_at_a_time)
{
	cr_expect(eq(u64, compact(), 0));
	exchange("one", "1", 0);
	cr_expect(eq(u64, compact(), 0));
	cr_expect(eq(int, k.out.refusal, REFUSAL_GONE));
	exchange("two", "2", 0);
	cr_expect(ne(u64, compact(), 0));
	cr_expect(eq(u64, compact(), 0));
	answer(at_work(), "Two numbers.", 0);
	cr_expect(eq(u64, compact(), 0));
}

Test(compact, a_refused_turn_is_shortened_and_goes_on)
{
	char long_text[4000];
	uint64_t turn;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	exchange("begin", long_text, 0);
	exchange(long_text, long_text, 0);
	talk_say(&k, MODE_NOW, "the end matters");
	turn = talk_turn(&k, FX_ASK);
	talk_forget(&k);
	cr_expect(refuse(turn));
	cr_expect(eq(u64, talk_turn(&k, FX_ASK), turn));
	cr_expect(eq(sz, talk_count(&k, FX_ASK), 1));
	cr_expect(talk_is_legal(&k, turn));
	cr_expect(eq(sz, talk_asks_with(&k, turn,
	    "the newest message of the user: the end matters"), 1));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "the first message: begin"),
	    1));
	cr_expect(eq(sz, talk_rows(&k, "compacted", "\"upto\":5"), 1));
	answer(turn, "so it ends", 0);
	cr_expect(eq(int, talk_outcome(&k, turn), OUTCOME_ANSWERED));
	talk_say(&k, MODE_NOW, "more");
	cr_expect(talk_is_legal(&k, talk_turn(&k, FX_ASK)));
	cr_expect(eq(sz, talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "so it ends"), 1));
}

Test(compact, what_a_refused_turn_did_is_told_to_it)
{
	uint64_t turn, task = talk_start(&k, &turn);
	char long_text[4000];

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	talk_ended(&k, task, "exited", long_text);
	cr_expect(refuse(turn));
	cr_expect(talk_is_legal(&k, turn));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "called build"), 1));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "build it"), 1));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "tool: xxxx"), 1));
}

Test(compact, a_refusal_that_nothing_can_shorten_fails_the_turn)
{
	talk_say(&k, MODE_NOW, "short");
	cr_expect(refuse(talk_turn(&k, FX_ASK)));
	cr_expect(eq(sz, talk_rows(&k, "finished", "prompt is too long"), 1));
	cr_expect(eq(sz, talk_rows(&k, "compacted", ""), 0));
}

Test(compact, a_turn_is_shortened_as_long_as_it_shrinks)
{
	char long_text[9000];
	uint64_t turn;
	int i;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	for (i = 0; i < 5; i++)
		exchange(long_text, long_text, 0);
	talk_say(&k, MODE_NOW, "the end");
	turn = talk_turn(&k, FX_ASK);
	for (i = 0; talk_outcome(&k, turn) == OUTCOME_NONE; i++)
		cr_assert(i < 10 && refuse(turn));
	cr_expect(i > 1);
	cr_expect(eq(int, talk_outcome(&k, turn), OUTCOME_FAILED));
	cr_expect(eq(sz, talk_rows(&k, "finished", "prompt is too long"), 1));
}

Test(compact, a_refused_summary_is_made_without_a_model)
{
	char long_text[4000];
	uint64_t turn;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	exchange("begin", long_text, 0);
	exchange("go on", long_text, 0);
	turn = compact();
	cr_expect(refuse(turn));
	cr_expect(eq(int, talk_outcome(&k, turn), OUTCOME_FAILED));
	talk_say(&k, MODE_NOW, "more");
	turn = talk_turn(&k, FX_ASK);
	cr_expect(talk_is_legal(&k, turn));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "the first message: begin"),
	    1));
	cr_expect(talk_asks_with(&k, turn, "x") < 4000);
}

Test(compact, what_a_server_takes_is_learned_and_kept)
{
	char long_text[4000];
	uint64_t turn;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	exchange("begin", long_text, 0);
	talk_say(&k, MODE_NOW, "more");
	turn = talk_turn(&k, FX_ASK);
	refuse(turn);
	cr_expect(eq(sz, talk_rows(&k, "compacted", "\"limit\":9"), 1));
	talk_replay(&k);
	answer(turn, "m", 0);
	exchange("one", "1", 600);
	cr_expect(eq(u64, at_work(), 0));
	exchange("two", "2", 800);
	cr_expect(ne(u64, at_work(), 0));
}

Test(compact, a_crash_asks_for_the_summary_again)
{
	uint64_t turn;

	talk_a_while();
	turn = compact();
	talk_text(&k, turn, "A su");
	talk_replay(&k);
	talk_forget(&k);
	talk_recover(&k);
	cr_expect(eq(u64, talk_turn(&k, FX_ASK), turn));
	answer(turn, "A summary.", 0);
	talk_replay(&k);
	talk_say(&k, MODE_NOW, "and now?");
	turn = talk_turn(&k, FX_ASK);
	cr_expect(eq(sz, talk_asks_with(&k, turn, "A summary."), 1));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "the first thing"), 0));
}

Test(compact, a_summary_is_summed_up_in_the_next_one)
{
	uint64_t turn;

	talk_a_while();
	answer(compact(), "The first summary.", 0);
	exchange("three", "3", 0);
	exchange("four", "4", 0);
	turn = compact();
	cr_expect(eq(sz, talk_asks_with(&k, turn, "The first summary."), 1));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "the first thing"), 0));
	answer(turn, "The second summary.", 0);
	talk_say(&k, MODE_NOW, "five");
	turn = talk_turn(&k, FX_ASK);
	cr_expect(eq(sz, talk_asks_with(&k, turn, "The first summary."), 0));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "The second summary."), 1));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "first 8 items"), 1));
}

Test(compact, old_items_are_shown_and_marked)
{
	struct item_facts f;
	size_t i;

	talk_a_while();
	answer(compact(), "A summary.", 0);
	exchange("three", "3", 0);
	for (i = 0; session_nth_item(k.s, i, &f); i++) {
		cr_expect(eq(int, f.compacted, i < 4), "item %zu", i);
		cr_expect(eq(int, f.head, i == 4), "item %zu", i);
	}
	cr_expect(eq(sz, i, 7));
}

Test(compact, a_rollback_keeps_what_is_compacted_and_tells_all_once)
{
	char long_text[4000];
	uint64_t turn, task;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	exchange(long_text, long_text, 0);
	talk_say(&k, MODE_NOW, "work");
	turn = talk_turn(&k, FX_ASK);
	task = talk_call(&k, turn, "build");
	talk_answered(&k, turn);
	talk_tick(&k, 30000000);	/* it is let go, and the turn asks on */
	cr_expect(refuse(turn));
	talk_say(&k, MODE_ROLLBACK, "never mind");
	cr_expect(eq(int, talk_outcome(&k, turn), OUTCOME_ROLLED_BACK));
	turn = talk_turn(&k, FX_ASK);
	cr_expect(talk_is_legal(&k, turn));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "Task t1 build"), 1));
	talk_ended(&k, task, "stopped", "");
	answer(turn, "well", 0);
	talk_tick(&k, 1000000);
	cr_expect(eq(sz, talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "<task-event id=\\\"t1"), 1));
}

Test(compact, a_side_question_is_shortened_like_others)
{
	char long_text[4000];
	uint64_t turn;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	exchange(long_text, long_text, 0);
	talk_say(&k, MODE_ASK, "how far?");
	turn = talk_turn(&k, FX_ASK);
	cr_expect(refuse(turn));
	cr_expect(talk_is_legal(&k, turn));
	cr_expect(eq(sz, talk_asks_with(&k, turn, "how far?"), 1));
	answer(turn, "far", 0);
	cr_expect(eq(sz, talk_keeps(&k, "how far?"), 0));
}

Test(compact, a_summary_that_comes_too_late_is_cut)
{
	char long_text[4000];
	uint64_t sums_up, turn;

	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	talk_a_while();
	exchange(long_text, long_text, 0);
	sums_up = compact();
	talk_say(&k, MODE_NOW, "more");
	turn = talk_turn(&k, FX_ASK);
	refuse(turn);
	cr_expect(eq(u64, at_work(), 0));
	cr_expect(eq(u64, talk_turn(&k, FX_CUT), sums_up));
	cr_expect(eq(int, talk_outcome(&k, turn), OUTCOME_NONE));
}
