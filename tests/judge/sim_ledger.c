#include "sim_ledger.h"

#include <stdlib.h>

#include "xalloc.h"

enum stand { NOT_YET, OPEN, CLOSED, DROPPED };

struct account {
	enum stand	stand;
	bool		aside, sums_up, wake;	/* turns */
	bool		stated;		/* tasks: in a head, that one will */
	bool		announced;	/* be told of its end; and that came */
	uint64_t	turn, task;	/* events: who is told of which */
	uint64_t	approval;	/* tasks: 0, or what it needs */
	bool		approved;	/* approvals */
	uint64_t	used;		/* turns: tokens */
	bool		began;		/* tasks */
};

struct sum_call {
	uint64_t	 turn;
	char		*id;
	bool		 done;
};

struct accounts {
	struct account	*at;
	size_t		 n;
};

struct ledger {
	struct accounts	 messages, turns, tasks, events, approvals;
	struct sum_call	*calls;
	uint64_t	 used, below;
	size_t		 ncalls, max_turns, active, sums_up, past;
};

static struct account *
account(struct accounts *a, uint64_t id)
{
	if (id >= a->n) {
		a->at = xreallocarray(a->at, id + 1, sizeof(*a->at));
		memset(a->at + a->n, 0, (id + 1 - a->n) * sizeof(*a->at));
		a->n = id + 1;
	}
	return &a->at[id];
}

struct ledger *
ledger_new(size_t max_turns)
{
	struct ledger *l = xcalloc(1, sizeof(*l));

	l->max_turns = max_turns;
	return l;
}

void
ledger_free(struct ledger *l)
{
	if (l == NULL)
		return;
	while (l->ncalls > 0)
		free(l->calls[--l->ncalls].id);
	free(l->calls);
	free(l->messages.at);
	free(l->turns.at);
	free(l->tasks.at);
	free(l->events.at);
	free(l->approvals.at);
	free(l);
}

static const char *
from_to(struct account *a, enum stand from, enum stand to, const char *why)
{
	if (a->stand != from)
		return why;
	a->stand = to;
	return NULL;
}

/* Whether the turn's being dropped drops it as well. */
static bool
is_of(struct ledger *l, uint64_t task, uint64_t turn)
{
	const struct account *k = account(&l->tasks, task);

	return k->turn == turn && !k->stated;
}

static const char *
must_be_open(const struct account *a, const char *why)
{
	return a->stand == OPEN ? NULL : why;
}

static const char *
add_began(struct ledger *l, const struct record_began *r)
{
	struct account *t = account(&l->turns, r->turn);

	t->wake = bytes_is(r->cause, "wake");
	t->sums_up = bytes_is(r->cause, "compact");
	t->aside = t->sums_up || bytes_is(r->cause, "ask");
	if (t->sums_up && l->sums_up++ > 0)
		return "two turns sum up at a time";
	l->active += !t->aside && !t->wake;
	if (l->active > l->max_turns)
		return "more turns than there are places";
	return from_to(t, NOT_YET, OPEN, "a turn begins twice");
}

static bool
has_open_calls(const struct ledger *l, uint64_t turn)
{
	size_t i;

	for (i = 0; i < l->ncalls; i++)
		if (l->calls[i].turn == turn && !l->calls[i].done)
			return true;
	return false;
}

/* What it was told of others is due again. */
static void
roll_back(struct ledger *l, uint64_t turn)
{
	struct account *e;
	size_t i;

	account(&l->turns, turn)->stand = DROPPED;
	for (i = 0; i < l->events.n; i++) {
		e = &l->events.at[i];
		if (e->stand == CLOSED && e->turn == turn &&
		    !is_of(l, e->task, turn))
			e->stand = OPEN;
	}
}

static const char *
add_finished(struct ledger *l, const struct record_finished *r)
{
	struct account *t = account(&l->turns, r->turn);
	bool dropped = bytes_is(r->outcome, "rolled back");

	if (t->stand != OPEN)
		return "a turn ends twice";
	if (!dropped && has_open_calls(l, r->turn))
		return "a turn ends with a call that has no result";
	if (r->input_tokens + r->output_tokens != t->used)
		return "a turn ends with another sum of tokens";
	t->stand = CLOSED;
	l->active -= !t->aside && !t->wake;
	l->sums_up -= t->sums_up;
	if (dropped)
		roll_back(l, r->turn);
	return NULL;
}

static const char *
add_called(struct ledger *l, const struct record_called *r)
{
	char *id;
	size_t i;

	for (i = 0; i < l->ncalls; i++)
		if (bytes_is(r->call, l->calls[i].id))
			return "a call's id was used before";
	id = xmemdup(r->call.data, r->call.len);
	l->calls = xreallocarray(l->calls, l->ncalls + 1, sizeof(*l->calls));
	l->calls[l->ncalls++] = (struct sum_call){ r->turn, id, false };
	return must_be_open(account(&l->turns, r->turn),
	    "a call of no active turn");
}

