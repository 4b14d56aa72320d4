/* Messages: said, queued, cut short, let go; and what is told of them. */
#include <stdlib.h>
#include <string.h>

#include "jsonw.h"
#include "loop.h"
#include "order.h"
#include "question.h"
#include "text.h"
#include "xalloc.h"

#define SHOWN_MAX	(1U << 16)	/* bytes of text in one frame */

static bool
follow_parse(struct bytes b, enum follow *f)
{
	static const char *const words[] = { "admitted", "answered", "settled" };
	unsigned i;

	*f = FOLLOW_ANSWERED;
	if (b.len == 0)
		return true;
	for (i = 0; i < 3; i++)
		if (bytes_is(b, words[i])) {
			*f = (enum follow)i;
			return true;
		}
	return false;
}

/* What `say` prints where no turn is made: an order, a rejection. */
static void
answer_without_turn(struct peer *p, const struct frame_say *f, struct host *h,
    const char *outcome, struct bytes text)
{
	struct buf b = { 0 };

	jsonw_open(&b, '{');
	jsonw_str(&b, "session", host_name(h));
	jsonw_null(&b, "message");
	jsonw_null(&b, "turn");
	jsonw_text(&b, "mode", f->mode);
	jsonw_str(&b, "outcome", outcome);
	jsonw_text(&b, "text", text);
	jsonw_key(&b, "tasks");
	jsonw_open(&b, '[');
	jsonw_close(&b, ']');
	jsonw_close(&b, '}');
	answer_item(p, f->request, buf_bytes(&b));
	buf_fini(&b);
}

static void
carry_out_order(struct peer *p, const struct frame_say *f, struct host *h,
    const struct order *o)
{
	static const char *const outcomes[] = { "", "stopped", "suspended",
	    "resumed", "interrupted" };
	struct buf receipt = { 0 };

	if (verb_order_act(h, p->desk->engine, o, &receipt)) {
		answer_without_turn(p, f, h, outcomes[o->kind],
		    buf_bytes(&receipt));
		answer_done(p, f->request, 0, "%s", "");
	} else
		answer_done(p, f->request, 65, "%s", receipt.data);
	buf_fini(&receipt);
}

static bool
read_modes(struct peer *p, const struct frame_say *f, struct host *h,
    struct event *ev, enum follow *follow)
{
	ev->mode = session_mode(host_session(h));
	ev->tools = KEEP_KEEP;
	if (f->mode.len > 0 && !mode_parse(f->mode, &ev->mode))
		answer_done(p, f->request, 64, "%.*s: no such mode",
		    (int)f->mode.len, f->mode.data);
	else if (f->tools.len > 0 && !keep_parse(f->tools, &ev->tools))
		answer_done(p, f->request, 64, "%.*s: keep, suspend or stop",
		    (int)f->tools.len, f->tools.data);
	else if (!follow_parse(f->follow, follow))
		answer_done(p, f->request, 64, "follow: no such word");
	else
		return true;
	return false;
}

static void
say(struct peer *p, const struct frame_say *f, struct host *h)
{
	struct event ev = { .kind = EV_SAY, .key = f->key,
	    .expect = f->expect, .text = f->text };
	struct question *q;
	struct out *out;
	enum follow follow;
	bool ok;

	if (!read_modes(p, f, h, &ev, &follow) ||
	    (q = question_new(p, f->request, ASKED_SAY)) == NULL)
		return;
	q->follow = follow;
	q->admitted_at = loop_now();
	free(q->session);
	q->session = xstrdup(host_name(h));
	ev.message = host_number(h, 'm');
	out = host_step(h, &ev, &ok);
	if (!ok) {
		question_free(q);
		if (out->refusal == REFUSAL_BUSY)
			answer_without_turn(p, f, h, "rejected", bytes_of(""));
		verb_refusal(p, f->request, bytes_of(""), out->refusal);
		return;
	}
	q->message = out->message;
	if (out->receipt.len > 0)
		q->receipt = xmemdup(out->receipt.data, out->receipt.len);
}

void
verb_say(struct peer *p, const struct frame_say *f)
{
	struct order o = order_parse(f->text);
	struct host *h;

	if (o.kind == ORDER_NONE && verb_busy(p, f->request))
		return;
	if (text_is_blank(f->text)) {
		answer_done(p, f->request, 65, "the message is empty");
		return;
	}
	h = verb_host_make(p, f->request, f->session, f->cwd, bytes_of(""));
	if (h == NULL)
		return;
	if (o.kind != ORDER_NONE)
		carry_out_order(p, f, h, &o);
	else
		say(p, f, h);
}

static void
put_span(struct buf *b, const char *key, const struct question *q, uint64_t at)
{
	if (at == 0)
		jsonw_null(b, key);
	else
		jsonw_u64(b, key, at > q->admitted_at ? at - q->admitted_at : 0);
}

static void
put_tasks(struct buf *b, const struct session *s, uint64_t turn)
{
	const uint64_t *tasks;
	size_t i, n;

	jsonw_key(b, "tasks");
	jsonw_open(b, '[');
	tasks = session_turn_tasks(s, turn, &n);
	for (i = 0; i < n; i++)
		present_id(b, NULL, 't', tasks[i]);
	jsonw_close(b, ']');
}

