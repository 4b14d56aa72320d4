/* Another process of the same user: the victim. */
#include "attack_procs.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOKEN	"SIGBOX_SECRET="

#define VICTIM()							\
	pid_t victim = (pid_t)number(scene.victim);			\
	if (victim == 0)						\
		return untried("no victim")

enum verdict
judge_ptrace(pid_t pid)
{
	if (pid == 0)
		return untried("nobody to trace");
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == -1)
		return held("PTRACE_SEIZE");
	return escaped("PTRACE_SEIZE");	/* our end detaches it */
}

static enum verdict
judge_vm(pid_t pid, void *at)
{
	char text[sizeof(SECRET)] = "";
	struct iovec here = { text, sizeof(text) - 1 }, there = { at,
	    sizeof(text) - 1 };

	if (pid == 0)
		return untried("nobody to read");
	return judge(process_vm_readv(pid, &here, 1, &there, 1, 0),
	    "process_vm_readv");
}

enum verdict
judge_getfd(pid_t pid, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd == -1)
		return held("pidfd_open");
	return judge(syscall(SYS_pidfd_getfd, pidfd, fd, 0), "pidfd_getfd");
}

/* Whether any of the links in /proc/PID/fd can be followed. */
enum verdict
judge_fds(pid_t pid)
{
	const char *folder = proc(pid, "fd");
	char to[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if (folder[0] == '\0')
		return untried("nobody to look at");
	if ((d = opendir(folder)) == NULL)
		return held("opendir");
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && readlink(in(folder, e->d_name),
		    to, sizeof(to)) > 0)
			return escaped(folder);
	return held("readlink");
}

/* What is in there: something. */
enum verdict
judge_text(pid_t pid, const char *name, const char *token)
{
	static char text[1 << 16];
	ssize_t n;
	int fd;

	if (pid == 0)
		return untried("nobody to read");
	if ((fd = open(proc(pid, name), O_RDONLY)) == -1 ||
	    (n = read(fd, text, sizeof(text))) == -1)
		return held(name);
	errno = 0;
	return memmem(text, (size_t)n, token, strlen(token)) != NULL ?
	    escaped(name) : held("it is not in there");
}

TRY(victim_ptrace)
{
	VICTIM();
	return judge_ptrace(victim);
}

TRY(victim_vm_read)
{
	VICTIM();
	return judge_vm(victim, (void *)(uintptr_t)strtoul(scene.victim_at,
	    NULL, 10));
}

TRY(victim_getfd)
{
	VICTIM();
	return judge_getfd(victim, (int)number(scene.victim_fd));
}

TRY(victim_mem)
{
	char text[sizeof(SECRET)] = "";
	int fd;

	VICTIM();
	if ((fd = open(proc(victim, "mem"), O_RDWR)) == -1)
		return held("open");
	return judge(pread(fd, text, sizeof(text) - 1,
	    (off_t)strtoul(scene.victim_at, NULL, 10)), "read");
}

TRY(victim_environ)
{
	VICTIM();
	return judge_text(victim, "environ", TOKEN);
}

TRY(victim_maps)
{
	VICTIM();
	return judge_text(victim, "maps", "rw-p");
}

TRY(victim_fds)
{
	VICTIM();
	return judge_fds(victim);
}

TRY(victim_cmdline)
{
	VICTIM();
	return judge_text(victim, "cmdline", "--victim");
}

TRY(victim_status)
{
	VICTIM();
	return judge_text(victim, "status", "Uid:");
}

TRY(victim_auxv)
{
	VICTIM();
	return judge_text(victim, "auxv", "");
}

TRY(victim_kill)
{
	VICTIM();
	return judge(kill(victim, SIGUSR1), "kill");
}

TRY(victim_tgkill)
{
	VICTIM();
	return judge(syscall(SYS_tgkill, victim, victim, SIGUSR1), "tgkill");
}

TRY(victim_sigqueue)
{
	VICTIM();
	return judge(sigqueue(victim, SIGUSR1, (union sigval){ 0 }),
	    "sigqueue");
}

TRY(victim_pidfd_kill)
{
	int fd;

	VICTIM();
	if ((fd = (int)syscall(SYS_pidfd_open, victim, 0)) == -1)
		return held("pidfd_open");
	return judge(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0),
	    "pidfd_send_signal");
}

/* A folder of /proc is as good as a pidfd. */
TRY(victim_proc_kill)
{
	int fd;

	VICTIM();
	if ((fd = open(proc(victim, ""), O_RDONLY | O_DIRECTORY)) == -1)
		return held("open");
	return judge(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0),
	    "pidfd_send_signal");
}

/* The kernel sends it, in the name of a socket's owner. */
TRY(victim_sigio)
{
	int sv[2];

	VICTIM();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		return held("socketpair");
	if (fcntl(sv[0], F_SETOWN, victim) == -1 ||
	    fcntl(sv[0], F_SETSIG, SIGUSR2) == -1 ||
	    fcntl(sv[0], F_SETFL, O_ASYNC | O_NONBLOCK) == -1)
		return held("F_SETOWN");
	return write(sv[1], "x", 1) == 1 ? DONE : held("write");
}

/* SIGURG by default does nothing to anybody. */
TRY(kill_all)
{
	return kill(-1, SIGURG) == -1 ? held("kill") : DONE;
}

TRY(victim_renice)
{
	VICTIM();
	return judge(setpriority(PRIO_PROCESS, (id_t)victim, 1),
	    "setpriority");
}

TRY(victim_affinity)
{
	cpu_set_t cpus;

	VICTIM();
	sched_getaffinity(0, sizeof(cpus), &cpus);
	return judge(sched_setaffinity(victim, sizeof(cpus), &cpus),
	    "sched_setaffinity");
}

TRY(victim_scheduler)
{
	struct sched_param p = { 0 };

	VICTIM();
	return judge(sched_setscheduler(victim, SCHED_BATCH, &p),
	    "sched_setscheduler");
}

TRY(victim_ioprio)
{
	VICTIM();
	return judge(syscall(SYS_ioprio_set, 1, victim, 2 << 13 | 7),
	    "ioprio_set");
}

TRY(victim_prlimit)
{
	struct rlimit r;

	VICTIM();
	if (prlimit(victim, RLIMIT_NOFILE, NULL, &r) == -1)
		return held("prlimit");
	return judge(prlimit(victim, RLIMIT_NOFILE, &r, NULL), "prlimit");
}

TRY(victim_oom)
{
	VICTIM();
	return judge_open(proc(victim, "oom_score_adj"), O_WRONLY);
}

TRY(victim_kcmp)
{
	VICTIM();
	return judge(syscall(SYS_kcmp, getpid(), victim, 0, 0, 0), "kcmp");
}

TRY(victim_pages)
{
	VICTIM();
	return judge(syscall(SYS_move_pages, victim, 0UL, NULL, NULL, NULL,
	    0), "move_pages");
}

TRY(victim_robust)
{
	void *head;
	size_t len;

	VICTIM();
	return judge(syscall(SYS_get_robust_list, victim, &head, &len),
	    "get_robust_list");
}

TRY(victim_exists)
{
	VICTIM();
	return judge(syscall(SYS_getsid, victim), "getsid");
}
