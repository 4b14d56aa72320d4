#include "box.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "ear.h"
#include "fd.h"
#include "proto.h"
#include "xalloc.h"

#define NOBODY		65534
#define VARIABLES	10

char *
box_path(const struct box *b, const char *in_dir)
{
	return xasprintf("%s/%s", b->dir, in_dir);
}

static void
make_folder(const struct box *b, const char *name)
{
	char *path = box_path(b, name);

	if (mkdir(path, 0700) == -1)
		err(EX_CANTCREAT, "%s", path);
	free(path);
}

static void
write_conf(const struct box *b, const struct ear *e, const char *more)
{
	char *path = box_path(b, "sigbox.conf"), *key = box_path(b, "key");
	FILE *f = fopen(key, "we");

	if (f == NULL || fputs("sk-bench\n", f) == EOF || fclose(f) == EOF ||
	    chmod(key, 0600) == -1 || (f = fopen(path, "we")) == NULL)
		err(EX_CANTCREAT, "%s", key);
	fprintf(f, "[model]\nprovider=openai\nbase_url=http://127.0.0.1:%u/v1\n"
	    "model=bench\nkey_file=%s\n%s", ear_port(e), key,
	    more == NULL ? "" : more);
	if (fclose(f) == EOF)
		err(EX_CANTCREAT, "%s", path);
	free(path);
	free(key);
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

static void
remove_folder(const char *path)
{
	nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

/*
 * A process that outlives us and removes the folder when its pipe ends, also
 * where we are killed: in memory such a folder is missed.
 */
static void
guard(struct box *b)
{
	int fds[2];
	char none;

	if (pipe2(fds, O_CLOEXEC) == -1 || (b->guard_pid = fork()) == -1)
		err(EX_OSERR, "guard");
	b->guard = fds[1];
	if (b->guard_pid != 0) {
		close(fds[0]);
		return;
	}
	setsid();
	dup2(fds[0], 0);
	close_range(3, ~0U, 0);
	while (read(0, &none, 1) == -1 && errno == EINTR)
		;
	remove_folder(b->dir);
	_exit(0);
}

static const char *
parent_of(enum box_where where)
{
	const char *tmp = getenv("TMPDIR");

	if (where == BOX_IN_MEMORY && access("/dev/shm", W_OK) == 0)
		return "/dev/shm";
	return tmp == NULL ? "/tmp" : tmp;
}

struct box *
box_new(const struct ear *e, enum box_where where, const char *conf)
{
	struct box *b = xcalloc(1, sizeof(*b));
	char *work;

	signal(SIGPIPE, SIG_IGN);
	b->fd = -1;
	b->dir = xasprintf("%s/bench-XXXXXX", parent_of(where));
	if (mkdtemp(b->dir) == NULL || chmod(b->dir, 0755) == -1)
		err(EX_CANTCREAT, "%s", b->dir);
	guard(b);
	make_folder(b, "state");
	make_folder(b, "run");
	make_folder(b, "home");
	make_folder(b, "work");
	work = box_path(b, "work");
	/* Under root the tools run as the owner of their folder (B3). */
	if (geteuid() == 0 && chown(work, NOBODY, NOBODY) == -1)
		err(EX_CANTCREAT, "%s", work);
	free(work);
	write_conf(b, e, conf);
	return b;
}

void
box_forget(struct box *b)
{
	char *state = box_path(b, "state");

	remove_folder(state);
	make_folder(b, "state");
	free(state);
}

void
box_free(struct box *b)
{
	if (b->pid != 0) {
		box_stop_tasks(b);
		box_stop(b);
	}
	fd_close(&b->guard);
	waitpid(b->guard_pid, NULL, 0);
	free(b->dir);
	free(b);
}

/* The socket that it gets, and our end of a connection that waits there. */
static int
make_socket(const struct box *b, int *client)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/run/socket", b->dir);
	unlink(sun.sun_path);
	*client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || *client == -1 ||
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, 16) == -1 ||
	    connect(*client, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		err(EX_OSERR, "%s", sun.sun_path);
	return fd;
}

static char *
variable(const char *name, const char *value)
{
	return xasprintf("%s=%s", name, value == NULL ? "" : value);
}

static char *
folder_variable(const struct box *b, const char *name, const char *in_dir)
{
	return xasprintf("%s=%s/%s", name, b->dir, in_dir);
}

/* pid: room for LISTEN_PID, which only the child can fill in. */
static char **
environment(const struct box *b, char *pid)
{
	char **e = xcalloc(VARIABLES, sizeof(*e));
	size_t n = 0;

	e[n++] = pid;
	e[n++] = xstrdup("LISTEN_FDS=1");
	e[n++] = xstrdup("PATH=/usr/local/bin:/usr/bin:/bin");
	e[n++] = xstrdup("LANG=C.UTF-8");
	e[n++] = folder_variable(b, "HOME", "home");
	e[n++] = folder_variable(b, "SIGBOX_STATE", "state");
	e[n++] = folder_variable(b, "SIGBOX_RUNTIME", "run");
	e[n++] = variable("SIGBOX_WORKER", getenv("SIGBOX_WORKER"));
	return e;
}

static void
environment_free(char **e)
{
	size_t n;

	for (n = 1; e[n] != NULL; n++)
		free(e[n]);
	free(e);
}

static void
become(const struct box *b, const char *program, int listener, char **env)
{
	char conf[256], log[256], pid[32];
	char *argv[] = { (char *)"sigboxd", (char *)"-f", (char *)"-c", conf,
	    NULL };
	int fd;

	snprintf(conf, sizeof(conf), "%s/sigbox.conf", b->dir);
	snprintf(log, sizeof(log), "%s/log", b->dir);
	snprintf(pid, sizeof(pid), "LISTEN_PID=%d", (int)getpid());
	env[0] = pid;
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (listener != 3)
		dup2(listener, 3);
	else
		fcntl(3, F_SETFD, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(b->dir) == 0)
		execve(program, argv, env);
	_exit(127);
}

/* The newest words of its log, when it does not do what it should. */
static void
fail(const struct box *b, const char *what)
{
	char *path = box_path(b, "log"), text[1024] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd != -1 && lseek(fd, -1000, SEEK_END) == -1)
		lseek(fd, 0, SEEK_SET);
	if (fd_read_all(fd, text, sizeof(text) - 1) == -1)
		text[0] = '\0';
	errx(EX_SOFTWARE, "%s\n%s", what, text);
}

