#include <stdlib.h>

#include "state.h"
#include "text.h"
#include "xalloc.h"

#define HOUR	3600000000ULL	/* us */

static void
tell(struct step *st, const struct fact *f, struct turn *t, bool consumed)
{
	struct record r = { .kind = RECORD_TOLD };

	if (!consumed)
		turn_hear(st, t);
	r.told.event = f->id;
	r.told.turn = t->id;
	r.told.consumed = consumed;
	record(st, &r);
}

/* All that the model has not been told yet, each exactly once (E1). */
void
events_tell(struct step *st, struct turn *t)
{
	struct fact *f, *next;

	TAILQ_FOREACH_SAFE(f, &st->s->pending, link, next)
		tell(st, f, t, false);
}

/*
 * The turn learned otherwise how the task ended; what was seen of it before is
 * news still. What a side question learned leaves no trace, so the conversation
 * is still to be told.
 */
void
event_consume(struct step *st, uint64_t task, struct turn *t)
{
	struct fact *f, *next;

	if (turn_is_apart(t))
		return;
	TAILQ_FOREACH_SAFE(f, &st->s->pending, link, next)
		if (f->task == task && f->about == ABOUT_END)
			tell(st, f, t, true);
}

/* Of a task of the turn's own that stands in no head. */
static bool
is_of(const struct session *s, const struct fact *f, const struct turn *t)
{
	const struct task *k = ids_find(&s->tasks, f->task);

	return k != NULL && k->facts.turn == t->id && !k->stated;
}

void
events_keep(struct session *s, const struct turn *t)
{
	struct fact *f;
	size_t i;

	for (i = 0; i < s->facts.n; i++) {
		f = s->facts.at[i];
		if (f->turn == t->id)
			f->turn = 0;
	}
}

static void
put_back(struct session *s, struct fact *f)
{
	struct fact *at;

	f->state = EVENT_PENDING;
	s->nwakers += f->wake != WAKE_NEVER;
	s->npending++;
	/* Most often it is newer than all that are there. */
	TAILQ_FOREACH_REVERSE(at, &s->pending, facts, link)
		if (at->id < f->id) {
			TAILQ_INSERT_AFTER(&s->pending, at, f, link);
			return;
		}
	TAILQ_INSERT_HEAD(&s->pending, f, link);
}

/* A turn was rolled back: what it was told of others is news again. */
void
events_return(struct session *s, const struct turn *t)
{
	struct fact *f;
	size_t i;

	for (i = 0; i < s->facts.n; i++) {
		f = s->facts.at[i];
		if (f->state != EVENT_PENDING && f->turn == t->id &&
		    !is_of(s, f, t))
			put_back(s, f);
	}
}

static size_t
recent_wakes(const struct session *s, uint64_t wall)
{
	size_t i, n = 0;

	for (i = s->nwakes; i > 0 && s->wakes[i - 1] + HOUR > wall; i--)
		n++;
	return n;
}

bool
event_may_wake(const struct session *s, uint64_t wall)
{
	return s->nwakers > 0 && !s->limits.spent &&
	    recent_wakes(s, wall) < s->limits.wakes_per_hour;
}

void
envelope_attribute(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, " %s=\"", name);
	text_escape(b, bytes_of(value));
	buf_putc(b, '"');
}

/* The one fixed form in which the model hears of a task (E2). */
static void
envelope(struct buf *b, const struct task *k, struct bytes tail)
{
	const struct task_facts *f = &k->facts;

	buf_printf(b, "<task-event id=\"t%ju\"", (uintmax_t)k->id);
	envelope_attribute(b, "tool", f->tool);
	envelope_attribute(b, "state", f->end);
	if (f->has_code)
		buf_printf(b, " code=\"%ju\"", (uintmax_t)f->code);
	if (f->signal != 0)
		buf_printf(b, " signal=\"%ju\"", (uintmax_t)f->signal);
	if (f->by[0] != '\0')
		envelope_attribute(b, "by", f->by);
	if (f->why[0] != '\0')
		envelope_attribute(b, "why", f->why);
	if (f->message != 0)
		buf_printf(b, " for=\"m%ju\"", (uintmax_t)f->message);
	buf_printf(b, " out_bytes=\"%ju\" err_bytes=\"%ju\">",
	    (uintmax_t)f->out_bytes, (uintmax_t)f->err_bytes);
	text_escape(b, tail);
	buf_puts(b, "</task-event>");
}

