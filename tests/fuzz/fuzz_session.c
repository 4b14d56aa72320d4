/*
 * Any events in any order, possible or not. Four bytes each are an event: its
 * kind, whom it is about, how, and when; what follows them is what is said.
 */
#include <assert.h>

#include "fuzz.h"
#include "session.h"
#include "sim_ledger.h"
#include "sim_mirror.h"

#define SAY		"\x01\x01\0\x01"
#define STEER		"\x01\x01\x01\x01"
#define INTERRUPTS	"\x01\x01\x02\x01"
#define QUEUE		"\x01\x01\x03\x01"
#define ROLL_BACK	"\x01\x01\x04\x01"
#define ASIDE		"\x01\x01\x06\x01"
#define INTERRUPT	"\x02\0\0\x01"
#define DETACH		"\x03\0\0\x01"
#define MOVE		"\x05\x01\x08\x01"
#define CANCEL		"\x06\x01\0\x01"
#define TEXT		"\x07\0\0\x01"
#define CALL_TASK	"\x08\0\0\x01"
#define CALL_OWN	"\x08\0\x01\x01"
#define CALL_UNKNOWN	"\x08\0\x03\x01"
#define ANSWERED	"\x09\0\0\x01"
#define FAILED		"\x0a\0\0\x01"
#define RESULT		"\x0b\0\0\x01"
#define HOLD		"\x0c\0\0\x01"
#define OWN_TASK	"\x0d\0\0\x01"
#define STATE		"\x0e\0\0\x01"
#define ENDED		"\x10\0\0\x01"
#define TOO_LONG	"\x0a\0\x04\x01"
#define TICK		"\x12\0\0\x1a"
#define CRASH		"\x13\0\0\x01"
#define ORDER		"\x14\0\x01\x01"
#define COMPACT		"\x15\0\0\x01"
#define SEEN		"\x1b\0\x01\x01"
#define WATCHED		"\x1c\0\0\x01"
#define COPY		"\x16\0\0\x01"

/* By the first byte; a new one goes to the end, for the sake of those above. */
static const enum event_kind kinds[] = {
	EV_CREATE, EV_SAY, EV_INTERRUPT, EV_DETACH, EV_EDIT, EV_MOVE, EV_CANCEL,
	EV_TEXT, EV_CALL, EV_ANSWERED, EV_FAILED, EV_RESULT, EV_HOLD, EV_TASK,
	EV_STATE, EV_OUTPUT, EV_ENDED, EV_DECIDE, EV_TICK, EV_RECOVER, EV_ORDER,
	EV_COMPACT, EV_COPY, EV_USAGE, EV_GREW,
	EV_ADOPT, EV_REASK,
	EV_SEEN, EV_WATCH
};

static_assert(sizeof(kinds) / sizeof(*kinds) == EV_NKINDS, "one is missing");

const struct bytes fuzz_seeds[] = {
	SEED(SAY TEXT ANSWERED),
	SEED(SAY CALL_TASK ANSWERED STATE SAY ENDED ANSWERED TICK),
	SEED(SAY CALL_TASK ANSWERED TICK ENDED ANSWERED TICK),
	SEED(SAY CALL_TASK CALL_OWN ANSWERED STEER RESULT ANSWERED),
	SEED(SAY CALL_TASK ANSWERED TICK CALL_OWN ANSWERED HOLD ENDED),
	SEED(SAY CALL_TASK ANSWERED WATCHED SEEN ANSWERED SEEN ENDED TICK),
	SEED(SAY QUEUE QUEUE MOVE CANCEL ANSWERED ANSWERED),
	SEED(SAY SAY SAY SAY SAY CALL_TASK ANSWERED INTERRUPTS),
	SEED(SAY CALL_TASK ANSWERED ENDED ROLL_BACK ASIDE ANSWERED),
	SEED(SAY TEXT CALL_TASK CALL_UNKNOWN FAILED OWN_TASK ENDED),
	SEED(SAY CALL_UNKNOWN ANSWERED DETACH INTERRUPT),
	SEED(SAY TEXT TICK CRASH CRASH CRASH ANSWERED),
	SEED(SAY CALL_TASK ANSWERED CRASH ENDED ANSWERED),
	SEED(COPY SAY CALL_TASK ANSWERED ENDED ANSWERED COMPACT SAY ANSWERED
	    TEXT ANSWERED SAY ANSWERED),
	SEED(SAY CALL_TASK ANSWERED ENDED TOO_LONG ANSWERED SAY TOO_LONG CRASH
	    ROLL_BACK),
	SEED(OWN_TASK OWN_TASK ORDER CRASH ORDER ENDED ENDED),
	{ NULL, 0 }
};

