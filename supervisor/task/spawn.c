#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "xalloc.h"

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE	(1U << 1)
#endif

#define CAP_VERSION	_LINUX_CAPABILITY_VERSION_3
#define STACK_SIZE	(64U << 10)
#define GUARD_SIZE	(4U << 10)
#define WORKER_FD	PROTO_FD_END	/* in the child, until its exec */
#define NSLOTS		(WORKER_FD - PROTO_FD_SOCKET + 1)

/* Between a clone that shares our memory and its exec. */
#define BARE	__attribute__((no_sanitize("address", "undefined")))

struct spawner {
	/*
	 * Descriptors in rising order, slot[i] >= PROTO_FD_SOCKET + i. What a
	 * child shall have is put there first: then it can leave all above the
	 * last one behind without copying a table of thousands, and the move
	 * down, in order, never overwrites one that is still to be moved.
	 */
	int	 slot[NSLOTS];
	int	 null;
	int	 lifeline;	/* the write end, and nobody else has it */
	char	*stack;
	char	*path;
	bool	 flat;		/* the kernel has what the short way needs */
};

/* The long one is nothing but room for the line that ps shows (P5). */
static char *const worker_argv[] = { (char []){ "sigbox-worker" }, NULL };
static char worker_room[] = "SIGBOX_TITLE_ROOM="
    "................................................................"
    "................................................................"
    "................................................................";

struct birth {
	const struct spawner	*spawner;
	char			 as[64];
	char			*env[3];
	const char		*step;
	int			 error;
};

static int *
slot_of(struct spawner *s, enum proto_fd fd)
{
	return &s->slot[fd - PROTO_FD_SOCKET];
}

static int
keep_slots(struct spawner *s)
{
	int i, least = PROTO_FD_SOCKET;

	for (i = 0; i < NSLOTS; i++) {
		s->slot[i] = fcntl(s->null, F_DUPFD_CLOEXEC, least);
		if (s->slot[i] == -1)
			return -1;
		least = s->slot[i] + 1;
	}
	return 0;
}

static int
put(int fd, int slot)
{
	return dup3(fd, slot, O_CLOEXEC) == -1 ? -1 : 0;
}

static int
open_worker(struct spawner *s, const char *path)
{
	int fd, r;

	if ((fd = open(path, O_PATH | O_CLOEXEC)) == -1)
		return -1;
	r = put(fd, s->slot[NSLOTS - 1]);
	fd_close(&fd);
	return r;
}

static int
open_lifeline(struct spawner *s)
{
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	s->lifeline = fds[1];
	r = put(fds[0], *slot_of(s, PROTO_FD_LIFELINE));
	fd_close(&fds[0]);
	return r;
}

