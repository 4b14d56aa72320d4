/*
 * The worker's own processes: the warden, which is its init or keeper, and the
 * leader of the group, which is itself.
 */
#include "attack_procs.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STRAY_LIFE	6	/* s */
#define MOMENT	5	/* ms: in it a signal has done what it does */

TRY(warden_ptrace)
{
	return judge_ptrace(warden);
}

TRY(leader_ptrace)
{
	return judge_ptrace(leader);
}

/* Our own program is mapped at the same place only in a copy of us. */
/* Nobody asks the parent. */
TRY(trace_me)
{
	return judge(ptrace(PTRACE_TRACEME, 0, NULL, NULL), "PTRACE_TRACEME");
}

TRY(warden_mem)
{
	return judge_open(proc(warden, "mem"), O_RDWR);
}

TRY(leader_mem)
{
	return judge_open(proc(leader, "mem"), O_RDWR);
}

TRY(warden_getfd)
{
	return warden == 0 ? untried("no warden") : judge_getfd(warden, 0);
}

TRY(leader_getfd)
{
	return leader == 0 ? untried("no leader") : judge_getfd(leader, 0);
}

TRY(warden_environ)
{
	return judge_text(warden, "environ", "");
}

TRY(leader_environ)
{
	return judge_text(leader, "environ", "");
}

TRY(warden_maps)
{
	return judge_text(warden, "maps", "rw-p");
}

TRY(warden_fds)
{
	return judge_fds(warden);
}

TRY(leader_fds)
{
	return judge_fds(leader);
}

static enum verdict
judge_prlimit(pid_t pid)
{
	struct rlimit r;

	if (pid == 0)
		return untried("nobody that can be named");
	if (prlimit(pid, RLIMIT_NOFILE, NULL, &r) == -1)
		return held("prlimit");
	return judge(prlimit(pid, RLIMIT_NOFILE, &r, NULL), "prlimit");
}

TRY(warden_prlimit)
{
	return judge_prlimit(warden);
}

TRY(leader_prlimit)
{
	return judge_prlimit(leader);
}

TRY(warden_renice)
{
	return judge(setpriority(PRIO_PROCESS, (id_t)warden, 1),
	    "setpriority");
}

TRY(warden_affinity)
{
	cpu_set_t cpus;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	return judge(sched_setaffinity(warden, sizeof(cpus), &cpus),
	    "sched_setaffinity");
}

/* Less than what it was started with. */
TRY(oom_lower)
{
	char text[16] = "", *end;
	long now;
	int fd;

	if ((fd = open("/proc/self/oom_score_adj", O_RDWR)) == -1 ||
	    read(fd, text, sizeof(text) - 1) <= 0)
		return held("open");
	now = strtol(text, &end, 10);
	snprintf(text, sizeof(text), "%ld", now - 1);
	return judge(write(fd, text, strlen(text)), "write");
}

/*
 * Whether a signal that was sent has ended it, or stopped it: the init takes
 * all of them and does nothing.
 */
static enum verdict
judge_end(pid_t pid, int signo)
{
	struct pollfd p = { .events = POLLIN };

	if (pid == 0)
		return held("nobody that can be named");
	if ((p.fd = (int)syscall(SYS_pidfd_open, pid, 0)) == -1)
		return held("pidfd_open");
	if (kill(pid, signo) == -1)
		return held("kill");
	return poll(&p, 1, MOMENT) == 1 ? escaped("it is dead") : DONE;
}

TRY(warden_kill)
{
	return judge_end(warden, SIGKILL);
}

TRY(warden_stop)
{
	return judge_end(warden, SIGSTOP);
}

TRY(warden_signals)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGUSR1, SIGUSR2,
	    SIGSEGV, SIGALRM, SIGTERM };
	enum verdict v = HELD;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]) &&
	    v != ESCAPED; i++)
		v = judge_end(warden, signals[i]);
	return v;
}

TRY(leader_kill)
{
	return judge_end(leader, SIGKILL);
}

TRY(leader_stop)
{
	return judge_end(leader, SIGSTOP);
}

/* The group is led from outside. */
TRY(group_kill)
{
	return kill(0, SIGKILL) == -1 ? held("kill") : DONE;
}

TRY(group_kill_wide)
{
	return syscall(SYS_kill, 1L << 32, SIGKILL | 1L << 32) == -1 ?
	    held("kill") : DONE;
}

TRY(group_stop)
{
	return kill(0, SIGSTOP) == -1 ? held("kill") : DONE;
}

TRY(group_stop_wide)
{
	return syscall(SYS_kill, 1L << 32, SIGSTOP | 1L << 32) == -1 ?
	    held("kill") : DONE;
}

TRY(group_term)
{
	return kill(0, SIGTERM) == -1 ? held("kill") : DONE;
}

/* Other ways to the same group. */
TRY(group_number_kill)
{
	pid_t group = getpgrp();

	return group <= 0 ? held("no group that can be named") :
	    kill(-group, SIGKILL) == -1 ? held("kill") : DONE;
}

TRY(group_sigio)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		return held("socketpair");
	if (fcntl(sv[0], F_SETOWN, getpgrp() > 0 ? -getpgrp() : 0) == -1 ||
	    fcntl(sv[0], F_SETSIG, SIGKILL) == -1 ||
	    fcntl(sv[0], F_SETFL, O_ASYNC | O_NONBLOCK) == -1)
		return held("F_SETOWN");
	return write(sv[1], "x", 1) == 1 ? DONE : held("write");
}

TRY(warden_sigio)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		return held("socketpair");
	if (fcntl(sv[0], F_SETOWN, warden) == -1 ||
	    fcntl(sv[0], F_SETSIG, SIGKILL) == -1 ||
	    fcntl(sv[0], F_SETFL, O_ASYNC | O_NONBLOCK) == -1)
		return held("F_SETOWN");
	return write(sv[1], "x", 1) == 1 ? DONE : held("write");
}

/* A child of our parent: a namespace ends when its last entry is reaped. */
TRY(sibling)
{
	pid_t pid;

	pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	return pid == -1 ? held("clone") : DONE;
}

static enum verdict
leave_stray(void)
{
	if (fork() == 0) {
		setsid();
		alarm(STRAY_LIFE);
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		for (;;)
			pause();
	}
	return DONE;
}

TRY(stray)
{
	return leave_stray();
}

/* Without descriptors an init cannot look into /proc. */
TRY(stray_unseen)
{
	struct rlimit none = { 0, 0 };

	if (warden != 0)
		prlimit(warden, RLIMIT_NOFILE, &none, NULL);
	return leave_stray();
}

/* A pidfd of the leader is as good as the group's number. */
TRY(group_pidfd)
{
	int fd;

	if (leader == 0)
		return held("no leader that can be named");
	if ((fd = (int)syscall(SYS_pidfd_open, leader, 0)) == -1)
		return held("pidfd_open");
	return syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 4) == -1 ?
	    held("pidfd_send_signal") : DONE;
}
