/* What a task is watched for, and what was seen of it while it runs (E1). */
#include <stdlib.h>

#include "state.h"
#include "text.h"
#include "xalloc.h"

static void
envelope(struct buf *b, const struct task *k, const struct event *ev)
{
	const struct task_facts *f = &k->facts;

	buf_printf(b, "<task-event id=\"t%ju\"", (uintmax_t)k->id);
	envelope_attribute(b, "tool", f->tool);
	envelope_attribute(b, "state", f->state);
	if (ev->about == ABOUT_SEEN) {
		buf_puts(b, " seen=\"");
		text_escape(b, ev->pattern);
		buf_printf(b, "\" matches=\"%ju\"", (uintmax_t)ev->count);
	} else if (ev->about == ABOUT_PROMPT)
		buf_puts(b, " waits=\"prompt\"");
	else
		buf_printf(b, " silent=\"%ju\"",
		    (uintmax_t)(ev->silence / 1000000));
	if (f->message != 0)
		buf_printf(b, " for=\"m%ju\"", (uintmax_t)f->message);
	if (ev->output != NULL)
		buf_printf(b, " out_bytes=\"%ju\" err_bytes=\"%ju\"",
		    (uintmax_t)ev->output->out_bytes,
		    (uintmax_t)ev->output->err_bytes);
	buf_putc(b, '>');
	text_escape(b, ev->text);
	buf_puts(b, "</task-event>");
}

/* A match is no failure; who waits or stands still may be about to be one. */
static enum wake
wake_of(const struct task *k, const struct event *ev)
{
	if (ev->wake == WAKE_ALWAYS || k->facts.wake == WAKE_ALWAYS)
		return WAKE_ALWAYS;
	if (k->facts.wake == WAKE_FAILURE && ev->about != ABOUT_SEEN)
		return WAKE_ALWAYS;
	return WAKE_NEVER;
}

static void
announce(struct step *st, const struct task *k)
{
	struct record r = { .kind = RECORD_EVENT };
	struct buf b = { 0 };

	envelope(&b, k, st->ev);
	r.event.event = st->out->number(st->out->arg, 'e');
	r.event.task = k->id;
	r.event.message = k->facts.message;
	r.event.wake = bytes_of(wake_name(wake_of(k, st->ev)));
	r.event.about = bytes_of(about_name(st->ev->about));
	r.event.text = buf_bytes(&b);
	record(st, &r);
	buf_fini(&b);
}

static const char *
because(enum about about)
{
	switch (about) {
	case ABOUT_SEEN:
		return "it printed what is watched for";
	case ABOUT_PROMPT:
		return "it waits for input";
	case ABOUT_SILENT:
		return "it has been silent for long";
	case ABOUT_END:
		break;
	}
	return "it has ended";
}

/* The model can act on it now: what holds its turn for the task lets go. */
bool
on_seen(struct step *st)
{
	const struct task *k = task_live(st);
	const struct turn *from;
	struct turn *t, *next;

	if (k == NULL || st->ev->about == ABOUT_END)
		return refuse(st, k == NULL ? REFUSAL_GONE : REFUSAL_BAD);
	from = turn_find(st->s, k->facts.turn);
	if (from != NULL && from->outcome == OUTCOME_ROLLED_BACK &&
	    !k->stated)
		return true;	/* it is as if it had not been */
	announce(st, k);
	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next) {
		if (t->state != TURN_HOLDING)
			continue;
		calls_let_go_of(st, t, k->id, because(st->ev->about));
		turn_hold_check(st, t);
	}
	return true;
}

bool
task_has_watch(const struct task *k, struct bytes pattern)
{
	size_t i;

	for (i = 0; i < k->facts.nwatches; i++)
		if (bytes_is(pattern, k->facts.watches[i]))
			return true;
	return false;
}

bool
on_watch(struct step *st)
{
	const struct event *ev = st->ev;
	const struct task *k = task_live(st);
	struct record r = { .kind = RECORD_WATCH };

	if (k == NULL)
		return refuse(st, REFUSAL_GONE);
	if (task_has_watch(k, ev->pattern))
		return true;
	if (k->facts.nwatches >= WATCHES_MAX || ev->pattern.len == 0)
		return refuse(st, REFUSAL_BAD);
	r.watch.task = k->id;
	r.watch.pattern = ev->pattern;
	r.watch.by = ev->by;
	record(st, &r);
	effect(st, &(struct effect){ .kind = FX_WATCH, .task = k->id });
	return true;
}

void
task_add_watch(struct task *k, struct bytes pattern)
{
	struct task_facts *f = &k->facts;

	f->watches = xreallocarray(f->watches, f->nwatches + 1,
	    sizeof(*f->watches));
	f->watches[f->nwatches++] = xmemdup(pattern.data, pattern.len);
}

void
task_drop_watches(struct task *k)
{
	while (k->facts.nwatches > 0)
		free(k->facts.watches[--k->facts.nwatches]);
	free(k->facts.watches);
}

void
apply_watch(struct session *s, const struct record *r)
{
	struct task *k = ids_find(&s->tasks, r->watch.task);

	if (k != NULL)
		task_add_watch(k, r->watch.pattern);
}