struct journal_row {
	enum record_kind kind;
	uint64_t	 time;
	struct buf	 json;
};

struct world {
	struct session	*s, *mirror;
	struct ledger	*ledger;
	struct out	 out;
	uint64_t	 now, ids[128];
	struct journal_row rows[4096];
	size_t		 nrows;
};

static const struct session_limits limits = { .max_turns = 2,
    .max_asides = 1, .detach_after = 20000000, .wakes_per_hour = 3,
    .max_asks = 8, .max_attempts = 3, .context = 600 };

static uint64_t
number(void *arg, char letter)
{
	struct world *w = arg;

	return ++w->ids[(unsigned char)letter % 128];
}

static void
read_row(struct session *s, const struct journal_row *row, uint64_t seq)
{
	struct record r;

	CHECK(record_read(&r, bytes_of(record_name(row->kind)),
	    buf_bytes(&row->json)));
	r.seq = seq;
	r.time = row->time;
	CHECK(session_apply(s, &r));
	record_done(&r);
}

static void
on_record(void *arg, const struct record *r)
{
	struct world *w = arg;
	struct journal_row *row = &w->rows[w->nrows++];

	CHECK(w->nrows < sizeof(w->rows) / sizeof(w->rows[0]));
	CHECK(r->seq == w->nrows);
	CHECK(ledger_add(w->ledger, r) == NULL);
	*row = (struct journal_row){ .kind = r->kind, .time = r->time };
	record_write(&row->json, r);
	read_row(w->mirror, row, r->seq);
}

static void
put(struct world *w, struct event *ev)
{
	size_t nrows = w->nrows;
	bool ok;

	w->out.seq = w->nrows;
	ev->now = ev->wall = w->now;
	ok = session_step(w->s, ev, &w->out);
	CHECK(ok == (w->out.refusal == REFUSAL_NONE));
	CHECK(ok || (w->nrows == nrows && w->out.neffects == 0));
	CHECK(mirror_compare(w->s, w->mirror, w->ids) == NULL);
	CHECK(!ok || ev->kind != EV_TICK ||
	    session_deadline(w->s) > ev->now);
}

static void
crash(struct world *w)
{
	size_t i;

	session_free(w->s);
	w->s = session_new("fuzz", &limits);
	for (i = 0; i < w->nrows; i++)
		read_row(w->s, &w->rows[i], i + 1);
}

/* Of those that are: the bytes would rarely name them. */
static uint64_t
some_turn(const struct world *w, uint8_t byte)
{
	struct turn_facts f;

	return session_nth_active(w->s, byte % 3, &f) ? f.id : byte;
}

static uint64_t
some_message(const struct world *w, uint8_t byte)
{
	struct message_facts f;

	return session_nth_waiting(w->s, byte % 3, &f) ? f.id : byte;
}

static void
name(const struct world *w, struct event *ev, uint8_t who)
{
	ev->turn = some_turn(w, who);
	ev->message = some_message(w, who);
	ev->task = w->ids['t'] > who % 4 ? w->ids['t'] - who % 4 : who;
}

static void
number_new(struct world *w, struct event *ev)
{
	if (ev->kind == EV_SAY)
		ev->message = number(w, 'm');
	if (ev->kind == EV_TASK || (ev->kind == EV_CALL &&
	    ev->call_kind == CALL_KIND_TASK))
		ev->task = number(w, 't');
}

/* How long a byte waits: nothing, or up to an hour and a half. */
static uint64_t
span(uint8_t byte)
{
	return byte == 0 ? 0 : UINT64_C(1) << byte % 33;
}

