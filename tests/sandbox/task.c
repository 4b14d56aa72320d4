#include "task.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "fd.h"
#include "loop.h"
#include "profile.h"
#include "spool.h"
#include "stage.h"

#define MANY	(1U << 17)	/* bytes of output at most */

static void
on_refused(void *arg, const struct child_refusal *r)
{
	struct task *t = arg;

	snprintf(t->refused, sizeof(t->refused), "%.*s: %.*s",
	    (int)r->step.len, r->step.data, (int)r->why.len, r->why.data);
}

/* Strays are not waited for. */
static void
on_exited(void *arg, const struct child_exit *e)
{
	struct task *t = arg;

	t->alive = e->alive;
	if (e->alive > 0)
		child_kill(t->child);
}

static void
on_note(void *arg, struct bytes what, struct bytes why)
{
	struct task *t = arg;

	snprintf(t->note, sizeof(t->note), "%.*s: %.*s", (int)what.len,
	    what.data, (int)why.len, why.data);
}

/* Nobody but the tool can have done it. */
static void
on_outside(void *arg, bool stopped)
{
	struct task *t = arg;

	t->stopped |= stopped;
	if (stopped)
		loop_stop(t->loop);
}

static void
on_gone(void *arg, const struct child_end *end)
{
	struct task *t = arg;

	t->gone = true;
	t->end = *end;
	t->end.why = NULL;
	child_free(t->child);
	t->child = NULL;
	loop_stop(t->loop);
}

static void
on_late(void *arg)
{
	struct task *t = arg;

	t->late = true;
	loop_stop(t->loop);
}

static void
after_turn(void *arg)
{
	(void)arg;
}

static const struct child_ops ops = {
	.refused = on_refused, .exited = on_exited,
	.stopped_outside = on_outside, .note = on_note, .gone = on_gone
};

/* All that a START says of the sandbox is said here. */
static struct child_spec
spec_of(struct task *t, struct bytes argv)
{
	static char env[] = "PATH=/usr/bin:/bin\0LANG=C.UTF-8";
	const struct stage *s = t->stage;

	return (struct child_spec){
		.task = ++t->ntasks, .tool = "attack", .session = "main",
		.path = s->attack, .argv = argv,
		.env = { env, sizeof(env) },
		.profile = t->profile, .tier = t->tier, .net = t->net,
		.hide = buf_bytes(&s->hide), .tools = s->tools,
		.canary = s->canary,
		.out_fd = -1, .err_fd = -1, .cwd_fd = -1,
		.drop = t->is_root, .uid = s->uid, .gid = s->uid
	};
}

static bool
start(struct task *t, const struct buf *argv)
{
	struct child_spec s = spec_of(t, buf_bytes(argv));
	char *why = NULL;

	if (spool_make(t->stage->spool, s.task, &s.out_fd, &s.err_fd) == -1)
		err(71, "spool");
	s.cwd_fd = open(t->stage->work, O_PATH | O_DIRECTORY | O_CLOEXEC);
	t->child = child_spawn(t->shop, &s, &ops, t, &why);
	fd_close(&s.out_fd);
	fd_close(&s.err_fd);
	fd_close(&s.cwd_fd);
	if (t->child == NULL)
		snprintf(t->refused, sizeof(t->refused), "%s", why);
	free(why);
	return t->child != NULL;
}

void
task_run(struct task *t, const struct buf *names, uint64_t patience)
{
	struct buf argv = { 0 };
	struct alarm *late;

	t->gone = t->late = t->stopped = false;
	t->alive = 0;
	t->note[0] = '\0';
	buf_add(&argv, "attack", sizeof("attack"));
	buf_add(&argv, t->stage->facts.data, t->stage->facts.len);
	buf_add(&argv, names->data, names->len);
	if (start(t, &argv)) {
		late = alarm_new(t->loop, on_late, t);
		alarm_at(late, loop_now() + patience);
		loop_run(t->loop, after_turn, t);
		alarm_free(late);
		child_free(t->child);
		t->child = NULL;
	}
	buf_fini(&argv);
}

char *
task_output(struct task *t)
{
	struct spool_part part;
	struct buf b = { 0 };

	if (spool_read(t->stage->spool, t->ntasks, SPOOL_OUT, 0,
	    buf_room(&b, MANY), MANY, &part) == 0)
		b.len = part.len;
	buf_putc(&b, '\n');
	return buf_take(&b);
}

void
task_init(struct task *t, struct stage *s)
{
	char *why = NULL;

	memset(t, 0, sizeof(*t));
	t->stage = s;
	t->loop = loop_new();
	if ((t->shop = shop_new(t->loop, s->worker, &why)) == NULL)
		errx(71, "%s", why);
}

void
task_fini(struct task *t)
{
	shop_free(t->shop);
	loop_free(t->loop);
}
