/* How a worker comes to life: its descriptors, its process, its START. */
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup.h"
#include "fd.h"
#include "loop.h"
#include "shop.h"
#include "spawn.h"
#include "text.h"
#include "xalloc.h"

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS	83
#endif

#define START_TIME	UINT64_C(30000000)	/* us */

/* What would break the table is refused here, before it is our own breach. */
#define TEXT_MAX	64
#define PATH_MAX_	4096
#define DATA_MAX	(1U << 20)
#define PATHS_MAX	(1U << 16)
#define WATCH_MAX	4096U

static bool
is_text(const char *s, size_t max)
{
	return strlen(s) <= max && text_is_valid(bytes_of(s));
}

static const char *
or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

static const char *
judge(const struct child_spec *s)
{
	if (!is_text(s->tool, TEXT_MAX) || !is_text(s->session, TEXT_MAX))
		return "names: too long";
	if (!is_text(s->path, PATH_MAX_))
		return "path: too long, or not UTF-8";
	if (s->argv.len > DATA_MAX || s->env.len > DATA_MAX)
		return "arguments: too long";
	if (s->input.len > DATA_MAX)
		return "input: too long";
	if (s->hide.len > PATHS_MAX || s->rw.len > PATHS_MAX)
		return "hide and rw: too long";
	if (s->watch.len > WATCH_MAX)
		return "patterns: too long";
	if (!is_text(or_empty(s->tools), PATH_MAX_))
		return "the tool's folder: too long, or not UTF-8";
	return NULL;
}

static void
say_start(struct child *c, const struct child_spec *s)
{
	wire_send(&c->wire, &(struct frame){ .type = FRAME_START, .start = {
	    .task = s->task,
	    .tool = bytes_of(s->tool), .session = bytes_of(s->session),
	    .path = bytes_of(s->path), .argv = s->argv, .env = s->env,
	    .input = s->input, .stream = s->stream,
	    .profile = bytes_of(profile_name(s->profile)),
	    .tier = bytes_of(tier_name(s->tier)), .net = s->net,
	    .hide = s->hide, .rw = s->rw,
	    .tools = bytes_of(or_empty(s->tools)),
	    .canary = bytes_of(or_empty(s->canary)),
	    .landlock = s->landlock, .tmp = s->tmp, .cap = s->cap,
	    .watch = s->watch,
	    .nofile = s->nofile, .nproc = s->nproc, .as = s->as,
	    .fsize = s->fsize, .cpu = s->cpu } });
}

/* Passed descriptors would be dropped by the kernel anyway, but later. */
static int
open_line(int line[2])
{
	int off = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) == -1)
		return -1;
	setsockopt(line[0], SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
	return 0;
}

/* Nobody has entered it. */
static void
drop_cgroup(struct cgroup *cgroup)
{
	int error = errno;

	if (cgroup != NULL)
		cgroup_remove(cgroup);
	cgroup_free(cgroup);
	errno = error;
}

static size_t
count_strings(struct bytes b)
{
	size_t i, n = 0;

	for (i = 0; i < b.len; i++)
		n += b.data[i] == '\0';
	return n;
}

static struct child *
new_child(struct shop *shop, const struct child_spec *s, int sock)
{
	struct child *c = xcalloc(1, sizeof(*c));

	c->shop = shop;
	c->sock = sock;
	c->stream = s->stream;
	c->cgroup = s->cgroup;
	c->nwatches = count_strings(s->watch);
	wire_init(&c->wire, FRAME_BY_WORKER);
	c->alarm = alarm_new(shop->loop, child_on_time, c);
	c->start_by = loop_now() +
	    (s->start_us == 0 ? START_TIME : s->start_us);
	child_set_alarm(c);
	/* It says HELLO meanwhile; what it does with this is up to it. */
	say_start(c, s);
	c->watch = watch_new(shop->loop, sock,
	    wire_flush(&c->wire, sock) == 0 ? LOOP_READ | LOOP_WRITE :
	    LOOP_READ, child_on_line, c);
	TAILQ_INSERT_TAIL(&shop->children, c, link);
	return c;
}

struct child *
child_spawn(struct shop *shop, const struct child_spec *s,
    const struct child_ops *ops, void *arg, char **why)
{
	const char *step = "socket", *bad;
	int line[2] = { -1, -1 }, procs = -1, pidfd;
	struct spawn spawn;
	struct child *c;
	pid_t pid;

	if ((bad = judge(s)) != NULL) {
		*why = xstrdup(bad);
		drop_cgroup(s->cgroup);
		return NULL;
	}
	if (open_line(line) == -1)
		goto fail;
	step = "cgroup";
	if (s->cgroup != NULL && (procs = cgroup_procs(s->cgroup)) == -1)
		goto fail;
	spawn = (struct spawn){ line[1], s->out_fd, s->err_fd, s->cwd_fd,
	    procs, s->drop, s->uid, s->gid, s->tier == TIER_FULL };
	if ((pid = spawner_spawn(shop->spawner, &spawn, &pidfd, &step)) == -1)
		goto fail;
	fd_close(&line[1]);
	fd_close(&procs);
	c = new_child(shop, s, line[0]);
	c->ops = ops;
	c->arg = arg;
	c->pid = pid;
	c->pidfd = pidfd;
	return c;
fail:
	*why = xasprintf("%s: %s", step, strerror(errno));
	fd_close(&line[0]);
	fd_close(&line[1]);
	fd_close(&procs);
	drop_cgroup(s->cgroup);
	return NULL;
}
