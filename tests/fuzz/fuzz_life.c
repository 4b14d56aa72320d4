/*
 * Any events in any order, possible or not, with any texts. The first five
 * bytes are the rules, then four each are an event: its type, its flags, how
 * long after the one before, and a number; what follows them is also its text.
 */
#include "fuzz.h"
#include "life.h"

#define PLACE		"\0\0\x10\0"
#define RUNNING		"\x01\0\x10\0"
#define REFUSED		"\x02\0\x10\x05"
#define EXITED(n)	"\x03\0\x15" n
#define GONE		"\x04\x04\x10\0"
#define STOP		"\x05\0\x10\0"
#define STOP_NOW	"\x05\x01\x10\0"
#define SUSPEND		"\x06\0\x10\0"
#define SUSPENDED	"\x07\x08\x10\0"
#define RESUME		"\x08\0\x10\0"
#define HELD		"\x09\0\x10\0"
#define LET_GO		"\x0a\0\x10\0"
#define GREW		"\x0b\0\x14\0"
#define TICK		"\x0c\0\x19\0"
#define LOST		"\x0d\0\x10\0"
#define RULES		"\x18\x19\x18\x17\0"
#define LINGER		"\0\x1a\0\x17\x01"

const struct bytes fuzz_seeds[] = {
	SEED(RULES PLACE RUNNING GREW EXITED("\0") GONE STOP),
	SEED(RULES PLACE RUNNING TICK TICK TICK TICK GONE),
	SEED(RULES PLACE RUNNING EXITED("\x03") TICK TICK GONE),
	SEED(LINGER PLACE RUNNING EXITED("\x03") GREW STOP TICK GONE),
	SEED(RULES PLACE SUSPEND RUNNING SUSPENDED RESUME STOP STOP_NOW GONE),
	SEED(RULES PLACE RUNNING SUSPEND SUSPENDED EXITED("\x02") RESUME GONE),
	SEED(RULES PLACE RUNNING HELD TICK SUSPEND SUSPENDED LET_GO TICK GONE),
	SEED(RULES PLACE RUNNING EXITED("\0") HELD RESUME HELD STOP TICK GONE),
	SEED(RULES PLACE HELD RUNNING LET_GO STOP SUSPENDED TICK TICK TICK),
	SEED(RULES PLACE REFUSED "mount" TICK GONE),
	SEED(RULES PLACE STOP RUNNING EXITED("\0") GONE),
	SEED(RULES SUSPEND RESUME STOP PLACE),
	SEED(RULES PLACE RUNNING LOST GONE),
	{ NULL, 0 }
};

struct watcher {
	struct life	l;
	uint64_t	now;
	uint64_t	alarm;
	unsigned	done[LIFE_NEFFECTS];
};

/* Up to 2^63 us: what nobody would set must not wrap around either. */
static uint64_t
span(uint8_t byte)
{
	return byte == 0 ? 0 : UINT64_C(1) << byte % 64;
}

static void
check_order(const struct life_out *out)
{
	bool	recorded = false;
	size_t	i;

	for (i = 0; i < out->n; i++) {
		switch (out->fx[i].type) {
		case LIFE_FX_STATE:
			CHECK(!recorded);
			recorded = true;
			break;
		case LIFE_FX_SPAWN:
		case LIFE_FX_TERM:
		case LIFE_FX_FREEZE:
			CHECK(recorded);
			break;
		case LIFE_FX_END:
			CHECK(i == out->n - 1);
			break;
		case LIFE_FX_KILL:
		case LIFE_FX_THAW:
		case LIFE_FX_ALARM:
		case LIFE_NEFFECTS:
			break;
		}
	}
}

static void
count(struct watcher *w, const struct life_out *out)
{
	size_t	i;

	for (i = 0; i < out->n; i++) {
		CHECK(w->done[LIFE_FX_END] == 0);
		w->done[out->fx[i].type]++;
		if (out->fx[i].type == LIFE_FX_ALARM)
			w->alarm = out->fx[i].at;
	}
	CHECK(w->done[LIFE_FX_SPAWN] <= 1);
	CHECK(w->done[LIFE_FX_TERM] <= 1);
	CHECK(w->done[LIFE_FX_KILL] <= 1);
	CHECK(w->done[LIFE_FX_SPAWN] == 1 || w->done[LIFE_FX_KILL] == 0);
	CHECK(w->alarm == w->l.alarm);
}

static void
check_life(const struct watcher *w, const struct life *before)
{
	const struct life	*l = &w->l;
	bool			 ended = l->state == LIFE_ENDED;

	CHECK(l->state >= before->state || before->state == LIFE_SUSPENDED);
	CHECK(ended == (w->done[LIFE_FX_END] == 1));
	CHECK(ended == (l->end != LIFE_NO_END));
	CHECK(ended == (l->ended != 0));
	CHECK(!ended || (l->alarm == 0 && !l->suspending && !l->partial));
	CHECK(!l->suspending || l->state != LIFE_STOPPING);
	CHECK(!l->partial || l->state == LIFE_SUSPENDED);
	CHECK(l->end != LIFE_END_EXITED || (l->code >= 0 && l->signal == 0));
	CHECK(l->end != LIFE_END_SIGNALED || l->signal != 0);
	CHECK(life_ran(l, w->now) <= w->now - l->started);
	CHECK(memchr(l->by, '\0', sizeof(l->by)) != NULL);
	CHECK(memchr(l->names, '\0', sizeof(l->names)) != NULL);
	CHECK(memchr(l->why, '\0', sizeof(l->why)) != NULL);
}

static void
step(struct watcher *w, const struct life_event *ev)
{
	struct life	before;
	struct life_out	out;

	memcpy(&before, &w->l, sizeof(before));
	if (!life_step(&w->l, ev, &out)) {
		CHECK(out.n == 0);
		CHECK(memcmp(&before, &w->l, sizeof(before)) == 0);
		return;
	}
	if (ev->type == LIFE_EV_TICK && ev->now >= w->alarm)
		w->alarm = 0;
	check_order(&out);
	count(w, &out);
	check_life(w, &before);
}

static void
feed(struct watcher *w, const uint8_t *d, size_t len)
{
	struct bytes		text = { (const char *)d, len };
	uint64_t		wait = span(d[2]);
	struct life_event	ev = {
		.type = d[0] % LIFE_NEVENTS,
		.by = text, .step = text, .why = text, .names = text,
		.grace = span(d[1] >> 4), .at_once = d[1] & 1,
		.code = d[3], .signal = d[1] & 2 ? d[3] : 0, .alive = d[3],
		.clean = d[1] & 4, .complete = d[1] & 8
	};

	w->now = wait > UINT64_MAX - w->now ? UINT64_MAX : w->now + wait;
	ev.now = w->now;
	step(w, &ev);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct life_rules	rules;
	struct watcher		w = { .now = 1 };

	if (len < 5)
		return 0;
	rules = (struct life_rules){ .start = span(data[0]),
	    .timeout = span(data[1]), .idle = span(data[2]),
	    .grace = span(data[3]), .linger = data[4] & 1 };
	life_init(&w.l, &rules);
	for (data += 5, len -= 5; len >= 4; data += 4, len -= 4)
		feed(&w, data, len);
	return 0;
}
