#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"

#define NTRACEES	64
#define OPTIONS		(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | \
			PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
			PTRACE_O_TRACEEXEC)
#define NOBODY		'-'

struct tracee {
	pid_t	pid;		/* 0: free */
	char	role;		/* 0: its birth was not told yet */
	bool	waits;		/* stopped until it is */
};

static struct tracer	*plan;
static struct tracee	 tracees[NTRACEES];
static pid_t		 pids[128];	/* of each role, with a pidfd: */
static int		 pidfds[128];
static size_t		 nborn;		/* of W's children */
static bool		 has_execed;	/* W */

static struct tracee *
find(pid_t pid)
{
	struct tracee *vacant = NULL;
	size_t i;

	for (i = 0; i < NTRACEES; i++)
		if (tracees[i].pid == pid)
			return &tracees[i];
		else if (tracees[i].pid == 0 && vacant == NULL)
			vacant = &tracees[i];
	if (vacant == NULL)
		abort();
	*vacant = (struct tracee){ .pid = pid };
	return vacant;
}

static void
name(struct tracee *t, char role)
{
	t->role = role;
	if (role == NOBODY)
		return;
	pids[(int)role] = t->pid;
	pidfds[(int)role] = pidfd_open(t->pid, 0);
}

static char
role_of_child(char parent)
{
	const char *children = plan->plan.children;

	if (parent == 'S')
		return pids['W'] == 0 ? 'W' : NOBODY;
	if (parent == 'W')
		return nborn < strlen(children) ? children[nborn++] : NOBODY;
	return parent == 'I' && pids['T'] == 0 ? 'T' : NOBODY;
}

static bool
is_counted(const struct tracee *t)
{
	return t->role == plan->plan.counted;
}

/* It may be dead meanwhile, which its status will tell. */
static void
resume(struct tracee *t, int signo)
{
	if (t->role == NOBODY) {
		ptrace(PTRACE_DETACH, t->pid, NULL, signo);
		t->pid = 0;
		return;
	}
	ptrace(is_counted(t) ? PTRACE_SYSCALL : PTRACE_CONT, t->pid, NULL,
	    signo);
}

static bool
file_has(pid_t pid, const char *file, const char *what)
{
	char path[64], text[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return true;
	n = fd_read_all(fd, text, sizeof(text) - 1);
	fd_close(&fd);
	text[n < 0 ? 0 : n] = '\0';
	return n <= 0 || strstr(text, what) != NULL;
}

/*
 * An init is no zombie before all of its namespace is reaped, which may need
 * whom we hold; that its files are closed has to do.
 */
static bool
is_dead(char role)
{
	pid_t pid = pids[(int)role];

	return file_has(pid, "status", "\nState:\tZ") ||
	    (role == 'I' && file_has(pid, "status", "\nFDSize:\t0"));
}

static bool
is_stopping(void)
{
	return plan->plan.way == TRACER_STOP ||
	    plan->plan.way == TRACER_STOP_GROUP;
}

/* Let go, it does so at the end of its call. */
static void
stop_worker(void)
{
	pid_t pid = pids['W'];

	if (plan->plan.way == TRACER_STOP)
		kill(pid, SIGSTOP);
	else if (kill(-pid, SIGSTOP) == -1)
		return;			/* it has none yet */
	ptrace(PTRACE_DETACH, pid, NULL, 0);
	while (!is_dead('W') && !file_has(pid, "status", "\nState:\tT"))
		poll(NULL, 0, 1);
}

/* All are let go by our exit. */
static void
act(void)
{
	int victim = plan->plan.victim;

	if (pids[victim] == 0)
		return;
	if (is_stopping())
		stop_worker();
	plan->killed = pidfd_send_signal(pidfds[victim], SIGKILL, NULL, 0) == 0;
	if (plan->killed && plan->plan.way == TRACER_HOLD)
		while (!is_dead((char)victim))
			poll(NULL, 0, 1);
	_exit(0);
}

/*
 * Before its exec, and between a change of its ids and the death signal that
 * this took away, a worker that is stopped stays (SECURITY, what remains).
 */
static bool
is_unarmed(long call)
{
	return is_stopping() && (!has_execed || call == SYS_setresgid ||
	    call == SYS_setresuid);
}

static void
on_call(struct tracee *t)
{
	struct __ptrace_syscall_info info;

	if (!is_counted(t) || ptrace(PTRACE_GET_SYSCALL_INFO, t->pid,
	    sizeof(info), &info) <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	plan->call = (long)info.entry.nr;
	if (++plan->ncalls >= plan->plan.nth && !is_unarmed(plan->call))
		act();
}

static void
on_birth(struct tracee *parent)
{
	unsigned long pid = 0;
	struct tracee *t;

	ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid);
	t = find((pid_t)pid);
	name(t, role_of_child(parent->role));
	if (t->waits)
		resume(t, 0);
}

/* What it does then is a tool's own business. */
static void
on_exec(struct tracee *t)
{
	if (t->role == 'W')
		has_execed = true;
	else if (t->role == 'T')
		t->role = NOBODY;
}

static void
on_event(struct tracee *t, int event, int signo)
{
	bool is_group_stop = event == PTRACE_EVENT_STOP && signo != SIGTRAP;

	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	    event == PTRACE_EVENT_CLONE)
		on_birth(t);
	else if (event == PTRACE_EVENT_EXEC)
		on_exec(t);
	if (is_group_stop && t->role != NOBODY)
		ptrace(PTRACE_LISTEN, t->pid, NULL, 0);
	else
		resume(t, 0);
}

static void
on_stop(struct tracee *t, int status)
{
	int signo = WSTOPSIG(status), event = status >> 16;

	if (t->role == 0) {
		t->waits = true;
		return;
	}
	if (event != 0)
		on_event(t, event, signo);
	else if (signo == (SIGTRAP | 0x80)) {
		on_call(t);
		resume(t, 0);
	} else
		resume(t, signo);
}

static void __attribute__((noreturn))
follow(void)
{
	struct tracee *t;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) != -1 || errno == EINTR) {
		if (pid == -1)
			continue;
		t = find(pid);
		if (WIFSTOPPED(status))
			on_stop(t, status);
		else
			t->pid = 0;
	}
	_exit(0);
}

static void __attribute__((noreturn))
be_tracer(pid_t supervisor, int ready)
{
	if (ptrace(PTRACE_SEIZE, supervisor, NULL, OPTIONS) == -1) {
		plan->error = errno;
		_exit(1);
	}
	name(find(supervisor), 'S');
	/* Its calls are seen only from a stop on. */
	ptrace(PTRACE_INTERRUPT, supervisor, NULL, NULL);
	fd_write_all(ready, "r", 1);
	fd_close(&ready);
	follow();
}

pid_t
tracer_start(struct tracer *t, pid_t supervisor)
{
	int fds[2];
	pid_t pid;
	char c;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	plan = t;
	if ((pid = fork()) == 0)
		be_tracer(supervisor, fds[1]);
	fd_close(&fds[1]);
	if (fd_read_all(fds[0], &c, 1) != 1) {
		errno = t->error;
		pid = -1;
	}
	fd_close(&fds[0]);
	return pid;
}
