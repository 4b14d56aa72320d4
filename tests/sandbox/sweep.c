#include "sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "loop.h"
#include "xalloc.h"

#define STRIDE		12
#define NCALLS_MAX	5000	/* more than any of them has */
#define DEADLINE	30	/* s, of one run */

/* Shared by the test, the supervisor and the tracer. */
struct run {
	struct tracer	 tracer;
	struct rig	 rig;
	struct rig_task	 other, task, next;
	bool		 is_clean;	/* no child was left to it */
};

static char	worker[64];

static void
after_turn(void *arg)
{
	struct rig_task *t = arg;

	if (t->out > 0 || t->gone)
		loop_stop(t->rig->loop);
}

/* What it starts lives until it is killed. */
static void
start(struct rig_task *t, struct rig *r)
{
	rig_sh(t, r, r->at.tier == TIER_LANDLOCK ?
	    "sleep 999 & echo up; wait" : "setsid sleep 999 & echo up; wait");
}

static void
run_until_up(struct rig_task *t, struct rig *r)
{
	if (t->out == 0 && !t->gone)
		loop_run(r->loop, after_turn, t);
}

/* 1 s is what a task's end may take (T4). */
static bool
has_no_child(void)
{
	uint64_t until = loop_now() + 1000000;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) != -1)
		if (pid == 0 && loop_now() > until)
			return false;
		else if (pid == 0)
			poll(NULL, 0, 1);
	return errno == ECHILD;
}

static void
finish(struct rig_task *t, struct rig *r)
{
	run_until_up(t, r);
	if (!t->gone)
		child_kill(t->child);
	rig_until(r, &t->gone);
}

static void __attribute__((noreturn))
be_supervisor(struct run *run, const struct rig_case *at, bool with_other,
    int line)
{
	struct rig *r = &run->rig;
	char c;

	alarm(DEADLINE);
	rig_init_with(r, at, worker);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (with_other) {
		start(&run->other, r);
		run_until_up(&run->other, r);
	}
	fd_write_all(line, "r", 1);
	if (fd_read_all(line, &c, 1) != 1)
		_exit(1);
	start(&run->task, r);
	finish(&run->task, r);
	if (with_other)
		finish(&run->other, r);
	rig_run(&run->next, r, "exit 3");
	run->is_clean = has_no_child();
	shop_free(r->shop);
	_exit(0);
}

/* The test's own. */

/*
 * A view of our own, in which /tmp is empty: what is left there, or mounted,
 * is ours. Only root has such means.
 */
static void
make_ground(void)
{
	int fd = open(WORKER, O_PATH);

	cr_assert_neq(fd, -1);
	snprintf(worker, sizeof(worker), "/proc/self/fd/%d", fd);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (geteuid() != 0)
		return;
	cr_assert_eq(unshare(CLONE_NEWNS), 0);
	cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	cr_assert_eq(mount("tmp", "/tmp", "tmpfs", 0, "mode=1777"), 0);
	/* So that what is mounted in a namespace below might come here. */
	cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL), 0);
}

static struct run *
new_run(void)
{
	struct run *run;

	run = mmap(NULL, sizeof(*run), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(run, MAP_FAILED);
	return run;
}

static char *
mounts(void)
{
	struct buf b = { 0 };
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	while ((n = fd_read_all(fd, buf_room(&b, 1 << 16), 1 << 16)) > 0)
		b.len += (size_t)n;
	fd_close(&fd);
	buf_add(&b, "", 1);
	return buf_take(&b);
}

static const char *
words(const struct run *run)
{
	static const char *const ways[] = { "hold", "race", "stop",
	    "stop group" };
	static char text[700];
	const struct tracer *t = &run->tracer;

	snprintf(text, sizeof(text), "%c killed at call %u of %c (%ld), %s: "
	    "task %d, %s", t->plan.victim, t->ncalls, t->plan.counted, t->call,
	    ways[t->plan.way], (int)run->task.end.how, run->task.end_why);
	return text;
}

static bool
is_sane(const struct run *run)
{
	enum child_how how = run->task.end.how;

	switch (run->tracer.plan.victim) {
	case 'W':
		return how == CHILD_KILLED || how == CHILD_DONE;
	default:
		return how == CHILD_REFUSED || how == CHILD_DONE;
	}
}

/* It said the end, once, and the next task is none the worse. */
static void
check_supervisor(const struct run *run, int status)
{
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: %#x",
	    words(run), (unsigned)status);
	cr_expect(run->task.gone && is_sane(run), "%s", words(run));
	cr_expect(run->is_clean, "a child is left: %s", words(run));
	cr_expect(run->next.end.how == CHILD_DONE && run->next.end.code == 3,
	    "%s: then %s", words(run), run->next.end_why);
}

