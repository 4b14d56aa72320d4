#include "rig.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROC_TEXT	(64 << 10)
#define PROC_MAX	4096

/* A file of /proc/PID, NULs as blanks; "" if it is gone or not ours. */
static char *
proc_text(pid_t pid, const char *file)
{
	char path[64], *text = calloc(1, PROC_TEXT + 1);
	ssize_t i, n;
	int fd;

	if (text == NULL)
		abort();
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return text;
	n = read(fd, text, PROC_TEXT);
	close(fd);
	for (i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	return text;
}

char
rig_state(pid_t pid)
{
	char *stat = proc_text(pid, "stat");
	const char *at = strrchr(stat, ')');
	char state = at == NULL || at[1] == '\0' ? '\0' : at[2];

	free(stat);
	return state;
}

uint64_t
rig_memory(pid_t pid, const char *what)
{
	char *status = proc_text(pid, "status");
	const char *at = strstr(status, what);
	uint64_t kb = at == NULL ? 0 : strtoul(at + strlen(what) + 1, NULL, 10);

	free(status);
	return kb;
}

static bool
links_to(pid_t pid, const char *what, const char *name)
{
	char path[64], target[4096];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
	if ((n = readlink(path, target, sizeof(target) - 1)) <= 0)
		return false;
	target[n] = '\0';
	return strstr(target, name) != NULL;
}

/*
 * Ours by its environment, which tools and what they start inherit in
 * SIGBOX_RIG; by its folder, should it have changed that; a worker by
 * the spools that it holds.
 */
static bool
is_ours(pid_t pid, const char *name)
{
	char fd[16], *text = proc_text(pid, "environ");
	bool ours = strstr(text, name) != NULL;
	int i;

	free(text);
	ours = ours || links_to(pid, "cwd", name);
	for (i = 0; !ours && i < 10; i++) {
		snprintf(fd, sizeof(fd), "fd/%d", i);
		ours = links_to(pid, fd, name);
	}
	return ours && rig_state(pid) != 'Z';
}

static bool
is_called(pid_t pid, const char *what)
{
	char *argv = proc_text(pid, "cmdline");
	bool is = strncmp(argv, what, strlen(what)) == 0;

	free(argv);
	return is;
}

size_t
rig_scan(const char *name, const char *text, pid_t *pids, size_t max)
{
	struct dirent *e;
	DIR *d = opendir("/proc");
	size_t n = 0;
	pid_t pid;

	while (d != NULL && (e = readdir(d)) != NULL && n < max) {
		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		pid = (pid_t)atol(e->d_name);
		if (pid != getpid() && is_ours(pid, name) &&
		    (text == NULL || is_called(pid, text)))
			pids[n++] = pid;
	}
	if (d != NULL)
		closedir(d);
	return n;
}

size_t
rig_processes(struct rig *r, const char *text)
{
	pid_t pids[PROC_MAX];

	return rig_scan(r->name, text, pids, PROC_MAX);
}

pid_t
rig_process(struct rig *r, const char *text)
{
	uint64_t deadline = rig_now() + RIG_DEADLINE_MS * 1000ULL;
	pid_t pids[PROC_MAX];
	size_t n;

	/* A shell says that it is up before it becomes what is looked for. */
	while ((n = rig_scan(r->name, text, pids, PROC_MAX)) != 1)
		if (rig_now() > deadline)
			rig_fail(r, "%zu processes have %s, not one", n, text);
	return pids[0];
}

void
rig_there(struct rig *r, const char *text)
{
	uint64_t deadline = rig_now() + RIG_DEADLINE_MS * 1000ULL;

	while (rig_processes(r, text) == 0)
		if (rig_now() > deadline)
			rig_fail(r, "no process has %s", text);
}

void
rig_gone(struct rig *r, const char *text)
{
	uint64_t deadline = rig_now() + RIG_DEADLINE_MS * 1000ULL;
	pid_t pids[PROC_MAX];
	struct pollfd p;
	char *argv;

	while (rig_scan(r->name, text, pids, PROC_MAX) > 0) {
		if (rig_now() > deadline) {
			argv = proc_text(pids[0], "cmdline");
			rig_fail(r, "process %d is left: %s", pids[0], argv);
		}
		p = (struct pollfd){ pidfd_open(pids[0], 0), POLLIN, 0 };
		if (p.fd != -1) {
			poll(&p, 1, RIG_DEADLINE_MS);
			close(p.fd);
		}
	}
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

/* Ends what is left of a rig, and its folder. */
/* Of a supervisor that was killed and had no successor. */
static void
remove_traces(const char *folder)
{
	static const char *const traces[] = { "canary0", "canary1", "probe" };
	char link[4096], to[4096];
	ssize_t n;
	size_t i;

	for (i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		snprintf(link, sizeof(link), "%s/state/%s", folder, traces[i]);
		n = readlink(link, to, sizeof(to) - 1);
		if (n > 0) {
			to[n] = '\0';
			remove(to);
		}
	}
}

void
rig_sweep(const char *name, const char *folder)
{
	pid_t pids[PROC_MAX];
	size_t i, n;
	struct pollfd p;

	while ((n = rig_scan(name, NULL, pids, PROC_MAX)) > 0) {
		for (i = 0; i < n; i++)
			kill(pids[i], SIGKILL);
		p = (struct pollfd){ pidfd_open(pids[0], 0), POLLIN, 0 };
		poll(&p, 1, 1000);
		if (p.fd != -1)
			close(p.fd);
	}
	remove_traces(folder);
	nftw(folder, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

/*
 * A process that outlives the test's: when its pipe ends without a word, the
 * test was killed or jumped out of an assertion, and it clears up behind it.
 */
int
rig_guard(const struct rig *r)
{
	int fds[2], null;
	char word;

	if (pipe2(fds, O_CLOEXEC) == -1)
		rig_fail(NULL, "pipe: %s", strerror(errno));
	if (fork() != 0) {
		close(fds[0]);
		return fds[1];
	}
	setsid();
	null = open("/dev/null", O_RDWR);
	dup2(fds[0], 3);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	close_range(4, ~0U, 0);
	if (read(3, &word, 1) != 1)
		rig_sweep(r->name, r->folder);
	_exit(0);
}

int
rig_fifo(struct rig *r, const char *name)
{
	char *path, in[256];
	int fd;

	snprintf(in, sizeof(in), "work/%s", name);
	path = rig_path(r, in);
	if (mkfifo(path, 0666) == -1 || chmod(path, 0666) == -1 ||
	    (fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)) == -1)
		rig_fail(r, "%s: %s", path, strerror(errno));
	return fd;
}

void
rig_told(int fifo, const char *text)
{
	uint64_t deadline = rig_now() + RIG_DEADLINE_MS * 1000ULL;
	struct pollfd p = { fifo, POLLIN, 0 };
	char got[4096] = "";
	size_t len = 0;
	ssize_t n;

	while (strstr(got, text) == NULL) {
		if (rig_now() > deadline || len == sizeof(got) - 1)
			rig_fail(NULL, "a tool said \"%s\", not \"%s\"", got,
			    text);
		poll(&p, 1, 100);
		/* No more than that: the rest may be another's word. */
		n = read(fifo, got + len, 1);
		if (n > 0)
			len += (size_t)n;
	}
}

void
rig_hung_up(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char drain[4096];

	do
		if (poll(&p, 1, RIG_DEADLINE_MS) != 1)
			rig_fail(NULL, "the supervisor keeps the line");
	while (read(fd, drain, sizeof(drain)) > 0);
	close(fd);
}

static bool
put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd != -1 && write(fd, text, strlen(text)) ==
	    (ssize_t)strlen(text);

	close(fd);
	return ok;
}

/*
 * A user namespace in which there are no more of them, as on a machine whose
 * administrator has set their number to none.
 */
void
rig_lose_namespaces(void)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof(uids), "%u %u 1", geteuid(), geteuid());
	snprintf(gids, sizeof(gids), "%u %u 1", getegid(), getegid());
	/* A change of user has taken /proc/self away from us. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (unshare(CLONE_NEWUSER) == -1)
		return;			/* there are none as it is */
	if (!put_text("/proc/self/setgroups", "deny") ||
	    !put_text("/proc/self/uid_map", uids) ||
	    !put_text("/proc/self/gid_map", gids) ||
	    !put_text("/proc/sys/user/max_user_namespaces", "0"))
		_exit(126);
}
