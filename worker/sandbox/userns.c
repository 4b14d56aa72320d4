#include "userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "proto.h"

static int
write_file(const char *path, const char *text)
{
	int fd, r;

	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) == -1)
		return -1;
	r = fd_write_all(fd, text, strlen(text));
	fd_close(&fd);
	return r;
}

static int
map(uid_t uid_inside, uid_t uid, gid_t gid_inside, gid_t gid)
{
	char text[64];

	if (write_file("/proc/self/setgroups", "deny") == -1)
		return -1;
	snprintf(text, sizeof(text), "%u %u 1", gid_inside, gid);
	if (write_file("/proc/self/gid_map", text) == -1)
		return -1;
	snprintf(text, sizeof(text), "%u %u 1", uid_inside, uid);
	return write_file("/proc/self/uid_map", text);
}

int
userns_map_self(uid_t uid, gid_t gid)
{
	return map(uid, uid, gid, gid);
}

/*
 * Says how it went, and lives until it is killed; if nobody hears it, its parent
 * died before the death signal was set.
 */
static void __attribute__((noreturn))
hold(int say, uid_t uid, gid_t gid)
{
	int error = 0;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    unshare(CLONE_NEWUSER) == -1 || map(0, uid, 0, gid) == -1)
		error = errno;
	if (fd_write_all(say, &error, sizeof(error)) == -1)
		_exit(PROTO_EXIT_ORPHAN);
	for (;;)
		pause();
}

static int
open_of(pid_t pid, int hear)
{
	char path[64];
	int error;

	if (fd_read_all(hear, &error, sizeof(error)) !=
	    (ssize_t)sizeof(error)) {
		errno = ECHILD;
		return -1;
	}
	if (error != 0) {
		errno = error;
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

int
userns_of_root(uid_t uid, gid_t gid)
{
	int line[2], fd, error;
	pid_t pid;

	if (pipe2(line, O_CLOEXEC) == -1)
		return -1;
	if ((pid = fork()) == 0) {
		fd_close(&line[0]);
		hold(line[1], uid, gid);
	}
	fd_close(&line[1]);
	fd = pid == -1 ? -1 : open_of(pid, line[0]);
	error = errno;
	fd_close(&line[0]);
	if (pid != -1) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	errno = error;
	return fd;
}
