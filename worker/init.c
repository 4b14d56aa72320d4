/* The init of the task's pid namespace: its death is the death of all in it. */
#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caps.h"
#include "fd.h"
#include "proto.h"
#include "sandbox.h"

/* kill(-1) is everybody we may signal, unless this is the namespace's init. */
static void
to_all(int signo)
{
	if (getpid() == 1)
		kill(-1, signo);
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

/*
 * The tool is the worker's child, so it is not seen here; once that is reaped,
 * to have no child is to be alone.
 */
static void
reap(struct guard *g)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	if (g->waiting && pid == -1 && errno == ECHILD) {
		g->waiting = false;
		guard_say(g, GUARD_EMPTY, 0, 0, "");
	}
}

static void
order(struct guard *g, char what)
{
	if (what == GUARD_CENSUS)
		guard_say_left(g);
}

static void __attribute__((noreturn))
end(struct guard *g)
{
	(void)g;
	_exit(PROTO_EXIT_DONE);
}

void
init_run(struct guard *g, const struct policy *p, int map)
{
	const char *step = "death signal";

	setsid();
	guard_init(g);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		guard_fail(g, step);
	if (guard_is_orphan(g))
		_exit(PROTO_EXIT_ORPHAN);
	if (sandbox_raise(p, map, &step) == -1 || chdir("/") == -1)
		guard_fail(g, step);
	fd_close(&map);
	if (prctl(PR_SET_DUMPABLE, 0) == -1)
		guard_fail(g, "dumpable");
	if (caps_drop() == -1)
		guard_fail(g, "capabilities of the init");
	if (sandbox_watch(&step) == -1)
		guard_fail(g, step);
	g->list = members_of_namespace;
	g->stop = stop;
	g->thaw = thaw;
	g->reap = reap;
	g->order = order;
	g->end = end;
	guard_say(g, GUARD_READY, 0, 0, "");
	guard_loop(g);
}
