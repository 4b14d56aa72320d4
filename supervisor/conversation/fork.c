/* A session that begins as another one stands: what a fork is given. */
#include <jansson.h>
#include <stdlib.h>

#include "state.h"
#include "text.h"
#include "xalloc.h"

bool
on_copy(struct step *st)
{
	struct record r = { .kind = RECORD_COPIED };

	if (st->s->turns.n > 0)
		return refuse(st, REFUSAL_BAD);
	r.copied.role = bytes_of(role_name(st->ev->role));
	r.copied.filler = st->ev->filler;
	r.copied.message = st->ev->text;
	record(st, &r);
	return true;
}

/* What its origin ever called is still to be described. */
void
fork_begin(struct session *s, const struct record *r)
{
	char *names = xmemdup(r->created.called.data, r->created.called.len);
	char *rest = names, *name;

	while ((name = strsep(&rest, " ")) != NULL)
		if (*name != '\0')
			call_remember(s, name, NULL);
	free(names);
}

static void
remember_calls(struct session *s, struct bytes json)
{
	json_t *o = json_loadb(json.data, json.len, 0, NULL), *call;
	size_t i;

	json_array_foreach(json_object_get(o, "tool_calls"), i, call)
		call_remember(s, json_string_value(json_object_get(
		    json_object_get(call, "function"), "name")),
		    json_string_value(json_object_get(call, "id")));
	json_decref(o);
}

void
apply_copied(struct session *s, const struct record *r)
{
	struct item item = { .seq = r->seq, .filler = r->copied.filler };
	struct block b = { 0 };

	if (!role_parse(r->copied.role, &item.role))
		return;
	item.len = r->copied.message.len;
	item.json = xmemdup(r->copied.message.data, item.len);
	block_add(&b, &item);
	head_add_items(s, &b);
	if (item.role == ROLE_ASSISTANT)
		remember_calls(s, r->copied.message);
}

static void
put_task(struct buf *b, const struct session *s, uint64_t id, const char *what)
{
	const struct task *k = ids_find(&s->tasks, id);

	if (k == NULL)
		return;
	buf_printf(b, " Task t%ju ", (uintmax_t)id);
	text_escape(b, bytes_of(k->facts.tool));
	buf_printf(b, " %s.", what);
}

bool
session_fork_note(const struct session *s, struct buf *json)
{
	struct buf b = { 0 };
	const struct task *k;
	const struct fact *f;
	bool any = s->nlive > 0 || !TAILQ_EMPTY(&s->pending);

	if (!any)
		return false;
	buf_printf(&b, "<session-note>You go on from session %s, as it stood. "
	    "What goes on there stays there: you will not be told of it, and "
	    "its ids mean nothing to you.", s->name);
	TAILQ_FOREACH(k, &s->live, link)
		put_task(&b, s, k->id, k->facts.approval != 0 &&
		    session_task_is_pending(s, k->id) ?
		    "waits for consent" : "goes on");
	TAILQ_FOREACH(f, &s->pending, link)
		put_task(&b, s, f->task, "has news");
	buf_puts(&b, "</session-note>");
	render_envelope(json, buf_bytes(&b));
	buf_fini(&b);
	return true;
}
