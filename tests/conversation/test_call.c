/* Calls and their results (C5, C9), and what a broken stream leaves (C8). */
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

TestSuite(call, .init = setup, .fini = teardown);

static uint64_t
say(enum mode mode, const char *text)
{
	talk_say(&k, mode, text);
	return talk_turn(&k, FX_ASK);
}


static bool
call(uint64_t turn, const char *id, enum call_kind kind,
    enum background background)
{
	struct event ev = { .kind = EV_CALL, .turn = turn, .call_kind = kind,
	    .background = background };

	if (kind == CALL_KIND_TASK)
		ev.task = ++k.numbers['t'];
	ev.call = bytes_of(id);
	ev.tool = bytes_of(kind == CALL_KIND_UNKNOWN ? "frobnicate" : "build");
	ev.args = bytes_of("{}");
	ev.text = bytes_of("{\"state\":\"refused\"}");
	return talk_step(&k, &ev);
}

static size_t
nth_result(uint64_t turn, const char *id)
{
	char *request = talk_request(&k, turn), what[64];
	const char *at;
	size_t where;

	snprintf(what, sizeof(what), "\"tool_call_id\":\"%s\"", id);
	at = strstr(request, what);
	where = at == NULL ? 0 : (size_t)(at - request);
	free(request);
	return where;
}

Test(call, results_stand_in_the_order_of_the_calls_not_of_the_ends)
{
	uint64_t t = say(MODE_NOW, "go");

	call(t, "a", CALL_KIND_TASK, BACKGROUND_AUTO);
	call(t, "b", CALL_KIND_BAD, BACKGROUND_AUTO);
	call(t, "c", CALL_KIND_OWN, BACKGROUND_AUTO);
	call(t, "d", CALL_KIND_TASK, BACKGROUND_AUTO);
	talk_answered(&k, t);
	talk_ended(&k, 2, "exited", "second");
	talk_result(&k, t, "c", 0);
	talk_forget(&k);
	talk_ended(&k, 1, "exited", "first");
	cr_assert_eq(talk_turn(&k, FX_ASK), t);
	cr_assert(talk_is_legal(&k, t));
	cr_assert_lt(nth_result(t, "a"), nth_result(t, "b"));
	cr_assert_lt(nth_result(t, "b"), nth_result(t, "c"));
	cr_assert_lt(nth_result(t, "c"), nth_result(t, "d"));
	cr_assert_eq(talk_rows(&k, "result", ""), 4);
}

Test(call, background_yes_is_let_go_at_once)
{
	uint64_t t = say(MODE_NOW, "go");

	call(t, "a", CALL_KIND_TASK, BACKGROUND_YES);
	talk_forget(&k);
	talk_answered(&k, t);
	cr_assert_eq(talk_turn(&k, FX_ASK), t);
	cr_assert_eq(talk_count(&k, FX_RUN), 1);
	cr_assert_eq(talk_asks_with(&k, t, "runs in the background"), 1);
	cr_assert(talk_is_legal(&k, t));
}

Test(call, background_no_holds_until_it_ends_or_somebody_speaks)
{
	uint64_t t = say(MODE_NOW, "go"), b;

	call(t, "a", CALL_KIND_TASK, BACKGROUND_NO);
	talk_answered(&k, t);
	cr_assert_eq(session_deadline(k.s), UINT64_MAX);
	talk_forget(&k);
	talk_tick(&k, 3600000000);
	cr_assert_eq(talk_count(&k, FX_ASK), 0);
	b = say(MODE_NOW, "well?");
	cr_assert_eq(talk_outcome(&k, t), OUTCOME_DETACHED);
	cr_assert(talk_is_legal(&k, b));
}

Test(call, background_auto_is_let_go_beside_one_that_holds_on)
{
	uint64_t t = say(MODE_NOW, "go");

	call(t, "a", CALL_KIND_TASK, BACKGROUND_AUTO);
	call(t, "b", CALL_KIND_TASK, BACKGROUND_NO);
	talk_answered(&k, t);
	talk_forget(&k);
	talk_tick(&k, 20000000);
	cr_assert_eq(talk_rows(&k, "result", "detached"), 1);
	cr_assert_eq(session_deadline(k.s), UINT64_MAX, "no busy loop");
	cr_assert_eq(talk_count(&k, FX_ASK), 0);
	talk_ended(&k, 2, "exited", "x");
	cr_assert_eq(talk_count(&k, FX_ASK), 1);
}