static void
answer_turn(struct question *q, struct host *h, uint64_t turn, bool followup)
{
	const struct session *s = host_session(h);
	struct message_facts m = { 0 };
	struct turn_facts t = { 0 };
	struct buf b = { 0 };

	session_message(s, q->message, &m);
	session_turn(s, turn, &t);
	jsonw_open(&b, '{');
	if (followup)
		jsonw_str(&b, "kind", "followup");
	jsonw_str(&b, "session", q->session);
	present_id(&b, "message", 'm', q->message);
	present_id(&b, "turn", 'u', turn);
	jsonw_str(&b, "mode", mode_name(m.mode));
	jsonw_str(&b, "outcome", turn == 0 ? "cancelled" :
	    outcome_name(t.outcome));
	jsonw_str(&b, "text", t.text == NULL ? "" : t.text);
	jsonw_str(&b, "why", t.why == NULL ? "" : t.why);
	put_tasks(&b, s, turn);
	put_span(&b, "request_us", q, followup ? 0 : q->sent_at);
	put_span(&b, "first_token_us", q, followup ? 0 : q->first_at);
	put_span(&b, "done_us", q, loop_now());
	if (q->receipt != NULL && !followup)
		jsonw_raw(&b, "receipt", bytes_of(q->receipt));
	jsonw_close(&b, '}');
	answer_item(q->peer, q->request, buf_bytes(&b));
	buf_fini(&b);
}

static bool
is_about(const struct question *q, const struct host *h)
{
	return strcmp(q->session, host_name(h)) == 0;
}

/* Its turn has ended: that is the answer. */
static void
conclude(struct question *q, struct host *h)
{
	struct turn_facts t = { 0 };

	if (q->answered)
		return;
	q->answered = true;
	session_turn(host_session(h), q->turn, &t);
	answer_turn(q, h, q->turn, false);
	if (t.outcome == OUTCOME_FAILED)
		question_done(q, 75, t.why);
	else if (q->follow == FOLLOW_ANSWERED)
		question_done(q, 0, "");
}

static void
tell_admitted(struct question *q, struct host *h, const struct message_facts *m)
{
	struct message_facts w;
	struct buf b = { 0 };
	size_t i;

	jsonw_open(&b, '{');
	jsonw_str(&b, "kind", "admitted");
	jsonw_str(&b, "session", q->session);
	present_id(&b, "message", 'm', m->id);
	jsonw_u64(&b, "seq", m->seq);
	jsonw_str(&b, "mode", mode_name(m->mode));
	for (i = 0; session_nth_waiting(host_session(h), i, &w); i++)
		if (w.id == m->id)
			jsonw_u64(&b, "position", i + 1);
	if (q->receipt != NULL)
		jsonw_raw(&b, "receipt", bytes_of(q->receipt));
	jsonw_close(&b, '}');
	answer_item(q->peer, q->request, buf_bytes(&b));
	buf_fini(&b);
}

static void
on_admitted(struct question *q, struct host *h)
{
	struct message_facts m;
	struct turn_facts t;

	if (q->admitted || !session_message(host_session(h), q->message, &m))
		return;
	q->admitted = true;
	tell_admitted(q, h, &m);
	q->turn = m.turn;
	if (q->follow == FOLLOW_ADMITTED)
		question_done(q, 0, "");
	else if (strcmp(m.state, "cancelled") == 0)
		question_done(q, 75, "the message was cancelled");
	else if (session_turn(host_session(h), m.turn, &t) &&
	    t.outcome != OUTCOME_NONE)
		conclude(q, h);	/* the same key, answered long ago */
}

void
say_effect(struct question *q, struct host *h, const struct effect *fx)
{
	if (!is_about(q, h))
		return;
	if (fx->kind == FX_ADMITTED && fx->message == q->message)
		on_admitted(q, h);
	else if (fx->kind == FX_DELIVERED && fx->message == q->message)
		q->turn = fx->turn;
	else if (fx->kind == FX_CANCELLED && fx->message == q->message) {
		answer_turn(q, h, 0, false);
		question_done(q, 75, "the message was cancelled");
	} else if (fx->kind == FX_FINISHED && fx->turn == q->turn &&
	    q->admitted)
		conclude(q, h);
	else if (fx->kind == FX_FINISHED && q->follow == FOLLOW_SETTLED &&
	    session_concerns(host_session(h), fx->turn, q->message))
		answer_turn(q, h, fx->turn, true);
}

void
say_sent(struct question *q, struct host *h, uint64_t turn)
{
	if (q->sent_at == 0 && q->turn == turn && is_about(q, h))
		q->sent_at = loop_now();
}

/* Live text may be dropped for who reads slowly: the answer has it all. */
void
answer_shown(struct question *q, const struct host *h, uint64_t turn,
    struct bytes text)
{
	struct frame f = { .type = FRAME_SHOWN };
	char id[24];

