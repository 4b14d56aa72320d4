#include "crate.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "child.h"
#include "fd.h"
#include "loop.h"
#include "xalloc.h"

#define PATIENCE	UINT64_C(30000000)	/* us */

struct crate {
	struct loop	*loop;
	struct shop	*shop;
	struct alarm	*late;
	int		 cwd;
	uint64_t	 ntasks;
};

static char	folder[] = "/tmp/sigbox-bench-XXXXXX";
static char	canary[sizeof(folder) + 8];

static void
leave(void)
{
	unlink(canary);
	rmdir(folder);
}

void
crate_become(void)
{
	if (geteuid() != 0)
		return;
	if (setgroups(0, NULL) == -1 ||
	    setresgid(CRATE_USER, CRATE_USER, CRATE_USER) == -1 ||
	    setresuid(CRATE_USER, CRATE_USER, CRATE_USER) == -1)
		err(EX_OSERR, "user %d", CRATE_USER);
	/* As after an exec: what it owns in /proc is its own. */
	prctl(PR_SET_DUMPABLE, 1);
}

static void
on_late(void *arg)
{
	(void)arg;
	errx(EX_SOFTWARE, "what was waited for did not come");
}

struct crate *
crate_new(void)
{
	struct crate *c = xcalloc(1, sizeof(*c));
	char *why;
	int fd;

	if (mkdtemp(folder) == NULL)
		err(EX_CANTCREAT, "%s", folder);
	atexit(leave);
	snprintf(canary, sizeof(canary), "%s.canary", folder);
	if (chmod(folder, 0777) == -1 ||
	    (c->cwd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    (fd = open(canary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0644)) == -1)
		err(EX_CANTCREAT, "%s", folder);
	fd_close(&fd);
	c->loop = loop_new();
	c->late = alarm_new(c->loop, on_late, NULL);
	if ((c->shop = shop_new(c->loop, WORKER, &why)) == NULL)
		errx(EX_OSERR, "%s", why);
	return c;
}

void
crate_free(struct crate *c)
{
	shop_free(c->shop);
	alarm_free(c->late);
	loop_free(c->loop);
	fd_close(&c->cwd);
	free(c);
}

const char *
crate_folder(const struct crate *c)
{
	(void)c;
	return folder;
}

static void
on_running(void *arg, const struct child_running *r)
{
	struct crate_task *t = arg;

	t->running = true;
	t->init = r->init;
	t->tool = r->tool;
}

static void
on_refused(void *arg, const struct child_refusal *r)
{
	(void)arg;
	errx(EX_UNAVAILABLE, "refused: %.*s: %.*s", (int)r->step.len,
	    r->step.data, (int)r->why.len, r->why.data);
}

static void
on_grew(void *arg, uint64_t out, uint64_t error)
{
	struct crate_task *t = arg;

	(void)out;
	(void)error;
	t->grew = true;
}

static void
on_suspended(void *arg, bool complete)
{
	struct crate_task *t = arg;

	t->suspended = true;
	t->complete = complete;
}

static void
on_exited(void *arg, const struct child_exit *e)
{
	struct crate_task *t = arg;

	(void)e;
	t->exited = true;
}

static void
on_gone(void *arg, const struct child_end *end)
{
	struct crate_task *t = arg;

	if (end->how != CHILD_DONE)
		errx(EX_SOFTWARE, "worker: %s", end->why);
	child_free(t->child);
	t->child = NULL;
	t->gone = true;
}

static const struct child_ops ops = {
	.running = on_running, .refused = on_refused, .grew = on_grew,
	.exited = on_exited, .suspended = on_suspended, .gone = on_gone
};

static size_t
join(char *to, size_t size, const char *const *words)
{
	size_t n = 0;

	for (; *words != NULL; words++)
		n += strlcpy(to + n, *words, size - n) + 1;
	return n;
}

/* Of one stream of one task; in memory, so that no disk blurs what we take. */
static int
spool(void)
{
	int fd;

	if ((fd = memfd_create("spool", MFD_CLOEXEC)) == -1 ||
	    fcntl(fd, F_SETFL, O_APPEND) == -1)
		err(EX_OSERR, "spool");
	return fd;
}

void
crate_start(struct crate *c, struct crate_task *t, enum tier tier,
    const char *const *argv, const char *tools)
{
	static const char env[] = "PATH=/usr/bin:/bin";
	char words[4096], *why;
	struct child_spec s = {
		.task = ++c->ntasks, .tool = "bench", .session = "bench",
		.path = argv[0], .env = { env, sizeof(env) }, .tier = tier,
		.profile = tier == TIER_NONE ? PROFILE_NONE :
		    PROFILE_WORKSPACE,
		.tools = tools, .canary = canary,
		.out_fd = spool(), .err_fd = spool(), .cwd_fd = c->cwd,
		.drop = geteuid() == 0, .uid = CRATE_USER, .gid = CRATE_USER
	};

	s.argv = (struct bytes){ words, join(words, sizeof(words), argv) };
	*t = (struct crate_task){ 0 };
	t->child = child_spawn(c->shop, &s, &ops, t, &why);
	if (t->child == NULL)
		errx(EX_OSERR, "%s", why);
	fd_close(&s.out_fd);
	fd_close(&s.err_fd);
	t->worker = child_pid(t->child);
}

struct waiting {
	struct loop	*loop;
	const bool	*fact;
};

static void
stop_if_so(void *arg)
{
	const struct waiting *w = arg;

	if (*w->fact)
		loop_stop(w->loop);
}

void
crate_until(struct crate *c, const bool *fact)
{
	struct waiting w = { c->loop, fact };

	alarm_at(c->late, loop_now() + PATIENCE);
	if (!*fact)
		loop_run(c->loop, stop_if_so, &w);
	alarm_off(c->late);
}