static void
announce(struct step *st, const struct task *k)
{
	struct record r = { .kind = RECORD_EVENT };
	struct buf b = { 0 };
	enum wake wake = k->facts.wake;

	if (wake == WAKE_FAILURE)
		wake = st->ev->failure ? WAKE_ALWAYS : WAKE_NEVER;
	if (st->ev->quiet)
		wake = WAKE_NEVER;
	envelope(&b, k, st->ev->output == NULL ? bytes_of("") :
	    st->ev->output->tail);
	r.event.event = st->out->number(st->out->arg, 'e');
	r.event.task = k->id;
	r.event.message = k->facts.message;
	r.event.wake = bytes_of(wake_name(wake));
	r.event.about = bytes_of(about_name(ABOUT_END));
	r.event.text = buf_bytes(&b);
	record(st, &r);
	buf_fini(&b);
}

/*
 * Its tasks never were, so nobody waits to hear of them (C7 rollback); but a
 * head stays, and says that one will: also of an end that was a result.
 */
void
events_drop(struct step *st, struct turn *t)
{
	struct fact *f, *next;
	const struct task *k;
	size_t i;

	TAILQ_FOREACH_SAFE(f, &st->s->pending, link, next)
		if (is_of(st->s, f, t))
			tell(st, f, t, true);
	for (i = 0; i < t->ntasks; i++) {
		k = ids_find(&st->s->tasks, t->tasks[i]);
		if (k->stated && !k->live && !k->announced)
			announce(st, k);
	}
}

static struct call *
held_call(const struct turn *t, uint64_t task)
{
	size_t i;

	if (t == NULL || t->state != TURN_HOLDING)
		return NULL;
	for (i = 0; i < t->ncalls; i++)
		if (t->calls[i].task == task && t->calls[i].state == CALL_HELD)
			return &t->calls[i];
	return NULL;
}

static void
end_waits(struct step *st)
{
	struct turn *t, *next;

	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next) {
		if (t->state != TURN_HOLDING)
			continue;
		calls_waits_done(st, t);
		turn_hold_check(st, t);
	}
}

/*
 * An end is the result of a call that is still held; else it is an event,
 * unless the turn that wanted it is as if it had not been (C7 rollback). Where
 * a head says that it will be told, it is.
 */
static bool
is_news(const struct task *k, const struct turn *t, bool held)
{
	if (t == NULL)
		return true;
	if (held)
		return k->stated && turn_is_apart(t);
	return k->stated || t->outcome != OUTCOME_ROLLED_BACK;
}

bool
on_ended(struct step *st)
{
	struct task *k = task_live(st);
	struct record r = { .kind = RECORD_END };
	struct turn *t;
	struct call *c;

	if (k == NULL)
		return refuse(st, REFUSAL_GONE);
	approval_cancel(st, k, st->ev->end->by);
	r.end = *st->ev->end;
	r.end.task = k->id;
	record(st, &r);
	t = turn_find(st->s, k->facts.turn);
	c = held_call(t, k->id);
	if (is_news(k, t, c != NULL))
		announce(st, k);
	if (c != NULL) {
		call_resolve(st, t, c, CALL_ANSWERED, st->ev->text);
		turn_hold_check(st, t);
	}
	end_waits(st);
	return true;
}

void
apply_event(struct session *s, const struct record *r)
{
	struct fact *f = xcalloc(1, sizeof(*f));
	struct task *k = ids_find(&s->tasks, r->event.task);

	f->id = r->event.event;
	f->task = r->event.task;
	f->message = r->event.message;
	wake_parse(r->event.wake, &f->wake);
	about_parse(r->event.about, &f->about);
	f->text = xmemdup(r->event.text.data, r->event.text.len);
	if (k != NULL && f->about == ABOUT_END)
		k->announced = true;
	ids_add(&s->facts, f);
	TAILQ_INSERT_TAIL(&s->pending, f, link);
	s->nwakers += f->wake != WAKE_NEVER;
	s->npending++;
}

/* The turn answers what led to the task. */
static void
add_roots(const struct session *s, struct turn *t, const struct fact *f)
{
	const struct task *k = ids_find(&s->tasks, f->task);
	size_t i;

	turn_add_root(t, f->message);
	for (i = 0; k != NULL && i < k->nroots; i++)
		turn_add_root(t, k->roots[i]);
}

void
apply_told(struct session *s, const struct record *r)
{
	struct fact *f = ids_find(&s->facts, r->told.event);
	struct turn *t = turn_find(s, r->told.turn);
	struct item item = { .role = ROLE_USER, .seq = r->seq };
	struct buf json = { 0 };

	if (f == NULL || t == NULL || f->state != EVENT_PENDING)
		return;
	f->state = r->told.consumed ? EVENT_CONSUMED : EVENT_TOLD;
	f->turn = t->id;
	TAILQ_REMOVE(&s->pending, f, link);
	s->nwakers -= f->wake != WAKE_NEVER;
	s->npending--;
	add_roots(s, t, f);
	if (r->told.consumed)
		return;
	render_envelope(&json, bytes_of(f->text));
	item.turn = t->id;
	item.len = json.len;
	item.json = buf_take(&json);
	block_add(&t->block, &item);
}
