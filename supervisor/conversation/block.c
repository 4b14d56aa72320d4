#include <jansson.h>
#include <stdlib.h>

#include "jsonw.h"
#include "state.h"
#include "text.h"
#include "xalloc.h"

#define NOTE_TEXT	2000	/* bytes of each text that a note quotes */
#define NOTE_ALL	16000	/* of all of them; what is more is counted */
#define NOTE_TASKS	50	/* tasks that it names */

void
block_add(struct block *b, const struct item *item)
{
	if (b->n == b->size) {
		b->size = b->size == 0 ? 8 : b->size * 2;
		b->items = xreallocarray(b->items, b->size, sizeof(*b->items));
	}
	b->items[b->n++] = *item;
}

/* The items change their owner: a turn's block is committed (C6). */
void
block_move(struct block *to, struct block *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		block_add(to, &from->items[i]);
	from->n = 0;
	block_fini(from);
}

void
block_fini(struct block *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		free(b->items[i].json);
	free(b->items);
	*b = (struct block){ 0 };
}

static bool
opens_envelope(struct bytes text)
{
	static const char *const ours[] = { "<task-event", "<session-note" };
	size_t i, len;

	for (i = 0; text.data[0] == '<' && i < 2; i++) {
		len = strlen(ours[i]);
		if (text.len >= len && memcmp(text.data, ours[i], len) == 0)
			return true;
	}
	return false;
}

/*
 * Nobody but us may open an envelope (E2): in what a person or a tool said the
 * word loses its bracket.
 */
static void
disarm(struct buf *b, struct bytes text)
{
	size_t at, from = 0;

	for (at = 0; at < text.len; at++) {
		if (!opens_envelope((struct bytes){ text.data + at,
		    text.len - at }))
			continue;
		buf_add(b, text.data + from, at - from);
		buf_puts(b, "&lt;");
		from = at + 1;
	}
	buf_add(b, text.data + from, text.len - from);
}

static void
render_plain(struct buf *b, enum role role, struct bytes text)
{
	jsonw_open(b, '{');
	jsonw_str(b, "role", role_name(role));
	jsonw_text(b, "content", text);
	jsonw_close(b, '}');
}

void
render_user(struct buf *b, struct bytes text)
{
	struct buf safe = { 0 };

	disarm(&safe, text);
	render_plain(b, ROLE_USER, buf_bytes(&safe));
	buf_fini(&safe);
}

void
render_envelope(struct buf *b, struct bytes text)
{
	render_plain(b, ROLE_USER, text);
}

static void
render_call(struct buf *b, const struct call *c)
{
	jsonw_open(b, '{');
	jsonw_str(b, "id", c->id);
	jsonw_str(b, "type", "function");
	jsonw_key(b, "function");
	jsonw_open(b, '{');
	jsonw_str(b, "name", c->tool);
	jsonw_str(b, "arguments", c->args);
	jsonw_close(b, '}');
	jsonw_close(b, '}');
}

/* A blank text is not legal everywhere: none at all, or words. */
void
render_assistant(struct buf *b, struct bytes text, const struct call *calls,
    size_t ncalls)
{
	size_t i;

	if (text_is_blank(text))
		text = ncalls > 0 ? bytes_of("") : bytes_of("(no answer)");
	if (ncalls == 0) {
		render_plain(b, ROLE_ASSISTANT, text);
		return;
	}
	jsonw_open(b, '{');
	jsonw_str(b, "role", "assistant");
	jsonw_text(b, "content", text);
	jsonw_key(b, "tool_calls");
	jsonw_open(b, '[');
	for (i = 0; i < ncalls; i++)
		render_call(b, &calls[i]);
	jsonw_close(b, ']');
	jsonw_close(b, '}');
}

void
render_result(struct buf *b, const char *call, struct bytes text)
{
	struct buf safe = { 0 };

	disarm(&safe, text_is_blank(text) ? bytes_of("(no output)") : text);
	jsonw_open(b, '{');
	jsonw_str(b, "role", "tool");
	jsonw_str(b, "tool_call_id", call);
	jsonw_text(b, "content", buf_bytes(&safe));
	jsonw_close(b, '}');
	buf_fini(&safe);
}

void
put_item(struct step *st, struct turn *t, enum role role, bool filler,
    struct bytes json)
{
	struct record r = { .kind = RECORD_ITEM };

	r.item.turn = t->id;
	r.item.role = bytes_of(role_name(role));
	r.item.filler = filler;
	r.item.message = json;
	record(st, &r);
}

void
put_filler(struct step *st, struct turn *t, const char *text)
{
	struct buf b = { 0 };

	render_plain(&b, ROLE_ASSISTANT, bytes_of(text));
	put_item(st, t, ROLE_ASSISTANT, true, buf_bytes(&b));
	buf_fini(&b);
}

/* The text of an assistant's item, for whoever asks what the turn said. */
static void
add_text(struct buf *to, struct bytes json)
{
	json_t *o = json_loadb(json.data, json.len, 0, NULL);
	const char *text = json_string_value(json_object_get(o, "content"));

	if (text != NULL && *text != '\0') {
		if (to->len > 0)
			buf_putc(to, '\n');
		buf_puts(to, text);
	}
	json_decref(o);
}

static void
quote(struct buf *b, const char *who, struct bytes text)
{
	size_t len = text_prefix(text, NOTE_TEXT);

	buf_printf(b, "%s: ", who);
	text_escape(b, (struct bytes){ text.data, len });
	buf_puts(b, len < text.len ? " ...\n" : "\n");
}

