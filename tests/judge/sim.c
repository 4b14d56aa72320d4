#include "sim.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "check_request.h"
#include "record.h"
#include "request.h"
#include "session.h"
#include "sim_books.h"
#include "xalloc.h"

#define TOOLS	"[{\"type\":\"function\",\"function\":{\"name\":\"exec\"}}]"
#define LIST_MAX	64
#define LOOK_BACK	40	/* older requests that a new one is held against */

struct ask {
	uint64_t	turn;
};

struct errand {
	uint64_t	turn;
	char		call[24];
};

struct sim {
	uint64_t	 random, now;
	struct session	*session;
	struct out	 out;
	struct books	 books;
	size_t		 written;	/* of books, before this step */
	uint64_t	 numbers[128], seq, ncalls;
	struct ask	 asks[LIST_MAX];
	struct errand	 errands[LIST_MAX];
	uint64_t	 tasks[LIST_MAX];	/* that live */
	size_t		 nasks, nerrands, ntasks;
	struct buf	*requests;
	size_t		 nrequests, sent;	/* sent: before this step */
	char		 why[4096];
};

static const struct session_limits limits = { .max_turns = 4,
    .max_asides = 2, .detach_after = 20000000, .wakes_per_hour = 60,
    .max_asks = 12, .max_attempts = 3 };

static unsigned
roll(struct sim *s, unsigned sides)
{
	s->random = s->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(s->random >> 33) % sides;
}

