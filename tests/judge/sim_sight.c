/* What each turn must see of what was committed: C4, C6, C12. */
#include <stdio.h>
#include <stdlib.h>

#include "check_request.h"
#include "model.h"
#include "sim_own.h"
#include "xalloc.h"

static void
note_sight(struct sim *s, uint64_t turn)
{
	struct item_facts f;
	size_t n = 0;

	while (session_nth_item(s->mirror, n, &f))
		n++;
	if (turn >= s->nsights) {
		s->sights = xreallocarray(s->sights, turn + 1,
		    sizeof(*s->sights));
		s->nsights = turn + 1;
	}
	s->sights[turn] = (struct sight){ n - s->nheads, s->nheads };
}

static bool
says(const struct buf *head, char letter, uint64_t id)
{
	char word[24];

	snprintf(word, sizeof(word), "%c%ju ", letter, (uintmax_t)id);
	return strstr(head->data, word) != NULL;
}

/* What lives, what is open and what is to be told is stated again (C12). */
static void
check_head(struct sim *s, const struct buf *head)
{
	const struct task_facts *k;
	struct approval_facts a;
	uint64_t event;
	size_t i;

	for (i = 0; (k = session_nth_task(s->mirror, i)) != NULL; i++)
		if (k->end[0] == '\0' && !says(head, 't', k->id))
			sim_fail(s, "t%ju is lost in a head", (uintmax_t)k->id);
	for (i = 0; session_nth_approval(s->mirror, i, &a); i++)
		if (a.state == APPROVAL_PENDING && !says(head, 'a', a.id))
			sim_fail(s, "a%ju is lost in a head", (uintmax_t)a.id);
	for (i = 0; (event = ledger_nth_due(s->ledger, i)) != 0; i++)
		if (!says(head, 't', event))
			sim_fail(s, "news of t%ju is lost in a head",
			    (uintmax_t)event);
}

static void
note_head(struct sim *s, const struct record_compacted *r)
{
	struct turn_facts t = { 0 };
	size_t n = s->nheads + 1;

	s->heads = xreallocarray(s->heads, n + 1, sizeof(*s->heads));
	s->starts = xreallocarray(s->starts, n + 1, sizeof(*s->starts));
	s->heads[n] = (struct buf){ 0 };
	buf_add_bytes(&s->heads[n], r->message);
	s->starts[n] = r->upto;
	s->nheads = n;
	check_head(s, &s->heads[n]);
	session_turn(s->mirror, r->turn, &t);
	if (t.cause != CAUSE_COMPACT)
		note_sight(s, r->turn);
}

void
sim_blind(struct sim *s)
{
	for (; s->nheads > 0; s->nheads--)
		buf_fini(&s->heads[s->nheads]);
}

/* A turn's own requests grow, until it is compacted (C4, C12). */
static void
check_growth(struct sim *s, struct sight *see, const struct buf *b)
{
	const struct buf *old = &s->requests[see->last - 1];
	char *why = NULL;

	if (see->last > 0 && see->last <= s->nrequests)
		why = check_prefix((struct body){ old->data, old->len },
		    (struct body){ b->data, b->len });
	if (why != NULL)
		sim_fail(s, "a turn's own words are rewritten: %s", why);
	free(why);
	see->last = s->nrequests + 1;
}

static bool
is_same(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/*
 * It sees all that was committed before it began, in order (C6), from the head
 * on that was the newest then (C12).
 */
static void
check_base(struct sim *s, uint64_t turn, const struct bytes *items, size_t n)
{
	const struct sight *see = &s->sights[turn];
	size_t at, i = 0, has_head = see->head > 0;
	size_t start = has_head ? s->starts[see->head] : 0;
	struct item_facts f;

	if (has_head && (n == 0 ||
	    !is_same(items[0], buf_bytes(&s->heads[see->head]))))
		sim_fail(s, "u%ju does not see its head", (uintmax_t)turn);
	for (at = 0; i < see->base && session_nth_item(s->session, at, &f);
	    at++) {
		if (f.head)
			continue;
		if (i >= start && (i - start + has_head >= n ||
		    !is_same(items[i - start + has_head], f.json)))
			sim_fail(s, "u%ju does not see item %zu", (uintmax_t)turn,
			    i);
		i++;
	}
}

void
sim_note(struct sim *s, const struct record *r)
{
	if (r->kind == RECORD_BEGAN)
		note_sight(s, r->began.turn);
	else if (r->kind == RECORD_COMPACTED)
		note_head(s, &r->compacted);
}

void
sim_check_sight(struct sim *s, uint64_t turn, const struct model_request *rq,
    const struct buf *rendered)
{
	check_base(s, turn, rq->items, rq->nitems);
	check_growth(s, &s->sights[turn], rendered);
}
