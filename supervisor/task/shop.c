#include "shop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "log.h"
#include "loop.h"
#include "proto.h"
#include "spawn.h"
#include "xalloc.h"

#define NCHANGES	64	/* of one turn of the loop */

struct child *
shop_find(struct shop *s, pid_t pid)
{
	struct child *c;

	TAILQ_FOREACH(c, &s->children, link)
		if (c->pid == pid && !c->reaped)
			return c;
	return NULL;
}

/* It was not exec'ed since: an init, or a keeper. */
static bool
is_of_worker(pid_t pid)
{
	char path[64], name[16];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	n = fd_read_all(fd, name, sizeof(name));
	fd_close(&fd);
	return n == sizeof(PROTO_NAME) &&
	    memcmp(name, PROTO_NAME "\n", sizeof(PROTO_NAME)) == 0;
}

/*
 * A stranger is stopped. If a dead worker left it to us, it does not hear of
 * that; awake, it ends. What else is stopped stays so.
 */
static void
wake(pid_t pid)
{
	if (is_of_worker(pid))
		kill(pid, SIGCONT);
}

static void
reap_stranger(struct shop *s, pid_t pid)
{
	siginfo_t si = { .si_pid = 0 };
	struct child *c, *next;

	if (waitid(P_PID, (id_t)pid, &si, WEXITED | WSTOPPED | WCONTINUED |
	    WNOHANG) == -1 || si.si_pid == 0 || si.si_code == CLD_CONTINUED)
		return;
	if (si.si_code == CLD_STOPPED) {
		wake(pid);
		return;
	}
	log_debug("pid %d: reaped, a stranger", (int)pid);
	TAILQ_FOREACH_SAFE(c, &s->children, link, next)
		child_lost_stranger(c, pid);
}

static void
take(struct shop *s, pid_t pid)
{
	siginfo_t si = { .si_pid = 0 };
	struct child *c;

	if ((c = shop_find(s, pid)) == NULL)
		reap_stranger(s, pid);
	else if (waitid(P_PID, (id_t)pid, &si, WEXITED | WSTOPPED |
	    WCONTINUED | WNOHANG) == 0 && si.si_pid != 0)
		child_changed(c, &si);
}

/*
 * One SIGCHLD may stand for many; the kernel shows one after the other. What
 * is nobody's is reaped as well: we are a subreaper, and a killed worker leaves
 * its init and its tool to us.
 */
static void
on_change(void *arg)
{
	struct shop *s = arg;
	siginfo_t si;
	int i;

	for (i = 0; i < NCHANGES; i++) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WSTOPPED | WCONTINUED |
		    WNOHANG | WNOWAIT) == -1 || si.si_pid == 0)
			return;
		take(s, si.si_pid);
	}
	alarm_at(s->again, 0);
}

/*
 * A death signal is sent only to whom its sender may signal: root without this
 * capability would leave its tasks, which are another user's, to live on.
 */
static bool
may_kill(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3,
	    0 };
	struct __user_cap_data_struct caps[2];

	return geteuid() != 0 || (syscall(SYS_capget, &head, caps) == 0 &&
	    (caps[0].effective & 1U << CAP_KILL));
}

struct shop *
shop_new(struct loop *loop, const char *worker_path, char **why)
{
	struct shop *s;
	const char *step = "subreaper";

	if (!may_kill()) {
		*why = xstrdup("root without CAP_KILL cannot end its tasks");
		return NULL;
	}
	s = xcalloc(1, sizeof(*s));
	TAILQ_INIT(&s->children);
	s->loop = loop;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1 ||
	    (s->spawner = spawner_new(worker_path, &step)) == NULL) {
		*why = xasprintf("%s: %s", step, strerror(errno));
		free(s);
		return NULL;
	}
	s->again = alarm_new(loop, on_change, s);
	loop_signal(loop, SIGCHLD, on_change, s);
	return s;
}

void
shop_free(struct shop *s)
{
	struct child *c, *next;

	if (s == NULL)
		return;
	TAILQ_FOREACH_SAFE(c, &s->children, link, next)
		child_destroy(c);
	spawner_free(s->spawner);
	alarm_free(s->again);
	free(s);
}
