#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "fd.h"
#include "log.h"
#include "loop.h"
#include "shop.h"
#include "xalloc.h"

#define SECOND		UINT64_C(1000000)	/* us */
#define LOOK_TIME	(SECOND / 100)
#define NLOOKS		50
#define STUCK_TIME	(10 * SECOND)	/* more, until we say so */

void
child_signal(struct child *c, int signo)
{
	if (c->reaped)
		return;
	if (c->pidfd == -1)
		kill(c->pid, signo);
	else
		syscall(SYS_pidfd_send_signal, c->pidfd, signo, NULL, 0);
}

/* The number is ours as long as its leader is not reaped (T6). */
void
child_signal_group(struct child *c, int signo)
{
	if (c->is_running && !c->reaped)
		kill(-c->pid, signo);
}

/* Deadlines. */

void
child_set_alarm(struct child *c)
{
	const uint64_t at[] = { c->start_by, c->sweep_by, c->kill_by,
	    c->stuck_by, c->look_at, c->news ? 1 : 0 };
	uint64_t first = 0;
	size_t i;

	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		if (at[i] != 0 && (first == 0 || at[i] < first))
			first = at[i];
	if (first == 0)
		alarm_off(c->alarm);
	else
		alarm_at(c->alarm, first);
}

/* Neither the worker nor its guard is in it: they live to tell the end. */
static void
kill_cgroup(struct child *c)
{
	if (c->cgroup != NULL && cgroup_kill(c->cgroup) == -1)
		log_warn("%s: kill of the cgroup", cgroup_name(c->cgroup));
}

static void
kill_worker(struct child *c, const char *why)
{
	if (c->reaped)
		return;
	if (c->killed == NULL)
		c->killed = why;
	child_signal(c, SIGKILL);
	child_signal_group(c, SIGKILL);
	kill_cgroup(c);
	c->start_by = c->sweep_by = c->kill_by = 0;
	if (c->stuck_by == 0)
		c->stuck_by = loop_now() + STUCK_TIME;
	child_set_alarm(c);
}

/* The line. */

static void
end_line(struct child *c)
{
	watch_free(c->watch);
	c->watch = NULL;
	fd_close(&c->sock);
}

static void
flush(struct child *c)
{
	/* An error is the end of the line, which whoever reads will see. */
	watch_set(c->watch, wire_flush(&c->wire, c->sock) == 0 ?
	    LOOP_READ | LOOP_WRITE : LOOP_READ);
}

void
child_say(struct child *c, const struct frame *f)
{
	if (c->sock == -1)
		return;
	wire_send(&c->wire, f);
	flush(c);
}

void
child_order(struct child *c, enum frame_type type)
{
	child_say(c, &(struct frame){ .type = type });
}

/* A peer that lies is not argued with. */
void
child_breach(struct child *c, const char *why)
{
	c->end.how = CHILD_LIED;
	c->why = xasprintf("the worker broke the protocol: %s", why);
	end_line(c);
	kill_worker(c, "it broke the protocol");
}

/* The end. */

static bool
is_by_signal(const siginfo_t *si)
{
	return si->si_code != CLD_EXITED;
}

static char *
words(const struct child *c)
{
	const siginfo_t *si = &c->status;

	if (is_by_signal(si) && si->si_status == SIGKILL && c->killed != NULL)
		return xasprintf("killed by SIGKILL: %s", c->killed);
	if (is_by_signal(si))
		return xasprintf("the worker was killed by SIG%s",
		    sigabbrev_np(si->si_status));
	return xasprintf("the worker exited with code %d before its end",
	    si->si_status);
}

static void
add_oom(struct child *c)
{
	char *why = c->why;

	c->why = why == NULL ? xstrdup("out of memory") :
	    xasprintf("%s; out of memory", why);
	free(why);
}

static void
judge_end(struct child *c)
{
	const siginfo_t *si = &c->status;

	if (c->end.how != CHILD_LIED && !c->said_last) {
		c->end.how = is_by_signal(si) && si->si_status == SIGKILL ?
		    CHILD_KILLED : CHILD_CRASHED;
		c->why = words(c);
	}
	if (c->end.oom)
		add_oom(c);
	c->end.why = c->why == NULL ? "" : c->why;
}

static void
release(struct child *c)
{
	end_line(c);
	cgroup_free(c->cgroup);
	wire_fini(&c->wire);
	fd_close(&c->pidfd);
	alarm_free(c->alarm);
	buf_fini(&c->early);
	buf_fini(&c->matches);
	free(c->why);
	free(c);
}

/* false: somebody is in it still; the alarm will look again. */
static bool
clear_cgroup(struct child *c)
{
	if (c->cgroup == NULL)
		return true;
	c->end.oom |= cgroup_ooms(c->cgroup) > 0;
	if (cgroup_remove(c->cgroup) == -1) {
		if (++c->nlooks < NLOOKS) {
			kill_cgroup(c);
			c->look_at = loop_now() + LOOK_TIME;
			child_set_alarm(c);
			return false;
		}
		log_warn("%s: removal of the cgroup", cgroup_name(c->cgroup));
	}
	cgroup_free(c->cgroup);
	c->cgroup = NULL;
	return true;
}

