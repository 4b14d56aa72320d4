/*
 * What was compacted (C12): a head stands for the items in front of it. A turn
 * keeps the head that it began with, so that its requests stay what they were.
 */
#include <stdlib.h>

#include "state.h"
#include "text.h"
#include "xalloc.h"

#define IN_FULL	50	/* tasks, and news: of more only the id */

const struct head *
head_newest(const struct session *s)
{
	return &s->heads[s->nheads - 1];
}

static size_t
bytes_in(const struct item *items, size_t n)
{
	size_t i, sum = 0;

	for (i = 0; i < n; i++)
		sum += items[i].len;
	return sum;
}

void
head_add_items(struct session *s, struct block *b)
{
	s->bytes += bytes_in(b->items, b->n);
	block_move(&s->block, b);
}

size_t
head_turn_bytes(const struct turn *t)
{
	return t->seen + bytes_in(t->block.items, t->block.n);
}

static void
put_tasks(struct buf *b, const struct session *s)
{
	const struct task *k;
	size_t n = 0;

	TAILQ_FOREACH(k, &s->live, link) {
		if (n++ >= IN_FULL) {
			buf_printf(b, "t%ju ", (uintmax_t)k->id);
			continue;
		}
		buf_printf(b, "Task t%ju ", (uintmax_t)k->id);
		text_escape(b, bytes_of(k->facts.tool));
		buf_printf(b, " is %s; you will be told when it ends.\n",
		    k->facts.state);
	}
	if (n > IN_FULL)
		buf_puts(b, "are not ended either.\n");
}

static void
put_approvals(struct buf *b, const struct session *s)
{
	const struct approval *a;
	const struct task *k;
	size_t i;

	for (i = 0; i < s->approvals.n; i++) {
		a = s->approvals.at[i];
		k = ids_find(&s->tasks, a->task);
		if (a->state != APPROVAL_PENDING || k == NULL)
			continue;
		buf_printf(b, "Approval a%ju of task t%ju ",
		    (uintmax_t)a->id, (uintmax_t)a->task);
		text_escape(b, bytes_of(k->facts.tool));
		buf_puts(b, " is open: a person must answer it.\n");
	}
}

/* This is no telling (E1): the events themselves are still to come. */
static void
put_events(struct buf *b, const struct session *s)
{
	const struct fact *f;
	const struct task *k;
	size_t n = 0;

	TAILQ_FOREACH(f, &s->pending, link) {
		if ((k = ids_find(&s->tasks, f->task)) == NULL)
			continue;
		if (n++ >= IN_FULL) {
			buf_printf(b, "t%ju ", (uintmax_t)k->id);
			continue;
		}
		buf_printf(b, "Task t%ju ", (uintmax_t)k->id);
		text_escape(b, bytes_of(k->facts.tool));
		if (f->about == ABOUT_END)
			buf_printf(b, " has ended: %s", k->facts.end);
		else
			buf_puts(b, " has news");
		buf_puts(b, ", which you will be told.\n");
	}
	if (n > IN_FULL)
		buf_puts(b, "have news, too.\n");
}

void
head_render(struct buf *json, const struct session *s, struct bytes summary,
    size_t upto)
{
	struct buf b = { 0 };

	buf_printf(&b, "<session-note compaction=\"%zu\">The first %zu items "
	    "of this conversation were compacted: this stands for them.\n",
	    s->nheads, upto);
	buf_add_bytes(&b, summary);
	if (b.data[b.len - 1] != '\n')
		buf_putc(&b, '\n');
	if (s->nlive > 0 || !TAILQ_EMPTY(&s->pending))
		buf_puts(&b, "How things stood then:\n");
	put_tasks(&b, s);
	put_approvals(&b, s);
	put_events(&b, s);
	buf_puts(&b, "</session-note>");
	render_envelope(json, buf_bytes(&b));
	buf_fini(&b);
}

static void
note_stated(struct session *s)
{
	const struct fact *f;
	struct task *k;

	TAILQ_FOREACH(k, &s->live, link)
		k->stated = true;
	TAILQ_FOREACH(f, &s->pending, link)
		if ((k = ids_find(&s->tasks, f->task)) != NULL)
			k->stated = true;
}

static void
add_head(struct session *s, const struct record *r)
{
	const struct record_compacted *c = &r->compacted;
	struct head h = { .start = c->upto };

	h.item = (struct item){ .seq = r->seq, .turn = c->turn,
	    .role = ROLE_USER, .note = true, .len = c->message.len,
	    .json = xmemdup(c->message.data, c->message.len) };
	h.summary = xmemdup(c->summary.data, c->summary.len);
	s->heads = xreallocarray(s->heads, s->nheads + 1, sizeof(h));
	s->heads[s->nheads++] = h;
	s->bytes = h.item.len + bytes_in(s->block.items + h.start,
	    s->block.n - h.start);
	s->used = 0;
	if (c->limit != 0)
		s->learned = c->limit;
}

void
apply_compacted(struct session *s, const struct record *r)
{
	struct turn *t = turn_find(s, r->compacted.turn);

	if (t == NULL)
		return;
	if (!turn_is_apart(t)) {
		head_add_items(s, &t->block);
		events_keep(s, t);
	}
	add_head(s, r);
	note_stated(s);
	t->compacted = true;
	if (t->cause == CAUSE_COMPACT)
		return;
	t->epoch = s->nheads - 1;
	t->base = t->noted = s->block.n;
	t->seen = s->bytes;
	t->context = 0;
}

void
head_fini(struct head *h)
{
	free(h->item.json);
	free(h->summary);
}

static void
item_facts(const struct item *item, struct item_facts *f)
{
	*f = (struct item_facts){ .seq = item->seq, .turn = item->turn,
	    .role = item->role, .filler = item->filler,
	    .json = { item->json, item->len } };
}

/* Each head has its place in front of what it does not stand for. */
bool
session_nth_item(const struct session *s, size_t i, struct item_facts *f)
{
	size_t j = 1;

	while (j < s->nheads && s->heads[j].start + j - 1 < i)
		j++;
	if (j < s->nheads && s->heads[j].start + j - 1 == i) {
		item_facts(&s->heads[j].item, f);
		f->head = true;
		f->compacted = j + 1 < s->nheads;
		return true;
	}
	i -= j - 1;
	if (i >= s->block.n)
		return false;
	item_facts(&s->block.items[i], f);
	f->compacted = i < head_newest(s)->start;
	return true;
}

size_t
session_seen(const struct session *s, size_t *bytes)
{
	const struct head *h = head_newest(s);

	*bytes = s->bytes;
	return s->block.n - h->start + (h->item.json != NULL);
}

bool
session_nth_seen(const struct session *s, size_t i, struct item_facts *f)
{
	const struct head *h = head_newest(s);
	bool has_head = h->item.json != NULL;

	if (has_head && i == 0) {
		item_facts(&h->item, f);
		f->head = true;
	} else if (i - has_head < s->block.n - h->start)
		item_facts(&s->block.items[h->start + i - has_head], f);
	else
		return false;
	return true;
}
