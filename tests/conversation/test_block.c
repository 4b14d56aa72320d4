/* What a turn sees (C4, C6): its blocks, and notes of what others commit. */
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

TestSuite(block, .init = setup, .fini = teardown);

static uint64_t
say(enum mode mode, const char *text)
{
	talk_say(&k, mode, text);
	return talk_turn(&k, FX_ASK);
}

static void
answer(uint64_t turn, const char *text)
{
	talk_text(&k, turn, text);
	talk_answered(&k, turn);
}

/* The turn looks around once more: its next request has a note. */
static void
look(uint64_t turn, const char *call)
{
	talk_own(&k, turn, "task_list", call);
	talk_answered(&k, turn);
	talk_result(&k, turn, call, 0);
}

Test(block, a_note_tells_what_others_committed_once)
{
	uint64_t a = say(MODE_NOW, "one"), b = say(MODE_NOW, "two");

	answer(b, "answer two");
	look(a, "c1");
	cr_assert(talk_is_legal(&k, a));
	cr_assert_eq(talk_asks_with(&k, a, "user: two\\nassistant: answer two"),
	    1);
	look(a, "c2");
	cr_assert_eq(talk_asks_with(&k, a, "answer two"), 1);
}

Test(block, a_note_quotes_no_note)
{
	uint64_t a = say(MODE_NOW, "one"), b = say(MODE_NOW, "two"),
	    c = say(MODE_NOW, "three");

	answer(c, "answer three");
	look(b, "c1");
	answer(b, "answer two");
	look(a, "c2");
	cr_assert_eq(talk_asks_with(&k, a, "answer three"), 1);
	cr_assert_eq(talk_asks_with(&k, a, "Meanwhile"), 1);
}

Test(block, a_note_is_bounded_and_counts_what_it_leaves_out)
{
	char text[4001] = "", *request;
	uint64_t a = say(MODE_NOW, "one"), b;
	int i;

	memset(text, 'x', sizeof(text) - 1);
	for (i = 0; i < 50; i++) {
		b = say(MODE_NOW, text);
		answer(b, text);
	}
	look(a, "c1");
	request = talk_request(&k, a);
	cr_assert_lt(strlen(request), 20000);
	free(request);
	cr_assert_eq(talk_asks_with(&k, a, "(and 92 more)"), 1);
	cr_assert(talk_is_legal(&k, a));
}

Test(block, a_turn_beside_others_is_told_of_them_and_of_tasks)
{
	uint64_t a, b, c;
	int i;

	talk_start(&k, &a);
	b = say(MODE_NOW, "two");
	for (i = 0; i < 60; i++)
		talk_call(&k, b, "probe");
	talk_answered(&k, b);
	a = say(MODE_NOW, "three");
	c = say(MODE_NOW, "four");
	cr_assert_eq(talk_asks_with(&k, c, "Turn u3 is at work"), 1);
	cr_assert_eq(talk_asks_with(&k, c, "Task t"), 50);
	cr_assert_eq(talk_asks_with(&k, c, "And 11 tasks more"), 1);
	cr_assert(talk_is_legal(&k, c));
	answer(a, "x");
}
