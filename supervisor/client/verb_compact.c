/* Long conversations: compact, fork. */
#include <unistd.h>

#include "show.h"
#include "verb.h"

static void
add_size(struct buf *b, const json_t *o, const char *items, const char *bytes)
{
	value_add(b, o, items, VALUE_PLAIN);
	buf_puts(b, " items, ");
	value_add(b, o, bytes, VALUE_PLAIN);
	buf_puts(b, " bytes");
}

/* main: 40 items, 18200 bytes -> 1 items, 900 bytes */
static void
show_end_of(const json_t *o)
{
	struct buf b = { 0 };

	value_add(&b, o, "session", VALUE_PLAIN);
	buf_puts(&b, ": ");
	value_add(&b, o, "outcome", VALUE_PLAIN);
	buf_puts(&b, ": ");
	add_size(&b, o, "items_before", "bytes_before");
	buf_puts(&b, " -> ");
	add_size(&b, o, "items_after", "bytes_after");
	show_line(buf_bytes(&b));
	buf_fini(&b);
}

static void
on_end(void *arg, const struct frame_item *i)
{
	const struct client *c = arg;
	json_t *o;

	if (c->json)
		show_line(i->json);
	else if ((o = value_parse(i->json)) != NULL) {
		show_end_of(o);
		json_decref(o);
	}
}

static struct bytes
named(const struct client *c)
{
	return bytes_of(c->argc > 0 ? c->argv[0] : c->session);
}

static int
run_compact(struct client *c)
{
	static const struct ask_ops ops = { .item = on_end };
	struct frame f = { .type = FRAME_COMPACT };

	f.compact.session = named(c);
	if (!c->quiet && isatty(STDERR_FILENO))
		show_error("compact: the model is asked for a summary");
	return ask_do(&c->ask, &f, &ops, c);
}

const struct verb verb_compact = {
	.name = "compact",
	.operands = "[SESSION]",
	.about = "sum up what is long",
	.max = 1,
	.run = run_compact,
};

static void
on_fork(void *arg, const struct frame_item *i)
{
	const struct client *c = arg;
	json_t *o;

	if (c->json)
		show_line(i->json);
	else if ((o = value_parse(i->json)) != NULL) {
		show_line(bytes_of(value_text(o, "session")));
		json_decref(o);
	}
}

static int
run_fork(struct client *c)
{
	static const struct ask_ops ops = { .item = on_fork };
	struct frame f = { .type = FRAME_FORK };

	f.fork.session = named(c);
	f.fork.name = bytes_of(c->argc > 1 ? c->argv[1] : NULL);
	return ask_do(&c->ask, &f, &ops, c);
}

const struct verb verb_fork = {
	.name = "fork",
	.operands = "[SESSION [NAME]]",
	.about = "go on from a conversation in a new session",
	.max = 2,
	.run = run_fork,
};
