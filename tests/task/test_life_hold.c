/* Suspend, resume, and the limits that stand still meanwhile. */
#include <signal.h>

#include "play_life.h"
#include "text.h"

static const struct life_rules limited = {
	.start = 30 * SEC, .timeout = 60 * SEC, .idle = 20 * SEC,
	.grace = 10 * SEC
};
static const struct life_rules timed = {
	.timeout = 60 * SEC, .grace = 10 * SEC
};
static const struct life_rules lingering = {
	.timeout = 60 * SEC, .grace = 10 * SEC, .linger = true
};

Test(life_hold, suspended_is_said_only_when_it_is_confirmed)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_SUSPEND, .by = BYTES("ann"));
	LEFT(&p, "state freeze");
	IN(&p, "running");
	cr_assert(p.l.suspending);
	MUST(&p, LIFE_EV_SUSPENDED, .complete = true);
	LEFT(&p, "state");
	IN(&p, "suspended");
	cr_assert_not(p.l.suspending);
	cr_assert_str_eq(p.l.by, "ann");
	cr_assert_str_eq(p.l.why, "");
}

Test(life_hold, a_partial_suspension_says_so_until_it_is_whole_or_over)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_SUSPEND);
	MUST(&p, LIFE_EV_SUSPENDED);
	cr_assert_str_eq(p.l.why, "partial: what left the group may still run");
	MUST(&p, LIFE_EV_SUSPEND);	/* asked again, tried again */
	LEFT(&p, "state freeze");
	IN(&p, "suspended");
	MUST(&p, LIFE_EV_SUSPENDED, .complete = true);
	LEFT(&p, "state");
	cr_assert_str_eq(p.l.why, "");

	p = play_in(LIFE_RUNNING, &play_plain);
	MUST(&p, LIFE_EV_SUSPEND);
	MUST(&p, LIFE_EV_SUSPENDED);
	MUST(&p, LIFE_EV_RESUME);
	cr_assert_str_eq(p.l.why, "");
	cr_assert_not(p.l.partial);
}

Test(life_hold, suspend_and_resume_are_idempotent)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_RESUME);
	LEFT(&p, "");
	MUST(&p, LIFE_EV_SUSPEND);
	MUST(&p, LIFE_EV_SUSPEND);
	LEFT(&p, "");
	MUST(&p, LIFE_EV_SUSPENDED, .complete = true);
	MUST(&p, LIFE_EV_SUSPENDED, .complete = true);
	LEFT(&p, "");
	MUST(&p, LIFE_EV_SUSPEND);
	LEFT(&p, "");
	MUST(&p, LIFE_EV_RESUME);
	LEFT(&p, "state thaw");
	IN(&p, "running");
	MUST(&p, LIFE_EV_RESUME);
	LEFT(&p, "");
}

Test(life_hold, a_suspend_before_there_is_a_group_is_done_when_it_stands)
{
	struct play	p = play_in(LIFE_QUEUED, &play_plain);

	MUST(&p, LIFE_EV_SUSPEND, .by = BYTES("ann"));
	LEFT(&p, "state");
	MUST(&p, LIFE_EV_PLACE);
	IN(&p, "starting");
	MUST(&p, LIFE_EV_SUSPEND, .by = BYTES("ann"));
	LEFT(&p, "");
	MUST(&p, LIFE_EV_SUSPEND, .by = BYTES("bob"));
	LEFT(&p, "state");
	cr_assert_str_eq(p.l.by, "bob");
	MUST(&p, LIFE_EV_RUNNING);
	LEFT(&p, "state freeze");
	MUST(&p, LIFE_EV_SUSPENDED, .complete = true);
	IN(&p, "suspended");

	p = play_in(LIFE_STARTING, &play_plain);
	MUST(&p, LIFE_EV_SUSPEND);
	MUST(&p, LIFE_EV_RESUME);
	LEFT(&p, "state");
	MUST(&p, LIFE_EV_RUNNING);
	LEFT(&p, "state");
}

Test(life_hold, a_resume_calls_off_a_suspension_under_way)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_SUSPEND);
	MUST(&p, LIFE_EV_RESUME);
	LEFT(&p, "state thaw");
	IN(&p, "running");
	MUST(&p, LIFE_EV_SUSPENDED, .complete = true);	/* they crossed */
	LEFT(&p, "thaw");
	IN(&p, "running");
}

Test(life_hold, a_stop_calls_off_a_suspension_under_way)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_SUSPEND);
	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	LEFT(&p, "state term thaw alarm");
	cr_assert_not(p.l.suspending);
	MUST(&p, LIFE_EV_SUSPENDED, .complete = true);
	LEFT(&p, "thaw");
	IN(&p, "stopping");
}

