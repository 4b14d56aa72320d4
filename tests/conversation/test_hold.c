/* Calls of ours that wait, for ends and for output. */
#include <criterion/criterion.h>

#include "talk.h"

static struct talk k;
static uint64_t turn, tasks[2];

/* Two tasks run, the turn has let them go and calls task_wait. */
static void
setup(void)
{
	talk_init(&k);
	talk_say(&k, MODE_NOW, "build it");
	turn = talk_turn(&k, FX_ASK);
	tasks[0] = talk_call(&k, turn, "build");
	tasks[1] = talk_call(&k, turn, "check");
	talk_answered(&k, turn);
	talk_state(&k, tasks[0], "running");
	talk_state(&k, tasks[1], "running");
	talk_step_alone(&k, EV_DETACH);
	talk_own(&k, turn, "task_wait", "w");
	talk_answered(&k, turn);
	talk_forget(&k);
}

static void
teardown(void)
{
	talk_fini(&k);
}

TestSuite(hold, .init = setup, .fini = teardown);

static bool
wait_for(size_t n, bool any)
{
	struct event ev = { .kind = EV_HOLD, .turn = turn, .tasks = tasks,
	    .ntasks = n, .any = any, .until = k.now + 60000000 };

	ev.call = bytes_of("w");
	return talk_step(&k, &ev);
}

static bool
wait_beyond(size_t n, uint64_t offset)
{
	struct event ev = { .kind = EV_HOLD, .turn = turn, .tasks = tasks,
	    .ntasks = n, .grown = true, .offset = offset,
	    .until = k.now + 60000000 };

	ev.call = bytes_of("w");
	return talk_step(&k, &ev);
}

static bool
grow(uint64_t task, uint64_t bytes)
{
	struct event ev = { .kind = EV_GREW, .task = task, .offset = bytes };

	return talk_step(&k, &ev);
}

Test(hold, any_is_over_with_the_first_end)
{
	wait_for(2, true);
	talk_ended(&k, tasks[1], "exited", "checked");
	cr_expect(talk_count(&k, FX_ASK) == 1);
	cr_expect(talk_asks_with(&k, turn, "at least one of them") == 1);
	cr_expect(talk_asks_with(&k, turn, "<task-event") == 0);
	talk_ended(&k, tasks[0], "exited", "built");
	talk_answered(&k, turn);
	talk_tick(&k, 60000000);
	cr_expect(talk_asks_with(&k, talk_turn(&k, FX_ASK),
	    "<task-event id=") == 1);
}

Test(hold, all_is_over_with_the_last_end)
{
	wait_for(2, false);
	talk_ended(&k, tasks[1], "exited", "checked");
	cr_expect(talk_count(&k, FX_ASK) == 0);
	talk_ended(&k, tasks[0], "exited", "built");
	cr_expect(talk_count(&k, FX_ASK) == 1);
	cr_expect(talk_asks_with(&k, turn, "all of them have ended") == 1);
	cr_expect(talk_asks_with(&k, turn, "<task-event") == 0);
}

/* R11: no wait for what is there already. */
Test(hold, any_is_over_at_once_if_one_has_ended)
{
	talk_ended(&k, tasks[0], "exited", "built");
	wait_for(2, true);
	cr_expect(talk_count(&k, FX_ASK) == 1);
	cr_expect(talk_asks_with(&k, turn, "<task-event") == 0);
}

Test(hold, more_output_ends_a_wait_and_the_call_looks_again)
{
	cr_assert(wait_beyond(1, 10));
	cr_expect(session_awaits_beyond(k.s, tasks[0]) == 10);
	grow(tasks[0], 10);
	grow(tasks[1], 99);
	cr_expect(talk_count(&k, FX_OWN) == 0);
	grow(tasks[0], 11);
	cr_expect(talk_count(&k, FX_OWN) == 1);
	cr_expect(session_call_has_waited(k.s, turn, bytes_of("w")));
	cr_expect(session_awaits_beyond(k.s, tasks[0]) == UINT64_MAX);
	grow(tasks[0], 12);
	cr_expect(talk_count(&k, FX_OWN) == 1);
	talk_tick(&k, 70000000);
	cr_expect(talk_count(&k, FX_ASK) == 0);
	cr_expect_not(wait_beyond(1, 12), "a wait is waited once");
	talk_result(&k, turn, "w", 0);
	cr_expect(talk_count(&k, FX_ASK) == 1);
}

Test(hold, an_end_ends_a_wait_for_output_and_is_told_by_it)
{
	wait_beyond(1, 10);
	talk_ended(&k, tasks[0], "exited", "built");
	cr_expect(talk_count(&k, FX_OWN) == 1);
	cr_expect(talk_count(&k, FX_ASK) == 0);
	talk_result(&k, turn, "w", tasks[0]);
	cr_expect(talk_count(&k, FX_ASK) == 1);
	cr_expect(talk_asks_with(&k, turn, "<task-event") == 0);
}

Test(hold, time_ends_a_wait_for_output)
{
	wait_beyond(1, 10);
	talk_tick(&k, 60000000);
	cr_expect(talk_count(&k, FX_OWN) == 0);
	cr_expect(talk_asks_with(&k, turn, "the time is up") == 1);
}

Test(hold, a_message_ends_a_wait_for_output_also_when_it_is_over)
{
	wait_beyond(1, 10);
	grow(tasks[0], 11);
	talk_say(&k, MODE_NOW, "well?");
	cr_expect(talk_outcome(&k, turn) == OUTCOME_DETACHED);
	turn = talk_turn(&k, FX_ASK);
	cr_expect(talk_asks_with(&k, turn, "a new message came") > 0);
	cr_expect(talk_is_legal(&k, turn));
}

Test(hold, an_interrupt_ends_a_wait_with_how_the_tasks_stand)
{
	wait_for(2, false);
	talk_ended(&k, tasks[1], "exited", "checked");
	talk_step_alone(&k, EV_INTERRUPT);
	cr_expect(talk_outcome(&k, turn) == OUTCOME_INTERRUPTED);
	cr_expect(talk_keeps(&k, "\\\"state\\\":\\\"running\\\"}") == 1);
	cr_expect(talk_keeps(&k, "\\\"end\\\":\\\"exited\\\"") == 1);
	cr_expect(talk_keeps(&k, "\\\"note\\\":\\\"(interrupted)") == 1);
	cr_expect(session_npending(k.s) == 0, "it was told");
}

Test(hold, output_is_awaited_of_one_task_alone)
{
	cr_expect_not(wait_beyond(2, 10));
	cr_expect(k.out.refusal == REFUSAL_BAD);
}
