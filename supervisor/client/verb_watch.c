/*
 * Watching a task: the verb says what for; lines that match are in the events,
 * each in the envelope that the model gets.
 */
#include <stdlib.h>

#include "show.h"
#include "text.h"
#include "verb.h"
#include "xalloc.h"

enum row { FOLLOW };

static const struct verb_option options[] = {
	{ "follow", 'f', NULL, "print lines that match until the task ends" },
	{ NULL }
};

struct watching {
	struct client	*client;
	const char	*id, *pattern;
	char		*session;
	struct buf	 mark;		/* in the envelope of such a line */
	bool		 is_set;	/* in the journal, as far as it came */
	bool		 is_over;
	int		 status;
};

static void
add_unescaped(struct buf *b, struct bytes s)
{
	static const char *const entities[][2] = { { "&amp;", "&" },
	    { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" } };
	size_t i, n;

	while (s.len > 0) {
		for (i = 0; i < 4; i++) {
			n = strlen(entities[i][0]);
			if (s.len >= n && memcmp(s.data, entities[i][0], n) == 0)
				break;
		}
		n = i < 4 ? n : 1;
		buf_add(b, i < 4 ? entities[i][1] : s.data, 1);
		s.data += n;
		s.len -= n;
	}
}

/* What is between the two tags, if the first one bears our mark. */
static bool
find_line(const struct watching *w, const char *text, struct bytes *line)
{
	const char *mark = strstr(text, w->mark.data),
	    *from = strchr(text, '>'), *to = strrchr(text, '<');

	if (mark == NULL || from == NULL || mark > from || to <= from)
		return false;
	*line = (struct bytes){ from + 1, (size_t)(to - from - 1) };
	return true;
}

static void
show_seen(struct watching *w, const json_t *o, struct bytes json)
{
	struct buf b = { 0 };
	struct bytes line;

	if (!w->is_set || !find_line(w, value_text(o, "text"), &line))
		return;
	if (w->client->json) {
		show_line(json);
	} else {
		add_unescaped(&b, line);
		buf_putc(&b, '\n');
		show_text(buf_bytes(&b));
	}
	show_flush();
	buf_fini(&b);
}

static bool
is(const json_t *o, const char *key, const char *value)
{
	return strcmp(value_text(o, key), value) == 0;
}

static void
on_record(void *arg, const struct frame_item *i)
{
	struct watching *w = arg;
	json_t *o = value_parse(i->json);

	if (o == NULL || !is(o, "task", w->id)) {
		json_decref(o);
		return;
	}
	w->is_set |= (is(o, "kind", "task") && is(o, "watch", w->pattern)) ||
	    (is(o, "kind", "watch") && is(o, "pattern", w->pattern));
	if (is(o, "kind", "event"))
		show_seen(w, o, i->json);
	w->is_over |= is(o, "kind", "end");
	json_decref(o);
}

static void
on_done(void *arg, const struct frame_done *d)
{
	struct watching *w = arg;

	w->status = ask_verdict(&w->client->ask, d);
	w->is_over = true;
}

/* From the beginning: what was seen before we came is shown as well. */
static int
follow(struct watching *w)
{
	static const struct ask_ops ops = { .item = on_record,
	    .done = on_done };
	struct frame f = { .type = FRAME_EVENTS };
	struct ask *a = &w->client->ask;

	buf_puts(&w->mark, " seen=\"");
	text_escape(&w->mark, bytes_of(w->pattern));
	buf_puts(&w->mark, "\" matches=\"");
	f.events.session = bytes_of(w->session);
	f.events.follow = true;
	a->ops = &ops;
	a->arg = w;
	if (ask_send(a, &f) == 0)
		return a->status;
	while (!w->is_over)
		if (ask_wait(a, -1, -1) & ASK_LOST)
			return a->status;
	return w->status;
}

static void
on_task(void *arg, const struct frame_item *i)
{
	struct watching *w = arg;
	json_t *o = value_parse(i->json);

	free(w->session);
	w->session = xstrdup(value_text(o, "session"));
	if (w->client->json && w->client->opt[FOLLOW] == NULL)
		show_line(i->json);
	json_decref(o);
}

static int
run(struct client *c)
{
	static const struct ask_ops ops = { .item = on_task };
	struct watching w = { .client = c, .id = c->argv[0],
	    .pattern = c->argv[1] };
	struct frame f = { .type = FRAME_WATCH };
	int status;

	f.watch.id = bytes_of(w.id);
	f.watch.pattern = bytes_of(w.pattern);
	status = ask_do(&c->ask, &f, &ops, &w);
	if (status == 0 && c->opt[FOLLOW] != NULL)
		status = follow(&w);
	free(w.session);
	buf_fini(&w.mark);
	return status;
}

const struct verb verb_watch = {
	.name = "watch",
	.operands = "ID PATTERN",
	.about = "have the model told of lines of a task that match",
	.options = options,
	.min = 2,
	.max = 2,
	.run = run,
};