/* The lowest page is the guard. */
static char *
new_stack(void)
{
	void *p;

	p = mmap(NULL, STACK_SIZE + GUARD_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	mprotect(p, GUARD_SIZE, PROT_NONE);
	return p;
}

/* valgrind, gVisor and some filters lack these; then vfork does. */
static bool
is_flat(void)
{
	int fd;

	if (syscall(SYS_close_range, ~0U, ~0U, 0) == -1)
		return false;
	if ((fd = (int)syscall(SYS_pidfd_open, getpid(), 0)) == -1)
		return false;
	fd_close(&fd);
	return true;
}

struct spawner *
spawner_new(const char *worker_path, const char **step)
{
	struct spawner *s = xcalloc(1, sizeof(*s));
	int i;

	for (i = 0; i < NSLOTS; i++)
		s->slot[i] = -1;
	s->lifeline = -1;
	s->flat = is_flat();
	s->path = xstrdup(worker_path);
	*step = "/dev/null";
	if ((s->null = open("/dev/null", O_RDWR | O_CLOEXEC)) == -1 ||
	    keep_slots(s) == -1)
		goto fail;
	*step = "the worker's file";
	if (open_worker(s, worker_path) == -1)
		goto fail;
	*step = "lifeline";
	if (open_lifeline(s) == -1 || (s->stack = new_stack()) == NULL)
		goto fail;
	return s;
fail:
	spawner_free(s);
	return NULL;
}

void
spawner_free(struct spawner *s)
{
	int i, error = errno;

	if (s == NULL)
		return;
	for (i = 0; i < NSLOTS; i++)
		fd_close(&s->slot[i]);
	fd_close(&s->null);
	fd_close(&s->lifeline);
	if (s->stack != NULL)
		munmap(s->stack, STACK_SIZE + GUARD_SIZE);
	free(s->path);
	free(s);
	errno = error;
}

static BARE bool
did(struct birth *b, const char *step, long result)
{
	if (result != -1)
		return true;
	b->step = step;
	b->error = errno;
	return false;
}

/* What the worker keeps until its boundary stands: no more than this. */
static uint32_t
kept_caps(const struct spawn *s, uint32_t permitted)
{
	uint32_t want = 1U << CAP_SETPCAP;

	/* To find what it is to show, whoever it belongs to. */
	if (s->namespaces)
		want |= 1U << CAP_SYS_ADMIN | 1U << CAP_DAC_READ_SEARCH;
	return want & permitted;
}

/* Who the child is to be, once nothing of ours hangs on it. */
static bool
prepare(struct birth *b, const struct spawn *s)
{
	struct __user_cap_header_struct head = { CAP_VERSION, 0 };
	struct __user_cap_data_struct caps[2];
	char **env = b->env;

	if (s->drop && (s->uid != geteuid() || s->gid != getegid())) {
		if (!did(b, "capabilities", syscall(SYS_capget, &head, caps)))
			return false;
		snprintf(b->as, sizeof(b->as), PROTO_AS "=%u:%u:%x", s->uid,
		    s->gid, kept_caps(s, caps[0].permitted));
		*env++ = b->as;
	}
	*env++ = worker_room;
	*env = NULL;
	return true;
}

/* From here to the exec only plain system calls: the memory is the parent's. */
static BARE bool
arrange(struct birth *b)
{
	const int *slot = b->spawner->slot;
	int i;

	if (b->spawner->flat && !did(b, "close_range", syscall(SYS_close_range,
	    (unsigned)slot[NSLOTS - 1] + 1, ~0U, CLOSE_RANGE_UNSHARE)))
		return false;
	for (i = 0; i < NSLOTS; i++) {
		int fd = PROTO_FD_SOCKET + i;
		int flag = fd == WORKER_FD ? FD_CLOEXEC : 0;

		if (slot[i] != fd && !did(b, "descriptors",
		    syscall(SYS_dup3, slot[i], fd, 0)))
			return false;
		if (!did(b, "descriptors",
		    syscall(SYS_fcntl, fd, F_SETFD, flag)))
			return false;
	}
	return !b->spawner->flat || did(b, "close_range",
	    syscall(SYS_close_range, WORKER_FD + 1, ~0U, 0));
}

/*
 * It stays who we are: whoever may signal a vforked child can stop it, and its
 * parent with it. The death signal comes first, to miss as little as can be.
 */
static BARE int
be_born(void *arg)
{
	struct birth *b = arg;

	if (did(b, "death signal",
	    syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)) &&
	    arrange(b)) {
		syscall(SYS_execveat, WORKER_FD, "", worker_argv, b->env,
		    AT_EMPTY_PATH);
		if (errno == ENOSYS)
			syscall(SYS_execve, b->spawner->path, worker_argv,
			    b->env);
		did(b, "exec", -1);
	}
	syscall(SYS_exit_group, 127);
	__builtin_unreachable();
}

static pid_t
clone_flat(struct birth *b, int *pidfd)
{
	return clone(be_born, b->spawner->stack + GUARD_SIZE + STACK_SIZE,
	    CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD | SIGCHLD, b,
	    pidfd);
}

static BARE pid_t
clone_plain(struct birth *b, int *pidfd)
{
	pid_t pid;

	if ((pid = vfork()) == 0)
		be_born(b);
	if (pid > 0)
		*pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return pid;
}

static pid_t
give_birth(struct birth *b, int *pidfd)
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = b->spawner->flat ? clone_flat(b, pidfd) : clone_plain(b, pidfd);
	if (pid == -1)
		did(b, "clone", -1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

static int
fill_slots(struct spawner *s, const struct spawn *what)
{
	if (put(what->socket, *slot_of(s, PROTO_FD_SOCKET)) == -1 ||
	    put(what->out, *slot_of(s, PROTO_FD_OUT)) == -1 ||
	    put(what->err, *slot_of(s, PROTO_FD_ERR)) == -1 ||
	    put(what->cwd, *slot_of(s, PROTO_FD_CWD)) == -1 ||
	    put(what->cgroup == -1 ? s->null : what->cgroup,
	    *slot_of(s, PROTO_FD_CGROUP)) == -1)
		return -1;
	return 0;
}

/* Ours would keep the child's socket open beyond its death. */
static void
empty_slots(struct spawner *s)
{
	put(s->null, *slot_of(s, PROTO_FD_SOCKET));
	put(s->null, *slot_of(s, PROTO_FD_OUT));
	put(s->null, *slot_of(s, PROTO_FD_ERR));
	put(s->null, *slot_of(s, PROTO_FD_CWD));
	put(s->null, *slot_of(s, PROTO_FD_CGROUP));
}

pid_t
spawner_spawn(struct spawner *s, const struct spawn *what, int *pidfd,
    const char **step)
{
	struct birth b = { .spawner = s };
	pid_t pid = -1;

	*pidfd = -1;
	if (fill_slots(s, what) == -1)
		did(&b, "descriptors", -1);
	else if (prepare(&b, what))
		pid = give_birth(&b, pidfd);
	empty_slots(s);
	if (b.step == NULL)
		return pid;
	if (pid != -1)		/* it exited, or is about to */
		waitpid(pid, NULL, 0);
	fd_close(pidfd);
	*step = b.step;
	errno = b.error;
	return -1;
}