static void
feed(struct world *w, const uint8_t *d, size_t len)
{
	static const char *const calls[] = { "c1", "c2", "c3", "" };
	struct record_state state = { .state = BYTES("running"),
	    .by = BYTES(""), .why = BYTES(""), .tier = BYTES(""),
	    .boot = BYTES(""), .pid = d[2] };
	struct record_end end = { .end = BYTES("exited"), .by = BYTES(""),
	    .why = BYTES(""), .code = d[2], .has_code = true };
	static const char *const afters[] = { "", "t1 t2", "t3", "none", "t" };
	struct output output = { d[1], d[2], BYTES("</task-event>") };
	struct record_order order = { .place = BYTES("first"),
	    .priority = BYTES("high"), .after = bytes_of(afters[d[2] % 5]) };
	uint64_t tasks[2];
	struct event ev = { .kind = kinds[d[0] % EV_NKINDS], .mode = d[2] % 7,
	    .remode = d[2] & 8, .tools = d[2] % 3, .position = d[3],
	    .text = { (const char *)d, len < 12 ? len : 12 },
	    .call = bytes_of(calls[d[1] % 4]), .tool = BYTES("build"),
	    .args = BYTES("{}"), .cwd = BYTES("/"), .profile = BYTES("none"),
	    .call_kind = d[2] % 4, .background = d[3] % 3, .wake = d[3] % 3,
	    .tasks = tasks, .ntasks = d[3] % 3, .until = w->now + span(d[2]),
	    .any = d[2] & 1, .grown = d[3] & 32, .offset = d[1],
	    .consume = d[2] & 1, .failure = d[2] & 1, .input = d[1] * 4U,
	    .context = d[2] & 4, .role = d[2] % 3,
	    .state = &state, .end = &end, .output = &output, .order = &order,
	    .confirm = d[3] & 16, .grant = BYTES("this"), .by = BYTES("uid 1"),
	    .approval = d[1] % 8, .approve = d[2] & 1, .always = d[2] & 2,
	    .about = d[2] % 4, .pattern = BYTES("ready"), .count = d[3] };

	w->now += span(d[3]);
	tasks[0] = tasks[1] = d[1];
	name(w, &ev, d[1]);
	number_new(w, &ev);
	/* These come from us. */
	if (ev.kind == EV_CANCEL)
		ev.text = BYTES("for a reason");
	if (ev.kind == EV_COPY)
		ev.text = BYTES("{\"role\":\"user\",\"content\":\"so\"}");
	if (ev.kind == EV_TEXT || ev.kind == EV_FAILED ||
	    ev.kind == EV_RESULT || ev.kind == EV_ENDED ||
	    ev.kind == EV_CALL || ev.kind == EV_COPY ||
	    ev.kind == EV_SEEN || ev.kind == EV_DECIDE)
		ev.text = BYTES("clean <task-event");
	if (ev.kind == EV_SAY && d[1] >= 128)
		ev.key = bytes_of(calls[d[3] % 4]);
	if (ev.kind == EV_RECOVER)
		crash(w);
	put(w, &ev);
}

static bool
fail_one(struct world *w)
{
	struct event ev = { .kind = EV_FAILED, .text = BYTES("the end") };
	struct turn_facts f;
	size_t i;

	for (i = 0; session_nth_active(w->s, i, &f); i++)
		if (strcmp(f.state, "holding") != 0) {
			ev.turn = f.id;
			put(w, &ev);
			return true;
		}
	return false;
}

static bool
end_one(struct world *w)
{
	struct record_end end = { .end = BYTES("lost"), .by = BYTES(""),
	    .why = BYTES("") };
	struct event ev = { .kind = EV_ENDED, .end = &end };
	const struct task_facts *f;
	size_t i;

	for (i = 0; (f = session_nth_task(w->s, i)) != NULL; i++)
		if (f->end[0] == '\0') {
			ev.task = f->id;
			put(w, &ev);
			return true;
		}
	return false;
}

/* No model, no tool and no time is left: all must come to its end. */
static void
settle(struct world *w)
{
	struct event recover = { .kind = EV_RECOVER };
	struct event tick = { .kind = EV_TICK };
	struct event say = { .kind = EV_SAY, .mode = MODE_QUEUE,
	    .text = BYTES("any news?") };

	crash(w);
	put(w, &recover);
	say.message = number(w, 'm');
	put(w, &say);
	while (fail_one(w) || end_one(w) ||
	    session_deadline(w->s) != UINT64_MAX) {
		if (session_deadline(w->s) != UINT64_MAX)
			w->now = session_deadline(w->s);
		put(w, &tick);
	}
	say.message = number(w, 'm');
	put(w, &say);
	while (fail_one(w))
		continue;
	CHECK(session_nturns(w->s) == 0);
	CHECK(ledger_balance(w->ledger) == NULL);
	CHECK(!session_is_open(w->s));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct world world;
	struct event create = { .kind = EV_CREATE, .cwd = BYTES("/") };
	struct world *w = &world;

	w->s = session_new("fuzz", &limits);
	w->mirror = session_new("fuzz", &limits);
	w->ledger = ledger_new(limits.max_turns);
	w->out = (struct out){ .number = number, .record = on_record,
	    .arg = w };
	w->now = 1;
	memset(w->ids, 0, sizeof(w->ids));
	put(w, &create);
	for (; len >= 4 && w->nrows < 1000; data += 4, len -= 4)
		feed(w, data, len);
	settle(w);
	session_free(w->s);
	session_free(w->mirror);
	ledger_free(w->ledger);
	out_fini(&w->out);
	while (w->nrows > 0)
		buf_fini(&w->rows[--w->nrows].json);
	return 0;
}
