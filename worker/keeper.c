/*
 * Where no pid namespace can be had, the keeper stands in for its init: a
 * subreaper beside the group, whom everything that loses its parent is handed
 * to. It has no death signal, because it must outlive the worker long enough
 * to clean; the ends of its pipes tell it. It never calls kill(-1), which
 * without a namespace is every process of the user.
 */
#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "limits.h"
#include "policy.h"
#include "private.h"
#include "proto.h"
#include "sandbox.h"
#include "tool.h"

#define FEW_ROUNDS	4
#define NAP_MAX	64	/* ms between two looks at what does not die */

static struct members	members;
static struct oom	oom;
static struct tool	*tool;
static pid_t		tool_pid;
static bool		tool_ended;	/* and is kept, unreaped */

/*
 * Nothing lives below us if we have no child but the dead tool. That is kept
 * until the end: its group's number then cannot become another's, whatever
 * the worker's fate.
 */
static void
list(struct members *m)
{
	members_below(m, getpid());
}

static void
to_all(int signo)
{
	size_t i;

	list(&members);
	for (i = 0; i < members.n; i++)
		members_signal(&members.list[i], signo);
}

static void
stop(void)
{
	to_all(SIGSTOP);
}

static void
thaw(void)
{
	to_all(SIGCONT);
}

static void
status_of(const siginfo_t *si, int *code, int *signo)
{
	*code = si->si_code == CLD_EXITED ? si->si_status : 0;
	*signo = si->si_code == CLD_EXITED ? 0 : si->si_status;
}

static void
look_at_tool(struct guard *g)
{
	siginfo_t si = { .si_pid = 0 };
	int code, signo;

	if (tool_ended || tool_pid == 0 || waitid(P_PID, (id_t)tool_pid, &si,
	    WEXITED | WNOHANG | WNOWAIT) == -1 || si.si_pid == 0)
		return;
	tool_ended = true;
	status_of(&si, &code, &signo);
	guard_say(g, GUARD_EXITED, code, signo, "");
	guard_say_left(g);
}

/* Children but the tool; how many of them are left. */
static size_t
reap_others(void)
{
	size_t i, n = 0;

	members_children(&members, getpid());
	for (i = 0; i < members.n; i++)
		if (members.list[i].pid != tool_pid &&
		    waitpid(members.list[i].pid, NULL, WNOHANG) == 0)
			n++;
	return n;
}

/*
 * A list that was read while somebody died can miss the one that was handed
 * over at that moment, so it has to be empty twice.
 */
static void
reap(struct guard *g)
{
	look_at_tool(g);
	if (reap_others() > 0 || reap_others() > 0 || !g->waiting)
		return;
	g->waiting = false;
	guard_say(g, GUARD_EMPTY, 0, 0, "");
}

/* true: one of ours is dead and counted; false: none just now. */
static bool
reap_one(pid_t pid, int *code, int *signo, bool *found)
{
	siginfo_t si = { .si_pid = 0 };

	if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG) == -1 || si.si_pid == 0)
		return false;
	if (si.si_pid == pid) {
		status_of(&si, code, signo);
		*found = true;
	}
	return true;
}

/*
 * SIGCHLD is blocked, so none that comes between the look and the wait is
 * missed; the time is for those who are handed to us without one.
 */
static void
await_death(int ms)
{
	struct timespec time = { .tv_nsec = ms * 1000000L };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigtimedwait(&set, NULL, &time);
}

/*
 * At a limit of processes the place of a dead one is taken at once by another;
 * who only stands still keeps it. Few trees need that.
 */
static void
kill_all(int round)
{
	if (round > FEW_ROUNDS) {
		to_all(SIGSTOP);
		to_all(SIGSTOP);
	}
	to_all(SIGKILL);
}

bool
keeper_clear(pid_t pid, int *code, int *signo)
{
	bool found = false, any;
	int nap = 1, round = 0;

	for (;;) {
		kill_all(++round);
		for (any = false; reap_one(pid, code, signo, &found); )
			any = true;
		if (waitid(P_ALL, 0, NULL, WEXITED | WNOHANG | WNOWAIT) == -1 &&
		    errno == ECHILD)
			return found;
		nap = any ? 1 : nap < NAP_MAX ? 2 * nap : nap;
		await_death(nap);
	}
}

static void __attribute__((noreturn))
clear(struct guard *g)
{
	int code, signo;

	if (keeper_clear(tool_pid, &code, &signo) && !tool_ended)
		guard_say(g, GUARD_EXITED, code, signo, "");
	private_remove(tool->policy);
	_exit(PROTO_EXIT_DONE);
}

/* In one stroke what is in the group, the worker if it lives; then the rest. */
static void __attribute__((noreturn))
end(struct guard *g)
{
	if (tool_pid != 0)
		kill(-g->group, SIGKILL);
	clear(g);
}

static void
start(struct guard *g)
{
	const char *step;
	pid_t pid;

	oom_raise(&oom);
	if ((pid = fork()) == 0) {
		/* Ours tell of deaths by their ends: no copy may linger. */
		fd_close(&g->ctl);
		fd_close(&g->rep);
		if (setpgid(0, g->group) == -1)
			_exit(PROTO_EXIT_REFUSED);
		tool_run(tool);
	}
	oom_lower(&oom);
	if (pid == -1)
		guard_fail(g, "fork of the tool");
	tool_pid = pid;
	tool_close_theirs(tool);
	if (sandbox_watch(&step) == -1)
		guard_fail(g, step);
	guard_say(g, GUARD_STARTED, pid, 0, "");
}

static void
order(struct guard *g, char what)
{
	if (what == GUARD_START)
		start(g);
	else if (what == GUARD_CLEAR)
		clear(g);
}

/* From now on whoever dies first, the other knows of it and removes it. */
static void
make_folder(struct guard *g, const struct policy *p)
{
	const char *step = "private folder";

	if ((p->tmp != NULL && mkdir(p->tmp, 0700) == -1) ||
	    sandbox_stand(p, &step) == -1)
		guard_fail(g, step);
}

void
keeper_run(struct guard *g, struct tool *t, pid_t worker)
{
	tool = t;
	tool_close_ours(t);
	guard_init(g);
	if (setpgid(0, 0) == -1)
		guard_fail(g, "group of the keeper");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		guard_fail(g, "subreaper");
	if (!members_has_children_file())
		guard_fail(g, "list of children in /proc");
	if (guard_is_orphan(g))
		_exit(PROTO_EXIT_ORPHAN);
	make_folder(g, t->policy);
	oom_open(&oom);
	prctl(PR_SET_DUMPABLE, 0);
	g->group = worker;
	g->list = list;
	g->stop = stop;
	g->thaw = thaw;
	g->reap = reap;
	g->order = order;
	g->end = end;
	guard_say(g, GUARD_READY, 0, 0, "");
	guard_loop(g);
}
