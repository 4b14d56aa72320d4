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
