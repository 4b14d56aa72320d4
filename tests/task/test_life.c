#include <signal.h>

#include "play_life.h"

static const struct life_rules limited = {
	.start = 30 * SEC, .timeout = 60 * SEC, .idle = 20 * SEC,
	.grace = 10 * SEC
};

/* PLACE RUNNING REFUSED EXITED GONE STOP SUSPEND SUSPENDED RESUME
 * STOPPED_OUTSIDE CONTINUED_OUTSIDE GREW TICK LOST */
static const bool legal[LIFE_NSTATES][LIFE_NEVENTS] = {
[LIFE_QUEUED]	 = { 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 1 },
[LIFE_STARTING]	 = { 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1 },
[LIFE_RUNNING]	 = { 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
[LIFE_SUSPENDED] = { 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 },
[LIFE_STOPPING]	 = { 0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1 },
[LIFE_ENDED]	 = { 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 },
};

static void
check_pair(enum life_state state, enum life_event_type type)
{
	struct play	p = play_in(state, &limited);
	struct life	before;
	bool		ok;

	memcpy(&before, &p.l, sizeof(before));
	p.now += SEC;
	ok = GIVE(&p, type, .by = BYTES("bob"), .code = 3, .alive = 1,
	    .names = BYTES("sleep"), .clean = true, .complete = true);
	cr_expect_eq(ok, legal[state][type], "%s while %s",
	    life_event_name(type), life_state_name(state));
	if (legal[state][type] && state != LIFE_ENDED)
		return;
	cr_expect_eq(p.out.n, 0);
	cr_expect_eq(memcmp(&before, &p.l, sizeof(before)), 0,
	    "%s while %s changes it", life_event_name(type),
	    life_state_name(state));
}

Test(life, every_pair_of_state_and_event_is_decided)
{
	int	state, type;

	for (state = 0; state < LIFE_NSTATES; state++)
		for (type = 0; type < LIFE_NEVENTS; type++)
			check_pair(state, type);
}

Test(life, what_nobody_consents_to_ends_without_a_start)
{
	struct play	p = play_in(LIFE_QUEUED, &limited);

	MUST(&p, LIFE_EV_REFUSED, .why = BYTES("denied by bob: not now"));
	cr_expect_eq(p.l.state, LIFE_ENDED);
	cr_expect_eq(p.l.end, LIFE_END_REFUSED);
	cr_expect_str_eq(p.l.why, "denied by bob: not now");
	cr_expect_eq(p.l.started, 0);
	cr_expect_eq(p.l.code, -1);
}

Test(life, states_and_ends_have_the_names_of_the_contract)
{
	static const char *const states[] = { "queued", "starting", "running",
	    "suspended", "stopping", "ended" };
	static const char *const ends[] = { NULL, "exited", "signaled",
	    "timed-out", "stopped", "refused", "lost" };
	int	i;

	for (i = 0; i < LIFE_NSTATES; i++)
		cr_expect_str_eq(life_state_name(i), states[i]);
	cr_expect_null(life_end_name(LIFE_NO_END));
	for (i = 1; i < LIFE_NENDS; i++)
		cr_expect_str_eq(life_end_name(i), ends[i]);
}

Test(life, a_tool_that_exits_ends_with_its_own_code)
{
	struct play	p = play_new(&play_plain);

	MUST(&p, LIFE_EV_PLACE);
	LEFT(&p, "state spawn");
	p.now += SEC;
	MUST(&p, LIFE_EV_RUNNING);
	LEFT(&p, "state");
	p.now += 5 * SEC;
	MUST(&p, LIFE_EV_EXITED, .code = 3);
	IN(&p, "running");
	MUST(&p, LIFE_EV_GONE, .code = 3, .clean = true);
	LEFT(&p, "alarm end");
	ENDS(&p, "exited");
	cr_assert_eq(p.l.code, 3);
	cr_assert_eq(p.l.signal, 0);
	cr_assert_str_eq(p.l.why, "");
	cr_assert_eq(p.l.ended - p.l.started, 5 * SEC);
	cr_assert_eq(life_ran(&p.l, p.now + SEC), 5 * SEC);
}

Test(life, a_tool_that_dies_of_a_signal_is_no_success)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_EXITED, .signal = SIGSEGV);
	MUST(&p, LIFE_EV_GONE, .signal = SIGSEGV, .clean = true);
	ENDS(&p, "signaled");
	cr_assert_eq(p.l.code, -1);
	cr_assert_eq(p.l.signal, SIGSEGV);
}

