#include <inttypes.h>
#include <stdio.h>

#include "jsonw.h"
#include "state.h"

static void
put_id(struct buf *b, const char *key, char letter, uint64_t id)
{
	char text[24];

	snprintf(text, sizeof(text), "%c%" PRIu64, letter, id);
	jsonw_str(b, key, text);
}

void
receipt_open(struct step *st)
{
	buf_reset(&st->out->receipt);
	jsonw_open(&st->out->receipt, '{');
	jsonw_key(&st->out->receipt, "turns");
	jsonw_open(&st->out->receipt, '[');
}

void
receipt_turn(struct step *st, const struct turn *t, const char *was)
{
	struct buf *b = &st->out->receipt;

	jsonw_open(b, '{');
	put_id(b, "turn", 'u', t->id);
	jsonw_str(b, "was", was);
	jsonw_close(b, '}');
}

/* What is done to a task, as its owner will do it. */
static const char *
treat(struct step *st, const struct task *k, enum keep tools)
{
	switch (tools) {
	case KEEP_KEEP:
		return "kept";
	case KEEP_SUSPEND:
		effect(st, &(struct effect){ .kind = FX_SUSPEND,
		    .task = k->id });
		return "suspended";
	case KEEP_STOP:
		approval_cancel(st, k, BYTES("interrupt"));
		effect(st, &(struct effect){ .kind = FX_STOP, .task = k->id });
		return "stopped";
	}
	return "";
}

void
receipt_tasks(struct step *st, enum keep tools)
{
	struct buf *b = &st->out->receipt;
	const struct task *k;

	jsonw_close(b, ']');
	jsonw_key(b, "tasks");
	jsonw_open(b, '[');
	TAILQ_FOREACH(k, &st->s->live, link) {
		jsonw_open(b, '{');
		put_id(b, "id", 't', k->id);
		jsonw_str(b, "tool", k->facts.tool);
		jsonw_str(b, "did", treat(st, k, tools));
		jsonw_close(b, '}');
	}
	jsonw_close(b, ']');
}

void
receipt_close(struct step *st, const char *what)
{
	struct buf *b = &st->out->receipt;
	struct record r = { .kind = RECORD_RECEIPT };
	const struct message *m;

	jsonw_key(b, "queued");
	jsonw_open(b, '[');
	TAILQ_FOREACH(m, &st->s->waiting, link)
		if (m->id != st->ev->message)
			put_id(b, NULL, 'm', m->id);
	jsonw_close(b, ']');
	jsonw_close(b, '}');
	r.receipt.what = bytes_of(what);
	r.receipt.receipt = buf_bytes(b);
	record(st, &r);
}
