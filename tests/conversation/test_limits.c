/* Where there is little room: few requests, few places, a small context. */
#include <criterion/criterion.h>
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

TestSuite(limits, .init = setup, .fini = teardown);

static void
set_asks(unsigned most)
{
	k.limits.max_asks = most;
	session_limit(k.s, &k.limits);
}

/* The one that steers has it end, and the one below it is held as well. */
Test(limits, a_message_that_steers_waits_for_no_tool_of_the_next_turn)
{
	uint64_t a, b, m, t = 0;

	set_asks(1);
	talk_say(&k, MODE_NOW, "first");
	a = talk_turn(&k, FX_ASK);
	talk_say(&k, MODE_NOW, "second");
	b = talk_turn(&k, FX_ASK);
	talk_call(&k, b, "bench");
	talk_answered(&k, b);
	talk_call(&k, a, "build");
	talk_answered(&k, a);
	m = talk_say(&k, MODE_STEER, "faster");
	cr_expect_eq(talk_outcome(&k, b), OUTCOME_FAILED);
	cr_expect_eq(talk_outcome(&k, a), OUTCOME_FAILED);
	cr_expect_str_eq(talk_message(&k, m, &t), "delivered");
	cr_expect(t > b);
	cr_expect(talk_is_legal(&k, t));
}
