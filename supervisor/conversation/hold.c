/* Calls of ours that wait: for the end of tasks, or for more that one prints. */
#include <stdio.h>

#include "jsonw.h"
#include "state.h"

static void
put_state(struct step *st, struct buf *b, uint64_t id)
{
	const struct task *k = ids_find(&st->s->tasks, id);
	char text[24];

	if (k == NULL)
		return;
	snprintf(text, sizeof(text), "t%ju", (uintmax_t)id);
	jsonw_open(b, '{');
	jsonw_str(b, "task", text);
	jsonw_str(b, "tool", k->facts.tool);
	jsonw_str(b, "state", k->facts.state);
	if (!k->live) {
		jsonw_str(b, "end", k->facts.end);
		if (k->facts.has_code)
			jsonw_u64(b, "code", k->facts.code);
		if (k->facts.signal != 0)
			jsonw_u64(b, "signal", k->facts.signal);
	}
	jsonw_close(b, '}');
}

/* A wait tells what it saw; the ends that it told are not told again (E1). */
void
call_end_wait(struct step *st, struct turn *t, struct call *c, const char *note)
{
	struct buf b = { 0 };
	size_t i;

	jsonw_open(&b, '{');
	jsonw_key(&b, "tasks");
	jsonw_open(&b, '[');
	for (i = 0; i < c->nwaits; i++)
		put_state(st, &b, c->waits[i]);
	jsonw_close(&b, ']');
	jsonw_str(&b, "note", note);
	jsonw_close(&b, '}');
	for (i = 0; i < c->nwaits; i++)
		event_consume(st, c->waits[i], t);
	call_resolve(st, t, c, CALL_ANSWERED, buf_bytes(&b));
	buf_fini(&b);
}

bool
call_is_waiting(const struct call *c)
{
	return c->state == CALL_HELD && c->nwaits > 0 && !c->waited;
}

/* How many of them run on. */
static size_t
nlive(const struct session *s, const struct call *c)
{
	const struct task *k;
	size_t i, n = 0;

	for (i = 0; i < c->nwaits; i++) {
		k = ids_find(&s->tasks, c->waits[i]);
		n += k != NULL && k->live;
	}
	return n;
}

/* A wait for output is over: the call is carried out again, and answers. */
static void
look_again(struct step *st, struct turn *t, struct call *c)
{
	c->waited = true;
	effect(st, &(struct effect){ .kind = FX_OWN, .turn = t->id,
	    .call = bytes_of(c->id) });
}

/* NULL: not over yet. */
static const char *
over(const struct step *st, const struct call *c)
{
	size_t n = nlive(st->s, c);

	if (n == 0)
		return c->nwaits == 1 ? "it has ended" : "all of them have ended";
	if (c->any && n < c->nwaits)
		return "at least one of them has ended";
	return st->ev->now >= c->until ? "the time is up" : NULL;
}

/* Ends the waits that have what they waited for, or no more time. */
void
calls_waits_done(struct step *st, struct turn *t)
{
	const char *note;
	struct call *c;
	size_t i;

	for (i = 0; i < t->ncalls; i++) {
		c = &t->calls[i];
		if (!call_is_waiting(c) || (note = over(st, c)) == NULL)
			continue;
		if (c->offset != UINT64_MAX && nlive(st->s, c) == 0)
			look_again(st, t, c);
		else
			call_end_wait(st, t, c, note);
	}
}

bool
on_hold(struct step *st)
{
	const struct event *ev = st->ev;
	struct turn *t = turn_find(st->s, ev->turn);
	struct call *c = t == NULL ? NULL : call_find(t, ev->call);
	size_t i;

	if (c == NULL || c->state != CALL_HELD || c->nwaits > 0)
		return refuse(st, REFUSAL_GONE);
	if (c->task != 0 || ev->ntasks == 0 ||
	    (ev->grown && ev->ntasks > 1))
		return refuse(st, REFUSAL_BAD);
	for (i = 0; i < ev->ntasks; i++)
		append_id(&c->waits, &c->nwaits, ev->tasks[i]);
	c->any = ev->any;
	c->until = ev->until;
	c->offset = ev->grown ? ev->offset : UINT64_MAX;
	calls_waits_done(st, t);
	turn_hold_check(st, t);
	return true;
}

static void
grew(struct step *st, struct turn *t)
{
	struct call *c;
	size_t i;

	for (i = 0; i < t->ncalls; i++) {
		c = &t->calls[i];
		if (call_is_waiting(c) && c->waits[0] == st->ev->task &&
		    st->ev->offset > c->offset)
			look_again(st, t, c);
	}
}

/* Nothing is true that was not: those who wait for it look for themselves. */
bool
on_grew(struct step *st)
{
	struct turn *t;

	if (ids_find(&st->s->tasks, st->ev->task) == NULL)
		return refuse(st, REFUSAL_GONE);
	TAILQ_FOREACH(t, &st->s->active, link)
		if (t->state == TURN_HOLDING)
			grew(st, t);
	return true;
}

bool
session_call_has_waited(const struct session *s, uint64_t turn,
    struct bytes call)
{
	const struct turn *t = turn_find(s, turn);
	const struct call *c = t == NULL ? NULL : call_find(t, call);

	return c != NULL && c->waited;
}

uint64_t
session_awaits_beyond(const struct session *s, uint64_t task)
{
	uint64_t least = UINT64_MAX;
	const struct turn *t;
	const struct call *c;
	size_t i;

	TAILQ_FOREACH(t, &s->active, link)
		for (i = 0; i < t->ncalls; i++) {
			c = &t->calls[i];
			if (call_is_waiting(c) && c->waits[0] == task &&
			    c->offset < least)
				least = c->offset;
		}
	return least;
}
