#include "session.h"

#include <stdlib.h>

#include "state.h"
#include "xalloc.h"

void
append_id(uint64_t **list, size_t *n, uint64_t id)
{
	*list = xreallocarray(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = id;
}

struct bytes
bytes_keep(struct bytes b)
{
	return (struct bytes){ xmemdup(b.data, b.len), b.len };
}

void
bytes_drop(struct bytes *b)
{
	free((char *)(uintptr_t)b->data);
	*b = (struct bytes){ 0 };
}

struct terms
terms_keep(const struct terms *t)
{
	struct terms own = *t;

	own.after = bytes_keep(t->after);
	own.watch = bytes_keep(t->watch);
	return own;
}

void
terms_drop(struct terms *t)
{
	bytes_drop(&t->after);
	bytes_drop(&t->watch);
}

/* For people: nothing else becomes of it. */
static void
apply_receipt(struct session *s, const struct record *r)
{
	(void)s;
	(void)r;
}

static void (*const appliers[])(struct session *, const struct record *) = {
#define RECORD(NAME, name, fields)	[RECORD_##NAME] = apply_##name,
#include "record.def"
#undef RECORD
};

static void
apply(struct session *s, const struct record *r)
{
	appliers[r->kind](s, r);
}

bool
session_apply(struct session *s, const struct record *r)
{
	if (!session_makes_sense(s, r))
		return false;
	apply(s, r);
	return true;
}

/* The one way in which anything becomes true: written down, then applied. */
void
record(struct step *st, struct record *r)
{
	r->seq = ++st->out->seq;
	r->time = st->ev->wall;
	st->out->record(st->out->arg, r);
	apply(st->s, r);
}

void
effect(struct step *st, const struct effect *fx)
{
	struct out *out = st->out;

	if (out->neffects == out->size) {
		out->size = out->size == 0 ? 8 : out->size * 2;
		out->effects = xreallocarray(out->effects, out->size,
		    sizeof(*fx));
	}
	out->effects[out->neffects++] = *fx;
}

bool
refuse(struct step *st, enum refusal why)
{
	st->out->refusal = why;
	return false;
}

void
out_fini(struct out *out)
{
	free(out->effects);
	buf_fini(&out->receipt);
}

static bool
on_tick(struct step *st)
{
	struct turn *t, *next;

	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next)
		turn_tick(st, t);
	return true;
}

static bool
on_recover(struct step *st)
{
	struct turn *t, *next;

	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next)
		turn_recover(st, t);
	return true;
}

static bool
on_reask(struct step *st)
{
	struct turn *t, *next;

	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next)
		turn_reask(st, t);
	return true;
}

static bool (*const handlers[EV_NKINDS])(struct step *) = {
	[EV_CREATE] = on_create,
	[EV_ADOPT] = on_adopt,
	[EV_SAY] = on_say,
	[EV_INTERRUPT] = on_interrupt,
	[EV_DETACH] = on_detach,
	[EV_EDIT] = on_edit,
	[EV_MOVE] = on_move,
	[EV_CANCEL] = on_cancel,
	[EV_TEXT] = on_text,
	[EV_CALL] = on_call,
	[EV_USAGE] = on_usage,
	[EV_ANSWERED] = on_answered,
	[EV_FAILED] = on_failed,
	[EV_RESULT] = on_result,
	[EV_HOLD] = on_hold,
	[EV_GREW] = on_grew,
	[EV_TASK] = on_task,
	[EV_STATE] = on_state,
	[EV_OUTPUT] = on_output,
	[EV_SEEN] = on_seen,
	[EV_WATCH] = on_watch,
	[EV_ENDED] = on_ended,
	[EV_DECIDE] = on_decide,
	[EV_TICK] = on_tick,
	[EV_RECOVER] = on_recover,
	[EV_COMPACT] = on_compact,
	[EV_COPY] = on_copy,
	[EV_ORDER] = on_order,
	[EV_REASK] = on_reask,
};

bool
session_step(struct session *s, const struct event *ev, struct out *out)
{
	struct step st = { .s = s, .ev = ev, .out = out };

	out->refusal = REFUSAL_NONE;
	out->message = 0;
	out->neffects = 0;
	if (!s->created && ev->kind != EV_CREATE)
		return refuse(&st, REFUSAL_BAD);
	if (!handlers[ev->kind](&st))
		return false;
	if (ev->kind != EV_OUTPUT)	/* no fact, and nothing comes of it */
		pump(&st);
	return true;
}

uint64_t
session_deadline(const struct session *s)
{
	const struct turn *t;
	uint64_t at = s->wake_at, turns;

	TAILQ_FOREACH(t, &s->active, link) {
		turns = turn_deadline(s, t);
		if (turns < at)
			at = turns;
	}
	return at;
}

struct session *
session_new(const char *name, const struct session_limits *limits)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->name = xstrdup(name);
	s->cwd = xstrdup("");
	origin_init(&s->origin);
	s->limits = *limits;
	s->wake_at = UINT64_MAX;
	s->heads = xcalloc(1, sizeof(*s->heads));
	s->nheads = 1;
	TAILQ_INIT(&s->waiting);
	TAILQ_INIT(&s->active);
	TAILQ_INIT(&s->pending);
	TAILQ_INIT(&s->live);
	return s;
}

void
session_limit(struct session *s, const struct session_limits *limits)
{
	s->limits = *limits;
}

static void
free_message(void *thing)
{
	struct message *m = thing;

	free(m->key);
	free(m->text);
	free(m);
}

static void
free_turn(void *thing)
{
	turn_fini(thing);
	free(thing);
}

static void
free_task(void *thing)
{
	task_fini(thing);
	free(thing);
}

static void
free_approval(void *thing)
{
	approval_fini(thing);
	free(thing);
}

static void
free_fact(void *thing)
{
	struct fact *f = thing;

	free(f->text);
	free(f);
}

void
session_free(struct session *s)
{
	if (s == NULL)
		return;
	keys_fini(&s->keys, NULL);
	keys_fini(&s->calls, free);
	ids_fini(&s->messages, free_message);
	ids_fini(&s->turns, free_turn);
	ids_fini(&s->tasks, free_task);
	ids_fini(&s->facts, free_fact);
	ids_fini(&s->approvals, free_approval);
	block_fini(&s->block);
	while (s->nheads > 0)
		head_fini(&s->heads[--s->nheads]);
	free(s->heads);
	while (s->ncalled > 0)
		free(s->called[--s->ncalled]);
	free(s->called);
	free(s->wakes);
	origin_fini(&s->origin);
	free(s->name);
	free(s->cwd);
	free(s);
}
