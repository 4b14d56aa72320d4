#include "talk.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

static uint64_t
number(void *arg, char letter)
{
	struct talk *k = arg;

	return ++k->numbers[(unsigned char)letter];
}

static void
keep(void *arg, const struct record *r)
{
	struct talk *k = arg;
	struct buf b = { 0 };

	record_write(&b, r);
	k->rows = xreallocarray(k->rows, k->nrows + 1, sizeof(*k->rows));
	k->rows[k->nrows].kind = xstrdup(record_name(r->kind));
	k->rows[k->nrows].seq = r->seq;
	k->rows[k->nrows].time = r->time;
	k->rows[k->nrows++].body = buf_take(&b);
}

void
talk_init(struct talk *k)
{
	struct event ev = { .kind = EV_CREATE };

	*k = (struct talk){ 0 };
	k->limits = (struct session_limits){ .max_turns = 4, .max_asides = 4,
	    .detach_after = 20000000, .wakes_per_hour = 60, .max_asks = 50,
	    .max_attempts = 3 };
	k->s = session_new("main", &k->limits);
	k->out.number = number;
	k->out.record = keep;
	k->out.arg = k;
	ev.cwd = bytes_of("/");
	talk_step(k, &ev);
}

void
talk_fini(struct talk *k)
{
	size_t i;

	session_free(k->s);
	for (i = 0; i < k->nrows; i++) {
		free(k->rows[i].kind);
		free(k->rows[i].body);
	}
	free(k->rows);
	free(k->effects);
	out_fini(&k->out);
}

bool
talk_step(struct talk *k, struct event *ev)
{
	size_t i;
	bool ok;

	ev->now = ev->wall = ++k->now;
	ok = session_step(k->s, ev, &k->out);
	for (i = 0; i < k->out.neffects; i++) {
		k->effects = xreallocarray(k->effects, k->neffects + 1,
		    sizeof(*k->effects));
		k->effects[k->neffects++] = k->out.effects[i];
	}
	return ok;
}

void
talk_forget(struct talk *k)
{
	k->neffects = 0;
}

void
talk_replay(struct talk *k)
{
	struct record r;
	size_t i;

	session_free(k->s);
	k->s = session_new("main", &k->limits);
	for (i = 0; i < k->nrows; i++) {
		if (!record_read(&r, bytes_of(k->rows[i].kind),
		    bytes_of(k->rows[i].body)))
			abort();
		r.seq = k->rows[i].seq;
		r.time = k->rows[i].time;
		if (!session_apply(k->s, &r))
			abort();
		record_done(&r);
	}
}

size_t
talk_count(const struct talk *k, enum effect_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < k->neffects; i++)
		n += k->effects[i].kind == kind;
	return n;
}

static const struct effect *
newest(const struct talk *k, enum effect_kind kind)
{
	size_t i;

	for (i = k->neffects; i > 0; i--)
		if (k->effects[i - 1].kind == kind)
			return &k->effects[i - 1];
	return NULL;
}

uint64_t
talk_turn(const struct talk *k, enum effect_kind kind)
{
	const struct effect *fx = newest(k, kind);

	return fx == NULL ? 0 : fx->turn;
}

uint64_t
talk_task(const struct talk *k, enum effect_kind kind)
{
	const struct effect *fx = newest(k, kind);

	return fx == NULL ? 0 : fx->task;
}

uint64_t
talk_say(struct talk *k, enum mode mode, const char *text)
{
	struct event ev = { .kind = EV_SAY, .mode = mode };

	ev.message = number(k, 'm');
	ev.text = bytes_of(text);
	return talk_step(k, &ev) ? ev.message : 0;
}

uint64_t
talk_start(struct talk *k, uint64_t *turn)
{
	uint64_t task;

	talk_say(k, MODE_NOW, "build it");
	*turn = talk_turn(k, FX_ASK);
	task = talk_call(k, *turn, "build");
	talk_answered(k, *turn);
	talk_state(k, task, "running");
	return task;
}

bool
talk_text(struct talk *k, uint64_t turn, const char *text)
{
	struct event ev = { .kind = EV_TEXT, .turn = turn };

	ev.text = bytes_of(text);
	return talk_step(k, &ev);
}

uint64_t
talk_call(struct talk *k, uint64_t turn, const char *tool)
{
	return talk_ask_for(k, turn, tool, NULL);
}

uint64_t
talk_ask_for(struct talk *k, uint64_t turn, const char *tool, const char *grant)
{
	struct event ev = { .kind = EV_CALL, .turn = turn,
	    .confirm = grant != NULL };
	char call[32];

	ev.task = number(k, 't');
	snprintf(call, sizeof(call), "call_t%ju", (uintmax_t)ev.task);
	ev.call = bytes_of(call);
	ev.tool = bytes_of(tool);
	ev.args = bytes_of("{}");
	ev.cwd = bytes_of("/");
	ev.profile = bytes_of("none");
	ev.grant = bytes_of(grant);
	ev.call_kind = CALL_KIND_TASK;
	return talk_step(k, &ev) ? ev.task : 0;
}

bool
talk_decide(struct talk *k, uint64_t approval, bool approve, const char *grant,
    const char *by)
{
	struct event ev = { .kind = EV_DECIDE, .approval = approval,
	    .approve = approve };

	ev.grant = bytes_of(grant);
	ev.by = bytes_of(by);
	ev.text = bytes_of("a reason");
	return talk_step(k, &ev);
}

