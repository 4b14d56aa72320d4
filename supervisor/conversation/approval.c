/*
 * A person's consent to one call (T13): asked once, answered once, by id. Who
 * answers is for others to look at; here no message, event or call is an
 * answer.
 */
#include <stdlib.h>

#include "state.h"
#include "xalloc.h"

struct approval *
approval_of(const struct session *s, const struct task *k)
{
	return k == NULL ? NULL : ids_find(&s->approvals, k->facts.approval);
}

static bool
same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* The newest answer that was to hold for all that is alike, and this is. */
static const struct approval *
standing(const struct session *s, const struct approval *a)
{
	const struct task *k = ids_find(&s->tasks, a->task), *then;
	const struct approval *old;
	size_t i;

	for (i = s->approvals.n; i > 0; i--) {
		old = s->approvals.at[i - 1];
		then = ids_find(&s->tasks, old->task);
		if (old->always &&
		    same(then->facts.tool, k->facts.tool) &&
		    same(then->facts.cwd, k->facts.cwd) &&
		    same(old->profile, a->profile) &&
		    same(old->grant, a->grant))
			return old;
	}
	return NULL;
}

static void
answer(struct step *st, const struct approval *a, enum approval_state state,
    struct bytes by, struct bytes why)
{
	struct record r = { .kind = RECORD_ANSWER };

	r.answer.approval = a->id;
	r.answer.task = a->task;
	r.answer.state = bytes_of(approval_state_name(state));
	r.answer.by = by;
	r.answer.why = why;
	r.answer.always = state != APPROVAL_CANCELLED && st->ev->always;
	record(st, &r);
}

bool
approval_ask(struct step *st, const struct call *c)
{
	struct record r = { .kind = RECORD_APPROVAL };
	const struct approval *a, *old;
	char by[24];

	r.approval.approval = st->out->number(st->out->arg, 'a');
	r.approval.task = c->task;
	r.approval.tool = bytes_of(c->tool);
	r.approval.args = bytes_of(c->args);
	r.approval.cwd = bytes_of(c->cwd);
	r.approval.profile = bytes_of(c->profile);
	r.approval.grant = bytes_of(c->grant);
	record(st, &r);
	a = ids_find(&st->s->approvals, r.approval.approval);
	if ((old = standing(st->s, a)) == NULL)
		return true;
	snprintf(by, sizeof(by), "a%ju", (uintmax_t)old->id);
	answer(st, a, old->state, bytes_of(by),
	    BYTES("it holds for all that is alike"));
	return false;
}

void
approval_cancel(struct step *st, const struct task *k, struct bytes by)
{
	const struct approval *a = approval_of(st->s, k);

	if (a != NULL && a->state == APPROVAL_PENDING)
		answer(st, a, APPROVAL_CANCELLED, by,
		    BYTES("the task was ended before it began"));
}

bool
approval_forbids(const struct session *s, const struct task *k,
    struct bytes state)
{
	const struct approval *a = approval_of(s, k);

	return a != NULL && a->state != APPROVAL_APPROVED &&
	    !bytes_is(state, "queued");
}

/* The first one wins. What was not asked about is not granted. */
bool
on_decide(struct step *st)
{
	const struct event *ev = st->ev;
	const struct approval *a = ids_find(&st->s->approvals, ev->approval);
	uint64_t task;
	bool granted;

	if (a == NULL || a->state != APPROVAL_PENDING)
		return refuse(st, REFUSAL_GONE);
	task = a->task;
	granted = ev->approve && bytes_is(ev->grant, a->grant);
	if (ev->approve && !granted)
		answer(st, a, APPROVAL_CANCELLED, BYTES("supervisor"),
		    BYTES("the tool, or what it is granted, is not as it was "
		    "when this was asked"));
	else
		answer(st, a, granted ? APPROVAL_APPROVED : APPROVAL_DENIED,
		    ev->by, ev->text);
	effect(st, &(struct effect){ .kind = granted ? FX_RELEASE : FX_REFUSE,
	    .task = task });
	return true;
}

static char *
copy(struct bytes b)
{
	return xmemdup(b.data, b.len);
}

void
apply_approval(struct session *s, const struct record *r)
{
	struct task *k = ids_find(&s->tasks, r->approval.task);
	struct approval *a = xcalloc(1, sizeof(*a));

	a->id = r->approval.approval;
	a->task = r->approval.task;
	a->profile = copy(r->approval.profile);
	a->grant = copy(r->approval.grant);
	a->by = xstrdup("");
	a->why = xstrdup("");
	a->asked_at = r->time;
	ids_add(&s->approvals, a);
	if (k != NULL)
		k->facts.approval = a->id;
}

void
apply_answer(struct session *s, const struct record *r)
{
	struct approval *a = ids_find(&s->approvals, r->answer.approval);

	if (a == NULL)
		return;
	approval_state_parse(r->answer.state, &a->state);
	free(a->by);
	free(a->why);
	a->by = copy(r->answer.by);
	a->why = copy(r->answer.why);
	a->always = r->answer.always;
	a->answered_at = r->time;
}

void
approval_fini(struct approval *a)
{
	free(a->profile);
	free(a->grant);
	free(a->by);
	free(a->why);
}
