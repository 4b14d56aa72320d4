/* What the model and our own calls bring while a turn is at work. */
#include "state.h"
#include "text.h"
#include "xalloc.h"

/* The turn that a model's event is for, if it still listens. */
static struct turn *
listener(const struct step *st)
{
	struct turn *t = turn_find(st->s, st->ev->turn);

	if (t == NULL ||
	    (t->state != TURN_ASKING && t->state != TURN_STREAMING))
		return NULL;
	return t;
}

bool
on_text(struct step *st)
{
	struct turn *t = listener(st);

	if (t == NULL)
		return refuse(st, REFUSAL_GONE);
	if (t->saved == t->shown.len)
		t->save_at = st->ev->now + SAVE_EVERY;
	t->state = TURN_STREAMING;
	buf_add_bytes(&t->shown, st->ev->text);
	return true;
}

bool
on_call(struct step *st)
{
	const struct event *ev = st->ev;
	struct turn *t = listener(st);
	struct call c = { .kind = ev->call_kind, .task = ev->task,
	    .background = ev->background, .wake = ev->wake,
	    .confirm = ev->confirm };

	if (t == NULL)
		return refuse(st, REFUSAL_GONE);
	c.id = call_new_id(st->s, ev->call);
	c.tool = xmemdup(ev->tool.data, ev->tool.len);
	c.args = xmemdup(ev->args.data, ev->args.len);
	c.text = xmemdup(ev->text.data, ev->text.len);
	c.cwd = xmemdup(ev->cwd.data, ev->cwd.len);
	c.profile = xmemdup(ev->profile.data, ev->profile.len);
	c.grant = xmemdup(ev->grant.data, ev->grant.len);
	c.terms = terms_keep(&ev->terms);
	t->state = TURN_STREAMING;
	t->coming = xreallocarray(t->coming, t->ncoming + 1, sizeof(c));
	t->coming[t->ncoming++] = c;
	return true;
}

static void
hold(struct step *st, struct turn *t)
{
	t->held_since = st->ev->now;
	calls_begin(st, t, true);
	calls_detach_auto(st, t, BACKGROUND_YES);
	turn_hold_check(st, t);
}

static void
render_answer(struct buf *json, const struct turn *t)
{
	struct buf text = { 0 };

	buf_add_bytes(&text, buf_bytes(&t->shown));
	if (t->unknown.len > 0)
		buf_printf(&text, "%s(called %s)", text.len > 0 ? "\n" : "",
		    t->unknown.data);
	render_assistant(json, buf_bytes(&text), t->coming, t->ncoming);
	buf_fini(&text);
}

bool
on_answered(struct step *st)
{
	struct turn *t = listener(st);
	struct buf json = { 0 };
	bool blank;

	if (t == NULL)
		return refuse(st, REFUSAL_GONE);
	blank = text_is_blank(buf_bytes(&t->shown));
	calls_drop_unknown(t);
	render_answer(&json, t);
	put_item(st, t, ROLE_ASSISTANT, false, buf_bytes(&json));
	buf_fini(&json);
	if (t->ncoming == 0 && t->unknown.len > 0)
		turn_ask(st, t);
	else if (t->ncoming == 0 && t->cause == CAUSE_COMPACT)
		compact_answered(st, t, blank);
	else if (t->ncoming == 0)
		turn_finish(st, t, OUTCOME_ANSWERED, bytes_of(""));
	else
		hold(st, t);
	return true;
}

bool
on_failed(struct step *st)
{
	struct turn *t = listener(st);

	if (t == NULL)
		return refuse(st, REFUSAL_GONE);
	if (st->ev->context && compact_refused(st, t))
		return true;
	turn_keep_shown(st, t, "(cut: the model's stream broke)");
	turn_finish(st, t, OUTCOME_FAILED, st->ev->text);
	return true;
}

bool
on_result(struct step *st)
{
	struct turn *t = turn_find(st->s, st->ev->turn);
	struct call *c = t == NULL ? NULL : call_find(t, st->ev->call);

	if (c == NULL || c->state != CALL_HELD)
		return refuse(st, REFUSAL_GONE);
	if (c->task != 0)
		return refuse(st, REFUSAL_BAD);
	if (st->ev->consume)
		event_consume(st, st->ev->task, t);
	call_resolve(st, t, c, CALL_ANSWERED, st->ev->text);
	turn_hold_check(st, t);
	return true;
}
