/* Looking at a session from outside; nothing here changes it. */
#include <stdlib.h>

#include "state.h"
#include "xalloc.h"

static void
add_items(struct bytes *to, size_t *n, const struct item *items, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		to[(*n)++] = (struct bytes){ items[i].json, items[i].len };
}

/* The head, and what was committed since it up to base. */
static struct bytes *
seen(const struct session *s, const struct head *h, size_t base, size_t *n,
    size_t more)
{
	struct bytes *items = xcalloc(1 + base - h->start + more,
	    sizeof(*items));

	*n = 0;
	if (h->item.json != NULL)
		add_items(items, n, &h->item, 1);
	if (base > h->start)
		add_items(items, n, s->block.items + h->start,
		    base - h->start);
	return items;
}

struct bytes *
session_items(const struct session *s, uint64_t turn, size_t *n)
{
	const struct turn *t = turn_find(s, turn);
	struct bytes *items;

	*n = 0;
	if (t == NULL || t->state == TURN_ENDED)
		return NULL;
	items = seen(s, &s->heads[t->epoch], t->base, n, t->block.n);
	add_items(items, n, t->block.items, t->block.n);
	return items;
}

struct bytes *
session_next_items(const struct session *s, size_t *n)
{
	const struct turn *t = turn_newest(s);

	if (t != NULL)
		return session_items(s, t->id, n);
	return seen(s, head_newest(s), s->block.n, n, 0);
}

const char *
session_nth_called(const struct session *s, size_t i)
{
	return i < s->ncalled ? s->called[i] : NULL;
}

const char *
session_name(const struct session *s)
{
	return s->name;
}

const char *
session_cwd(const struct session *s)
{
	return s->cwd;
}

enum mode
session_mode(const struct session *s)
{
	return s->mode;
}

bool
session_exists(const struct session *s)
{
	return s->created;
}

bool
session_is_open(const struct session *s)
{
	return session_nturns(s) + s->nlive > 0 ||
	    !TAILQ_EMPTY(&s->waiting) || !TAILQ_EMPTY(&s->pending);
}

size_t
session_nturns(const struct session *s)
{
	return s->nactive + s->nasides + s->ncompacts;
}

size_t
session_npending(const struct session *s)
{
	return s->npending;
}

size_t
session_nwakers(const struct session *s)
{
	return s->nwakers;
}

size_t
session_nlive(const struct session *s)
{
	return s->nlive;
}

bool
session_held_call(const struct session *s, uint64_t turn, struct bytes call,
    const char **tool, const char **args)
{
	const struct turn *t = turn_find(s, turn);
	const struct call *c = t == NULL ? NULL : call_find(t, call);

	if (c == NULL || c->state != CALL_HELD)
		return false;
	*tool = c->tool;
	*args = c->args;
	return true;
}

bool
session_concerns(const struct session *s, uint64_t turn, uint64_t message)
{
	const struct turn *t = turn_find(s, turn);

	return t != NULL && has_root(t->roots, t->nroots, message);
}

/* An event beside a turn, or that is to wake, will be told; others may rest. */
static bool
is_due(const struct session *s, uint64_t message)
{
	const struct fact *f;
	const struct task *k;

	if (s->nactive == 0 && s->wake_at == UINT64_MAX)
		return false;
	TAILQ_FOREACH(f, &s->pending, link) {
		k = ids_find(&s->tasks, f->task);
		if (k != NULL && has_root(k->roots, k->nroots, message))
			return true;
	}
	return false;
}

bool
session_is_settled(const struct session *s, uint64_t message)
{
	const struct message *m = ids_find(&s->messages, message);
	const struct turn *t;
	const struct task *k;

	if (m == NULL || m->state == MESSAGE_QUEUED)
		return m == NULL;
	TAILQ_FOREACH(t, &s->active, link)
		if (has_root(t->roots, t->nroots, message))
			return false;
	TAILQ_FOREACH(k, &s->live, link)
		if (has_root(k->roots, k->nroots, message))
			return false;
	return !is_due(s, message);
}

const struct task_facts *
session_task(const struct session *s, uint64_t id)
{
	const struct task *k = ids_find(&s->tasks, id);

	return k == NULL ? NULL : &k->facts;
}