	if (peer_waiting(q->peer) > PEER_QUEUE)
		return;
	snprintf(id, sizeof(id), "u%ju", (uintmax_t)turn);
	f.shown.request = q->request;
	f.shown.session = bytes_of(host_name(h));
	f.shown.turn = bytes_of(id);
	while (text.len > 0) {
		f.shown.text = text;
		f.shown.text.len = text_prefix(text, SHOWN_MAX);
		peer_send(q->peer, &f);
		text.data += f.shown.text.len;
		text.len -= f.shown.text.len;
	}
}

/* true: this question's client has been told. */
bool
say_shown(struct question *q, struct host *h, uint64_t turn, struct bytes text)
{
	bool mine = turn == q->turn;

	if (!is_about(q, h) || !q->admitted)
		return false;
	if (mine && q->first_at == 0)
		q->first_at = loop_now();
	if (!mine && (q->follow != FOLLOW_SETTLED ||
	    !session_concerns(host_session(h), turn, q->message)))
		return false;
	answer_shown(q, h, turn, text);
	return true;
}

void
say_settled(struct question *q)
{
	struct host *h;

	if (q->follow != FOLLOW_SETTLED || !q->answered)
		return;
	h = host_find(q->peer->desk->engine, q->session);
	if (h == NULL || session_is_settled(host_session(h), q->message))
		question_done(q, 0, "");
}

void
verb_interrupt(struct peer *p, const struct frame_interrupt *f)
{
	struct event ev = { .kind = EV_INTERRUPT, .expect = f->expect };
	struct host *h = verb_host(p, f->request, f->session);
	struct out *out;
	bool ok;

	if (h == NULL)
		return;
	if (f->tools.len > 0 && !keep_parse(f->tools, &ev.tools)) {
		answer_done(p, f->request, 64, "%.*s: keep, suspend or stop",
		    (int)f->tools.len, f->tools.data);
		return;
	}
	out = host_step(h, &ev, &ok);
	if (ok)
		answer_item(p, f->request, buf_bytes(&out->receipt));
	verb_refusal(p, f->request, f->expect,
	    ok ? REFUSAL_NONE : out->refusal);
}

void
verb_detach(struct peer *p, const struct frame_detach *f)
{
	struct event ev = { .kind = EV_DETACH, .expect = f->expect };
	struct host *h = verb_host(p, f->request, f->session);
	struct out *out;
	bool ok;

	if (h == NULL)
		return;
	out = host_step(h, &ev, &ok);
	verb_refusal(p, f->request, f->expect, out->refusal);
}

static void
queue_list(struct peer *p, const struct frame_queue *f, struct host *h)
{
	struct message_facts m;
	struct buf b = { 0 };
	size_t i;

	for (i = 0; session_nth_waiting(host_session(h), i, &m); i++) {
		buf_reset(&b);
		jsonw_open(&b, '{');
		present_id(&b, "message", 'm', m.id);
		jsonw_str(&b, "mode", mode_name(m.mode));
		jsonw_str(&b, "text", m.text);
		jsonw_u64(&b, "position", i + 1);
		jsonw_close(&b, '}');
		answer_item(p, f->request, buf_bytes(&b));
	}
	buf_fini(&b);
	answer_done(p, f->request, 0, "%s", "");
}

/* One step; false: it was refused, and that was answered. */
static bool
queue_step(struct peer *p, const struct frame_queue *f, struct host *h,
    struct event *ev)
{
	struct out *out;
	bool ok;

	ev->message = record_id(f->message, 'm');
	out = host_step(h, ev, &ok);
	if (!ok)
		verb_refusal(p, f->request, f->message, out->refusal);
	return ok;
}

/* Another text, another place, another mode: what is not said stays. */
static bool
queue_change(struct peer *p, const struct frame_queue *f, struct host *h)
{
	struct event edit = { .kind = EV_EDIT, .text = f->text };
	struct event move = { .kind = EV_MOVE, .position = f->position,
	    .remode = f->mode.len > 0 };
	bool moves = f->mode.len > 0 || f->position > 0;

	if (f->mode.len > 0 && !mode_parse(f->mode, &move.mode)) {
		answer_done(p, f->request, 64, "%.*s: no such mode",
		    (int)f->mode.len, f->mode.data);
		return false;
	}
	if ((f->text.len > 0 || !moves) && !queue_step(p, f, h, &edit))
		return false;
	return !moves || queue_step(p, f, h, &move);
}

void
verb_queue(struct peer *p, const struct frame_queue *f)
{
	struct event cancel = { .kind = EV_CANCEL };
	struct host *h = verb_host(p, f->request, f->session);
	bool ok;

	if (h == NULL)
		return;
	if (f->op.len == 0 || bytes_is(f->op, "list")) {
		queue_list(p, f, h);
		return;
	}
	if (bytes_is(f->op, "edit") || bytes_is(f->op, "move"))
		ok = queue_change(p, f, h);
	else if (bytes_is(f->op, "cancel"))
		ok = queue_step(p, f, h, &cancel);
	else {
		answer_done(p, f->request, 64, "%.*s: list, edit, move or "
		    "cancel", (int)f->op.len, f->op.data);
		return;
	}
	if (ok)
		answer_done(p, f->request, 0, "%s", "");
}
