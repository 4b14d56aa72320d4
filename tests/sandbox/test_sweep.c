/*
 * The supervisor, the worker, the init or keeper and the tool are killed at
 * every system call of a task's life.
 */
#include "sweep.h"

TestSuite(sweep, .timeout = 600);

#define SWEEP(at, a_way, other, ...) do {				\
	struct sweep p = { .plan = { .way = a_way }, .with_other = other }; \
	const char *const pairs[] = { __VA_ARGS__ };			\
	sweep_pairs(at, p, pairs, sizeof(pairs) / sizeof(*pairs));	\
} while (0)

RIG_TEST(sweep, who_dies_at_its_own_call_leaves_nothing)
{
	SWEEP(at, TRACER_RACE, false, "SS", "WW", "HH", "II", "TT");
}

RIG_TEST(sweep, who_dies_while_another_stands_at_a_call_leaves_nothing)
{
	SWEEP(at, TRACER_HOLD, false, "WS", "WI", "HS", "HW", "IS", "IW",
	    "TS", "TW", "TI");
}

RIG_TEST(sweep, who_dies_while_another_makes_a_call_leaves_nothing)
{
	SWEEP(at, TRACER_RACE, false, "WS", "WI", "HS", "HW", "IS", "IW",
	    "TS", "TW", "TI");
}

RIG_TEST(sweep, a_stopped_worker_does_not_outlive_the_supervisor)
{
	SWEEP(at, TRACER_STOP, false, "WS");
}

RIG_TEST(sweep, a_stopped_group_does_not_outlive_the_supervisor)
{
#ifdef __SANITIZE_ADDRESS__
	cr_skip_test("the search for leaks is a process that nobody arms");
#endif
	SWEEP(at, TRACER_STOP_GROUP, false, "WS");
}

RIG_TEST(sweep, one_that_starts_keeps_no_other_alive)
{
	SWEEP(at, TRACER_HOLD, true, "SS", "WS", "WW");
}