Test(life_hold, what_is_being_stopped_is_neither_suspended_nor_resumed)
{
	struct play	p = play_in(LIFE_STOPPING, &play_plain);

	MUST_NOT(&p, LIFE_EV_SUSPEND);
	MUST_NOT(&p, LIFE_EV_RESUME);
}

Test(life_hold, a_stop_from_outside_is_shown_and_can_be_undone_from_either_side)
{
	struct play	p = play_in(LIFE_RUNNING, &timed);

	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	LEFT(&p, "state alarm");
	IN(&p, "suspended");
	cr_assert_str_eq(p.l.why, "stopped from outside");
	MUST(&p, LIFE_EV_CONTINUED_OUTSIDE);
	LEFT(&p, "state thaw alarm");
	IN(&p, "running");
	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	MUST(&p, LIFE_EV_RESUME, .by = BYTES("ann"));
	LEFT(&p, "state thaw alarm");
	IN(&p, "running");
}

Test(life_hold, our_suspend_makes_a_stop_from_outside_whole)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	MUST(&p, LIFE_EV_SUSPEND, .by = BYTES("ann"));
	LEFT(&p, "state freeze");
	MUST(&p, LIFE_EV_SUSPENDED, .complete = true);
	IN(&p, "suspended");
	cr_assert_str_eq(p.l.by, "ann");
	cr_assert_str_eq(p.l.why, "");
}

Test(life_hold, a_worker_stopped_from_outside_while_it_starts_stands_suspended)
{
	struct play	p = play_in(LIFE_STARTING, &limited);

	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	cr_assert_eq(p.l.alarm, 0, "the start limit stands still");
	MUST(&p, LIFE_EV_RUNNING);	/* said before it was stopped */
	IN(&p, "suspended");
	MUST(&p, LIFE_EV_CONTINUED_OUTSIDE);
	IN(&p, "running");
}

Test(life_hold, a_kill_lets_go_of_a_worker_that_others_stopped)
{
	struct play	p = play_in(LIFE_STOPPING, &play_plain);

	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	LEFT(&p, "");
	play_ring(&p);
	LEFT(&p, "kill thaw alarm");
}

/* Limits (T5). */

Test(life_hold, the_time_limit_ends_it_as_timed_out)
{
	struct play	p = play_in(LIFE_RUNNING, &timed);
	uint64_t	from = p.now;

	play_ring(&p);
	cr_assert_eq(p.now - from, 60 * SEC);
	LEFT(&p, "state term alarm");
	MUST(&p, LIFE_EV_EXITED, .code = 0);
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "timed-out");
	cr_assert_eq(p.l.code, 0);
	cr_assert_str_eq(p.l.by, "");
	cr_assert_str_eq(p.l.why, "time limit of 60 s");
}

Test(life_hold, at_its_limit_too_a_tool_gets_grace_and_then_a_kill)
{
	struct play	p = play_in(LIFE_RUNNING, &timed);

	play_ring(&p);
	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));	/* comes second */
	play_ring(&p);
	LEFT(&p, "kill alarm");
	MUST(&p, LIFE_EV_GONE, .signal = SIGKILL);
	ENDS(&p, "timed-out");
	cr_assert_str_eq(p.l.why, "time limit of 60 s; "
	    "killed 10 s after it was asked to stop");
}

Test(life_hold, whoever_says_something_is_not_idle)
{
	struct play	p = play_in(LIFE_RUNNING, &limited);
	uint64_t	heard = p.now;
	int		i;

	for (i = 0; i < 2; i++) {
		p.now += 19 * SEC;
		heard = p.now;
		MUST(&p, LIFE_EV_GREW);
		LEFT(&p, "alarm");
	}
	play_ring(&p);
	cr_assert_eq(p.now - heard, 20 * SEC);
	LEFT(&p, "state term alarm");
	MUST(&p, LIFE_EV_GONE, .clean = true, .signal = SIGTERM);
	ENDS(&p, "timed-out");
	cr_assert_str_eq(p.l.why, "silent for 20 s");
}

Test(life_hold, no_talking_moves_the_time_limit)
{
	struct play	p = play_in(LIFE_RUNNING, &limited);
	uint64_t	from = p.now;

	while (p.now - from < 55 * SEC) {
		p.now += 5 * SEC;
		MUST(&p, LIFE_EV_GREW);
	}
	play_ring(&p);
	cr_assert_eq(p.now - from, 60 * SEC);
	IN(&p, "stopping");
	cr_assert_str_eq(p.l.why, "time limit of 60 s");
}