/* Refusals, and workers that die. */

Test(life, a_refusal_names_its_step_and_ends_when_the_worker_is_gone)
{
	struct play	p = play_in(LIFE_STARTING, &play_plain);

	MUST(&p, LIFE_EV_REFUSED, .step = BYTES("unshare"),
	    .why = BYTES("No space left on device"));
	IN(&p, "stopping");
	MUST(&p, LIFE_EV_GONE, .code = 125);
	ENDS(&p, "refused");
	cr_assert_str_eq(p.l.why, "unshare: No space left on device");
	cr_assert_eq(p.l.code, -1);
	cr_assert_eq(life_ran(&p.l, p.now), 0);
}

Test(life, a_worker_that_refused_and_stays_is_killed)
{
	struct play	p = play_in(LIFE_STARTING, &play_plain);

	MUST(&p, LIFE_EV_REFUSED, .step = BYTES("mount"));
	cr_assert_eq(p.l.alarm, p.now + LIFE_LEAVE_US);
	play_ring(&p);
	LEFT(&p, "kill alarm");
	MUST(&p, LIFE_EV_GONE, .signal = SIGKILL);
	ENDS(&p, "refused");
}

Test(life, a_worker_that_dies_unasked_is_signaled_or_lost_in_words)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_GONE, .signal = SIGSEGV,
	    .why = BYTES("worker: killed by SIGSEGV"));
	ENDS(&p, "signaled");
	cr_assert_eq(p.l.signal, SIGSEGV);
	cr_assert_str_eq(p.l.why, "worker: killed by SIGSEGV");

	p = play_in(LIFE_STARTING, &play_plain);
	MUST(&p, LIFE_EV_GONE, .code = 1);
	ENDS(&p, "lost");
	cr_assert_eq(p.l.code, -1);
	cr_assert_str_eq(p.l.why, "its worker died");
}

Test(life, a_worker_that_dies_before_all_is_said_spoils_the_success)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_EXITED, .code = 0);
	MUST(&p, LIFE_EV_GONE, .signal = SIGKILL);
	ENDS(&p, "signaled");
	cr_assert_eq(p.l.code, -1);
	cr_assert_eq(p.l.signal, SIGKILL);
}

Test(life, a_worker_that_never_drains_is_killed_and_the_end_is_the_tools)
{
	struct play	p = play_in(LIFE_RUNNING, &limited);

	MUST(&p, LIFE_EV_EXITED, .code = 0);
	cr_assert_eq(p.l.alarm, p.now + LIFE_DRAIN_US);
	MUST_NOT(&p, LIFE_EV_SUSPEND);
	play_ring(&p);
	LEFT(&p, "state kill alarm");
	MUST(&p, LIFE_EV_GONE, .signal = SIGKILL);
	ENDS(&p, "exited");
	cr_assert_eq(p.l.code, 0);
	cr_assert_str_eq(p.l.why,
	    "its output did not end; its worker was killed");
}

Test(life, a_restart_of_the_supervisor_loses_whatever_was_open)
{
	int	state;

	for (state = LIFE_QUEUED; state < LIFE_ENDED; state++) {
		struct play	p = play_in(state, &play_plain);

		MUST(&p, LIFE_EV_LOST, .why = BYTES("it was restarted"));
		ENDS(&p, "lost");
		cr_assert_str_eq(p.l.why, "it was restarted");
	}
}

/* Stop (T3). */

Test(life, stop_asks_and_only_gone_ends_it)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	LEFT(&p, "state term alarm");
	cr_assert_eq(p.l.alarm, p.now + 10 * SEC);
	p.now += SEC;
	MUST(&p, LIFE_EV_EXITED, .signal = SIGTERM);
	IN(&p, "stopping");
	MUST(&p, LIFE_EV_GONE, .signal = SIGTERM, .clean = true);
	LEFT(&p, "alarm end");
	ENDS(&p, "stopped");
	cr_assert_str_eq(p.l.by, "ann");
	cr_assert_eq(p.l.signal, SIGTERM);
}

/* R21, the first half: it cleans up for nine seconds. */
Test(life, a_tool_that_exits_0_within_its_grace_was_stopped_all_the_same)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	p.now += 9 * SEC;
	MUST(&p, LIFE_EV_TICK);
	LEFT(&p, "");
	MUST(&p, LIFE_EV_EXITED, .code = 0);
	MUST(&p, LIFE_EV_GONE, .code = 0, .clean = true);
	ENDS(&p, "stopped");
	cr_assert_eq(p.l.code, 0);
	cr_assert_str_eq(p.l.why, "");
}

