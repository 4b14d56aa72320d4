#include "fake_supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "fd.h"
#include "proto.h"
#include "xalloc.h"

#define NARGS	16

void
fake_init(struct fake *s)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	*s = (struct fake){ .version = PROTO_VERSION, .fd = -1, .in = -1,
	    .out_fd = -1, .err_fd = -1 };
	strlcpy(s->folder, "/tmp/sigbox-client.XXXXXX", sizeof(s->folder));
	cr_assert(mkdtemp(s->folder) != NULL);
	s->path = xasprintf("%s/sigbox.sock", s->folder);
	strlcpy(sun.sun_path, s->path, sizeof(sun.sun_path));
	s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert(bind(s->listener, (struct sockaddr *)&sun,
	    sizeof(sun)) == 0);
	cr_assert(listen(s->listener, 4) == 0);
}

void
fake_fini(struct fake *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	if (s->fd != -1)
		wire_fini(&s->wire);
	fd_close(&s->fd);
	fd_close(&s->listener);
	fd_close(&s->in);
	if (!s->is_tty)
		fd_close(&s->out_fd);
	fd_close(&s->err_fd);
	unlink(s->path);
	rmdir(s->folder);
	free(s->path);
	buf_fini(&s->out);
	buf_fini(&s->err);
}

/* In the child. */
static void
become_client(const struct fake *s, char **argv)
{
	char path[] = "PATH=/usr/bin:/bin", term[64], no_colour[64];
	char utf8[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC";
	char supervisor[128], runtime[128], asan[] = "ASAN_OPTIONS="
	    "detect_leaks=1:exitcode=99";
	char ubsan[] = "UBSAN_OPTIONS=halt_on_error=1:exitcode=99";
	char *env[] = { path, term, no_colour, utf8, zone, supervisor,
	    runtime, asan, ubsan, NULL };
	sigset_t none;

	snprintf(term, sizeof(term), "TERM=%s",
	    s->term == NULL ? "dumb" : s->term);
	snprintf(no_colour, sizeof(no_colour), "NO_COLOR=%s",
	    s->no_colour == NULL ? "" : s->no_colour);
	snprintf(runtime, sizeof(runtime), "SIGBOX_RUNTIME=%s", s->folder);
	snprintf(supervisor, sizeof(supervisor), "SIGBOX_SUPERVISOR=%s",
	    s->program == NULL ? "/nonexistent/sigboxd" : s->program);
	/* A test that is killed takes its client along. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGHUP, SIG_DFL);	/* nohup(1) may have started us */
	argv[0] = getenv("SIGBOX");
	execve(s->client == NULL ? argv[0] : s->client, argv, env);
	_exit(127);
}

void
fake_run_argv(struct fake *s, char **argv)
{
	int in[2], out[2], err[2];

	cr_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
	    pipe2(err, O_CLOEXEC) == 0);
	if ((s->pid = fork()) == 0) {
		dup2(in[0], 0);
		dup2(s->stdout_path == NULL ? out[1] :
		    open(s->stdout_path, O_WRONLY), 1);
		dup2(err[1], 2);
		become_client(s, argv);
	}
	fd_close(&in[0]);
	fd_close(&out[1]);
	fd_close(&err[1]);
	s->in = in[1];
	s->out_fd = out[0];
	s->err_fd = err[0];
}

static void
collect(va_list ap, char **argv)
{
	int n = 1;

	do
		argv[n] = va_arg(ap, char *);
	while (argv[n++] != NULL && n < NARGS);
}

void
fake_run(struct fake *s, ...)
{
	char *argv[NARGS];
	va_list ap;

	va_start(ap, s);
	collect(ap, argv);
	va_end(ap);
	fake_run_argv(s, argv);
}

void
fake_run_tty(struct fake *s, ...)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	char *argv[NARGS];
	va_list ap;
	int fd;

	va_start(ap, s);
	collect(ap, argv);
	va_end(ap);
	if ((s->pid = forkpty(&fd, NULL, NULL, &size)) == 0)
		become_client(s, argv);
	cr_assert(s->pid > 0);
	s->in = s->out_fd = fd;
	s->is_tty = true;
}

void
fake_type(struct fake *s, const char *text)
{
	cr_assert(fd_write_all(s->in, text, strlen(text)) == 0);
}

void
fake_close_stdin(struct fake *s)
{
	fd_close(&s->in);
}

static void
wait_for(int fd, const char *what)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	cr_assert(poll(&p, 1, FAKE_DEADLINE_MS) == 1, "no %s", what);
}

