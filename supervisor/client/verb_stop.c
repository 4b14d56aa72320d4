/* Hands on tasks: stop, suspend, resume. Each says what became of each. */
#include "show.h"
#include "verb.h"

enum stop_row { ALL, GRACE, NOW, EXPECT };

static const struct verb_option stop_options[] = {
	{ "all", 'a', NULL, "every task of the session" },
	{ "grace", 'g', "SECONDS", "from TERM to KILL, if not the tool's own" },
	{ "now", 0, NULL, "no grace" },
	{ "expect", 0, "STATE", "only if it is in this state" },
	{ NULL }
};

static void
on_item(void *arg, const struct frame_item *i)
{
	const struct client *c = arg;
	struct buf line = { 0 };
	json_t *o = NULL;

	if (c->json)
		buf_add_bytes(&line, i->json);
	else if (c->quiet || (o = value_parse(i->json)) == NULL)
		return;
	else
		show_task(&line, o);
	buf_putc(&line, '\n');
	show_bytes(buf_bytes(&line));
	buf_fini(&line);
	json_decref(o);
}

static int
stop(struct client *c, struct frame *f, const char *id)
{
	static const struct ask_ops ops = { .item = on_item };

	f->stop.id = bytes_of(id);
	return ask_do(&c->ask, f, &ops, c);
}

static int
run_stop(struct client *c)
{
	struct frame f = { .type = FRAME_STOP };
	int status = 0, one;

	if ((c->opt[ALL] != NULL) == (c->argc > 0))
		return verb_usage(c, "either ids or --all");
	if (c->opt[GRACE] != NULL &&
	    !verb_seconds(c->opt[GRACE], &f.stop.grace_ms))
		return verb_usage(c, "--grace %s: not a time", c->opt[GRACE]);
	f.stop.now = c->opt[NOW] != NULL ||
	    (c->opt[GRACE] != NULL && f.stop.grace_ms == 0);
	f.stop.session = bytes_of(c->session);
	f.stop.expect = bytes_of(c->opt[EXPECT]);
	if (c->opt[ALL] != NULL)
		return stop(c, &f, "all");
	for (int i = 0; i < c->argc; i++)
		if ((one = stop(c, &f, c->argv[i])) != 0 && status == 0)
			status = one;
	return status;
}

const struct verb verb_stop = {
	.name = "stop",
	.operands = "ID...",
	.about = "stop tasks: TERM, grace, KILL, until nothing is left",
	.options = stop_options,
	.max = -1,
	.run = run_stop,
};

enum { SUSPEND_EXPECT };

static const struct verb_option suspend_options[] = {
	{ "expect", 0, "STATE", "only if it is in this state" },
	{ NULL }
};

static int
each(struct client *c, enum frame_type type)
{
	static const struct ask_ops ops = { .item = on_item };
	struct frame f = { .type = type };
	int status = 0, one;

	for (int i = 0; i < c->argc; i++) {
		if (type == FRAME_SUSPEND) {
			f.suspend.session = bytes_of(c->session);
			f.suspend.id = bytes_of(c->argv[i]);
			f.suspend.expect = bytes_of(c->opt[SUSPEND_EXPECT]);
		} else {
			f.resume.session = bytes_of(c->session);
			f.resume.id = bytes_of(c->argv[i]);
			f.resume.expect = bytes_of(c->opt[SUSPEND_EXPECT]);
		}
		if ((one = ask_do(&c->ask, &f, &ops, c)) != 0 && status == 0)
			status = one;
	}
	return status;
}

static int
run_suspend(struct client *c)
{
	return each(c, FRAME_SUSPEND);
}

const struct verb verb_suspend = {
	.name = "suspend",
	.operands = "ID...",
	.about = "let tasks stand still; their time limits do, too",
	.options = suspend_options,
	.min = 1,
	.max = -1,
	.run = run_suspend,
};

static int
run_resume(struct client *c)
{
	return each(c, FRAME_RESUME);
}

const struct verb verb_resume = {
	.name = "resume",
	.operands = "ID...",
	.about = "let suspended tasks go on",
	.options = suspend_options,
	.min = 1,
	.max = -1,
	.run = run_resume,
};