const struct task_facts *
session_nth_task(const struct session *s, size_t i)
{
	const struct task *k = i < s->tasks.n ? s->tasks.at[i] : NULL;

	return k == NULL ? NULL : &k->facts;
}

bool
session_task_is_held(const struct session *s, uint64_t task)
{
	const struct task *k = ids_find(&s->tasks, task);
	const struct turn *t = k == NULL ? NULL : turn_find(s, k->facts.turn);
	size_t i;

	if (t == NULL || t->state != TURN_HOLDING)
		return false;
	for (i = 0; i < t->ncalls; i++)
		if (t->calls[i].task == task && t->calls[i].state == CALL_HELD)
			return true;
	return false;
}

static bool
approval_facts(const struct approval *a, struct approval_facts *f)
{
	if (a == NULL)
		return false;
	*f = (struct approval_facts){ .id = a->id, .task = a->task,
	    .state = a->state, .profile = a->profile, .grant = a->grant,
	    .by = a->by, .why = a->why, .always = a->always,
	    .asked_at = a->asked_at, .answered_at = a->answered_at };
	return true;
}

bool
session_approval(const struct session *s, uint64_t id,
    struct approval_facts *f)
{
	return approval_facts(ids_find(&s->approvals, id), f);
}

bool
session_nth_approval(const struct session *s, size_t i,
    struct approval_facts *f)
{
	return approval_facts(i < s->approvals.n ? s->approvals.at[i] : NULL,
	    f);
}

bool
session_task_is_pending(const struct session *s, uint64_t task)
{
	const struct approval *a = approval_of(s, ids_find(&s->tasks, task));

	return a != NULL && a->state == APPROVAL_PENDING;
}

static void
message_facts(const struct message *m, struct message_facts *f)
{
	static const char *const states[] = { "queued", "delivered",
	    "cancelled" };

	f->id = m->id;
	f->seq = m->seq;
	f->turn = m->turn;
	f->key = m->key;
	f->text = m->text;
	f->mode = m->mode;
	f->state = states[m->state];
}

bool
session_message(const struct session *s, uint64_t id, struct message_facts *f)
{
	const struct message *m = ids_find(&s->messages, id);

	if (m != NULL)
		message_facts(m, f);
	return m != NULL;
}

bool
session_nth_waiting(const struct session *s, size_t i, struct message_facts *f)
{
	const struct message *m = TAILQ_FIRST(&s->waiting);

	while (m != NULL && i-- > 0)
		m = TAILQ_NEXT(m, link);
	if (m != NULL)
		message_facts(m, f);
	return m != NULL;
}

static void
turn_facts(const struct turn *t, struct turn_facts *f)
{
	static const char *const states[] = { "asking", "streaming", "holding",
	    "ended" };

	f->id = t->id;
	f->message = t->nroots > 0 ? t->roots[0] : 0;
	f->cause = t->cause;
	f->apart = turn_is_apart(t);
	f->heard = t->heard;
	f->outcome = t->outcome;
	f->state = states[t->state];
	f->text = t->text.data == NULL ? "" : t->text.data;
	f->why = t->why == NULL ? "" : t->why;
	f->began_at = t->began_at;
	f->ended_at = t->ended_at;
	f->requests = t->usage.requests;
	f->input = t->usage.input;
	f->cached = t->usage.cached;
	f->output = t->usage.output;
}

bool
session_turn(const struct session *s, uint64_t id, struct turn_facts *f)
{
	const struct turn *t = turn_find(s, id);

	if (t != NULL)
		turn_facts(t, f);
	return t != NULL;
}

bool
session_nth_active(const struct session *s, size_t i, struct turn_facts *f)
{
	const struct turn *t = TAILQ_FIRST(&s->active);

	while (t != NULL && i-- > 0)
		t = TAILQ_NEXT(t, link);
	if (t != NULL)
		turn_facts(t, f);
	return t != NULL;
}

bool
session_nth_turn(const struct session *s, size_t i, struct turn_facts *f)
{
	if (i >= s->turns.n)
		return false;
	turn_facts(s->turns.at[i], f);
	return true;
}

const uint64_t *
session_turn_tasks(const struct session *s, uint64_t turn, size_t *n)
{
	const struct turn *t = turn_find(s, turn);

	*n = t == NULL ? 0 : t->ntasks;
	return t == NULL ? NULL : t->tasks;
}