Test(call, a_placeholder_says_how_it_stands)
{
	struct output o = { 18233, 7, BYTES("[ 42%] Linking") };
	struct event ev = { .kind = EV_OUTPUT, .output = &o };
	uint64_t t, b;

	ev.task = talk_start(&k, &t);
	cr_assert(talk_step(&k, &ev));
	b = say(MODE_NOW, "how far?");
	cr_assert_eq(talk_asks_with(&k, b, "{\\\"task\\\":\\\"t1\\\","
	    "\\\"tool\\\":\\\"build\\\",\\\"state\\\":\\\"running\\\","
	    "\\\"out_bytes\\\":18233,\\\"err_bytes\\\":7,"
	    "\\\"tail\\\":\\\"[ 42%] Linking\\\","
	    "\\\"because\\\":\\\"a new message came\\\""), 1);
	talk_ended(&k, ev.task, "exited", "");
	cr_assert_not(talk_step(&k, &ev));
}

Test(call, detach_is_a_verb_for_whoever_cannot_wait)
{
	uint64_t t, task = talk_start(&k, &t);

	talk_forget(&k);
	cr_assert(talk_step_alone(&k, EV_DETACH));
	cr_assert_eq(talk_turn(&k, FX_ASK), t);
	cr_assert_not(talk_step_alone(&k, EV_DETACH));
	cr_assert_eq(k.out.refusal, REFUSAL_GONE);
	cr_assert_str_eq(session_task(k.s, task)->end, "");
}

Test(call, a_failed_stream_keeps_what_was_shown_and_cancels_its_calls)
{
	uint64_t t = say(MODE_NOW, "go"), b;
	struct turn_facts f;

	talk_text(&k, t, "let me see");
	call(t, "a", CALL_KIND_TASK, BACKGROUND_AUTO);
	call(t, "b", CALL_KIND_OWN, BACKGROUND_AUTO);
	talk_failed(&k, t, "connection reset");
	cr_assert_eq(talk_count(&k, FX_RUN) + talk_count(&k, FX_OWN), 0);
	session_turn(k.s, t, &f);
	cr_assert_eq(f.outcome, OUTCOME_FAILED);
	cr_assert_str_eq(f.why, "connection reset");
	cr_assert_eq(talk_keeps(&k, "let me see\\n(cut: the model's"), 1);
	cr_assert_eq(talk_rows(&k, "result", "cancelled"), 2);
	b = say(MODE_NOW, "again");
	cr_assert(talk_is_legal(&k, b));
}

Test(call, a_failure_that_showed_nothing_is_a_valid_transcript)
{
	uint64_t b;

	talk_failed(&k, say(MODE_NOW, "go"), "no key");
	b = say(MODE_NOW, "again");
	cr_assert(talk_is_legal(&k, b));
	cr_assert_eq(talk_asks_with(&k, b, "(no answer: the model"), 1);
}

Test(call, an_interrupted_stream_runs_nothing_of_its_complete_calls)
{
	uint64_t t = say(MODE_NOW, "go"), b;

	call(t, "a", CALL_KIND_TASK, BACKGROUND_AUTO);
	call(t, "x", CALL_KIND_UNKNOWN, BACKGROUND_AUTO);
	b = say(MODE_INTERRUPT, "no!");
	cr_assert_eq(talk_count(&k, FX_RUN), 0);
	cr_assert_eq(talk_asks_with(&k, b, "This call was not run."), 1);
	cr_assert_eq(talk_asks_with(&k, b, "frobnicate"), 0);
	cr_assert(talk_is_legal(&k, b));
	cr_assert_not(call(t, "late", CALL_KIND_TASK, BACKGROUND_AUTO));
	cr_assert_not(talk_answered(&k, t));
}

Test(call, a_tool_that_nobody_has_is_told_in_words)
{
	uint64_t t = say(MODE_NOW, "go");

	call(t, "x", CALL_KIND_UNKNOWN, BACKGROUND_AUTO);
	talk_forget(&k);
	talk_answered(&k, t);
	cr_assert_eq(talk_turn(&k, FX_ASK), t);
	cr_assert_eq(talk_asks_with(&k, t, "no tool named frobnicate;"), 1);
	cr_assert_eq(talk_asks_with(&k, t, "tool_calls"), 0);
	cr_assert(talk_is_legal(&k, t));
	call(t, "y", CALL_KIND_UNKNOWN, BACKGROUND_AUTO);
	call(t, "z", CALL_KIND_BAD, BACKGROUND_AUTO);
	talk_answered(&k, t);
	cr_assert_eq(talk_asks_with(&k, t, "no tool named frobnicate;"), 2);
	cr_assert_eq(talk_asks_with(&k, t, "tool_call_id"), 1);
	cr_assert(talk_is_legal(&k, t));
}

