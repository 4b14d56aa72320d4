#include "boundary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caps.h"
#include "fd.h"
#include "policy.h"
#include "proto.h"
#include "sandbox.h"
#include "title.h"
#include "tool.h"
#include "userns.h"

static int
fail(char *step, const char *what)
{
	strlcpy(step, what, BOUNDARY_STEP_MAX);
	return -1;
}

void
boundary_init(struct boundary *b)
{
	*b = (struct boundary){ .ctl = -1, .rep = -1, .map = -1 };
	oom_open(&b->oom);
}

/*
 * What maps root's folder must be made here, where the host's processes still
 * have their numbers.
 */
static int
make_map(struct boundary *b, const struct policy *p, const char **step)
{
	*step = "user namespace of the working folder";
	if (!policy_is_walled(p) || !policy_is_writable(p) || !p->cwd_is_root)
		return 0;
	return (b->map = userns_of_root(p->uid, p->gid)) == -1 ? -1 : 0;
}

static int
make_namespaces(struct boundary *b, const struct policy *p, char *step)
{
	const char *at;

	if (make_map(b, p, &at) == -1 || sandbox_unshare(p, &at) == -1)
		return fail(step, at);
	return 0;
}

/*
 * The keeper's child can only join a group of our session, so that stays the
 * supervisor's; its terminal must not come along.
 */
static void
leave_terminal(void)
{
	int fd;

	if ((fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)) == -1)
		return;
	ioctl(fd, TIOCNOTTY);
	fd_close(&fd);
}

static int
give_up_caps(char *step)
{
	if (caps_drop() == -1)
		return fail(step, "capabilities of the worker");
	return 0;
}

/* If the keeper is killed, what it kept is handed to us. */
static int
prepare_keeper(char *step)
{
	leave_terminal();
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return fail(step, "subreaper");
	return give_up_caps(step);
}

/* What is ours alone must not live on in a guard: ends are signals here. */
static void
close_workers(void)
{
	int fds[] = { PROTO_FD_SOCKET, PROTO_FD_OUT, PROTO_FD_ERR,
	    PROTO_FD_CWD };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		fd_close(&fds[i]);
}

/* From here on they lead us nowhere but past the walls. */
static void
leave_host(void)
{
	int fds[] = { PROTO_FD_LIFELINE, PROTO_FD_CWD };

	fd_close(&fds[0]);
	fd_close(&fds[1]);
}

static void __attribute__((noreturn))
be_guard(const struct boundary *b, int ctl, int rep, struct tool *t)
{
	struct guard g = { .ctl = ctl, .rep = rep,
	    .lifeline = PROTO_FD_LIFELINE };

	close_workers();
	title_set("t%ju %s", (uintmax_t)t->task, b->is_keeper ? "keeper" : "init");
	if (b->is_keeper)
		keeper_run(&g, t, getppid());
	tool_close_ours(t);
	tool_close_theirs(t);
	init_run(&g, t->policy, b->map);
}

int
boundary_raise(struct boundary *b, struct tool *t, char *step)
{
	int ctl[2], rep[2] = { -1, -1 };

	b->is_keeper = t->policy->tier != TIER_FULL;
	if ((b->is_keeper ? prepare_keeper(step) :
	    make_namespaces(b, t->policy, step)) == -1)
		return -1;
	if (pipe2(ctl, O_CLOEXEC) == -1)
		return fail(step, "pipes of the guard");
	b->ctl = ctl[1];
	if (pipe2(rep, O_CLOEXEC) == -1) {
		fd_close(&ctl[0]);
		return fail(step, "pipes of the guard");
	}
	b->rep = rep[0];
	if ((b->guard = fork()) == 0) {
		fd_close(&ctl[1]);
		fd_close(&rep[0]);
		be_guard(b, ctl[0], rep[1], t);
	}
	fd_close(&ctl[0]);
	fd_close(&rep[1]);
	fd_close(&b->map);
	leave_host();
	if (b->guard != -1)
		return 0;
	b->guard = 0;
	return fail(step, "fork of the guard");
}

bool
boundary_hear(struct boundary *b, struct guard_report *r)
{
	return fd_read_all(b->rep, r, sizeof(*r)) == (ssize_t)sizeof(*r);
}

/* The report that must come now. */
static int
expect(struct boundary *b, enum guard_said said, struct guard_report *r,
    char *step)
{
	if (!boundary_hear(b, r)) {
		errno = ECHILD;
		return fail(step, "death of the guard");
	}
	if (r->said == said)
		return 0;
	errno = r->said == GUARD_FAILED ? r->a : EPROTO;
	return fail(step, r->text);
}

int
boundary_arm(struct boundary *b, const struct tool *t, char *step)
{
	struct guard_report r;
	const char *at;

	if (expect(b, GUARD_READY, &r, step) == -1)
		return -1;
	if (!b->is_keeper && sandbox_stand(t->policy, &at) == -1)
		return fail(step, at);
	/*
	 * Not before the fork, which needs its own files in /proc once; and
	 * not after the capabilities, which let nobody trace us so far.
	 */
	if (prctl(PR_SET_DUMPABLE, 0) == -1)
		return fail(step, "dumpable");
	return b->is_keeper ? 0 : give_up_caps(step);
}

static int
start_by_keeper(struct boundary *b, char *step)
{
	struct guard_report r;

	if (setpgid(0, 0) == -1)
		return fail(step, "group");
	boundary_order(b, GUARD_START);
	if (expect(b, GUARD_STARTED, &r, step) == -1)
		return -1;
	b->tool = r.a;
	return 0;
}

static int
start_in_namespace(struct boundary *b, struct tool *t, char *step)
{
	if (setsid() == -1)
		return fail(step, "session");
	oom_raise(&b->oom);
	if ((b->tool = fork()) == 0) {
		fd_close(&b->ctl);
		fd_close(&b->rep);
		tool_run(t);
	}
	oom_lower(&b->oom);
	oom_close(&b->oom);
	if (b->tool != -1)
		return 0;
	b->tool = 0;
	return fail(step, "fork of the tool");
}

int
boundary_start(struct boundary *b, struct tool *t, char *step)
{
	int r;

	r = b->is_keeper ? start_by_keeper(b, step) :
	    start_in_namespace(b, t, step);
	tool_close_theirs(t);
	return r;
}

void
boundary_order(struct boundary *b, enum guard_order order)
{
	char c = (char)order;

	/* To a dead guard: its end is reported by its end. */
	if (b->ctl != -1)
		fd_write_all(b->ctl, &c, 1);
}

void
boundary_kill(struct boundary *b)
{
	if (b->guard == 0)
		return;
	if (b->is_keeper)
		boundary_order(b, GUARD_CLEAR);
	else
		kill(b->guard, SIGKILL);
}
