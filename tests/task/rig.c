#include "rig.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"
#include "loop.h"
#include "machine.h"
#include "spool.h"
#include "xalloc.h"

#define NOBODY		65534
#define PATIENCE	UINT64_C(20000000)	/* us */

/* Without Landlock its tier is refused, so there is nothing to try in it. */
struct criterion_test_params
rig_cases(void)
{
	static struct rig_case cases[] = {
		{ TIER_FULL, PROFILE_WORKSPACE, false },
		{ TIER_NONE, PROFILE_NONE, false },
		{ TIER_LANDLOCK, PROFILE_WORKSPACE, false },
		{ TIER_FULL, PROFILE_WORKSPACE, true },
		{ TIER_NONE, PROFILE_NONE, true },
		{ TIER_LANDLOCK, PROFILE_WORKSPACE, true },
	};
	size_t n = sizeof(cases) / sizeof(cases[0]) / 2;

	if (machine_landlock() < 1) {
		n--;
		memmove(cases + n, cases + n + 1, n * sizeof(cases[0]));
	}
	return cr_make_param_array(struct rig_case, cases,
	    geteuid() == 0 ? 2 * n : n);
}

static void
become_nobody(void)
{
	cr_assert_eq(setgroups(0, NULL), 0);
	cr_assert_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
	cr_assert_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
	/* As after an exec: what it owns in /proc is its own. */
	prctl(PR_SET_DUMPABLE, 1);
}

static void
make_canary(struct rig *r)
{
	int fd;

	snprintf(r->canary, sizeof(r->canary), "/tmp/sigbox-canary-XXXXXX");
	cr_assert_neq(fd = mkstemp(r->canary), -1);
	cr_assert_eq(fchmod(fd, 0444), 0);
	fd_close(&fd);
}

void
rig_init_with(struct rig *r, const struct rig_case *at, const char *worker)
{
	char *why = NULL;

	memset(r, 0, sizeof(*r));
	r->at = *at;
	if (!at->is_root && geteuid() == 0)
		become_nobody();
	r->mark = (unsigned long)getpid() * 100000 + 70000;
	snprintf(r->dir, sizeof(r->dir), "/tmp/sigbox-test-XXXXXX");
	cr_assert_not_null(mkdtemp(r->dir));
	/* The tool's working folder, when the tool is not us. */
	cr_assert_eq(chmod(r->dir, 0777), 0);
	make_canary(r);
	r->loop = loop_new();
	r->shop = shop_new(r->loop, worker, &why);
	cr_assert_not_null(r->shop, "%s", why);
}

