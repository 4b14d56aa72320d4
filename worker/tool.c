#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "policy.h"
#include "proto.h"
#include "sabotage.h"
#include "sandbox.h"
#include "xalloc.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC	(1U << 2)
#endif

#define PROGRESS_FD	3	/* in the tool */
#define NMORE		3	/* strings in the environment */
#define ASIDE		16	/* above all that the tool is to have */

static char progress_env[] = "SIGBOX_PROGRESS_FD=3";

struct failure {
	int	error;
	char	step[TOOL_STEP_MAX];
};

/* The strings in s, ended by NULL, with room for more; NULL: not such. */
static char **
vector(struct bytes s)
{
	size_t i, n = 0;
	char **v;

	if (s.len > 0 && s.data[s.len - 1] != '\0')
		return NULL;
	for (i = 0; i < s.len; i++)
		n += s.data[i] == '\0';
	v = xcalloc(n + NMORE + 1, sizeof(*v));
	n = 0;
	for (i = 0; i < s.len; i += strlen(s.data + i) + 1)
		/* execve() wants it so; nobody writes to it. */
		v[n++] = (char *)(uintptr_t)(s.data + i);
	return v;
}

static bool
is_private(const char *entry)
{
	return strncmp(entry, "HOME=", 5) == 0 ||
	    strncmp(entry, "TMPDIR=", 7) == 0;
}

/* HOME and TMPDIR are a folder of its own, if it has one. */
static void
complete(char **env, const struct policy *p)
{
	char **from = env;

	for (; *from != NULL; from++)
		if (p->tmp == NULL || !is_private(*from))
			*env++ = *from;
	*env++ = progress_env;
	if (p->tmp != NULL) {
		*env++ = xasprintf("HOME=%s", p->tmp);
		*env++ = xasprintf("TMPDIR=%s", p->tmp);
	}
	*env = NULL;
}

static int
pipe_to_us(struct tool *t, int which)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	t->ours[which] = fds[0];
	t->theirs[which] = fds[1];
	return 0;
}

/* A file, so that the tool may read it when and as often as it likes. */
static int
input_file(struct bytes input)
{
	int fd;

	if ((fd = memfd_create("input", MFD_CLOEXEC)) == -1)
		return -1;
	if (fd_write_all(fd, input.data, input.len) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	fd_close(&fd);
	return -1;
}

static int
open_input(struct tool *t, const struct frame_start *f)
{
	int fds[2];

	if (f->stream) {
		if (pipe2(fds, O_CLOEXEC) == -1)
			return -1;
		t->theirs[TOOL_IN] = fds[0];
		t->ours[TOOL_IN] = fds[1];
		return fd_nonblock(fds[1]);
	}
	if (f->input.len > 0)
		t->theirs[TOOL_IN] = input_file(f->input);
	else
		t->theirs[TOOL_IN] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return t->theirs[TOOL_IN] == -1 ? -1 : 0;
}

int
tool_init(struct tool *t, const struct frame_start *f, struct policy *p,
    const char **step)
{
	int i;

	for (i = 0; i < TOOL_NPIPES; i++)
		t->ours[i] = t->theirs[i] = -1;
	t->cgroup = PROTO_FD_CGROUP;
	t->task = f->task;
	t->path = xmemdup(f->path.data, f->path.len);
	t->policy = p;
	t->limits = (struct limits){ f->nofile, f->nproc, f->as, f->fsize,
	    f->cpu };
	*step = "start";
	errno = EINVAL;
	if ((t->argv = vector(f->argv)) == NULL || t->argv[0] == NULL ||
	    (t->env = vector(f->env)) == NULL || t->path[0] != '/')
		return -1;
	complete(t->env, p);
	*step = "stdin";
	if (open_input(t, f) == -1)
		return -1;
	*step = "pipes";
	for (i = TOOL_OUT; i < TOOL_NPIPES; i++)
		if (pipe_to_us(t, i) == -1)
			return -1;
	return 0;
}

static void
close_all(int *fds)
{
	int i;

	for (i = 0; i < TOOL_NPIPES; i++)
		fd_close(&fds[i]);
}

void
tool_close_ours(struct tool *t)
{
	close_all(t->ours);
}

void
tool_close_theirs(struct tool *t)
{
	close_all(t->theirs);
	fd_close(&t->cgroup);
}

/* Up first and then down: no order of the old numbers can be wrong. */
static int
place(struct tool *t)
{
	int i;

	for (i = 0; i < TOOL_NPIPES; i++) {
		int fd = fcntl(t->theirs[i], F_DUPFD_CLOEXEC, ASIDE);

		if (fd == -1)
			return -1;
		t->theirs[i] = fd;
	}
	for (i = 0; i < SANDBOX_FDS; i++)
		if (dup2(t->theirs[i], i) == -1)
			return -1;
	return 0;
}

/* Nothing else crosses the exec, the status pipe not either (B4). */
static void
seal(void)
{
	struct rlimit r;
	rlim_t fd;

	if (sabotage("descriptors") && dup(STDIN_FILENO) != -1)
		return;
	if (syscall(SYS_close_range, SANDBOX_FDS, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0)
		for (fd = SANDBOX_FDS; fd < r.rlim_cur && fd < 1 << 20; fd++)
			fd_cloexec((int)fd, 1);
}

/* What the supervisor was started with is no business of the tool's. */
static void
default_signals(void)
{
	sigset_t none;
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		signal(signo, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
say_failure(int fd, const char *step)
{
	struct failure f = { .error = errno };

	strlcpy(f.step, step, sizeof(f.step));
	fd_write_all(fd, &f, sizeof(f));
	_exit(PROTO_EXIT_REFUSED);
}

void
tool_run(struct tool *t)
{
	const char *step = "descriptors";
	int ok;

	ok = place(t) == 0;
	if (ok) {
		seal();
		umask(022);
		step = "cgroup";
		ok = limits_join(t->cgroup) == 0;
	}
	if (ok) {
		step = "limits";
		ok = limits_set(&t->limits) == 0 &&
		    sandbox_enter(t->policy, &step) == 0;
	}
	if (ok) {
		default_signals();
		step = "exec";
		execve(t->path, t->argv, t->env);
	}
	say_failure(t->theirs[TOOL_STATUS], step);
	__builtin_unreachable();
}

int
tool_wait(struct tool *t, char *step)
{
	struct failure f;
	ssize_t n;

	n = fd_read_all(t->ours[TOOL_STATUS], &f, sizeof(f));
	fd_close(&t->ours[TOOL_STATUS]);
	if (n != (ssize_t)sizeof(f))
		return 0;
	memcpy(step, f.step, TOOL_STEP_MAX);
	step[TOOL_STEP_MAX - 1] = '\0';
	errno = f.error;
	return -1;
}