Test(life_hold, limits_stand_still_from_the_suspend_to_the_resume)
{
	struct play	p = play_in(LIFE_RUNNING, &limited);

	p.now += 15 * SEC;
	MUST(&p, LIFE_EV_SUSPEND);
	cr_assert_eq(p.l.alarm, 0, "not while it is swept either");
	p.now += SEC;
	MUST(&p, LIFE_EV_SUSPENDED, .complete = true);
	p.now += 86400 * SEC;
	MUST(&p, LIFE_EV_TICK);
	IN(&p, "suspended");
	MUST(&p, LIFE_EV_RESUME);
	cr_assert_eq(p.l.alarm, p.now + 5 * SEC);	/* idle: 15 of 20 s */
	cr_assert_eq(life_ran(&p.l, p.now), 15 * SEC);
	MUST(&p, LIFE_EV_GREW);
	cr_assert_eq(p.l.alarm, p.now + 20 * SEC);
	p.now += 10 * SEC;
	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	p.now += 86400 * SEC;
	MUST(&p, LIFE_EV_CONTINUED_OUTSIDE);
	cr_assert_eq(p.l.alarm, p.now + 10 * SEC);
}

Test(life_hold, grace_does_not_stand_still)
{
	struct play	p = play_in(LIFE_STOPPING, &limited);
	uint64_t	at = p.l.alarm;

	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	cr_assert_eq(p.l.alarm, at);
}

Test(life_hold, a_start_that_takes_too_long_is_killed_as_timed_out)
{
	struct play	p = play_in(LIFE_STARTING, &limited);

	play_ring(&p);
	LEFT(&p, "state kill alarm");
	MUST(&p, LIFE_EV_GONE, .signal = SIGKILL);
	ENDS(&p, "timed-out");
	cr_assert_str_eq(p.l.why, "not started within 30 s");
}

Test(life_hold, the_time_of_the_start_counts_for_no_other_limit)
{
	struct play	p = play_in(LIFE_STARTING, &limited);

	p.now += 29 * SEC;
	MUST(&p, LIFE_EV_RUNNING);
	cr_assert_eq(p.l.alarm, p.now + 20 * SEC);
}

/* After 30 s all deadlines are over, and what was said meanwhile counts. */
Test(life_hold, a_supervisor_that_slept_listens_before_it_judges)
{
	struct play	p = play_in(LIFE_RUNNING, &limited);

	p.now += 50 * SEC;
	MUST(&p, LIFE_EV_TICK);
	LEFT(&p, "alarm");
	IN(&p, "running");
	cr_assert_eq(p.l.alarm, p.now + LIFE_CATCH_UP_US);
	MUST(&p, LIFE_EV_GREW);
	cr_assert_eq(p.l.alarm, p.l.started + 60 * SEC);

	p = play_in(LIFE_STOPPING, &limited);
	p.now += 30 * SEC;
	MUST(&p, LIFE_EV_TICK);
	LEFT(&p, "alarm");
	MUST(&p, LIFE_EV_EXITED, .code = 0);
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "stopped");
	cr_assert_str_eq(p.l.why, "");
}

Test(life_hold, a_supervisor_that_slept_catches_up)
{
	struct play	p = play_in(LIFE_RUNNING, &limited);

	p.now += 90 * SEC;
	MUST(&p, LIFE_EV_TICK);
	play_ring(&p);
	LEFT(&p, "state term alarm");
	p.now += 90 * SEC;
	MUST(&p, LIFE_EV_TICK);
	LEFT(&p, "alarm");
	play_ring(&p);
	LEFT(&p, "kill alarm");
}

/* The same life a day earlier or later: only differences of time count. */
Test(life_hold, no_limit_knows_what_time_it_is)
{
	uint64_t	start;

	for (start = 1; start < 3 * 86400 * SEC; start += 86400 * SEC) {
		struct play	p = play_new(&limited);

		p.now = start;
		MUST(&p, LIFE_EV_PLACE);
		MUST(&p, LIFE_EV_RUNNING);
		play_ring(&p);
		cr_assert_eq(p.now - start, 20 * SEC);
		play_ring(&p);
		LEFT(&p, "kill alarm");
		cr_assert_eq(p.now - start, 30 * SEC);
	}
}

/* No grace: the alarm of the limit and that of the kill are one instant. */
Test(life_hold, an_alarm_rings_once_and_is_set_again_for_the_same_instant)
{
	static const struct life_rules	rules = { .timeout = 60 * SEC };
	struct play			p = play_in(LIFE_RUNNING, &rules);

	play_ring(&p);
	LEFT(&p, "state term alarm");
	cr_assert_eq(p.l.alarm, p.now);
	play_ring(&p);
	LEFT(&p, "kill alarm");
}

