#include <stdlib.h>

#include "state.h"
#include "text.h"
#include "xalloc.h"

/* `expect` names the newest active turn, or says idle (C11). */
static bool
is_expected(const struct session *s, struct bytes expect)
{
	const struct turn *t = turn_newest(s);

	if (expect.len == 0)
		return true;
	if (t == NULL)
		return bytes_is(expect, "idle");
	return record_id(expect, 'u') == t->id;
}

static void
admit(struct step *st, struct bytes text)
{
	const struct event *ev = st->ev;
	struct record r = { .kind = RECORD_ADMITTED };

	r.admitted.message = ev->message;
	r.admitted.key = ev->key;
	r.admitted.mode = bytes_of(mode_name(ev->mode));
	r.admitted.tools = bytes_of(keep_name(ev->tools));
	r.admitted.text = text;
	record(st, &r);
	st->out->message = ev->message;
	effect(st, &(struct effect){ .kind = FX_ADMITTED,
	    .message = ev->message });
}

static void
edit(struct step *st, struct bytes text)
{
	struct record r = { .kind = RECORD_EDITED };

	r.edited.message = st->ev->message;
	r.edited.text = text;
	record(st, &r);
}

/* What is left of the text has to say something: nobody takes a blank one. */
static bool
with_clean_text(struct step *st, void (*then)(struct step *, struct bytes))
{
	struct buf text = { 0 };
	bool blank;

	text_clean(&text, st->ev->text);
	blank = text_is_blank(buf_bytes(&text));
	if (!blank)
		then(st, buf_bytes(&text));
	buf_fini(&text);
	return blank ? refuse(st, REFUSAL_BAD) : true;
}

static const char *
what_it_did(const struct turn *t)
{
	return t->state == TURN_HOLDING ? "holding" : "streaming";
}

/* It acts on what exists at this instant and on nothing later (C11). */
static void
interrupt(struct step *st, enum keep tools)
{
	struct turn *t, *next;
	bool alone = st->s->nactive == 0;

	receipt_open(st);
	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next) {
		if (turn_is_apart(t) &&
		    !(alone && t->cause == CAUSE_COMPACT))
			continue;
		receipt_turn(st, t, what_it_did(t));
		turn_cut(st, t, OUTCOME_INTERRUPTED, "(interrupted)",
		    bytes_of(""));
	}
	receipt_tasks(st, tools);
	receipt_close(st, "interrupt");
}

static void
roll_back(struct step *st)
{
	struct turn *t = turn_newest(st->s);
	const struct task *k;
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->ntasks; i++) {
		k = ids_find(&st->s->tasks, t->tasks[i]);
		if (!k->live)
			continue;
		approval_cancel(st, k, BYTES("rollback"));
		effect(st, &(struct effect){ .kind = FX_STOP, .task = k->id });
	}
	turn_cut(st, t, OUTCOME_ROLLED_BACK, "", bytes_of(""));
	events_drop(st, t);
}

static void
make_way(struct step *st, enum mode mode, enum keep tools)
{
	switch (mode) {
	case MODE_NOW:
	case MODE_REJECT:
		pump_free_turns(st);
		break;
	case MODE_INTERRUPT:
		interrupt(st, tools);
		break;
	case MODE_ROLLBACK:
		roll_back(st);
		break;
	case MODE_STEER:
	case MODE_QUEUE:
	case MODE_ASK:
		break;
	}
}

static bool
is_rejected(const struct step *st)
{
	return st->ev->mode == MODE_REJECT && st->s->nactive > 0;
}

bool
on_say(struct step *st)
{
	const struct event *ev = st->ev;
	struct message *m = keys_find(&st->s->keys, ev->key);

	/* With a key, the same key again is the same message (C2). */
	if (m != NULL) {
		st->out->message = m->id;
		effect(st, &(struct effect){ .kind = FX_ADMITTED,
		    .message = m->id });
		return true;
	}
	if (!is_expected(st->s, ev->expect))
		return refuse(st, REFUSAL_EXPECT);
	if (is_rejected(st))
		return refuse(st, REFUSAL_BUSY);
	if (!with_clean_text(st, admit))
		return false;
	make_way(st, ev->mode, ev->tools);
	return true;
}

bool
on_interrupt(struct step *st)
{
	if (!is_expected(st->s, st->ev->expect))
		return refuse(st, REFUSAL_EXPECT);
	interrupt(st, st->ev->tools);
	return true;
}

/* The turns go on with placeholders, as when their time was up (C9). */
bool
on_detach(struct step *st)
{
	struct turn *t, *next;
	bool any = false;
	size_t before;

	if (!is_expected(st->s, st->ev->expect))
		return refuse(st, REFUSAL_EXPECT);
	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next) {
		before = t->resolved;
		if (t->state == TURN_HOLDING)
			calls_detach_slow(st, t, "the user let it go");
		any = any || t->resolved > before;
		turn_hold_check(st, t);
	}
	return any ? true : refuse(st, REFUSAL_GONE);
}

static struct message *
waiting(const struct step *st)
{
	struct message *m = ids_find(&st->s->messages, st->ev->message);

	return m != NULL && m->state == MESSAGE_QUEUED ? m : NULL;
}

bool
on_edit(struct step *st)
{
	if (waiting(st) == NULL)
		return refuse(st, REFUSAL_GONE);
	return with_clean_text(st, edit);
}

