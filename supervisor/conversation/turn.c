#include <stdlib.h>

#include "state.h"
#include "text.h"
#include "xalloc.h"

#define SUMMARY_ASKS	3	/* that a model is asked for words alone */

struct turn *
turn_find(const struct session *s, uint64_t id)
{
	return ids_find(&s->turns, id);
}

/* The active turn, where several are: the one that began last. */
struct turn *
turn_newest(const struct session *s)
{
	struct turn *t;

	TAILQ_FOREACH_REVERSE(t, &s->active, turns, link)
		if (!turn_is_apart(t))
			return t;
	return NULL;
}

bool
has_root(const uint64_t *roots, size_t n, uint64_t message)
{
	while (n > 0)
		if (roots[--n] == message)
			return true;
	return false;
}

void
turn_add_root(struct turn *t, uint64_t message)
{
	if (message != 0 && !has_root(t->roots, t->nroots, message))
		append_id(&t->roots, &t->nroots, message);
}

bool
turn_is_apart(const struct turn *t)
{
	return t->cause == CAUSE_ASIDE || t->cause == CAUSE_COMPACT;
}

struct turn *
turn_begin(struct step *st, enum cause cause, uint64_t root)
{
	struct record r = { .kind = RECORD_BEGAN };
	struct turn *t;

	r.began.turn = st->out->number(st->out->arg, 'u');
	r.began.cause = bytes_of(cause_name(cause));
	r.began.message = root;
	record(st, &r);
	t = turn_find(st->s, r.began.turn);
	if (!turn_is_apart(t))
		events_tell(st, t);
	put_note(st, t);
	return t;
}

static void
record_asked(struct step *st, struct turn *t, unsigned attempt, bool again)
{
	struct record r = { .kind = RECORD_ASKED };

	r.asked.turn = t->id;
	r.asked.attempt = attempt;
	r.asked.again = again;
	record(st, &r);
	t->asked = true;
	effect(st, &(struct effect){ .kind = FX_ASK, .turn = t->id });
}

/*
 * A user's item never stands right behind a tool's: some servers refuse that.
 */
void
turn_hear(struct step *st, struct turn *t)
{
	struct block *b = &t->block;

	if (b->n > 0 && b->items[b->n - 1].role == ROLE_TOOL)
		put_filler(st, t, "(something new came in)");
}

static unsigned
most_asks(const struct session *s, const struct turn *t)
{
	unsigned max = s->limits.max_asks;

	return t->cause == CAUSE_COMPACT && max > SUMMARY_ASKS ? SUMMARY_ASKS :
	    max;
}

/* The next model request, with all that came in since the last one. */
void
turn_ask(struct step *st, struct turn *t)
{
	if (t->asks >= most_asks(st->s, t)) {
		turn_finish(st, t, OUTCOME_FAILED,
		    bytes_of("too many model requests in one turn"));
		return;
	}
	if (t->asks > 0)
		put_note(st, t);
	if (t->asks > 0 && !turn_is_apart(t)) {
		events_tell(st, t);
		message_steers(st, t);
	}
	record_asked(st, t, 1, false);
}

void
turn_hold_check(struct step *st, struct turn *t)
{
	if (t->state == TURN_HOLDING && t->resolved == t->ncalls)
		turn_ask(st, t);
}

/* A committed block ends with words of the assistant: legal everywhere. */
static void
close_block(struct step *st, struct turn *t, const char *filler)
{
	struct block *b = &t->block;

	if (b->n == 0 || b->items[b->n - 1].role != ROLE_ASSISTANT)
		put_filler(st, t, filler);
}

static const char *
filler_for(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_DETACHED:
		return "(still running in the background)";
	case OUTCOME_INTERRUPTED:
		return "(interrupted)";
	case OUTCOME_FAILED:
		return "(no answer: the model could not be asked)";
	case OUTCOME_NONE:
	case OUTCOME_ANSWERED:
	case OUTCOME_ROLLED_BACK:
		break;
	}
	return "(no answer)";
}

void
turn_finish(struct step *st, struct turn *t, enum outcome outcome,
    struct bytes why)
{
	struct record r = { .kind = RECORD_FINISHED };

