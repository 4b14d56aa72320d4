#include "show.h"
#include "verb.h"

enum row { SINCE, FOLLOW, ALL_SESSIONS };

static const struct verb_option options[] = {
	{ "since", 0, "SEQ", "only what is newer than this record" },
	{ "follow", 'f', NULL, "go on with what happens" },
	{ "all-sessions", 'A', NULL, "those of every session" },
	{ NULL }
};

static bool
is_named(const char *key)
{
	return strcmp(key, "seq") == 0 || strcmp(key, "time") == 0 ||
	    strcmp(key, "session") == 0 || strcmp(key, "kind") == 0;
}

/* What every record has, then its own fields as key=value. */
static void
on_item(void *arg, const struct frame_item *i)
{
	const struct client *c = arg;
	struct buf b = { 0 };
	json_t *o = NULL, *v;
	const char *key;

	if (c->json)
		buf_add_bytes(&b, i->json);
	else if ((o = value_parse(i->json)) == NULL)
		return;
	else {
		value_add(&b, o, "seq", VALUE_PLAIN);
		buf_putc(&b, ' ');
		value_add(&b, o, "time", VALUE_TIME);
		buf_putc(&b, ' ');
		value_add(&b, o, "session", VALUE_PLAIN);
		buf_putc(&b, ' ');
		value_add(&b, o, "kind", VALUE_PLAIN);
		json_object_foreach(o, key, v) {
			if (is_named(key) || json_is_null(v))
				continue;
			buf_printf(&b, " %s=", key);
			value_add(&b, o, key, value_guess(key));
		}
	}
	buf_putc(&b, '\n');
	show_bytes(buf_bytes(&b));
	buf_fini(&b);
	json_decref(o);
}

static int
run(struct client *c)
{
	static const struct ask_ops ops = { .item = on_item };
	struct frame f = { .type = FRAME_EVENTS };

	if (c->opt[SINCE] != NULL &&
	    !verb_number(c->opt[SINCE], &f.events.since))
		return verb_usage(c, "--since %s: not a number", c->opt[SINCE]);
	f.events.session = bytes_of(c->opt[ALL_SESSIONS] != NULL ? "*" :
	    c->session);
	f.events.follow = c->opt[FOLLOW] != NULL;
	return ask_do(&c->ask, &f, &ops, c);
}

const struct verb verb_events = {
	.name = "events",
	.operands = "",
	.about = "print what is recorded",
	.options = options,
	.run = run,
};
