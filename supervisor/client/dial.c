#include "dial.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "proto.h"
#include "runtime.h"
#include "show.h"
#include "xalloc.h"

#define ANSWER_MS	10000	/* from being accepted to WELCOME */
#define START_MS	5000	/* for another's supervisor to come or to go */

static int
connect_to(const char *path)
{
	struct sockaddr_un sun;
	int fd;

	if (runtime_address(&sun, path) == -1)
		return -1;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	if (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    fd_nonblock(fd) == -1)
		fd_close(&fd);
	return fd;
}

/* The caller frees. */
static char *
supervisor_path(void)
{
	const char *env = getenv("SIGBOX_SUPERVISOR");
	char self[4096], *slash, *path;
	ssize_t n;

	if (env != NULL && *env != '\0')
		return xstrdup(env);
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > 0) {
		self[n] = '\0';
		if ((slash = strrchr(self, '/')) != NULL) {
			*slash = '\0';
			path = xasprintf("%s/sigboxd", self);
			if (access(path, X_OK) == 0)
				return path;
			free(path);
		}
	}
	return xstrdup("sigboxd");
}

/* In the child; the write end of words does not block, see start(). */
static void
become(const char *path, int words)
{
	char *argv[] = { xstrdup("sigboxd"), NULL };
	sigset_t none;
	int null;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	if ((null = open("/dev/null", O_RDWR)) == -1 ||
	    dup2(null, 0) == -1 || dup2(null, 1) == -1 || dup2(words, 2) == -1)
		_exit(EX_OSERR);
	execvp(path, argv);
	dprintf(2, "%s: %s\n", path, strerror(errno));
	_exit(127);
}

/* Its last line is the reason; what stands before may be its log. */
static char *
last_line(char *text)
{
	size_t n = strlen(text);
	char *line;

	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	line = strrchr(text, '\n');
	return line == NULL ? text : line + 1;
}

/*
 * The supervisor goes into the background by itself, and what we started
 * exits 0 as soon as it accepts; so its exit is the news. Its words come by a
 * pipe that never makes it wait, since we read only after that exit.
 */
static int
start(char *words, size_t size)
{
	char *path = supervisor_path();
	int p[2] = { -1, -1 }, status = -1;
	ssize_t n;
	pid_t pid;

	words[0] = '\0';
	if (pipe2(p, O_CLOEXEC | O_NONBLOCK) == -1 || (pid = fork()) == -1) {
		strlcpy(words, strerror(errno), size);
		goto done;
	}
	if (pid == 0)
		become(path, p[1]);
	fd_close(&p[1]);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if ((n = read(p[0], words, size - 1)) > 0)
		words[n] = '\0';
	else
		snprintf(words, size, "%s: %s %d", path,
		    WIFSIGNALED(status) ? "killed by signal" : "exit code",
		    WIFSIGNALED(status) ? WTERMSIG(status) :
		    WEXITSTATUS(status));
	status = WIFEXITED(status) ? WEXITSTATUS(status) : EX_OSERR;
done:
	fd_close(&p[0]);
	fd_close(&p[1]);
	free(path);
	return status;
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/*
 * Another client may have started one a moment ago, or an old one may be on
 * its way out and hold its lock until it is gone: then ours says "try again"
 * (75), and so we do for a while.
 */
static int
connect_or_start(const char *path, int *status)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	uint64_t until = now_ms() + START_MS;
	char words[4096];
	int fd, code;

	for (;;) {
		if ((code = start(words, sizeof(words))) == 0 ||
		    code == EX_TEMPFAIL) {
			if ((fd = connect_to(path)) != -1)
				return fd;
			if (code == 0)
				strlcpy(words, strerror(errno), sizeof(words));
		}
		if (code != EX_TEMPFAIL || now_ms() >= until)
			break;
		nanosleep(&pause, NULL);
	}
	show_error("no supervisor: %s", last_line(words));
	*status = EX_UNAVAILABLE;
	return -1;
}

/* A folder in a shared /tmp could be anybody's trap; one to be made is not. */
static bool
is_trap(const char *folder)
{
	const char *why;

	if (runtime_check(folder, &why) == 0 || errno == ENOENT)
		return false;
	show_error("no supervisor: %s: %s", folder, why);
	return true;
}

static int
reach(bool may_start, int *status)
{
	char *folder = runtime_folder(), *path = runtime_socket();
	int fd = -1;

	if (is_trap(folder)) {
		*status = EX_NOPERM;
	} else if ((fd = connect_to(path)) != -1) {
		*status = 0;
	} else if (errno == EACCES || errno == EPERM) {
		show_error("%s: %s", path, strerror(errno));
		*status = EX_NOPERM;
	} else if (!may_start || (errno != ENOENT && errno != ECONNREFUSED)) {
		show_error("no supervisor: %s: %s", path, strerror(errno));
		*status = EX_UNAVAILABLE;
	} else {
		fd = connect_or_start(path, status);
	}
	free(path);
	free(folder);
	return fd;
}

/* NULL: it said WELCOME. */
static const char *
greet(struct wire *w, int fd, uint64_t *pid)
{
	struct frame f = { .type = FRAME_OPEN };
	struct pollfd p = { .fd = fd, .events = POLLIN };
	enum wire_status s;

	f.open.version = PROTO_VERSION;
	wire_send(w, &f);
	if (wire_flush(w, fd) != 1)
		return "it closed the line";
	while ((s = wire_next(w, &f)) == WIRE_MORE) {
		if (poll(&p, 1, ANSWER_MS) != 1)
			return "it does not answer";
		if (wire_fill(w, fd) == -1)
			return "it closed the line";
	}
	if (s == WIRE_BREACH)
		return w->why;
	if (f.welcome.version != PROTO_VERSION)
		return "it is of another version";
	*pid = f.welcome.pid;
	w->phase = FRAME_IN_TALK;
	return NULL;
}

int
dial(struct wire *w, bool may_start, uint64_t *pid, int *status)
{
	const char *why;
	int fd;

	wire_init(w, FRAME_BY_SUPERVISOR);
	if ((fd = reach(may_start, status)) == -1)
		return -1;
	if ((why = greet(w, fd, pid)) == NULL)
		return fd;
	show_error("no supervisor: %s", why);
	*status = EX_UNAVAILABLE;
	fd_close(&fd);
	return -1;
}
