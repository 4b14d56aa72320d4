/* sigbox-worker: runs one tool for sigboxd, which starts it. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "fd.h"
#include "limits.h"
#include "log.h"
#include "proto.h"
#include "title.h"
#include "work.h"

/*
 * Whoever made the socket is the supervisor: it is our parent, or it died
 * before the death signal was set.
 */
static bool
is_orphan(const struct ucred *supervisor)
{
	struct pollfd p = { .fd = PROTO_FD_LIFELINE };

	return getppid() != supervisor->pid || poll(&p, 1, 0) == -1 ||
	    (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* stderr stays the supervisor's, for our own last words. */
static void
settle_descriptors(void)
{
	int fd;

	if ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1 ||
	    dup2(fd, STDIN_FILENO) == -1 || dup2(fd, STDOUT_FILENO) == -1)
		fatal("/dev/null");
	fd_close(&fd);
	for (fd = PROTO_FD_SOCKET; fd < PROTO_FD_END; fd++)
		if (fd_cloexec(fd, 1) == -1)
			fatal("descriptor %d", fd);
	syscall(SYS_close_range, PROTO_FD_END, ~0U, 0);
}

static struct work task;

int
main(int argc, char **argv, char **envp)
{
	struct ucred supervisor;
	socklen_t len = sizeof(supervisor);
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	log_init(LOG_LEVEL_INFO);
	if (getsockopt(PROTO_FD_SOCKET, SOL_SOCKET, SO_PEERCRED, &supervisor,
	    &len) == -1)
		fatalx(EX_USAGE, "sigbox-worker: is started by sigboxd");
	if (is_orphan(&supervisor))
		return PROTO_EXIT_ORPHAN;
	/* Of an exec by descriptor the kernel makes a number. */
	prctl(PR_SET_NAME, "sigbox-worker");
	title_init(argc, argv, envp);
	settle_descriptors();
	if (limits_no_core() == -1)
		fatal("core limit");
	return work_run(&task);
}