static void
open_wire(struct box *b)
{
	struct frame f = { .type = FRAME_OPEN,
	    .open = { .version = PROTO_VERSION } };

	wire_init(&b->wire, FRAME_BY_SUPERVISOR);
	wire_send(&b->wire, &f);
	if (wire_flush(&b->wire, b->fd) != 1)
		err(EX_PROTOCOL, "box: write");
}

/* The next frame from there; waits for it. */
static void
hear(struct box *b, struct frame *f)
{
	struct pollfd p = { b->fd, POLLIN, 0 };

	for (;;) {
		switch (wire_next(&b->wire, f)) {
		case WIRE_FRAME:
			return;
		case WIRE_BREACH:
			fail(b, b->wire.why);
			break;
		case WIRE_MORE:
			break;
		}
		if (poll(&p, 1, BOX_DEADLINE_MS) != 1)
			fail(b, "box: no answer");
		if (wire_fill(&b->wire, b->fd) == -1)
			fail(b, "box: the supervisor has left");
	}
}

double
box_start(struct box *b, const char *program)
{
	char **env = environment(b, NULL), none[] = "NOTHING=";
	int listener = make_socket(b, &b->fd);
	struct frame f;
	uint64_t before;

	if (program == NULL && (program = getenv("SIGBOXD")) == NULL)
		errx(EX_USAGE, "SIGBOXD is not set");
	env[0] = none;
	open_wire(b);
	before = bench_now();
	if ((b->pid = fork()) == -1)
		err(EX_OSERR, "fork");
	if (b->pid == 0)
		become(b, program, listener, env);
	fd_close(&listener);
	hear(b, &f);
	if (f.type != FRAME_WELCOME)
		fail(b, "box: not welcome");
	b->wire.phase = FRAME_IN_TALK;
	environment_free(env);
	return (double)(bench_now() - before) / 1e6;
}

static void
leave(struct box *b, int sig)
{
	if (b->pid == 0)
		return;
	kill(b->pid, sig);
	waitpid(b->pid, NULL, 0);
	b->pid = 0;
	fd_close(&b->fd);
	wire_fini(&b->wire);
}

void
box_stop(struct box *b)
{
	leave(b, SIGTERM);
}

void
box_kill(struct box *b)
{
	leave(b, SIGKILL);
}

uint64_t
box_ask(struct box *b, struct frame *f)
{
	struct pollfd p = { b->fd, POLLOUT, 0 };
	int rc;

	f->status.request = ++b->request;	/* all begin with it */
	wire_send(&b->wire, f);
	while ((rc = wire_flush(&b->wire, b->fd)) == 0)
		if (poll(&p, 1, BOX_DEADLINE_MS) != 1)
			fail(b, "box: it does not read");
	if (rc == -1)
		fail(b, "box: the supervisor has left");
	return b->request;
}

bool
box_hear(struct box *b, struct frame *f)
{
	char why[256];

	do
		hear(b, f);
	while (f->item.request != b->request);
	if (f->type != FRAME_DONE)
		return true;
	if (f->done.status != 0) {
		snprintf(why, sizeof(why), "box: status %ju: %.*s",
		    (uintmax_t)f->done.status, (int)f->done.why.len,
		    f->done.why.data);
		fail(b, why);
	}
	return false;
}

void
box_done(struct box *b)
{
	struct frame f;

	while (box_hear(b, &f))
		;
}

static void
read_proc(const struct box *b, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)b->pid, file);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 ||
	    (n = fd_read_all(fd, text, size - 1)) == -1)
		err(EX_NOPERM, "%s", path);
	close(fd);
	text[n] = '\0';
}

uint64_t
box_memory(const struct box *b, const char *what)
{
	char text[4096];
	const char *at;

	read_proc(b, "smaps_rollup", text, sizeof(text));
	if ((at = strstr(text, what)) == NULL)
		errx(EX_SOFTWARE, "smaps_rollup: no %s", what);
	return strtoul(at + strlen(what) + 1, NULL, 10);
}

double
box_cpu(const struct box *b)
{
	char text[128];

	read_proc(b, "schedstat", text, sizeof(text));
	return strtod(text, NULL) / 1000;
}
