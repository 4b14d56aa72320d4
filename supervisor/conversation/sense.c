/*
 * Whether a record that is read back makes sense where it stands. What was
 * written does; what a disk or a hand made of it may not.
 */
#include "state.h"

static const struct turn *
active(const struct session *s, uint64_t id)
{
	const struct turn *t = turn_find(s, id);

	return t == NULL || t->state == TURN_ENDED ? NULL : t;
}

static bool
is_waiting(const struct session *s, uint64_t id)
{
	const struct message *m = ids_find(&s->messages, id);

	return m != NULL && m->state == MESSAGE_QUEUED;
}

static bool
is_live(const struct session *s, uint64_t id)
{
	const struct task *k = ids_find(&s->tasks, id);

	return k != NULL && k->live;
}

static bool
may_be_ordered(const struct session *s, const struct record_order *r)
{
	const struct task *k = ids_find(&s->tasks, r->task);

	return k != NULL && task_is_queued(&k->facts) && order_makes_sense(r);
}

static bool
is_pending(const struct session *s, uint64_t id)
{
	const struct fact *f = ids_find(&s->facts, id);

	return f != NULL && f->state == EVENT_PENDING;
}

static bool
is_new(const struct ids *l, uint64_t id)
{
	return id != 0 && ids_find(l, id) == NULL;
}

static bool
may_be_watched(const struct session *s, const struct record_watch *r)
{
	const struct task *k = ids_find(&s->tasks, r->task);

	return k != NULL && k->live && r->pattern.len > 0 &&
	    k->facts.nwatches < WATCHES_MAX;
}

static bool
may_be_asked_for(const struct session *s, const struct record_approval *r)
{
	const struct task *k = ids_find(&s->tasks, r->task);

	return is_new(&s->approvals, r->approval) && k != NULL && k->live &&
	    k->facts.approval == 0;
}

static bool
may_be_given(const struct session *s, const struct record_answer *r)
{
	const struct approval *a = ids_find(&s->approvals, r->approval);
	enum approval_state state;

	return a != NULL && a->state == APPROVAL_PENDING &&
	    a->task == r->task && approval_state_parse(r->state, &state) &&
	    state != APPROVAL_PENDING;
}

/* Each call has its result before anything else is said (C5). */
static bool
may_go_on(const struct turn *t)
{
	return t != NULL && t->resolved == t->ncalls;
}

static bool
may_be_told(const struct session *s, const struct record_told *r)
{
	return is_pending(s, r->event) && (r->consumed ?
	    turn_find(s, r->turn) != NULL : may_go_on(active(s, r->turn)));
}

static bool
may_stream(const struct turn *t)
{
	return t != NULL && t->state != TURN_HOLDING;
}

/* An answer's calls come all at once, each with an id of its own. */
static bool
may_call(const struct turn *t, const struct record_called *r)
{
	enum background b;

	return t != NULL && t->resolved == 0 && r->call.len > 0 &&
	    call_find(t, r->call) == NULL &&
	    background_parse(r->background, &b);
}

static bool
may_result(const struct turn *t, const struct record_result *r)
{
	const struct call *c = t == NULL ? NULL : call_find(t, r->call);
	enum call_state state;

	return c != NULL && c->state == CALL_HELD &&
	    call_state_parse(r->state, &state) && state != CALL_HELD;
}

static bool
may_compact(const struct session *s, const struct record_compacted *r)
{
	const struct turn *t = active(s, r->turn);
	size_t upto = s->block.n;

	if (t == NULL || t->state == TURN_HOLDING || r->message.len == 0)
		return false;
	if (t->cause == CAUSE_COMPACT)
		upto = t->base;
	else if (s->ncompacts > 0)
		return false;
	else if (!turn_is_apart(t))
		upto += t->block.n;
	return r->upto == upto && upto >= head_newest(s)->start;
}

static bool
may_finish(const struct turn *t, const struct record_finished *r)
{
	enum outcome outcome;

	return t != NULL && outcome_parse(r->outcome, &outcome) &&
	    outcome != OUTCOME_NONE &&
	    (outcome == OUTCOME_ROLLED_BACK || may_go_on(t));
}

bool
session_makes_sense(const struct session *s, const struct record *r)
{
	enum about about;
	enum role role;

	if (s->created != (r->kind != RECORD_CREATED))
		return false;
	switch (r->kind) {
	case RECORD_COPIED:
		return s->turns.n == 0 && role_parse(r->copied.role, &role);
	case RECORD_ADMITTED:
		return is_new(&s->messages, r->admitted.message);
	case RECORD_EDITED:
		return is_waiting(s, r->edited.message);
	case RECORD_MOVED:
		return is_waiting(s, r->moved.message);
	case RECORD_DELIVERED:
		return is_waiting(s, r->delivered.message) &&
		    may_go_on(active(s, r->delivered.turn));
	case RECORD_CANCELLED:
		return is_waiting(s, r->cancelled.message);
	case RECORD_BEGAN:
		return is_new(&s->turns, r->began.turn) &&
		    (s->ncompacts == 0 || !bytes_is(r->began.cause, "compact"));
	case RECORD_ITEM:
		return may_go_on(active(s, r->item.turn)) &&
		    role_parse(r->item.role, &role);
	case RECORD_ASKED:
		return may_go_on(active(s, r->asked.turn));
	case RECORD_PARTIAL:
		return may_stream(active(s, r->partial.turn));
	case RECORD_CALLED:
		return may_call(active(s, r->called.turn), &r->called);
	case RECORD_RESULT:
		return may_result(active(s, r->result.turn), &r->result);
	case RECORD_FINISHED:
		return may_finish(active(s, r->finished.turn), &r->finished);
	case RECORD_USAGE:
		return r->usage.turn == 0 ||
		    turn_find(s, r->usage.turn) != NULL;
	case RECORD_COMPACTED:
		return may_compact(s, &r->compacted);
	case RECORD_TASK:
		return is_new(&s->tasks, r->task.task);
	case RECORD_STATE:
		return is_live(s, r->state.task) && !approval_forbids(s,
		    ids_find(&s->tasks, r->state.task), r->state.state);
	case RECORD_END:
		return is_live(s, r->end.task);
	case RECORD_ORDER:
		return may_be_ordered(s, &r->order);
	case RECORD_WATCH:
		return may_be_watched(s, &r->watch);
	case RECORD_EVENT:
		return is_new(&s->facts, r->event.event) &&
		    (r->event.about.len == 0 ||
		    about_parse(r->event.about, &about));
	case RECORD_TOLD:
		return may_be_told(s, &r->told);
	case RECORD_APPROVAL:
		return may_be_asked_for(s, &r->approval);
	case RECORD_ANSWER:
		return may_be_given(s, &r->answer);
	case RECORD_ADOPTED:
		return s->origin.depth > 0 &&
		    bytes_is(r->adopted.parent, s->origin.parent);
	case RECORD_CREATED:
	case RECORD_RECEIPT:
		return true;
	case RECORD_NKINDS:
		break;
	}
	return false;
}