/* As a subreaper we are the parent of whatever lost its own. */
static void
check_processes(const struct run *run)
{
	char path[64], name[64];
	int fd, pid, n;
	FILE *f;

	if (has_no_child())
		return;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	cr_assert_not_null(f = fopen(path, "re"));
	while (fscanf(f, "%d", &pid) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = (int)fd_read_all(fd, name, sizeof(name));
		fd_close(&fd);
		cr_expect_fail("%d (%.*s, %c) is left: %s", pid, n < 0 ? 0 : n,
		    name, rig_state(pid), words(run));
		kill(pid, SIGKILL);
	}
	fclose(f);
	has_no_child();
}

static void
check_files(struct run *run)
{
	struct dirent *e;
	char path[300];
	DIR *d;

	rig_remove(&run->rig);
	if (geteuid() != 0)
		return;
	cr_assert_not_null(d = opendir("/tmp"));
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.') {
			cr_expect_fail("%s is left: %s", e->d_name,
			    words(run));
			snprintf(path, sizeof(path), "/tmp/%s", e->d_name);
			remove(path);
		}
	closedir(d);
}

static pid_t
fork_supervisor(struct run *run, const struct rig_case *at, bool with_other,
    int *line)
{
	int fds[2];
	pid_t pid;
	char c;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	if ((pid = fork()) == 0) {
		fd_close(&fds[0]);
		be_supervisor(run, at, with_other, fds[1]);
	}
	fd_close(&fds[1]);
	cr_assert_eq(fd_read_all(fds[0], &c, 1), 1);
	*line = fds[0];
	return pid;
}

/* false: it was not killed, for there are no calls any more. */
static bool
run_one(struct run *run, const struct rig_case *at, const struct sweep *pair)
{
	int line, status;
	pid_t pid, tracer;

	memset(run, 0, sizeof(*run));
	run->tracer.plan = pair->plan;
	pid = fork_supervisor(run, at, pair->with_other, &line);
	tracer = tracer_start(&run->tracer, pid);
	cr_assert_neq(tracer, -1, "%s", strerror(errno));
	send(line, "g", 1, MSG_NOSIGNAL);	/* it may be dead */
	cr_assert_eq(waitpid(tracer, &status, 0), tracer);
	cr_expect_eq(status, 0);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	fd_close(&line);
	if (pair->plan.victim != 'S' || !run->tracer.killed)
		check_supervisor(run, status);
	else
		cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	check_processes(run);
	check_files(run);
	return run->tracer.killed;
}

static unsigned
seed(void)
{
	const char *s = getenv("SWEEP_SEED");
	unsigned n = s == NULL ? (unsigned)loop_now() :
	    (unsigned)strtoul(s, NULL, 10);

	fprintf(stderr, "# SWEEP_SEED=%u\n", n);
	return n;
}

/* Until there is nothing left to kill; how often there was. */
static unsigned
run_all(struct run *run, const struct rig_case *at, struct sweep *pair,
    unsigned first, unsigned step)
{
	unsigned n = 0;

	pair->plan.nth = first;
	while (run_one(run, at, pair)) {
		pair->plan.nth = run->tracer.ncalls + step;
		cr_assert_lt(++n, NCALLS_MAX);
	}
	return n;
}

static void
sweep(const struct rig_case *at, struct sweep *pair)
{
	static unsigned random;
	bool all = getenv("SWEEP_ALL") != NULL;
	unsigned step = all ? 1 : STRIDE, n;
	struct run *run = new_run();
	char *before = mounts(), *after;

	if (random == 0)
		random = seed();
	n = run_all(run, at, pair, 1 + (unsigned)rand_r(&random) % step, step);
	after = mounts();
	cr_expect_str_eq(after, before);
	free(before);
	free(after);
	if (all)
		fprintf(stderr, "# %s: %u times\n", words(run), n);
	munmap(run, sizeof(*run));
}

void
sweep_pairs(const struct rig_case *at, struct sweep p, const char *const *pairs,
    size_t n)
{
	size_t i;

	make_ground();
	/* Of root's folder a helper makes the map. */
	strlcpy(p.plan.children, at->tier != TIER_FULL ? "I" :
	    at->is_root ? "HIT" : "IT", sizeof(p.plan.children));
	for (i = 0; i < n; i++) {
		p.plan.counted = pairs[i][0];
		p.plan.victim = pairs[i][1];
		if (strchr(pairs[i], 'H') == NULL ||
		    p.plan.children[0] == 'H')
			sweep(at, &p);
	}
}