bool
talk_own(struct talk *k, uint64_t turn, const char *tool, const char *call)
{
	struct event ev = { .kind = EV_CALL, .turn = turn };

	ev.call = bytes_of(call);
	ev.tool = bytes_of(tool);
	ev.args = bytes_of("{}");
	ev.call_kind = CALL_KIND_OWN;
	return talk_step(k, &ev);
}

bool
talk_result(struct talk *k, uint64_t turn, const char *call, uint64_t consumed)
{
	struct event ev = { .kind = EV_RESULT, .turn = turn, .task = consumed,
	    .consume = consumed != 0 };

	ev.call = bytes_of(call);
	ev.text = bytes_of("own result");
	return talk_step(k, &ev);
}

bool
talk_hold(struct talk *k, uint64_t turn, const char *call, uint64_t task,
    uint64_t for_us)
{
	struct event ev = { .kind = EV_HOLD, .turn = turn, .tasks = &task,
	    .ntasks = 1, .until = k->now + for_us };

	ev.call = bytes_of(call);
	return talk_step(k, &ev);
}

bool
talk_answered(struct talk *k, uint64_t turn)
{
	struct event ev = { .kind = EV_ANSWERED, .turn = turn };

	return talk_step(k, &ev);
}

bool
talk_failed(struct talk *k, uint64_t turn, const char *why)
{
	struct event ev = { .kind = EV_FAILED, .turn = turn };

	ev.text = bytes_of(why);
	return talk_step(k, &ev);
}

bool
talk_state(struct talk *k, uint64_t task, const char *state)
{
	struct record_state r = { .state = bytes_of(state) };
	struct event ev = { .kind = EV_STATE, .task = task, .state = &r };

	r.by = r.why = r.tier = r.boot = bytes_of("");
	return talk_step(k, &ev);
}

bool
talk_ended(struct talk *k, uint64_t task, const char *end, const char *text)
{
	struct record_end r = { .end = bytes_of(end) };
	struct output o = { .tail = bytes_of(text) };
	struct event ev = { .kind = EV_ENDED, .task = task, .end = &r,
	    .output = &o };

	r.by = r.why = bytes_of("");
	ev.text = bytes_of(text);
	return talk_step(k, &ev);
}

bool
talk_tick(struct talk *k, uint64_t after_us)
{
	struct event ev = { .kind = EV_TICK };

	k->now += after_us;
	return talk_step(k, &ev);
}

bool
talk_recover(struct talk *k)
{
	struct event ev = { .kind = EV_RECOVER };

	return talk_step(k, &ev);
}

bool
talk_step_alone(struct talk *k, enum event_kind kind)
{
	struct event ev = { .kind = kind };

	return talk_step(k, &ev);
}

bool
talk_queue(struct talk *k, enum event_kind kind, uint64_t message,
    const char *text, uint64_t position)
{
	struct event ev = { .kind = kind, .message = message,
	    .position = position };

	ev.text = bytes_of(text);
	return talk_step(k, &ev);
}

bool
talk_remode(struct talk *k, uint64_t message, enum mode mode)
{
	struct event ev = { .kind = EV_MOVE, .message = message,
	    .remode = true, .mode = mode };

	return talk_step(k, &ev);
}

enum outcome
talk_outcome(const struct talk *k, uint64_t turn)
{
	struct turn_facts f;

	return session_turn(k->s, turn, &f) ? f.outcome : OUTCOME_NONE;
}

const char *
talk_message(const struct talk *k, uint64_t message, uint64_t *turn)
{
	struct message_facts f;

	if (!session_message(k->s, message, &f))
		return "unknown";
	if (turn != NULL)
		*turn = f.turn;
	return f.state;
}

char *
talk_request(const struct talk *k, uint64_t turn)
{
	struct buf b = { 0 };
	struct bytes *items;
	size_t i, n;

	items = session_items(k->s, turn, &n);
	for (i = 0; i < n; i++) {
		buf_add_bytes(&b, items[i]);
		buf_putc(&b, '\n');
	}
	free(items);
	return buf_take(&b);
}

char *
talk_transcript(const struct talk *k)
{
	struct item_facts f;
	struct buf b = { 0 };
	size_t i;

	for (i = 0; session_nth_item(k->s, i, &f); i++) {
		buf_add_bytes(&b, f.json);
		buf_putc(&b, '\n');
	}
	return buf_take(&b);
}

static size_t
times(char *text, const char *what)
{
	const char *at = text;
	size_t n = 0;

	while ((at = strstr(at, what)) != NULL) {
		n++;
		at++;
	}
	free(text);
	return n;
}

size_t
talk_asks_with(const struct talk *k, uint64_t turn, const char *what)
{
	return times(talk_request(k, turn), what);
}

size_t
talk_keeps(const struct talk *k, const char *what)
{
	return times(talk_transcript(k), what);
}

size_t
talk_rows(const struct talk *k, const char *kind, const char *what)
{
	size_t i, n = 0;

	for (i = 0; i < k->nrows; i++)
		n += strcmp(k->rows[i].kind, kind) == 0 &&
		    strstr(k->rows[i].body, what) != NULL;
	return n;
}