	if (outcome != OUTCOME_ROLLED_BACK)
		close_block(st, t, filler_for(outcome));
	r.finished.turn = t->id;
	r.finished.outcome = bytes_of(outcome_name(outcome));
	r.finished.why = why;
	r.finished.input_tokens = t->usage.input;
	r.finished.cached_tokens = t->usage.cached;
	r.finished.output_tokens = t->usage.output;
	r.finished.context = outcome == OUTCOME_ROLLED_BACK ? 0 :
	    compact_context(st->s, t);
	record(st, &r);
	effect(st, &(struct effect){ .kind = FX_FINISHED, .turn = t->id });
}

/*
 * What a stream left when it was cut (C8): shown text stays, marked; complete
 * calls were never started and say so; incomplete ones never were.
 */
void
turn_keep_shown(struct step *st, struct turn *t, const char *mark)
{
	struct buf text = { 0 }, json = { 0 };
	size_t n;

	calls_drop_unknown(t);
	n = t->ncoming;
	if (t->shown.len > 0 || n > 0) {
		buf_add_bytes(&text, buf_bytes(&t->shown));
		if (t->shown.len > 0)
			buf_printf(&text, "\n%s", mark);
		render_assistant(&json, buf_bytes(&text), t->coming, n);
		put_item(st, t, ROLE_ASSISTANT, false, buf_bytes(&json));
		calls_begin(st, t, false);
		if (n > 0)
			calls_detach(st, t, mark);
	}
	buf_fini(&text);
	buf_fini(&json);
}

void
turn_cut(struct step *st, struct turn *t, enum outcome outcome,
    const char *mark, struct bytes why)
{
	switch (t->state) {
	case TURN_ASKING:
	case TURN_STREAMING:
		effect(st, &(struct effect){ .kind = FX_CUT, .turn = t->id });
		if (outcome != OUTCOME_ROLLED_BACK)
			turn_keep_shown(st, t, mark);
		break;
	case TURN_HOLDING:
		if (outcome != OUTCOME_ROLLED_BACK)
			calls_detach(st, t, mark);
		break;
	case TURN_ENDED:
		return;
	}
	turn_finish(st, t, outcome, why);
}

static void
ask_again(struct step *st, struct turn *t)
{
	if (t->attempt < st->s->limits.max_attempts) {
		record_asked(st, t, t->attempt + 1, false);
		return;
	}
	turn_keep_shown(st, t, "(cut: the supervisor restarted)");
	turn_finish(st, t, OUTCOME_FAILED, bytes_of(
	    "the supervisor died each time this was asked"));
}

/*
 * After a crash (S4): nothing of a request in flight had been acted on, so it
 * is asked again, unless the end of a lost task was told first and led to a
 * request; calls of ours that were held did not happen, or not whole.
 */
void
turn_recover(struct step *st, struct turn *t)
{
	switch (t->state) {
	case TURN_ASKING:
	case TURN_STREAMING:
		if (!t->asked && !st->ev->quiet)
			ask_again(st, t);
		break;
	case TURN_HOLDING:
		t->held_since = st->ev->now;
		calls_recover(st, t);
		turn_hold_check(st, t);
		break;
	case TURN_ENDED:
		break;
	}
}

/* Nobody died of it, so it is no other attempt. */
void
turn_reask(struct step *st, struct turn *t)
{
	if (t->state == TURN_ASKING || t->state == TURN_STREAMING)
		record_asked(st, t, t->attempt, true);
}

static void
save_shown(struct step *st, struct turn *t)
{
	struct record r = { .kind = RECORD_PARTIAL };

	r.partial.turn = t->id;
	r.partial.text = (struct bytes){ t->shown.data + t->saved,
	    t->shown.len - t->saved };
	record(st, &r);
}

void
turn_tick(struct step *st, struct turn *t)
{
	const struct event *ev = st->ev;

	if (t->state == TURN_STREAMING && t->saved < t->shown.len &&
	    ev->now >= t->save_at)
		save_shown(st, t);
	if (t->state != TURN_HOLDING)
		return;
	calls_waits_done(st, t);
	if (ev->now >= t->held_since + st->s->limits.detach_after)
		calls_detach_auto(st, t, BACKGROUND_AUTO);
	turn_hold_check(st, t);
}

static uint64_t
sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t
turn_deadline(const struct session *s, const struct turn *t)
{
	uint64_t at = UINT64_MAX;
	const struct call *c;
	size_t i;

	if (t->state == TURN_STREAMING && t->saved < t->shown.len)
		at = t->save_at;
	for (i = 0; t->state == TURN_HOLDING && i < t->ncalls; i++) {
		c = &t->calls[i];
		if (c->state != CALL_HELD)
			continue;
		if (call_is_waiting(c))
			at = sooner(at, c->until);
		else if (c->task != 0 && c->background == BACKGROUND_AUTO)
			at = sooner(at, t->held_since + s->limits.detach_after);
	}
	return at;
}

