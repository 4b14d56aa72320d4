/* How a task is suspended and resumed, and who says that it is. */
#include <signal.h>
#include <sys/wait.h>

#include "cgroup.h"
#include "log.h"
#include "loop.h"
#include "shop.h"

#define SECOND		UINT64_C(1000000)	/* us */
#define SWEEP_TIME	(SECOND / 10)
#define FREEZE_TIME	SECOND
#define LOOK_TIME	(SECOND / 1000)

static void
freeze(struct child *c, bool frozen)
{
	if (c->cgroup != NULL && cgroup_freeze(c->cgroup, frozen) == -1)
		log_warn("%s: freeze of the cgroup", cgroup_name(c->cgroup));
	c->freeze_by = frozen ? loop_now() + FREEZE_TIME : 0;
}

static void
look_again(struct child *c, uint64_t at)
{
	c->look_at = at;
	child_set_alarm(c);
}

/*
 * Stopped first and frozen then, so that ps shows the tool's state as T; what
 * the stop missed, the frost catches, and none of it can wake the others.
 */
void
child_stop_group(struct child *c, bool complete)
{
	c->complete = complete;
	c->sweep_by = 0;
	c->pause = CHILD_STOPPING;
	child_signal_group(c, SIGSTOP);
	freeze(c, true);
	if (c->is_stopped)	/* by somebody else, and that news is old */
		c->look_at = loop_now();
	child_set_alarm(c);
}

/* Since it stopped, by whoever was not frozen yet; that news is to come. */
static bool
was_woken(const struct child *c)
{
	siginfo_t si = { .si_pid = 0 };

	return waitid(P_PID, (id_t)c->pid, &si, WCONTINUED | WNOHANG |
	    WNOWAIT) == 0 && si.si_pid != 0;
}

/* The worker is stopped. The kernel takes its time over the cgroup. */
static void
confirm(struct child *c)
{
	bool frozen = c->cgroup != NULL && cgroup_is_frozen(c->cgroup);
	uint64_t now = loop_now();

	if (c->cgroup != NULL && !frozen && now < c->freeze_by) {
		look_again(c, now + LOOK_TIME);
		return;
	}
	if (frozen && was_woken(c))
		return;
	c->pause = CHILD_SUSPENDED;
	TELL(c, suspended, c->complete || frozen);
}

void
child_look_at_pause(struct child *c)
{
	if (c->pause == CHILD_STOPPING && c->is_stopped && !c->reaped)
		confirm(c);
}

void
child_stopped(struct child *c)
{
	c->is_stopped = true;
	c->our_cont = false;
	if (c->pause == CHILD_SWEEPING)
		child_stop_group(c, false);	/* it cannot answer any more */
	else if (c->pause == CHILD_STOPPING)
		confirm(c);
	else if (c->pause == CHILD_RUNNING)
		TELL(c, stopped_outside, true);
}

/* While it freezes, the tool itself may be who woke us: that is no news. */
static bool
is_of_tool(const struct child *c)
{
	return c->cgroup != NULL && c->pause == CHILD_STOPPING;
}

void
child_continued(struct child *c)
{
	c->is_stopped = false;
	if (c->our_cont) {
		c->our_cont = false;
		return;
	}
	if (is_of_tool(c)) {
		child_signal_group(c, SIGSTOP);
		return;
	}
	if (c->pause != CHILD_RUNNING) {
		freeze(c, false);
		child_order(c, FRAME_THAW);
	}
	c->pause = CHILD_RUNNING;
	c->sweep_by = c->look_at = 0;
	TELL(c, stopped_outside, false);
}

void
child_forget_pause(struct child *c)
{
	c->our_cont |= c->is_stopped || c->pause == CHILD_STOPPING;
	c->is_stopped = false;
	if (c->freeze_by != 0)
		freeze(c, false);
	c->pause = CHILD_RUNNING;
	c->sweep_by = c->look_at = 0;
	child_set_alarm(c);
}

void
child_suspend(struct child *c)
{
	if (c->killing || c->reaped || c->said_last ||
	    c->pause != CHILD_RUNNING)
		return;
	if (!c->is_running) {
		c->pause = CHILD_TO_SUSPEND;
		return;
	}
	c->pause = CHILD_SWEEPING;
	c->nsweeps++;
	child_order(c, FRAME_SWEEP);
	c->sweep_by = loop_now() + (c->is_stopped ? 0 : SWEEP_TIME);
	child_set_alarm(c);
}

void
child_resume(struct child *c)
{
	if (!c->is_running) {
		c->pause = CHILD_RUNNING;
		return;
	}
	if (c->killing || c->reaped ||
	    (c->pause == CHILD_RUNNING && !c->is_stopped))
		return;
	child_forget_pause(c);
	child_signal_group(c, SIGCONT);
	child_order(c, FRAME_THAW);
}