void
rig_init(struct rig *r, const struct rig_case *at)
{
	rig_init_with(r, at, WORKER);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

void
rig_remove(struct rig *r)
{
	cr_expect_eq(unlink(r->canary), 0);
	cr_expect_eq(nftw(r->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void
rig_fini(struct rig *r)
{
	shop_free(r->shop);
	loop_free(r->loop);
	cr_expect_eq(rig_wait_none(r->mark, 1000), 0, "something is left");
	rig_remove(r);
}

static void
on_running(void *arg, const struct child_running *c)
{
	struct rig_task *t = arg;

	t->running = true;
	t->init = c->init;
	t->tool = c->tool;
}

static void
copy(char *to, size_t size, struct bytes b)
{
	snprintf(to, size, "%.*s", (int)b.len, b.data);
}

static void
on_refused(void *arg, const struct child_refusal *c)
{
	struct rig_task *t = arg;

	t->refused = true;
	copy(t->step, sizeof(t->step), c->step);
	copy(t->why, sizeof(t->why), c->why);
}

static void
on_progress(void *arg, unsigned percent, struct bytes text)
{
	struct rig_task *t = arg;

	t->progressed = true;
	t->percent = percent;
	copy(t->text, sizeof(t->text), text);
}

static void
on_grew(void *arg, uint64_t out, uint64_t err)
{
	struct rig_task *t = arg;

	t->out = out;
	t->err = err;
}

static void
on_fed(void *arg, size_t waiting)
{
	struct rig_task *t = arg;

	(void)waiting;
	t->fed = true;
}

static void
on_exited(void *arg, const struct child_exit *e)
{
	struct rig_task *t = arg;

	cr_expect_not(t->exited, "exited twice");
	t->exited = true;
	t->exit = *e;
	copy(t->names, sizeof(t->names), e->names);
}

static void
on_suspended(void *arg, bool complete)
{
	struct rig_task *t = arg;

	t->suspended = true;
	t->complete = complete;
}

static void
on_outside(void *arg, bool stopped)
{
	struct rig_task *t = arg;

	if (stopped)
		t->outside_stop = true;
	else
		t->outside_cont = true;
}

static void
on_note(void *arg, struct bytes what, struct bytes why)
{
	struct rig_task *t = arg;

	t->noted = true;
	snprintf(t->note, sizeof(t->note), "%.*s: %.*s", (int)what.len,
	    what.data, (int)why.len, why.data);
}

static void
on_gone(void *arg, const struct child_end *end)
{
	struct rig_task *t = arg;

	cr_expect_not(t->gone, "gone twice");
	t->gone = true;
	t->end = *end;
	copy(t->end_why, sizeof(t->end_why), bytes_of(end->why));
	t->end.why = t->end_why;
	child_free(t->child);
	t->child = NULL;
}

static void
on_seen(void *arg, size_t watch, uint64_t count, struct bytes line)
{
	struct rig_task *t = arg;

	t->saw = true;
	t->nreports++;
	t->seen[watch] += count;
	copy(t->line, sizeof(t->line), line);
}

static void
on_gauged(void *arg, uint64_t cpu_us, bool partial, struct bytes line)
{
	struct rig_task *t = arg;

	t->gauged = true;
	t->cpu_us = cpu_us;
	t->partial = partial;
	copy(t->line, sizeof(t->line), line);
}

static const struct child_ops ops = {
	.seen = on_seen, .gauged = on_gauged,
	.running = on_running, .refused = on_refused,
	.progress = on_progress, .grew = on_grew, .fed = on_fed,
	.exited = on_exited, .suspended = on_suspended,
	.stopped_outside = on_outside, .note = on_note, .gone = on_gone
};

static char	env[256], argv[1 << 16];

struct child_spec
rig_spec(struct rig *r, const char *script)
{
	struct buf a = { 0 }, e = { 0 };
	struct child_spec s = {
		.tool = "tool", .session = "main", .path = "/bin/sh",
		.profile = r->at.profile, .tier = r->at.tier,
		.canary = r->canary,
		.out_fd = -1, .err_fd = -1, .cwd_fd = -1,
		.drop = r->at.is_root, .uid = NOBODY, .gid = NOBODY
	};

	buf_add(&a, "sh\0-c", 6);
	buf_add(&a, script, strlen(script) + 1);
	cr_assert(a.len <= sizeof(argv));
	memcpy(argv, a.data, a.len);
	s.argv = (struct bytes){ argv, a.len };
	buf_printf(&e, "PATH=/usr/bin:/bin%cMARK=%lu%c", 0, r->mark, 0);
	memcpy(env, e.data, e.len);
	s.env = (struct bytes){ env, e.len };
	buf_fini(&a);
	buf_fini(&e);
	return s;
}

void
rig_start(struct rig_task *t, struct rig *r, struct child_spec *s)
{
	char *why = NULL;

	memset(t, 0, sizeof(*t));
	t->rig = r;
	t->task = s->task = r->mark + ++r->ntasks;
	cr_assert_eq(spool_make(r->dir, t->task, &s->out_fd, &s->err_fd), 0);
	s->cwd_fd = open(r->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	t->child = child_spawn(r->shop, s, &ops, t, &why);
	cr_assert_not_null(t->child, "%s", why);
	fd_close(&s->out_fd);
	fd_close(&s->err_fd);
	fd_close(&s->cwd_fd);
}

void
rig_sh(struct rig_task *t, struct rig *r, const char *script)
{
	struct child_spec s = rig_spec(r, script);

	rig_start(t, r, &s);
}

struct waiting {
	struct rig		*rig;
	bool			(*is)(const void *);
	const void		*arg;
	bool			 late;
};

static void
after_turn(void *arg)
{
	struct waiting *w = arg;

	if (w->late || w->is(w->arg))
		loop_stop(w->rig->loop);
}

static void
on_late(void *arg)
{
	struct waiting *w = arg;

	w->late = true;
}

static void
turn_until(struct rig *r, bool (*is)(const void *), const void *arg)
{
	struct waiting w = { r, is, arg, false };
	struct alarm *late;

	if (is(arg))
		return;
	late = alarm_new(r->loop, on_late, &w);
	alarm_at(late, loop_now() + machine_slowly(PATIENCE));
	loop_run(r->loop, after_turn, &w);
	alarm_free(late);
	cr_assert_not(w.late, "what was waited for did not come");
}

static bool
is_true(const void *fact)
{
	return *(const bool *)fact;
}

void
rig_until(struct rig *r, const bool *fact)
{
	turn_until(r, is_true, fact);
}

struct output {
	struct rig_task	*task;
	const char	*text;
};

static bool
has_output(const void *arg)
{
	const struct output *o = arg;
	size_t len;
	char *out = rig_read(o->task, "out", &len);
	bool found;

	cr_assert_not(o->task->gone, "it ended: %s", o->task->end_why);
	found = strstr(out, o->text) != NULL;
	free(out);
	/* It can be there before we hear of RUNNING, and nothing is asked then. */
	return found && o->task->running;
}

/* The worker tells of what grew, so the loop turns when there is more. */
void
rig_until_output(struct rig_task *t, const char *text)
{
	struct output o = { t, text };

	turn_until(t->rig, has_output, &o);
}

void
rig_run(struct rig_task *t, struct rig *r, const char *script)
{
	rig_sh(t, r, script);
	rig_until(r, &t->gone);
}

char *
rig_read(struct rig_task *t, const char *stream, size_t *len)
{
	struct buf b = { 0 };
	struct spool_part part;
	uint64_t at = 0;

	do {
		if (spool_read(t->rig->dir, t->task, stream[0] == 'o' ?
		    SPOOL_OUT : SPOOL_ERR, at, buf_room(&b, 1 << 16), 1 << 16,
		    &part) == -1)
			break;
		b.len += part.len;
		at += part.lost + part.len;
	} while (part.len > 0);
	*len = b.len;
	return buf_take(&b);
}

void
rig_touch(struct rig *r, const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	cr_assert_neq(fd, -1);
	fd_close(&fd);
}

static ssize_t
slurp(const char *pid, const char *name, char *text, size_t size)
{
	char path[300];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = fd_read_all(fd, text, size - 1);
	fd_close(&fd);
	if (n >= 0)
		text[n] = '\0';
	return n;
}

char
rig_state(pid_t pid)
{
	char text[1024], number[16], *at;

	snprintf(number, sizeof(number), "%d", (int)pid);
	if (slurp(number, "stat", text, sizeof(text)) <= 0 ||
	    (at = strrchr(text, ')')) == NULL)
		return 0;
	return at[2];
}

/*
 * The mark's last two digits count tasks. A worker's title may reach into what
 * was its environment, so only a tool's is told by MARK.
 */
static bool
bears(const char *pid, const char *name, const char *before,
    unsigned long mark)
{
	static char text[1 << 17];
	char what[32];
	ssize_t n;

	n = slurp(pid, name, text, sizeof(text));
	snprintf(what, sizeof(what), "%s%lu", before, mark / 100);
	return n > 0 && memmem(text, (size_t)n, what, strlen(what)) != NULL;
}

int
rig_alive(unsigned long mark)
{
	struct dirent *e;
	int n = 0;
	DIR *d;

	cr_assert_not_null(d = opendir("/proc"));
	while ((e = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]) ||
		    rig_state((pid_t)atol(e->d_name)) == 'Z')
			continue;
		if (bears(e->d_name, "cmdline", "", mark) ||
		    bears(e->d_name, "environ", "", mark))
			n++;
	}
	closedir(d);
	return n;
}

/* In state D it is the parent of a vfork that is to stop when it is let go. */
static bool
is_still(const char *pid)
{
	char state = rig_state((pid_t)atol(pid)), text[4096], *at;

	if (state != 'D' || slurp(pid, "status", text, sizeof(text)) <= 0)
		return strchr("TtZ", state) != NULL;
	at = strstr(text, "\nShdPnd:");
	return at != NULL &&
	    (strtoull(at + 8, NULL, 16) & 1U << (SIGSTOP - 1)) != 0;
}

bool
rig_is_still(unsigned long mark)
{
	struct dirent *e;
	bool still = true;
	DIR *d;

	cr_assert_not_null(d = opendir("/proc"));
	while ((e = readdir(d)) != NULL)
		if (isdigit((unsigned char)e->d_name[0]) &&
		    bears(e->d_name, "environ", "MARK=", mark))
			still &= is_still(e->d_name);
	closedir(d);
	return still;
}

int
rig_wait_none(unsigned long mark, int ms)
{
	uint64_t until = loop_now() + machine_slowly((uint64_t)ms * 1000);
	int n;

	while ((n = rig_alive(mark)) > 0 && loop_now() < until) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		poll(NULL, 0, 1);
	}
	return n;
}
