/* Tasks in line to start: they are moved, or wait for others (T7). */
#include <stdlib.h>

#include "state.h"

uint64_t
terms_next(struct bytes *after)
{
	struct bytes word;
	uint64_t id;
	size_t n = 0;

	while (after->len > 0 && *after->data == ' ') {
		after->data++;
		after->len--;
	}
	while (n < after->len && after->data[n] != ' ')
		n++;
	word = (struct bytes){ after->data, n };
	if ((id = record_id(word, 't')) == 0)
		return 0;
	after->data += n;
	after->len -= n;
	return id;
}

bool
task_is_queued(const struct task_facts *f)
{
	return strcmp(f->state, "queued") == 0;
}

static bool
has(const uint64_t *ids, size_t n, uint64_t id)
{
	while (n > 0)
		if (ids[--n] == id)
			return true;
	return false;
}

/*
 * All that these wait for, near and far, which the caller frees; those that
 * have ended hold nobody up any more.
 */
static uint64_t *
far_off(const struct session *s, struct bytes after, size_t *n)
{
	uint64_t *ids = NULL, id;
	const struct task *k;
	size_t at = 0;

	*n = 0;
	for (;;) {
		while ((id = terms_next(&after)) != 0)
			if (!has(ids, *n, id))
				append_id(&ids, n, id);
		do {
			if (at == *n)
				return ids;
			k = ids_find(&s->tasks, ids[at++]);
		} while (k == NULL || !k->live);
		after = k->facts.terms.after;
	}
}

/* Each is a task of this session, and none waits for the one that is moved. */
static bool
may_wait(const struct session *s, uint64_t task, struct bytes after)
{
	struct bytes rest = after;
	uint64_t id, *ids;
	bool circle;
	size_t n;

	while ((id = terms_next(&rest)) != 0)
		if (ids_find(&s->tasks, id) == NULL)
			return false;
	if (rest.len > 0)
		return false;
	ids = far_off(s, after, &n);
	circle = has(ids, n, task);
	free(ids);
	return !circle;
}

bool
order_makes_sense(const struct record_order *r)
{
	enum condition c;
	enum priority p;

	return (r->place.len == 0 || bytes_is(r->place, "first") ||
	    bytes_is(r->place, "last")) &&
	    (r->priority.len == 0 || priority_parse(r->priority, &p)) &&
	    (r->condition.len == 0 || condition_parse(r->condition, &c));
}

bool
on_order(struct step *st)
{
	struct task *k = ids_find(&st->s->tasks, st->ev->task);
	struct record r = { .kind = RECORD_ORDER };

	if (k == NULL || !task_is_queued(&k->facts))
		return refuse(st, REFUSAL_GONE);
	r.order = *st->ev->order;
	r.order.task = k->id;
	if (!order_makes_sense(&r.order) ||
	    (!bytes_is(r.order.after, "none") &&
	    !may_wait(st->s, k->id, r.order.after)))
		return refuse(st, REFUSAL_BAD);
	record(st, &r);
	effect(st, &(struct effect){ .kind = FX_ORDER, .task = k->id });
	return true;
}

static void
set_after(struct terms *t, struct bytes after)
{
	if (after.len == 0)
		return;
	bytes_drop(&t->after);
	t->after = bytes_keep(bytes_is(after, "none") ? bytes_of("") : after);
}

void
apply_order(struct session *s, const struct record *r)
{
	struct task *k = ids_find(&s->tasks, r->order.task);

	if (k == NULL)
		return;
	if (bytes_is(r->order.place, "first"))
		k->facts.rank = --s->first_rank;
	else if (bytes_is(r->order.place, "last"))
		k->facts.rank = ++s->last_rank;
	priority_parse(r->order.priority, &k->facts.terms.priority);
	condition_parse(r->order.condition, &k->facts.terms.condition);
	set_after(&k->facts.terms, r->order.after);
}