/* Calls gone, so nothing may be done to c behind it. */
static void
check_gone(struct child *c)
{
	if (!c->reaped || c->sock != -1 || c->init != 0 || c->is_gone ||
	    !clear_cgroup(c))
		return;
	c->is_gone = true;
	alarm_off(c->alarm);
	TAILQ_REMOVE(&c->shop->children, c, link);
	judge_end(c);
	if (c->ops == NULL)
		release(c);
	else
		c->ops->gone(c->arg, &c->end);
}

/*
 * A worker that was killed leaves us its init, which is the last to go. If the
 * number that it named is a worker's now, it lied: that end is nobody's init's.
 */
static bool
is_stranger(struct shop *s, pid_t pid)
{
	siginfo_t si;

	return shop_find(s, pid) == NULL &&
	    waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/*
 * Once the worker is reaped, what it said is all in the socket: an empty one
 * has ended, whoever holds a copy of its other side. It may be only now that
 * its init is named, which it can have reaped itself.
 */
static void
drain_line(struct child *c)
{
	int r;

	r = c->sock == -1 ? -1 : child_read_line(c);
	if (c->init != 0 && !is_stranger(c->shop, c->init))
		c->init = 0;
	if (c->sock == -1)
		return;
	if (r == 1) {
		c->news = true;
		child_set_alarm(c);
	} else
		end_line(c);
}

void
child_on_line(void *arg, unsigned what)
{
	struct child *c = arg;

	if (what & LOOP_WRITE)
		flush(c);
	if (!(what & LOOP_READ))
		return;
	if (c->reaped)
		drain_line(c);
	else if (child_read_line(c) == -1 && c->sock != -1)
		end_line(c);
	if (!c->reaped && c->sock == -1 && !c->said_last)
		kill_worker(c, NULL);
	check_gone(c);
}

/* What the kernel tells. */

static void
on_exit_of_worker(struct child *c, const siginfo_t *si)
{
	c->reaped = true;
	c->status = *si;
	c->start_by = c->sweep_by = c->kill_by = 0;
	drain_line(c);
	child_set_alarm(c);
	check_gone(c);
}

void
child_changed(struct child *c, const siginfo_t *si)
{
	if (si->si_code == CLD_STOPPED || si->si_code == CLD_TRAPPED)
		child_stopped(c);
	else if (si->si_code == CLD_CONTINUED)
		child_continued(c);
	else
		on_exit_of_worker(c, si);
}

void
child_lost_stranger(struct child *c, pid_t pid)
{
	if (!c->reaped || c->init != pid)
		return;
	c->init = 0;
	check_gone(c);
}

static bool
is_due(uint64_t *by, uint64_t now)
{
	if (*by == 0 || now < *by)
		return false;
	*by = 0;
	return true;
}

static void
on_news(struct child *c)
{
	if (!c->news)
		return;
	c->news = false;
	drain_line(c);
}

void
child_on_time(void *arg)
{
	struct child *c = arg;
	uint64_t now = loop_now();

	on_news(c);
	if (is_due(&c->start_by, now))
		kill_worker(c, "it did not start in time");
	if (is_due(&c->sweep_by, now) && c->pause == CHILD_SWEEPING)
		child_stop_group(c, false);
	if (is_due(&c->look_at, now))
		child_look_at_pause(c);
	if (is_due(&c->kill_by, now))
		kill_worker(c, "it did not end when told");
	if (is_due(&c->stuck_by, now))
		TELL(c, note, BYTES("unkillable"),
		    BYTES("the kernel does not let go of it"));
	child_set_alarm(c);
	check_gone(c);
}

/* Verbs. */

pid_t
child_pid(const struct child *c)
{
	return c->pid;
}

/* false: there is no group yet, or nothing any more. */
static bool
may_stop(struct child *c)
{
	if (c->is_running && !c->reaped)
		return true;
	kill_worker(c, "it was stopped while it started");
	return false;
}

/*
 * TERM is pending when they wake, so no instruction of theirs runs before it.
 */
void
child_term(struct child *c)
{
	if (c->killing || !may_stop(c))
		return;
	child_signal_group(c, SIGTERM);
	child_forget_pause(c);
	child_signal_group(c, SIGCONT);
	child_order(c, FRAME_TERM);
}

/*
 * Only the worker wakes, to do it and to report; what is stopped with it dies
 * without another instruction.
 */
void
child_kill(struct child *c)
{
	if (c->killing || !may_stop(c))
		return;
	c->killing = true;
	child_order(c, FRAME_KILL);
	kill_cgroup(c);
	c->kill_by = loop_now() + CHILD_KILL_TIME;
	c->stuck_by = c->kill_by + STUCK_TIME;
	child_forget_pause(c);
	child_signal(c, SIGCONT);
}

void
child_free(struct child *c)
{
	if (c == NULL)
		return;
	if (c->is_gone) {
		release(c);
		return;
	}
	c->ops = NULL;
	kill_worker(c, "nobody needs it");
}

void
child_destroy(struct child *c)
{
	kill_worker(c, NULL);
	if (!c->reaped)
		waitpid(c->pid, NULL, 0);
	if (c->cgroup != NULL)
		cgroup_remove(c->cgroup);
	TAILQ_REMOVE(&c->shop->children, c, link);
	release(c);
}
