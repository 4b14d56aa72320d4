/* A summary that no model made: words from the items themselves (C12). */
#include <jansson.h>
#include <stdlib.h>

#include "state.h"
#include "text.h"
#include "xalloc.h"

#define LINE_TEXT	2000	/* bytes of each item that is quoted */
#define MESSAGE_TEXT	65536	/* of the newest message */

/* What a new head would stand for: those that are committed, and its own. */
struct view {
	const struct item	*committed, *own;
	size_t			 ncommitted, n;
};

static const struct item *
at(const struct view *v, size_t i)
{
	return i < v->ncommitted ? &v->committed[i] :
	    &v->own[i - v->ncommitted];
}

static struct view
view_of(const struct session *s, const struct turn *t)
{
	const struct head *h = head_newest(s);
	size_t upto = t->cause == CAUSE_COMPACT ? t->base : s->block.n;
	struct view v = { .own = t->block.items };

	v.ncommitted = v.n = upto - h->start;
	if (v.n > 0)
		v.committed = s->block.items + h->start;
	if (!turn_is_apart(t))
		v.n += t->block.n;
	return v;
}

static void
add_calls(struct buf *b, const json_t *calls)
{
	const json_t *call, *f;
	const char *name, *args;
	size_t i;

	json_array_foreach(calls, i, call) {
		f = json_object_get(call, "function");
		name = json_string_value(json_object_get(f, "name"));
		args = json_string_value(json_object_get(f, "arguments"));
		buf_printf(b, "%s(called %s %s)", b->len > 0 ? " " : "",
		    name == NULL ? "" : name, args == NULL ? "" : args);
	}
}

static void
read_text(struct buf *b, const struct item *item)
{
	json_t *o = json_loadb(item->json, item->len, 0, NULL);
	const char *text = json_string_value(json_object_get(o, "content"));

	buf_reset(b);
	if (text != NULL)
		buf_puts(b, text);
	add_calls(b, json_object_get(o, "tool_calls"));
	json_decref(o);
}

static bool
begins(struct bytes text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.data, with, len) == 0;
}

/* A person's: it never opens an envelope (E2). */
static bool
is_message(const struct item *item, struct buf *text)
{
	if (item->role != ROLE_USER || item->note)
		return false;
	read_text(text, item);
	return !begins(buf_bytes(text), "<task-event") &&
	    !begins(buf_bytes(text), "<session-note");
}

/* v->n: there is none. */
static size_t
first_message(const struct view *v)
{
	struct buf text = { 0 };
	size_t i = 0;

	while (i < v->n && !is_message(at(v, i), &text))
		i++;
	buf_fini(&text);
	return i;
}

static size_t
last_message(const struct view *v)
{
	struct buf text = { 0 };
	size_t i = v->n;

	while (i > 0 && !is_message(at(v, i - 1), &text))
		i--;
	buf_fini(&text);
	return i == 0 ? v->n : i - 1;
}

/* The turn's own newest message, where an older head stands for it already. */
static const struct item *
past_message(const struct session *s, const struct turn *t)
{
	size_t i = turn_is_apart(t) ? 0 : head_newest(s)->start;
	const struct item *found = NULL;
	struct buf text = { 0 };

	for (; i > 0 && found == NULL; i--)
		if (s->block.items[i - 1].turn == t->id &&
		    is_message(&s->block.items[i - 1], &text))
			found = &s->block.items[i - 1];
	buf_fini(&text);
	return found;
}

static void
quote(struct buf *b, const char *who, struct bytes text, size_t max)
{
	size_t len = text_prefix(text, max);

	buf_printf(b, "%s: ", who);
	text_escape(b, (struct bytes){ text.data, len });
	buf_puts(b, len < text.len ? " ...\n" : "\n");
}

static void
quote_item(struct buf *b, const struct item *item, const char *who, size_t max)
{
	struct buf text = { 0 };

	read_text(&text, item);
	quote(b, who, buf_bytes(&text), max);
	buf_fini(&text);
}

/* As many of the newest as fit, but the last message. */
static void
quote_newest(struct buf *b, const struct view *v, size_t last, size_t budget)
{
	struct buf *lines = xcalloc(v->n + 1, sizeof(*lines));
	size_t max = budget / 4 < LINE_TEXT ? budget / 4 : LINE_TEXT;
	size_t i, sum = 0;

	for (i = v->n; i > 0; i--) {
		if (at(v, i - 1)->filler || i - 1 == last)
			continue;
		quote_item(&lines[i - 1], at(v, i - 1),
		    role_name(at(v, i - 1)->role), max);
		if (sum + lines[i - 1].len > budget)
			break;
		sum += lines[i - 1].len;
	}
	if (i > 0)
		buf_printf(b, "(%zu items are left out here.)\n", i);
	if (i > 0)
		buf_reset(&lines[i - 1]);
	for (; i < v->n; i++)
		buf_add_bytes(b, buf_bytes(&lines[i]));
	for (i = 0; i < v->n; i++)
		buf_fini(&lines[i]);
	free(lines);
}

/* Of an older summary: what it begins with, and what came last. */
static void
add_ends(struct buf *b, struct bytes s, size_t max)
{
	size_t head = text_prefix(s, max / 2), tail = text_suffix(s, max / 2);

	if (s.len <= max)
		head = tail = s.len;
	buf_add(b, s.data, head);
	if (head < s.len)
		buf_puts(b, "\n...\n");
	buf_add(b, s.data + tail, s.len - tail);
	buf_putc(b, '\n');
}

void
digest(struct buf *b, const struct session *s, const struct turn *t,
    size_t budget)
{
	const struct head *h = head_newest(s);
	struct view v = view_of(s, t);
	size_t first = first_message(&v), last = last_message(&v);
	const struct item *newest = last < v.n ? at(&v, last) :
	    past_message(s, t);

	if (h->summary != NULL)
		add_ends(b, bytes_of(h->summary), budget / 2);
	else if (first < last)
		quote_item(b, at(&v, first), "the first message",
		    budget / 4 < LINE_TEXT ? budget / 4 : LINE_TEXT);
	quote_newest(b, &v, last, budget > b->len ? budget - b->len : 0);
	if (newest != NULL)
		quote_item(b, newest, "the newest message of the user",
		    MESSAGE_TEXT);
}