static const char *
add_result(struct ledger *l, const struct record_result *r)
{
	struct sum_call *c;
	size_t i;

	for (i = l->ncalls; i > 0; i--) {
		c = &l->calls[i - 1];
		if (c->turn != r->turn || !bytes_is(r->call, c->id))
			continue;
		if (c->done)
			return "a call has two results";
		c->done = true;
		return must_be_open(account(&l->turns, r->turn),
		    "a result for no active turn");
	}
	return "a result of no call";
}

static const char *
add_asked(struct ledger *l, const struct record_asked *r)
{
	if (has_open_calls(l, r->turn))
		return "a turn asks on without a call's result";
	return must_be_open(account(&l->turns, r->turn), "nobody asks");
}

/* A head says that they will be told: what lives, and what is news. */
static void
note_stated(struct ledger *l)
{
	size_t i;

	for (i = 0; i < l->tasks.n; i++)
		if (l->tasks.at[i].stand == OPEN)
			l->tasks.at[i].stated = true;
	for (i = 0; i < l->events.n; i++)
		if (l->events.at[i].stand == OPEN)
			account(&l->tasks, l->events.at[i].task)->stated = true;
}

/* What a turn was told before it was compacted is told for good. */
static const char *
add_compacted(struct ledger *l, const struct record_compacted *r)
{
	struct account *t = account(&l->turns, r->turn);
	size_t i;

	if (t->stand != OPEN)
		return "no active turn compacts";
	if (!t->sums_up && l->sums_up > 0)
		return "a summary that is still to come is of the past";
	if (r->upto < l->past)
		return "what is past comes back";
	if (has_open_calls(l, r->turn))
		return "a call is compacted without its result";
	l->past = r->upto;
	note_stated(l);
	for (i = 0; i < l->events.n; i++)
		if (l->events.at[i].turn == r->turn)
			l->events.at[i].turn = 0;
	return NULL;
}

static const char *
add_delivered(struct ledger *l, const struct record_delivered *r)
{
	const char *why = must_be_open(account(&l->turns, r->turn),
	    "a message goes to no active turn");

	return why != NULL ? why : from_to(account(&l->messages, r->message),
	    OPEN, CLOSED, "a message has two ends");
}

static const char *
add_task(struct ledger *l, const struct record_task *r)
{
	struct account *k = account(&l->tasks, r->task);

	k->turn = r->turn;
	return from_to(k, NOT_YET, OPEN, "a task starts twice");
}

static bool
is_pending(struct ledger *l, uint64_t task)
{
	uint64_t approval = account(&l->tasks, task)->approval;

	return approval != 0 &&
	    account(&l->approvals, approval)->stand == OPEN;
}

static bool
may_start(struct ledger *l, uint64_t task)
{
	uint64_t approval = account(&l->tasks, task)->approval;

	return approval == 0 || account(&l->approvals, approval)->approved;
}

static const char *
add_order(struct ledger *l, const struct record_order *r)
{
	const struct account *k = account(&l->tasks, r->task);

	if (k->stand == OPEN && !k->began)
		return NULL;
	return "a task is moved that does not wait to start";
}

static const char *
add_state(struct ledger *l, const struct record_state *r)
{
	bool begins = !bytes_is(r->state, "queued");

	account(&l->tasks, r->task)->began |= begins;
	if (begins && !may_start(l, r->task))
		return "a task starts that nobody has approved";
	return must_be_open(account(&l->tasks, r->task),
	    "a state of a task that has ended");
}

static const char *
add_end(struct ledger *l, const struct record_end *r)
{
	if (is_pending(l, r->task))
		return "a task ends and its approval is still to be given";
	return from_to(account(&l->tasks, r->task), OPEN, CLOSED,
	    "a task ends twice");
}

static const char *
add_approval(struct ledger *l, const struct record_approval *r)
{
	struct account *k = account(&l->tasks, r->task);

	if (k->stand != OPEN || k->approval != 0)
		return "an approval for no task, or for one that has it";
	k->approval = r->approval;
	return from_to(account(&l->approvals, r->approval), NOT_YET, OPEN,
	    "an approval is asked for twice");
}

static const char *
add_answer(struct ledger *l, const struct record_answer *r)
{
	struct account *k = account(&l->tasks, r->task);

	account(&l->approvals, r->approval)->approved =
	    bytes_is(r->state, "approved");
	if (k->approval != r->approval || k->stand != OPEN)
		return "an answer about another task, or one that has ended";
	return from_to(account(&l->approvals, r->approval), OPEN, CLOSED,
	    "an approval is answered twice");
}

static const char *
add_event(struct ledger *l, const struct record_event *r)
{
	struct account *e = account(&l->events, r->event);
	bool is_end = bytes_is(r->about, "end");

	e->task = r->task;
	account(&l->tasks, r->task)->announced |= is_end;
	if (is_end != (account(&l->tasks, r->task)->stand == CLOSED))
		return "an end is told of a task that lives, or else something "
		    "of one that does not";
	return from_to(e, NOT_YET, OPEN, "an event happens twice");
}

