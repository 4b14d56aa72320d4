/* sigbox-worker: runs one tool for sigboxd, which starts it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include "fd.h"
#include "identity.h"
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

/* Nothing was read, and nothing will be. */
static int
refuse(const char *step)
{
	int error = errno;

	wire_init(&task.wire, FRAME_BY_SUPERVISOR);
	line_say(&task, &(struct frame){ .type = FRAME_HELLO,
	    .hello = { .version = PROTO_VERSION, .pid = (uint64_t)getpid() } });
	line_say(&task, &(struct frame){ .type = FRAME_REFUSED,
	    .refused = { .step = bytes_of(step), .error = (uint64_t)error,
	    .why = bytes_of(strerror(error)) } });
	line_flush(&task);
	return PROTO_EXIT_REFUSED;
}

int
main(int argc, char **argv, char **envp)
{
	struct ucred supervisor;
	const char *step;
	socklen_t len = sizeof(supervisor);
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (identity_take(&step) == -1)
		return refuse(step);
	log_init(LOG_LEVEL_INFO);
	if (getsockopt(PROTO_FD_SOCKET, SOL_SOCKET, SO_PEERCRED, &supervisor,
	    &len) == -1)
		fatalx(EX_USAGE, "sigbox-worker: is started by sigboxd");
	if (is_orphan(&supervisor))
		return PROTO_EXIT_ORPHAN;
	/* Of an exec by descriptor the kernel makes a number. */
	prctl(PR_SET_NAME, PROTO_NAME);
	title_init(argc, argv, envp);
	settle_descriptors();
	if (limits_no_core() == -1)
		fatal("core limit");
	return work_run(&task);
}