Test(call, a_side_question_is_told_so_too)
{
	uint64_t t = say(MODE_ASK, "go");

	call(t, "x", CALL_KIND_UNKNOWN, BACKGROUND_AUTO);
	talk_answered(&k, t);
	cr_assert_eq(talk_asks_with(&k, t, "no tool named frobnicate;"), 1);
	cr_assert(talk_is_legal(&k, t));
}

Test(call, a_turn_asks_only_so_often)
{
	uint64_t t = say(MODE_NOW, "go");
	struct turn_facts f;
	int i;

	for (i = 0; i < 50; i++) {
		call(t, "a", CALL_KIND_BAD, BACKGROUND_AUTO);
		talk_answered(&k, t);
	}
	session_turn(k.s, t, &f);
	cr_assert_eq(f.outcome, OUTCOME_FAILED);
	cr_assert_eq(talk_count(&k, FX_ASK), 50);
	cr_assert(talk_is_legal(&k, say(MODE_NOW, "again")));
}

Test(call, an_id_that_another_turn_used_is_made_anew)
{
	uint64_t a = say(MODE_NOW, "one"), b = say(MODE_NOW, "two"), c;

	call(a, "call_0", CALL_KIND_BAD, BACKGROUND_AUTO);
	call(b, "call_0", CALL_KIND_BAD, BACKGROUND_AUTO);
	talk_answered(&k, b);
	talk_answered(&k, a);
	call(a, "call_0", CALL_KIND_BAD, BACKGROUND_AUTO);
	talk_answered(&k, a);
	talk_answered(&k, b);
	talk_answered(&k, a);
	c = say(MODE_NOW, "three");
	cr_assert(talk_is_legal(&k, c));
	cr_assert_eq(talk_asks_with(&k, c, "\"tool_call_id\""), 3);
	cr_assert_eq(talk_asks_with(&k, c, "_id\":\"call_0\""), 1);
}

Test(call, two_calls_of_one_id_each_have_their_result)
{
	uint64_t t = say(MODE_NOW, "go");

	call(t, "same", CALL_KIND_TASK, BACKGROUND_AUTO);
	call(t, "same", CALL_KIND_TASK, BACKGROUND_AUTO);
	call(t, "", CALL_KIND_TASK, BACKGROUND_AUTO);
	talk_answered(&k, t);
	talk_tick(&k, 20000000);
	cr_assert_eq(talk_rows(&k, "result", "detached"), 3);
	cr_assert(talk_is_legal(&k, t));
	cr_assert_eq(session_deadline(k.s), UINT64_MAX, "no busy loop");
}

Test(call, a_result_that_comes_too_late_changes_nothing)
{
	uint64_t t = say(MODE_NOW, "go");

	call(t, "a", CALL_KIND_OWN, BACKGROUND_AUTO);
	talk_answered(&k, t);
	talk_step_alone(&k, EV_INTERRUPT);
	cr_assert_not(talk_result(&k, t, "a", 0));
	cr_assert_not(talk_hold(&k, t, "a", 1, 1));
	cr_assert_eq(k.out.refusal, REFUSAL_GONE);
	cr_assert_eq(talk_rows(&k, "result", ""), 1);
}

/* A turn and a side question alike: what was asked last is always input. */
Test(call, a_side_question_hears_of_an_unknown_tool_too)
{
	static const enum mode modes[] = { MODE_NOW, MODE_ASK };
	uint64_t t;
	size_t i;

	for (i = 0; i < 2; i++) {
		t = say(modes[i], "go");
		call(t, "a", CALL_KIND_UNKNOWN, BACKGROUND_AUTO);
		talk_forget(&k);
		talk_answered(&k, t);
		cr_assert_eq(talk_turn(&k, FX_ASK), t);
		cr_assert(talk_is_legal(&k, t));
		/* The side question sees the turn's, too. */
		cr_assert_eq(talk_asks_with(&k, t, "There is no tool named"),
		    i + 1);
		cr_assert_eq(talk_asks_with(&k, t, "tool_calls"), 0);
		talk_answered(&k, t);
	}
}