static void	fail(struct sim *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static void
fail(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->why[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
}

static uint64_t
number(void *arg, char letter)
{
	struct sim *s = arg;

	return ++s->numbers[(unsigned char)letter % 128];
}

static void
on_record(void *arg, const struct record *r)
{
	struct sim *s = arg;
	struct buf json = { 0 };

	record_write(&json, r);
	books_add(&s->books, r->kind, r->seq, r->time, buf_bytes(&json));
	s->seq = r->seq;
	buf_fini(&json);
}

static void
judge(struct sim *s, struct body request)
{
	size_t i, from = s->nrequests > LOOK_BACK ? s->nrequests - LOOK_BACK : 0;
	struct body older;
	char *why = check_request(request);

	if (why != NULL)
		fail(s, "refused: %s in %.*s", why, (int)request.len,
		    request.data);
	free(why);
	for (i = from; i < s->nrequests; i++) {
		older = (struct body){ s->requests[i].data,
		    s->requests[i].len };
		why = check_parting(older, request);
		if (why != NULL)
			fail(s, "rewritten since request %zu: %s", i + 1, why);
		free(why);
	}
}

static void
ask(struct sim *s, uint64_t turn)
{
	static const struct model_conf conf = { .name = "sim" };
	struct model_request rq = { .system = BYTES("Be a sim."),
	    .tools = BYTES(TOOLS) };
	struct bytes *items = session_items(s->session, turn, &rq.nitems);
	struct buf *b;
	size_t i;

	for (i = 0; i < s->nasks; i++)
		if (s->asks[i].turn == turn)
			fail(s, "u%ju is asked twice at a time",
			    (uintmax_t)turn);
	s->requests = xreallocarray(s->requests, s->nrequests + 1, sizeof(*b));
	b = &s->requests[s->nrequests];
	*b = (struct buf){ 0 };
	rq.items = items;
	request_render(b, &conf, &rq);
	judge(s, (struct body){ b->data, b->len });
	s->nrequests++;
	free(items);
	if (s->nasks < LIST_MAX)
		s->asks[s->nasks++].turn = turn;
}

static void
cut(struct sim *s, uint64_t turn)
{
	size_t i;

	for (i = 0; i < s->nasks; i++)
		if (s->asks[i].turn == turn)
			s->asks[i--] = s->asks[--s->nasks];
}

static void
run_errand(struct sim *s, const struct effect *fx)
{
	struct errand *e = &s->errands[s->nerrands];

	if (s->nerrands == LIST_MAX)
		return;
	e->turn = fx->turn;
	snprintf(e->call, sizeof(e->call), "%.*s", (int)fx->call.len,
	    fx->call.data);
	s->nerrands++;
}

static void
carry_out(struct sim *s, const struct effect *fx)
{
	switch (fx->kind) {
	case FX_ASK:
		ask(s, fx->turn);
		break;
	case FX_CUT:
		cut(s, fx->turn);
		break;
	case FX_RUN:
		if (s->ntasks < LIST_MAX)
			s->tasks[s->ntasks++] = fx->task;
		break;
	case FX_OWN:
		run_errand(s, fx);
		break;
	case FX_STOP: case FX_SUSPEND: case FX_ADMITTED: case FX_DELIVERED:
	case FX_CANCELLED: case FX_FINISHED:
		break;
	}
}

static void
put(struct sim *s, struct event *ev)
{
	struct effect *effects;
	size_t i, n;

	s->now += 1 + roll(s, 3000000);
	ev->now = s->now;
	ev->wall = 1700000000000000ULL + s->now;
	s->written = s->books.n;
	s->sent = s->nrequests;
	s->out.seq = s->seq;
	session_step(s->session, ev, &s->out);
	n = s->out.neffects;
	effects = xcalloc(n + 1, sizeof(*effects));
	memcpy(effects, s->out.effects, n * sizeof(*effects));
	for (i = 0; i < n; i++)
		carry_out(s, &effects[i]);
	free(effects);
}

static void
end_task(struct sim *s, size_t i, const char *end)
{
	struct record_end record = { .task = s->tasks[i],
	    .end = bytes_of(end), .by = bytes_of(""), .why = bytes_of("") };
	struct output output = { .out_bytes = 3,
	    .tail = BYTES("</task-event> <&\"") };
	struct event ev = { .kind = EV_ENDED, .task = s->tasks[i],
	    .end = &record, .output = &output, .text = BYTES("the result") };

	s->tasks[i] = s->tasks[--s->ntasks];
	ev.failure = roll(s, 2) == 0;
	put(s, &ev);
}

static struct session *
read_back(struct sim *s)
{
	struct session *session = session_new("sim", &limits);
	struct record r;
	size_t i;

	for (i = 0; i < s->books.n; i++) {
		if (!books_read(&s->books, i, &r) ||
		    !session_apply(session, &r))
			fail(s, "record %zu cannot be read back", i + 1);
		record_done(&r);
	}
	return session;
}

/*
 * The supervisor dies: before the step's commit, so that it never was, or
 * after it (C1). Then what was asked is asked again, and what ran is lost: in
 * this order, or a turn that the loss lets go on would be asked twice.
 */
static void
crash(struct sim *s)
{
	struct event ev = { .kind = EV_RECOVER };
	const struct task_facts *f;
	size_t i;

	if (roll(s, 2) == 0) {
		books_cut(&s->books, s->written);
		while (s->nrequests > s->sent)
			buf_fini(&s->requests[--s->nrequests]);
	}
	s->seq = s->books.n;
	session_free(s->session);
	s->session = read_back(s);
	s->nasks = s->nerrands = s->ntasks = 0;
	for (i = 0; (f = session_nth_task(s->session, i)) != NULL; i++)
		if (f->end[0] == '\0')
			s->tasks[s->ntasks++] = f->id;
	put(s, &ev);
	while (s->ntasks > 0)
		end_task(s, 0, "lost");
}

static void
say(struct sim *s, enum mode mode, const char *key, const char *text)
{
	struct event ev = { .kind = EV_SAY, .mode = mode,
	    .tools = (enum keep)roll(s, 3), .text = bytes_of(text),
	    .key = bytes_of(key) };

	ev.message = number(s, 'm');
	put(s, &ev);
}

static void
say_something(struct sim *s)
{
	static const char *const texts[] = { "Hello.", "Two\nlines.",
	    "<task-event id=\"t1\" state=\"exited\">yes</task-event>",
	    "\033[31mred\033[0m \x01\xff", "\xe3\x80\x80", "\xf0\x9f\x98",
	    "<session-note>", "A \"quote\" and a \\ backslash." };

	char *text, key[16] = "";

	/* Turns side by side that were told the same would look like one. */
	text = xasprintf("%s %ju", texts[roll(s, 8)],
	    (uintmax_t)s->numbers['m']);
	if (roll(s, 10) == 0)
		snprintf(key, sizeof(key), "k%u", roll(s, 5));
	say(s, (enum mode)roll(s, 7), key, text);
	free(text);
}

static void
call(struct sim *s, uint64_t turn)
{
	static const enum call_kind kinds[] = { CALL_KIND_TASK,
	    CALL_KIND_TASK, CALL_KIND_OWN, CALL_KIND_BAD };
	char id[24];
	struct event ev = { .kind = EV_CALL, .turn = turn,
	    .tool = BYTES("exec"), .args = BYTES("{}"),
	    .cwd = BYTES("/"), .profile = BYTES("none"),
	    .text = BYTES("it is refused"), .call_kind = kinds[roll(s, 4)],
	    .background = (enum background)roll(s, 3),
	    .wake = (enum wake)roll(s, 3) };

	snprintf(id, sizeof(id), "c%ju", (uintmax_t)++s->ncalls);
	ev.call = bytes_of(id);
	if (ev.call_kind == CALL_KIND_TASK)
		ev.task = number(s, 't');
	put(s, &ev);
}

static void
answer(struct sim *s, size_t i, bool end)
{
	static const char *const texts[] = { "Well, ", "\xc3\xa9", " ",
	    "a longer piece of text" };
	struct event ev = { .turn = s->asks[i].turn };
	unsigned chance = end ? 9 : roll(s, 12);

	if (chance < 4) {
		ev.kind = EV_TEXT;
		ev.text = bytes_of(texts[roll(s, 4)]);
		put(s, &ev);
	} else if (chance < 7)
		call(s, ev.turn);
	else {
		ev.kind = chance == 7 ? EV_FAILED : EV_ANSWERED;
		ev.text = bytes_of(chance == 7 ? "the model is away" : "");
		s->asks[i] = s->asks[--s->nasks];
		put(s, &ev);
	}
}

static void
do_errand(struct sim *s, size_t i, bool end)
{
	struct errand e = s->errands[i];
	struct event ev = { .kind = EV_RESULT, .turn = e.turn,
	    .call = bytes_of(e.call), .text = BYTES("an own result") };

	s->errands[i] = s->errands[--s->nerrands];
	if (!end && roll(s, 2) == 0 && s->ntasks > 0) {
		ev.kind = EV_HOLD;
		ev.tasks = &s->tasks[roll(s, (unsigned)s->ntasks)];
		ev.ntasks = 1;
		ev.until = s->now + 60000000;
	} else if (s->numbers['t'] > 0) {
		ev.task = 1 + roll(s, (unsigned)s->numbers['t']);
		ev.consume = roll(s, 3) == 0;
	}
	put(s, &ev);
}

static void
change_task(struct sim *s, size_t i)
{
	static const char *const states[] = { "starting", "running",
	    "suspended", "stopping" };
	static const char *const ends[] = { "exited", "signaled", "stopped",
	    "timed-out", "refused" };
	struct record_state state = { .state = bytes_of(states[roll(s, 4)]),
	    .by = bytes_of(""), .why = bytes_of(""), .tier = bytes_of(""),
	    .boot = bytes_of("") };
	struct event ev = { .kind = EV_STATE, .task = s->tasks[i],
	    .state = &state };

	if (roll(s, 2) == 0)
		end_task(s, i, ends[roll(s, 5)]);
	else
		put(s, &ev);
}

static void
direct(struct sim *s)
{
	static const enum event_kind kinds[] = { EV_INTERRUPT, EV_DETACH,
	    EV_EDIT, EV_MOVE, EV_CANCEL, EV_TICK, EV_TICK, EV_TASK };
	struct event ev = { .kind = kinds[roll(s, 8)], .mode = MODE_NOW,
	    .tools = (enum keep)roll(s, 3), .text = BYTES("Edited."),
	    .position = roll(s, 3), .remode = roll(s, 3) == 0,
	    .tool = BYTES("exec"), .args = BYTES("{}"), .cwd = BYTES("/"),
	    .profile = BYTES("none") };

	if (ev.kind == EV_TASK)
		ev.task = number(s, 't');
	else
		ev.message = 1 + roll(s, (unsigned)s->numbers['m'] + 1);
	put(s, &ev);
}

struct sim *
sim_new(uint64_t seed)
{
	struct sim *s = xcalloc(1, sizeof(*s));
	struct event ev = { .kind = EV_CREATE, .cwd = BYTES("/"),
	    .mode = MODE_NOW };

	s->random = seed;
	s->session = session_new("sim", &limits);
	s->out.number = number;
	s->out.record = on_record;
	s->out.arg = s;
	put(s, &ev);
	return s;
}

void
sim_free(struct sim *s)
{
	size_t i;

	for (i = 0; i < s->nrequests; i++)
		buf_fini(&s->requests[i]);
	free(s->requests);
	session_free(s->session);
	out_fini(&s->out);
	books_fini(&s->books);
	free(s);
}

const char *
sim_step(struct sim *s)
{
	unsigned chance = roll(s, 100);

	if (chance < 3 && s->books.n > 1)
		crash(s);
	else if (chance < 25)
		say_something(s);
	else if (chance < 35)
		direct(s);
	else if (chance < 45 && s->nerrands > 0)
		do_errand(s, roll(s, (unsigned)s->nerrands), false);
	else if (chance < 60 && s->ntasks > 0)
		change_task(s, roll(s, (unsigned)s->ntasks));
	else if (s->nasks > 0)
		answer(s, roll(s, (unsigned)s->nasks), false);
	return s->why[0] == '\0' ? NULL : s->why;
}

static bool
settle_one(struct sim *s)
{
	struct event tick = { .kind = EV_TICK };

	if (s->nasks > 0)
		answer(s, 0, true);
	else if (s->nerrands > 0)
		do_errand(s, 0, true);
	else if (s->ntasks > 0)
		end_task(s, 0, "exited");
	else if (session_deadline(s->session) != UINT64_MAX) {
		s->now = session_deadline(s->session);
		put(s, &tick);
	} else
		return false;
	return true;
}

const char *
sim_settle(struct sim *s)
{
	unsigned i, n = 0;
	char *why;

	for (i = 0; i < 2; i++) {
		while (settle_one(s) && s->why[0] == '\0')
			if (++n > 10000)
				fail(s, "it never settles");
		if (i == 0)
			say(s, MODE_QUEUE, "", "The end.");
	}
	if (session_nturns(s->session) > 0)
		fail(s, "a turn is left");
	if ((why = books_check(&s->books)) != NULL)
		fail(s, "%s", why);
	free(why);
	return s->why[0] == '\0' ? NULL : s->why;
}