/* What a tool leaves behind (T12). */

Test(life_hold, what_a_tool_leaves_behind_is_stopped_and_named)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_EXITED, .code = 0, .alive = 2,
	    .names = BYTES("sleep httpd"));
	LEFT(&p, "state term alarm");
	IN(&p, "stopping");
	play_ring(&p);
	LEFT(&p, "kill alarm");
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "exited");
	cr_assert_eq(p.l.code, 0);
	cr_assert_eq(p.l.alive, 2);
	cr_assert_str_eq(p.l.names, "sleep httpd");
	cr_assert_str_eq(p.l.why, "its tool ended, 2 more ran: sleep httpd; "
	    "killed 10 s after it was asked to stop");
}

Test(life_hold, a_stop_during_that_only_hastens_it)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_EXITED, .code = 4, .alive = 1, .names = BYTES("a"));
	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"), .grace = SEC);
	LEFT(&p, "alarm");
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "exited");
	cr_assert_eq(p.l.code, 4);
	cr_assert_str_eq(p.l.by, "");
}

Test(life_hold, with_linger_it_goes_on_until_the_last_has_ended)
{
	struct play	p = play_in(LIFE_RUNNING, &lingering);

	MUST(&p, LIFE_EV_EXITED, .alive = 1, .names = BYTES("httpd"));
	LEFT(&p, "state");
	IN(&p, "running");
	cr_assert(p.l.exited);
	p.now += 30 * SEC;
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "exited");
	cr_assert_str_eq(p.l.why, "its tool ended, 1 more ran: httpd");
}

Test(life_hold, what_lingers_and_is_cut_is_no_success)
{
	struct play	p = play_in(LIFE_RUNNING, &lingering);

	MUST(&p, LIFE_EV_EXITED, .alive = 1, .names = BYTES("httpd"));
	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "stopped");
	cr_assert_eq(p.l.code, 0);

	p = play_in(LIFE_RUNNING, &lingering);
	MUST(&p, LIFE_EV_EXITED, .alive = 1, .names = BYTES("httpd"));
	play_ring(&p);
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "timed-out");
}

Test(life_hold, what_is_suspended_is_left_alone_until_it_is_resumed)
{
	struct play	p = play_in(LIFE_SUSPENDED, &play_plain);

	MUST(&p, LIFE_EV_EXITED, .alive = 1, .names = BYTES("sleep"));
	LEFT(&p, "");
	IN(&p, "suspended");
	MUST(&p, LIFE_EV_RESUME);
	LEFT(&p, "state term thaw alarm");
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "exited");
}

Test(life_hold, a_tool_that_ended_with_nobody_left_is_not_held)
{
	struct play	p = play_in(LIFE_SUSPENDED, &play_plain);

	MUST(&p, LIFE_EV_EXITED, .code = 0);
	LEFT(&p, "state thaw alarm");
	IN(&p, "running");
	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	IN(&p, "running");
	play_ring(&p);
	LEFT(&p, "state kill thaw alarm");
}

Test(life_hold, a_worker_that_others_stopped_while_it_drains_is_let_go)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_EXITED, .code = 0);
	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	MUST(&p, LIFE_EV_RESUME);
	LEFT(&p, "state thaw");
	MUST(&p, LIFE_EV_STOPPED_OUTSIDE);
	MUST(&p, LIFE_EV_STOP);
	LEFT(&p, "state term thaw alarm");
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "exited");
}

Test(life_hold, a_tool_ends_only_once)
{
	struct play	p = play_in(LIFE_RUNNING, &lingering);

	MUST(&p, LIFE_EV_EXITED, .code = 5, .alive = 1);
	MUST_NOT(&p, LIFE_EV_EXITED, .code = 0);
	cr_assert_eq(p.l.code, 5);
}

/* Texts come from workers and people: long, cut, hostile. */
Test(life_hold, long_words_are_cut_between_characters)
{
	static char	letters[4096];
	struct play	p = play_in(LIFE_STARTING, &play_plain);
	size_t		i, len;

	for (i = 0; i < sizeof(letters); i += 2)
		memcpy(letters + i, "\xc3\xa4", 2);
	MUST(&p, LIFE_EV_REFUSED, .step = BYTES("x"),
	    .why = { letters, sizeof(letters) });
	MUST(&p, LIFE_EV_GONE, .why = { letters, sizeof(letters) });
	len = strlen(p.l.why);
	cr_assert_lt(len, sizeof(p.l.why));
	cr_assert_gt(len, sizeof(p.l.why) - 4);
	cr_assert(text_is_valid(bytes_of(p.l.why)));
}
