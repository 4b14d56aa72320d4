/* A task that waits to start is moved, or waits for others. */
#include "show.h"
#include "verb.h"

enum row { FIRST, LAST, PRIORITY, AFTER, AFTER_IF, EXPECT };

static const struct verb_option options[] = {
	{ "first", 'f', NULL, "before all others of the session that wait" },
	{ "last", 'l', NULL, "behind them" },
	{ "priority", 0, "low|normal|high", "among those that wait" },
	{ "after", 0, "IDS", "not before these tasks have ended; none: at once" },
	{ "after-if", 0, "ok|any", "and if they ended with 0 (ok), or anyhow" },
	{ "expect", 0, "STATE", "only if it is in this state" },
	{ NULL }
};

static void
on_item(void *arg, const struct frame_item *i)
{
	const struct client *c = arg;
	json_t *o = value_parse(i->json);
	struct buf line = { 0 };

	if (c->json) {
		show_line(i->json);
	} else if (o != NULL && !c->quiet) {
		show_task(&line, o);
		buf_putc(&line, '\n');
		show_bytes(buf_bytes(&line));
	}
	buf_fini(&line);
	json_decref(o);
}

static int
run(struct client *c)
{
	static const struct ask_ops ops = { .item = on_item };
	struct frame f = { .type = FRAME_MOVE };

	if (c->opt[FIRST] != NULL && c->opt[LAST] != NULL)
		return verb_usage(c, "either --first or --last");
	f.move.id = bytes_of(c->argv[0]);
	f.move.place = bytes_of(c->opt[FIRST] != NULL ? "first" :
	    c->opt[LAST] != NULL ? "last" : "");
	f.move.priority = bytes_of(c->opt[PRIORITY]);
	f.move.after = bytes_of(c->opt[AFTER]);
	f.move.after_if = bytes_of(c->opt[AFTER_IF]);
	f.move.expect = bytes_of(c->opt[EXPECT]);
	return ask_do(&c->ask, &f, &ops, c);
}

const struct verb verb_move = {
	.name = "move",
	.operands = "ID",
	.about = "change when a task starts that waits for its turn",
	.options = options,
	.min = 1,
	.max = 1,
	.run = run,
};