static void
calls_fini(struct call **calls, size_t *n)
{
	size_t i;

	for (i = 0; i < *n; i++)
		call_fini(&(*calls)[i]);
	free(*calls);
	*calls = NULL;
	*n = 0;
}

void
turn_fini(struct turn *t)
{
	block_fini(&t->block);
	buf_fini(&t->shown);
	buf_fini(&t->text);
	buf_fini(&t->unknown);
	calls_fini(&t->calls, &t->ncalls);
	calls_fini(&t->coming, &t->ncoming);
	free(t->roots);
	free(t->tasks);
	free(t->why);
}

/* Where it is counted. */
static size_t *
place_of(struct session *s, const struct turn *t)
{
	switch (t->cause) {
	case CAUSE_ASIDE:
		return &s->nasides;
	case CAUSE_COMPACT:
		return &s->ncompacts;
	case CAUSE_MESSAGE:
	case CAUSE_WAKE:
		break;
	}
	return &s->nactive;
}

void
apply_began(struct session *s, const struct record *r)
{
	struct turn *t = xcalloc(1, sizeof(*t));

	t->id = r->began.turn;
	cause_parse(r->began.cause, &t->cause);
	t->base = t->noted = s->block.n;
	t->epoch = s->nheads - 1;
	t->seen = s->bytes;
	t->began_at = r->time;
	turn_add_root(t, r->began.message);
	ids_add(&s->turns, t);
	TAILQ_INSERT_TAIL(&s->active, t, link);
	*place_of(s, t) += 1;
	s->nwaking += t->cause == CAUSE_WAKE;
	if (t->cause == CAUSE_WAKE)
		append_id(&s->wakes, &s->nwakes, r->time);
}

void
apply_asked(struct session *s, const struct record *r)
{
	struct turn *t = turn_find(s, r->asked.turn);

	if (t == NULL)
		return;
	t->state = TURN_ASKING;
	t->attempt = (unsigned)r->asked.attempt;
	if (t->attempt == 1 && r->asked.again == 0)
		t->asks++;
	usage_asked(s, t);
	calls_fini(&t->calls, &t->ncalls);
	calls_fini(&t->coming, &t->ncoming);
	t->resolved = 0;
	buf_reset(&t->shown);
	t->saved = 0;
}

void
apply_partial(struct session *s, const struct record *r)
{
	struct turn *t = turn_find(s, r->partial.turn);

	if (t == NULL)
		return;
	/* As it happens the text is shown already; read back, it is not. */
	if (t->shown.len == t->saved)
		buf_add_bytes(&t->shown, r->partial.text);
	t->saved = t->shown.len;
	t->state = TURN_STREAMING;
}

/* What was answered was not too long, whatever a refusal let one think. */
static void
note_context(struct session *s, const struct turn *t, uint64_t context)
{
	if (context != 0)
		s->used = context;
	if (t->outcome == OUTCOME_ANSWERED && s->learned != 0 &&
	    s->learned < context)
		s->learned = context;
	if (t->cause == CAUSE_COMPACT)
		s->declined = t->compacted ? 0 : s->block.n;
}

void
apply_finished(struct session *s, const struct record *r)
{
	struct turn *t = turn_find(s, r->finished.turn);

	if (t == NULL || t->state == TURN_ENDED)
		return;
	t->state = TURN_ENDED;
	outcome_parse(r->finished.outcome, &t->outcome);
	t->why = xmemdup(r->finished.why.data, r->finished.why.len);
	t->ended_at = r->time;
	usage_sum(s, t, &r->finished);
	TAILQ_REMOVE(&s->active, t, link);
	*place_of(s, t) -= 1;
	s->nwaking -= t->cause == CAUSE_WAKE;
	if (t->outcome == OUTCOME_ROLLED_BACK)
		events_return(s, t);
	else if (!turn_is_apart(t))
		head_add_items(s, &t->block);
	note_context(s, t, r->finished.context);
	block_fini(&t->block);
	buf_fini(&t->shown);
	calls_fini(&t->calls, &t->ncalls);
	calls_fini(&t->coming, &t->ncoming);
}