static const char *
add_told(struct ledger *l, const struct record_told *r)
{
	struct account *e = account(&l->events, r->event);
	enum stand turn = account(&l->turns, r->turn)->stand;

	e->turn = r->turn;
	if (turn != OPEN && !(turn == DROPPED && r->consumed))
		return "an event is told to no active turn";
	if (account(&l->turns, r->turn)->aside)
		return "an event is told to a side question";
	return from_to(e, OPEN, CLOSED, "an event is told twice");
}

static const char *
add_usage(struct ledger *l, const struct record_usage *r)
{
	struct account *t = account(&l->turns, r->turn);

	*(r->turn == 0 ? &l->below : &l->used) += r->input_tokens +
	    r->output_tokens;
	if (r->turn == 0)
		return NULL;
	t->used += r->input_tokens + r->output_tokens;
	return t->stand == NOT_YET ? "no turn used that" : NULL;
}

uint64_t
ledger_used(const struct ledger *l, bool tree)
{
	return l->used + (tree ? l->below : 0);
}

const char *
ledger_add(struct ledger *l, const struct record *r)
{
	switch (r->kind) {
	case RECORD_ADMITTED:
		return from_to(account(&l->messages, r->admitted.message),
		    NOT_YET, OPEN, "a message is admitted twice");
	case RECORD_EDITED:
		return must_be_open(account(&l->messages, r->edited.message),
		    "an edit of what does not wait");
	case RECORD_MOVED:
		return must_be_open(account(&l->messages, r->moved.message),
		    "a move of what does not wait");
	case RECORD_CANCELLED:
		return from_to(account(&l->messages, r->cancelled.message),
		    OPEN, CLOSED, "a message has two ends");
	case RECORD_DELIVERED:
		return add_delivered(l, &r->delivered);
	case RECORD_BEGAN:
		return add_began(l, &r->began);
	case RECORD_ITEM:
		return must_be_open(account(&l->turns, r->item.turn),
		    "an item of no active turn");
	case RECORD_PARTIAL:
		return must_be_open(account(&l->turns, r->partial.turn),
		    "text of no active turn");
	case RECORD_ASKED:
		return add_asked(l, &r->asked);
	case RECORD_CALLED:
		return add_called(l, &r->called);
	case RECORD_RESULT:
		return add_result(l, &r->result);
	case RECORD_FINISHED:
		return add_finished(l, &r->finished);
	case RECORD_USAGE:
		return add_usage(l, &r->usage);
	case RECORD_TASK:
		return add_task(l, &r->task);
	case RECORD_STATE:
		return add_state(l, &r->state);
	case RECORD_END:
		return add_end(l, &r->end);
	case RECORD_ORDER:
		return add_order(l, &r->order);
	case RECORD_APPROVAL:
		return add_approval(l, &r->approval);
	case RECORD_ANSWER:
		return add_answer(l, &r->answer);
	case RECORD_WATCH:
		return must_be_open(account(&l->tasks, r->watch.task),
		    "a watch of a task that has ended");
	case RECORD_EVENT:
		return add_event(l, &r->event);
	case RECORD_TOLD:
		return add_told(l, &r->told);
	case RECORD_COMPACTED:
		return add_compacted(l, &r->compacted);
	case RECORD_CREATED:
	case RECORD_ADOPTED:
	case RECORD_COPIED:
	case RECORD_RECEIPT:
	case RECORD_NKINDS:
		break;
	}
	return NULL;
}

static bool
any_open(const struct accounts *a)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->at[i].stand == OPEN)
			return true;
	return false;
}

static bool
is_dropped(const struct ledger *l, const struct account *k)
{
	return k->turn != 0 && !k->stated &&
	    l->turns.at[k->turn].stand == DROPPED;
}

/* The conversation saw no result of it, and was promised news. */
static bool
is_missed(const struct ledger *l, const struct account *k)
{
	return k->turn != 0 && k->stated && !k->announced &&
	    (l->turns.at[k->turn].stand == DROPPED ||
	    l->turns.at[k->turn].aside);
}

uint64_t
ledger_nth_due(const struct ledger *l, size_t i)
{
	size_t at;

	for (at = 0; at < l->events.n; at++)
		if (l->events.at[at].stand == OPEN && i-- == 0)
			return l->events.at[at].task;
	return 0;
}

const char *
ledger_balance(const struct ledger *l)
{
	size_t i;

	if (any_open(&l->messages) || any_open(&l->turns))
		return "a message or a turn has no end";
	if (any_open(&l->tasks) || any_open(&l->approvals))
		return "a task has no end, or an approval no answer";
	for (i = 0; i < l->events.n; i++)
		if (l->events.at[i].stand == OPEN &&
		    !is_dropped(l, &l->tasks.at[l->events.at[i].task]))
			return "an event was never told";
	for (i = 0; i < l->tasks.n; i++)
		if (is_missed(l, &l->tasks.at[i]))
			return "a head promised an end that was never told";
	return NULL;
}