static size_t
nwaiting(const struct session *s)
{
	size_t mode, n = 0;

	for (mode = 0; mode < MODE_NMODES; mode++)
		n += s->nwaiting[mode];
	return n;
}

/* Another place in the queue, another mode, or both: `now` sends it. */
bool
on_move(struct step *st)
{
	const struct event *ev = st->ev;
	struct record r = { .kind = RECORD_MOVED };
	struct message *m = waiting(st);
	uint64_t last = nwaiting(st->s);

	if (m == NULL)
		return refuse(st, REFUSAL_GONE);
	if (!ev->remode && ev->position == 0)
		return refuse(st, REFUSAL_BAD);
	if (ev->remode && is_rejected(st))
		return refuse(st, REFUSAL_BUSY);
	r.moved.message = m->id;
	r.moved.position = ev->position < last ? ev->position : last;
	r.moved.mode = bytes_of(mode_name(ev->remode ? ev->mode : m->mode));
	record(st, &r);
	if (ev->remode)
		make_way(st, m->mode, m->tools);
	return true;
}

bool
on_cancel(struct step *st)
{
	struct record r = { .kind = RECORD_CANCELLED };

	if (waiting(st) == NULL)
		return refuse(st, REFUSAL_GONE);
	r.cancelled.message = st->ev->message;
	r.cancelled.why = st->ev->text.len > 0 ? st->ev->text :
	    bytes_of("by the user");
	record(st, &r);
	effect(st, &(struct effect){ .kind = FX_CANCELLED,
	    .message = st->ev->message });
	return true;
}

void
message_deliver(struct step *st, struct message *m, struct turn *t)
{
	struct record r = { .kind = RECORD_DELIVERED };

	turn_hear(st, t);
	r.delivered.message = m->id;
	r.delivered.turn = t->id;
	record(st, &r);
	effect(st, &(struct effect){ .kind = FX_DELIVERED, .message = m->id,
	    .turn = t->id });
}

/* Those that steer join the active turn at its next request. */
void
message_steers(struct step *st, struct turn *t)
{
	struct message *m, *next;

	if (st->s->nwaiting[MODE_STEER] == 0 || t != turn_newest(st->s))
		return;
	TAILQ_FOREACH_SAFE(m, &st->s->waiting, link, next)
		if (m->mode == MODE_STEER)
			message_deliver(st, m, t);
}

void
apply_admitted(struct session *s, const struct record *r)
{
	struct message *m = xcalloc(1, sizeof(*m));

	m->id = r->admitted.message;
	m->seq = r->seq;
	mode_parse(r->admitted.mode, &m->mode);
	keep_parse(r->admitted.tools, &m->tools);
	m->key = xmemdup(r->admitted.key.data, r->admitted.key.len);
	m->text = xmemdup(r->admitted.text.data, r->admitted.text.len);
	ids_add(&s->messages, m);
	if (*m->key != '\0' && keys_find(&s->keys, bytes_of(m->key)) == NULL)
		keys_add(&s->keys, m->key, m);
	TAILQ_INSERT_TAIL(&s->waiting, m, link);
	s->nwaiting[m->mode]++;
}

static struct message *
queued(const struct session *s, uint64_t id)
{
	struct message *m = ids_find(&s->messages, id);

	return m != NULL && m->state == MESSAGE_QUEUED ? m : NULL;
}

void
apply_edited(struct session *s, const struct record *r)
{
	struct message *m = queued(s, r->edited.message);

	if (m == NULL)
		return;
	free(m->text);
	m->text = xmemdup(r->edited.text.data, r->edited.text.len);
}

void
apply_moved(struct session *s, const struct record *r)
{
	struct message *m = queued(s, r->moved.message), *at;
	uint64_t i = 1;

	if (m == NULL)
		return;
	s->nwaiting[m->mode]--;
	mode_parse(r->moved.mode, &m->mode);
	s->nwaiting[m->mode]++;
	if (r->moved.position == 0)
		return;
	TAILQ_REMOVE(&s->waiting, m, link);
	at = TAILQ_FIRST(&s->waiting);
	while (at != NULL && i++ < r->moved.position)
		at = TAILQ_NEXT(at, link);
	if (at == NULL)
		TAILQ_INSERT_TAIL(&s->waiting, m, link);
	else
		TAILQ_INSERT_BEFORE(at, m, link);
}

static void
leave(struct session *s, struct message *m)
{
	TAILQ_REMOVE(&s->waiting, m, link);
	s->nwaiting[m->mode]--;
}

void
apply_delivered(struct session *s, const struct record *r)
{
	struct message *m = queued(s, r->delivered.message);
	struct turn *t = turn_find(s, r->delivered.turn);
	struct item item = { .role = ROLE_USER, .seq = r->seq };
	struct buf json = { 0 };

	if (m == NULL || t == NULL)
		return;
	m->state = MESSAGE_DELIVERED;
	m->turn = t->id;
	t->heard = true;
	leave(s, m);
	render_user(&json, bytes_of(m->text));
	item.turn = t->id;
	item.len = json.len;
	item.json = buf_take(&json);
	block_add(&t->block, &item);
	turn_add_root(t, m->id);
}

void
apply_cancelled(struct session *s, const struct record *r)
{
	struct message *m = queued(s, r->cancelled.message);

	if (m == NULL)
		return;
	m->state = MESSAGE_CANCELLED;
	leave(s, m);
}