/* R21, the second half. */
Test(life, a_tool_that_ignores_term_is_killed_when_its_grace_is_over)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	p.now += 10 * SEC - 1;
	MUST(&p, LIFE_EV_TICK);
	LEFT(&p, "");
	p.now += 1;
	MUST(&p, LIFE_EV_TICK);
	LEFT(&p, "kill alarm");
	MUST(&p, LIFE_EV_GONE, .signal = SIGKILL, .clean = true);
	ENDS(&p, "stopped");
	cr_assert_eq(p.l.signal, SIGKILL);
	cr_assert_str_eq(p.l.why, "killed 10 s after it was asked to stop");
}

Test(life, the_end_of_the_tool_does_not_cut_the_grace_of_the_others)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);
	uint64_t	at;

	MUST(&p, LIFE_EV_STOP);
	at = p.l.alarm;
	p.now += SEC;
	MUST(&p, LIFE_EV_EXITED, .signal = SIGTERM, .alive = 2,
	    .names = BYTES("make cc1"));
	LEFT(&p, "");
	cr_assert_eq(p.l.alarm, at);
	play_ring(&p);
	LEFT(&p, "kill alarm");
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "stopped");
	cr_assert_eq(p.l.signal, SIGTERM);
	cr_assert_str_eq(p.l.why, "its tool ended, 2 more ran: make cc1; "
	    "killed 10 s after it was asked to stop");
}

Test(life, a_stop_may_bring_its_own_grace)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_STOP, .grace = 60 * SEC);
	cr_assert_eq(p.l.alarm, p.now + 60 * SEC);
}

Test(life, a_second_stop_only_shortens_the_grace)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);
	uint64_t	at;

	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	at = p.l.alarm;
	p.now += SEC;
	MUST(&p, LIFE_EV_STOP, .by = BYTES("bob"), .grace = 60 * SEC);
	LEFT(&p, "");
	MUST(&p, LIFE_EV_STOP, .by = BYTES("bob"));
	LEFT(&p, "");
	cr_assert_eq(p.l.alarm, at);
	MUST(&p, LIFE_EV_STOP, .by = BYTES("bob"), .grace = 2 * SEC);
	LEFT(&p, "alarm");
	cr_assert_eq(p.l.alarm, p.now + 2 * SEC);
	cr_assert_str_eq(p.l.by, "ann");
	MUST(&p, LIFE_EV_STOP, .at_once = true);
	LEFT(&p, "kill alarm");
	MUST(&p, LIFE_EV_STOP, .at_once = true);
	LEFT(&p, "");
}

Test(life, a_hundred_stops_are_one)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);
	int		i;

	MUST(&p, LIFE_EV_STOP);
	for (i = 1; i < 100; i++) {
		MUST(&p, LIFE_EV_STOP);
		LEFT(&p, "");
	}
	MUST(&p, LIFE_EV_GONE, .clean = true);
	LEFT(&p, "alarm end");
}

Test(life, a_stop_at_once_is_a_kill_without_a_term)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	MUST(&p, LIFE_EV_STOP, .at_once = true);
	LEFT(&p, "state kill alarm");
	cr_assert_str_eq(p.l.why, "killed at once");
	p = play_in(LIFE_SUSPENDED, &play_plain);
	MUST(&p, LIFE_EV_STOP, .at_once = true);
	LEFT(&p, "state kill thaw alarm");	/* the worker has to report */
}

Test(life, a_queued_task_that_is_stopped_ends_at_once)
{
	struct play	p = play_in(LIFE_QUEUED, &play_plain);

	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	LEFT(&p, "end");
	ENDS(&p, "stopped");
	cr_assert_str_eq(p.l.by, "ann");
	cr_assert_eq(p.l.code, -1);
	MUST_NOT(&p, LIFE_EV_PLACE);
}

/* What a worker may still say while it is killed, and in each order. */
Test(life, a_stop_at_each_step_of_starting_ends_as_stopped)
{
	static const struct life_event late[] = {
		{ LIFE_EV_GREW }, { LIFE_EV_RUNNING },
		{ LIFE_EV_EXITED, .code = 0 }, { LIFE_EV_SUSPENDED }
	};
	size_t	said, i;

	for (said = 0; said <= 4; said++) {
		struct play	p = play_in(LIFE_STARTING, &play_plain);

		MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
		LEFT(&p, "state kill alarm");
		for (i = 0; i < said; i++) {
			cr_assert(play_feed(&p, late[i]));
			IN(&p, "stopping");
		}
		MUST(&p, LIFE_EV_GONE, .signal = SIGKILL);
		ENDS(&p, "stopped");
		MUST_NOT(&p, LIFE_EV_GREW);
	}
}