static void
quote_items(struct buf *b, const struct item *items, size_t n)
{
	struct buf text = { 0 };
	size_t i, left = 0;

	for (i = 0; i < n; i++) {
		if (items[i].filler || items[i].note)
			continue;
		if (b->len >= NOTE_ALL) {
			left++;
			continue;
		}
		buf_reset(&text);
		add_text(&text, (struct bytes){ items[i].json, items[i].len });
		if (text.len > 0)
			quote(b, role_name(items[i].role), buf_bytes(&text));
	}
	if (left > 0)
		buf_printf(b, "(and %zu more)\n", left);
	buf_fini(&text);
}

/* A side question sees everything; a turn beside others need only know. */
static void
quote_others(struct buf *b, const struct session *s, const struct turn *self)
{
	const struct turn *t;

	TAILQ_FOREACH(t, &s->active, link) {
		if (t == self || turn_is_apart(t))
			continue;
		buf_printf(b, "Turn u%ju is at work beside this one.\n",
		    (uintmax_t)t->id);
		if (self->cause != CAUSE_ASIDE)
			continue;
		quote_items(b, t->block.items, t->block.n);
		if (t->shown.len > 0)
			quote(b, "assistant, so far", buf_bytes(&t->shown));
	}
}

/* What the conversation is still to be told (E1): this is no telling. */
static void
quote_news(struct buf *b, const struct session *s)
{
	const struct task *k;
	const struct fact *f;
	size_t n = 0;

	TAILQ_FOREACH(f, &s->pending, link) {
		k = ids_find(&s->tasks, f->task);
		if (k == NULL || n++ >= NOTE_TASKS)
			continue;
		buf_printf(b, "Task t%ju ", (uintmax_t)k->id);
		text_escape(b, bytes_of(k->facts.tool));
		if (f->about == ABOUT_END)
			buf_printf(b, " is %s, which is news.\n", k->facts.end);
		else
			buf_puts(b, " has news.\n");
	}
}

static void
quote_tasks(struct buf *b, const struct session *s)
{
	const struct task *k;
	size_t n = 0;

	TAILQ_FOREACH(k, &s->live, link) {
		if (n++ == NOTE_TASKS)
			break;
		buf_printf(b, "Task t%ju %s is %s.\n", (uintmax_t)k->id,
		    k->facts.tool, k->facts.state);
	}
	if (s->nlive > NOTE_TASKS)
		buf_printf(b, "And %zu tasks more are not ended.\n",
		    s->nlive - NOTE_TASKS);
}

static void
warn_spent(struct buf *b, const struct session *s, struct turn *t)
{
	if (!s->limits.spent || t->warned)
		return;
	t->warned = true;
	buf_puts(b, "The token budget of this conversation is used up: until "
	    "it is raised nothing wakes you, and no sub-agent starts. Answer "
	    "shortly, and start nothing long.\n");
}

static bool
is_beside(const struct session *s, const struct turn *t)
{
	return s->nactive > 1 && t->cause != CAUSE_COMPACT;
}

/*
 * What the turn cannot see in its own transcript: a budget that is used up, the
 * blocks that others committed since it last looked (C6), as it begins the
 * turns and tasks beside it, and tools that it called and nobody has. Nothing
 * to say: no note.
 */
void
put_note(struct step *st, struct turn *t)
{
	struct session *s = st->s;
	struct buf body = { 0 }, b = { 0 };

	warn_spent(&body, s, t);
	if (t->noted < s->block.n && t->cause != CAUSE_COMPACT) {
		buf_puts(&body, "Meanwhile, in other turns:\n");
		quote_items(&body, s->block.items + t->noted,
		    s->block.n - t->noted);
	}
	if (t->asks == 0 && (is_beside(s, t) || t->cause == CAUSE_ASIDE)) {
		quote_others(&body, s, t);
		quote_tasks(&body, s);
		if (t->cause == CAUSE_ASIDE)
			quote_news(&body, s);
	}
	if (t->unknown.len > 0) {
		buf_puts(&body, "There is no tool named ");
		text_escape(&body, buf_bytes(&t->unknown));
		buf_puts(&body, "; that call was not run.\n");
	}
	buf_reset(&t->unknown);
	if (body.len > 0) {
		buf_puts(&b, "<session-note>");
		buf_add(&b, body.data, body.len);
		buf_puts(&b, "</session-note>");
		buf_reset(&body);
		render_envelope(&body, buf_bytes(&b));
		turn_hear(st, t);
		put_item(st, t, ROLE_USER, false, buf_bytes(&body));
	}
	buf_fini(&body);
	buf_fini(&b);
}

void
apply_item(struct session *s, const struct record *r)
{
	struct turn *t = turn_find(s, r->item.turn);
	struct item item = { .seq = r->seq, .turn = r->item.turn };

	if (t == NULL || !role_parse(r->item.role, &item.role))
		return;
	item.filler = r->item.filler;
	item.json = xmemdup(r->item.message.data, r->item.message.len);
	item.len = r->item.message.len;
	if (item.role == ROLE_ASSISTANT && !item.filler)
		add_text(&t->text, r->item.message);
	item.note = item.role == ROLE_USER;
	block_add(&t->block, &item);
	if (item.note)
		t->noted = s->block.n;
	buf_reset(&t->shown);
	t->saved = 0;
}
