/* The control: the same attempts where there is no sandbox. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "fd.h"
#include "leak.h"
#include "stage.h"
#include "trial.h"
#include "xalloc.h"

/* The words of a command line, from the facts and the attempt's name. */
static char **
words_of(const struct stage *s, const char *name)
{
	static char *v[64];
	size_t at, n = 0;

	v[n++] = xstrdup("attack");
	for (at = 0; at < s->facts.len; at += strlen(s->facts.data + at) + 1)
		v[n++] = s->facts.data + at;
	v[n++] = xstrdup(name);
	v[n] = NULL;
	return v;
}

/* As high as it comes, so that it can be taken down. */
static void
raise_oom(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd == -1 || write(fd, "500", 3) == -1)
		_exit(76);
	fd_close(&fd);
}

/*
 * Other namespaces, so that a mount that succeeds is nobody's. As the one
 * they are to be kept from, it also stands for init, keeper and worker: the
 * attempt is its child and in its group.
 */
static void
be_warden(struct stage *s, const char *name, bool is_root, int out)
{
	char **argv;
	int status;
	pid_t pid;

	if (chdir(s->work) == -1)
		_exit(71);
	if (is_root && (unshare(CLONE_NEWNS | CLONE_NEWUTS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1))
		_exit(72);
	if (!is_root && geteuid() == 0 && (setgroups(0, NULL) == -1 ||
	    setresgid(s->uid, s->uid, s->uid) == -1 ||
	    setresuid(s->uid, s->uid, s->uid) == -1))
		_exit(73);
	prctl(PR_SET_DUMPABLE, 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	raise_oom();
	leak_all(s);
	argv = words_of(s, name);
	if (dup2(out, STDOUT_FILENO) == -1)
		_exit(74);
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execve(s->attack, argv, leak_environment());
		_exit(75);
	}
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : HELD);
}

static void
hear(void *arg, const char *name)
{
	struct cell *cells = arg;
	unsigned i;

	for (i = 0; i < NATTEMPTS; i++)
		if (strcmp(attempts[i].name, name) == 0)
			cells[i].outcome = ESCAPE;
}

/* A warden that was killed or stopped is the success of it. */
static enum outcome
outcome_of(int status)
{
	if (!WIFEXITED(status))
		return ESCAPE;
	switch (WEXITSTATUS(status)) {
	case ESCAPED:
		return ESCAPE;
	case HELD:
	case DONE:
		return HELD_BACK;
	default:
		return NOT_TRIED;
	}
}

static void
try_one(struct stage *s, unsigned i, struct cell *cells)
{
	struct cell *c = &cells[i];
	int fds[2], status = 0;
	ssize_t n;
	pid_t pid;

	if (attempts[i].flags & TELL)
		stage_renew(s);
	if (pipe2(fds, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		err(71, "control");
	if (pid == 0)
		be_warden(s, attempts[i].name,
		    attempts[i].control == ROOT, fds[1]);
	fd_close(&fds[1]);
	waitpid(pid, &status, WUNTRACED);
	c->outcome = outcome_of(status);
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	if (WIFSTOPPED(status))
		waitpid(pid, NULL, 0);
	n = fd_read_all(fds[0], c->why, sizeof(c->why) - 1);
	c->why[n > 0 ? n : 0] = '\0';
	c->why[strcspn(c->why, "\n")] = '\0';
	fd_close(&fds[0]);
}

void
trial_control(struct stage *s, struct cell *cells)
{
	unsigned i;

	for (i = 0; i < NATTEMPTS; i++)
		if (attempts[i].control != NEVER &&
		    (attempts[i].control == USER || geteuid() == 0))
			try_one(s, i, cells);
	stage_hear(s, hear, cells);
}