Test(life, a_refusal_that_the_stop_overtook_is_a_stop)
{
	struct play	p = play_in(LIFE_STARTING, &play_plain);

	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	MUST(&p, LIFE_EV_REFUSED, .step = BYTES("mount"));
	MUST(&p, LIFE_EV_GONE);
	ENDS(&p, "stopped");

	p = play_in(LIFE_STARTING, &play_plain);
	MUST(&p, LIFE_EV_REFUSED, .step = BYTES("mount"));
	MUST(&p, LIFE_EV_STOP, .by = BYTES("ann"));
	MUST_NOT(&p, LIFE_EV_RUNNING);
	MUST(&p, LIFE_EV_GONE);
	ENDS(&p, "refused");
}

/* R20: TERM is pending when they wake, so the handler is what runs first. */
Test(life, a_suspended_task_gets_its_term_before_it_is_thawed)
{
	struct play	p = play_in(LIFE_SUSPENDED, &play_plain);

	MUST(&p, LIFE_EV_STOP, .by = BYTES("bob"));
	LEFT(&p, "state term thaw alarm");
	cr_assert_eq(p.l.alarm, p.now + 10 * SEC);
	p.now += SEC;
	MUST(&p, LIFE_EV_EXITED, .code = 0);
	MUST(&p, LIFE_EV_GONE, .clean = true);
	ENDS(&p, "stopped");
	cr_assert_str_eq(p.l.by, "bob");
}

Test(life, what_outlives_its_kill_is_unkillable_and_not_ended)
{
	struct play	p = play_in(LIFE_STOPPING, &play_plain);

	play_ring(&p);
	LEFT(&p, "kill alarm");
	cr_assert_eq(p.l.alarm, p.now + LIFE_UNKILLABLE_US);
	play_ring(&p);
	LEFT(&p, "state");
	IN(&p, "stopping");
	cr_assert(p.l.unkillable);
	cr_assert_str_eq(p.l.why,
	    "killed 10 s after it was asked to stop; unkillable");
	cr_assert_eq(p.l.alarm, 0);
	p.now += 3600 * SEC;
	MUST(&p, LIFE_EV_GONE);
	ENDS(&p, "stopped");
}

/* R7: timers ask and kill; only facts say that it is suspended or over. */
Test(life, no_passing_of_time_makes_a_fact)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);
	int		i;

	MUST(&p, LIFE_EV_SUSPEND);
	for (i = 0; i < 100; i++) {
		p.now += SEC;
		MUST(&p, LIFE_EV_TICK);
		IN(&p, "running");
	}
	MUST(&p, LIFE_EV_STOP);
	for (i = 0; i < 100; i++) {
		p.now += SEC;
		MUST(&p, LIFE_EV_TICK);
		IN(&p, "stopping");
	}
}

/* R13, R14: nobody acts for it, and nobody is signalled by its old number. */
Test(life, an_end_is_final)
{
	struct play	p = play_in(LIFE_ENDED, &limited);
	struct life	end = p.l;
	int		type;

	for (type = 0; type < LIFE_NEVENTS; type++) {
		p.now += 100 * SEC;
		GIVE(&p, type, .by = BYTES("bob"), .signal = SIGKILL);
		LEFT(&p, "");
	}
	ENDS(&p, "exited");
	cr_assert_eq(p.l.ended, end.ended);
	cr_assert_eq(p.l.signal, 0);
	cr_assert_str_eq(p.l.by, "");
	MUST(&p, LIFE_EV_STOP);		/* who wants it stopped has it so */
}

Test(life, what_others_believe_about_its_state_can_be_checked)
{
	struct play	p = play_in(LIFE_RUNNING, &play_plain);

	cr_assert(life_expect(&p.l, BYTES("running")));
	cr_assert(life_expect(&p.l, BYTES("")));
	cr_assert_not(life_expect(&p.l, BYTES("suspended")));
	cr_assert_not(life_expect(&p.l, BYTES("run")));
	cr_assert_not(life_expect(&p.l, BYTES("no such state")));
}