static void
next(struct fake *s, struct frame *f)
{
	enum wire_status status;

	while ((status = wire_next(&s->wire, f)) == WIRE_MORE) {
		wait_for(s->fd, "frame");
		cr_assert(wire_fill(&s->wire, s->fd) != -1,
		    "the client ended the line");
	}
	cr_assert(status == WIRE_FRAME, "%s", s->wire.why);
}

void
fake_greet(struct fake *s)
{
	struct frame f;

	wait_for(s->listener, "client");
	s->fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	cr_assert(s->fd != -1 && fd_nonblock(s->fd) == 0);
	wire_init(&s->wire, FRAME_BY_CLIENT);
	next(s, &f);
	cr_assert(f.type == FRAME_OPEN && f.open.version == PROTO_VERSION);
	s->wire.phase = FRAME_IN_TALK;
	f = (struct frame){ .type = FRAME_WELCOME };
	f.welcome.version = s->version;
	f.welcome.pid = 1U << 30;	/* of no process */
	fake_send(s, &f);
}

void
fake_hear(struct fake *s, struct frame *f, enum frame_type type)
{
	if (s->fd == -1)
		fake_greet(s);
	next(s, f);
	cr_assert(f->type == type, "%s came, not %s", frame_name(f->type),
	    frame_name(type));
}

void
fake_send(struct fake *s, const struct frame *f)
{
	struct pollfd p = { .fd = s->fd, .events = POLLOUT };
	int left;

	wire_send(&s->wire, f);
	while ((left = wire_flush(&s->wire, s->fd)) == 0)
		cr_assert(poll(&p, 1, FAKE_DEADLINE_MS) == 1);
	/* -1: it has left, which may be what the test is about. */
}

void
fake_item(struct fake *s, uint64_t request, const char *json)
{
	struct frame f = { .type = FRAME_ITEM };

	f.item.request = request;
	f.item.json = bytes_of(json);
	fake_send(s, &f);
}

void
fake_shown(struct fake *s, uint64_t request, const char *turn,
    const char *text)
{
	struct frame f = { .type = FRAME_SHOWN };

	f.shown.request = request;
	f.shown.session = BYTES("main");
	f.shown.turn = bytes_of(turn);
	f.shown.text = bytes_of(text);
	fake_send(s, &f);
}

void
fake_output(struct fake *s, uint64_t request, uint64_t offset,
    struct bytes data, bool ended)
{
	struct frame f = { .type = FRAME_OUTPUT };

	f.output.request = request;
	f.output.offset = offset;
	f.output.data = data;
	f.output.ended = ended;
	fake_send(s, &f);
}

void
fake_done(struct fake *s, uint64_t request, uint64_t status, const char *why)
{
	struct frame f = { .type = FRAME_DONE };

	f.done.request = request;
	f.done.status = status;
	f.done.why = bytes_of(why);
	fake_send(s, &f);
}

void
fake_hang_up(struct fake *s)
{
	if (s->fd != -1)
		wire_fini(&s->wire);
	fd_close(&s->fd);
}

void
fake_vanish(struct fake *s)
{
	fd_close(&s->listener);
	unlink(s->path);
	fake_hang_up(s);
}

/* 0: that was all; a terminal ends with EIO. */
static ssize_t
take(int *fd, struct buf *b, bool keeps)
{
	ssize_t n;

	wait_for(*fd, "output");
	n = read(*fd, buf_room(b, 65536), 65536);
	if (n > 0)
		b->len += (size_t)n;
	else if (!keeps)
		fd_close(fd);
	if (b->data != NULL)
		b->data[b->len] = '\0';
	return n > 0 ? n : 0;
}

void
fake_printed(struct fake *s, const char *text)
{
	const char *at;

	while (s->out.data == NULL ||
	    (at = strstr(s->out.data + s->matched, text)) == NULL)
		cr_assert(take(&s->out_fd, &s->out, true) > 0,
		    "it ended before it printed \"%s\"; it printed \"%s\"",
		    text, s->out.data + s->matched);
	s->matched = (size_t)(at - s->out.data) + strlen(text);
}

int
fake_end(struct fake *s)
{
	struct pollfd p[2];
	int status;

	if (!s->is_tty)
		fake_close_stdin(s);
	while (s->out_fd != -1 || s->err_fd != -1) {
		p[0] = (struct pollfd){ .fd = s->out_fd, .events = POLLIN };
		p[1] = (struct pollfd){ .fd = s->err_fd, .events = POLLIN };
		cr_assert(poll(p, 2, FAKE_DEADLINE_MS) > 0,
		    "it does not end");
		if (p[0].revents != 0)
			take(&s->out_fd, &s->out, false);
		if (p[1].revents != 0)
			take(&s->err_fd, &s->err, false);
	}
	if (s->is_tty)
		s->in = -1;
	cr_assert(waitpid(s->pid, &status, 0) == s->pid);
	s->pid = 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}
