#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "check_request.h"
#include "request.h"
#include "sim_mirror.h"
#include "sim_own.h"
#include "xalloc.h"

#define LOOK_BACK	40	/* older requests that a new one is held to */
#define TOOLS	"[{\"type\":\"function\",\"function\":{\"name\":\"exec\"}}]"

/* Of one run: much room, little, or next to none. */
static struct session_limits
limits_of(uint64_t seed)
{
	static const unsigned wakes[] = { 60, 3, 0 }, asks[] = { 12, 4, 2 };
	static const uint64_t contexts[] = { 2000, 0, 10 };

	return (struct session_limits){ .max_turns = 3 - seed % 3,
	    .max_asides = 2 - seed % 2, .detach_after = 20000000,
	    .wakes_per_hour = wakes[seed / 3 % 3],
	    .max_asks = asks[seed / 2 % 3], .max_attempts = 3,
	    .context = contexts[seed / 5 % 3] };
}

unsigned
sim_roll(struct sim *s, unsigned sides)
{
	s->random = s->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(s->random >> 33) % sides;
}

void
sim_fail(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->why[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
}

uint64_t
sim_number(void *arg, char letter)
{
	struct sim *s = arg;

	return ++s->numbers[(unsigned char)letter % 128];
}

/* The i-th record is true of the session now. */
static void
read_back(struct sim *s, struct session *session, size_t i)
{
	struct record r;

	if (!books_read(&s->books, i, &r) || !session_apply(session, &r))
		sim_fail(s, "record %zu cannot be read back", i + 1);
	record_done(&r);
}

static void
enter(struct sim *s, const struct record *r)
{
	const char *why = ledger_add(s->ledger, r);

	if (!s->crashed && s->spent && r->kind == RECORD_BEGAN &&
	    bytes_is(r->began.cause, "wake"))
		sim_fail(s, "a wake, and no tokens for it");
	if (why != NULL)
		sim_fail(s, "record %ju: %s", (uintmax_t)r->seq, why);
	sim_note(s, r);
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
	read_back(s, s->mirror, s->books.n - 1);
	enter(s, r);
}

static void
judge(struct sim *s, struct body request)
{
	size_t n = s->nrequests, i, from = n > LOOK_BACK ? n - LOOK_BACK : 0;
	struct body older;
	char *why = check_request(request);

	if (why != NULL)
		sim_fail(s, "refused: %s in %.*s", why, (int)request.len,
		    request.data);
	free(why);
	for (i = from; i < n; i++) {
		older = (struct body){ s->requests[i].data,
		    s->requests[i].len };
		why = check_parting(older, request);
		if (why != NULL)
			sim_fail(s, "rewritten since request %zu: %s", i + 1, why);
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
			sim_fail(s, "u%ju is asked twice at a time",
			    (uintmax_t)turn);
	s->requests = xreallocarray(s->requests, s->nrequests + 1, sizeof(*b));
	b = &s->requests[s->nrequests];
	*b = (struct buf){ 0 };
	rq.items = items;
	request_render(b, &conf, &rq);
	judge(s, (struct body){ b->data, b->len });
	sim_check_sight(s, turn, &rq, b);
	s->nrequests++;
	free(items);
	if (s->nasks < LIST_MAX && !s->is_held)
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

/* Its consent is refused, which is its end, soon if not at once. */
static void
refuse(struct sim *s, uint64_t task)
{
	if (session_task_is_pending(s->session, task))
		sim_fail(s, "t%ju is refused and waits on", (uintmax_t)task);
}

bool
sim_is_denied(const struct sim *s, uint64_t task)
{
	const struct task_facts *k = session_task(s->session, task);
	struct approval_facts f;

	return session_approval(s->session, k->approval, &f) &&
	    f.state != APPROVAL_PENDING && f.state != APPROVAL_APPROVED;
}

static void
release(struct sim *s, uint64_t task)
{
	struct approval_facts f;
	const struct task_facts *k = session_task(s->session, task);

	if (!session_approval(s->session, k->approval, &f) ||
	    f.state != APPROVAL_APPROVED)
		sim_fail(s, "t%ju may start, and nobody approved", (uintmax_t)task);
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
	case FX_RELEASE:
		release(s, fx->task);
		break;
	case FX_REFUSE:
		refuse(s, fx->task);
		break;
	case FX_ORDER:
		if (!task_is_queued(session_task(s->session, fx->task)))
			sim_fail(s, "t%ju is moved, and it has begun",
			    (uintmax_t)fx->task);
		break;
	case FX_STOP: case FX_SUSPEND: case FX_ADMITTED: case FX_DELIVERED:
	case FX_CANCELLED: case FX_FINISHED: case FX_WATCH:
		break;
	}
}

/* What must hold after each step. */
static void
inspect(struct sim *s, const struct event *ev)
{
	const char *why = mirror_compare(s->session, s->mirror, s->numbers);
	struct usage_facts u;

	session_usage(s->session, &u);
	if (u.input + u.output != ledger_used(s->ledger, false))
		sim_fail(s, "the sum of tokens is another");
	session_usage_tree(s->session, &u);
	if (u.input + u.output != ledger_used(s->ledger, true))
		sim_fail(s, "the sum of tokens is another");
	if (why != NULL)
		sim_fail(s, "%s", why);
	if (!s->crashed)
		sim_check_waiting(s);
	if (ev->kind == EV_TICK && session_deadline(s->session) <= ev->now)
		sim_fail(s, "a deadline does not pass");
}

void
sim_put(struct sim *s, struct event *ev)
{
	struct effect *effects;
	size_t i, n;

	s->now += 1 + sim_roll(s, 3000000);
	ev->now = s->now;
	ev->wall = 1700000000000000ULL + s->now;
	s->written = s->books.n;
	s->sent = s->nrequests;
	s->out.seq = s->seq;
	session_step(s->session, ev, &s->out);
	n = s->out.neffects;
	effects = xcalloc(n + 1, sizeof(*effects));
	if (n > 0)	/* else there may be no array to copy from */
		memcpy(effects, s->out.effects, n * sizeof(*effects));
	for (i = 0; i < n; i++)
		carry_out(s, &effects[i]);
	free(effects);
	inspect(s, ev);
}

/* The budget of tokens is used up, or raised. */
void
sim_spend(struct sim *s, bool spent)
{
	s->limits.spent = s->spent = spent;
	session_limit(s->session, &s->limits);
}

static void
read_all(struct sim *s)
{
	struct record r;
	size_t i;

	session_free(s->session);
	session_free(s->mirror);
	ledger_free(s->ledger);
	sim_blind(s);
	s->limits.spent = s->spent = false;
	s->session = session_new("sim", &s->limits);
	s->mirror = session_new("sim", &s->limits);
	s->ledger = ledger_new(s->limits.max_turns);
	for (i = 0; i < s->books.n; i++) {
		read_back(s, s->session, i);
		read_back(s, s->mirror, i);
		if (books_read(&s->books, i, &r))
			enter(s, &r);
		record_done(&r);
	}
}

/* What has not begun waits on. */
static void
lose_tasks(struct sim *s)
{
	size_t i = 0;

	while (i < s->ntasks)
		if (task_is_queued(session_task(s->session, s->tasks[i])) &&
		    !sim_is_denied(s, s->tasks[i]))
			i++;
		else
			play_end(s, i, "lost");
}

/*
 * The supervisor dies: before the step's commit, so that it never was, or
 * after it (C1). Then what was asked is asked again, and what ran is lost.
 */
static void
crash(struct sim *s)
{
	struct event ev = { .kind = EV_RECOVER };
	const struct task_facts *f;
	size_t i;

	if (sim_roll(s, 2) == 0) {
		books_cut(&s->books, s->written);
		while (s->nrequests > s->sent)
			buf_fini(&s->requests[--s->nrequests]);
	}
	s->seq = s->books.n;
	read_all(s);
	s->nasks = s->nerrands = s->ntasks = 0;
	ev.quiet = s->is_held = sim_roll(s, 4) == 0;
	for (i = 0; (f = session_nth_task(s->session, i)) != NULL; i++)
		if (f->end[0] == '\0')
			s->tasks[s->ntasks++] = f->id;
	s->crashed = true;
	if (sim_roll(s, 2) == 0)
		lose_tasks(s);
	s->crashed = false;
	sim_put(s, &ev);
	lose_tasks(s);
}

struct sim *
sim_new(uint64_t seed)
{
	struct sim *s = xcalloc(1, sizeof(*s));
	struct event ev = { .kind = EV_CREATE, .cwd = BYTES("/"),
	    .mode = MODE_NOW };
	struct origin child = { .parent = "main", .task = 1, .depth = 1,
	    .tools = "", .model = "", .room = "main" };

	s->random = seed * 0x9e3779b97f4a7c15;
	s->limits = limits_of(seed);
	read_all(s);
	s->out.number = sim_number;
	s->out.record = on_record;
	s->out.arg = s;
	if (sim_roll(s, 4) == 0)
		ev.origin = &child;
	sim_put(s, &ev);
	if (sim_roll(s, 4) == 0)
		play_copy(s);
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
	session_free(s->mirror);
	ledger_free(s->ledger);
	sim_blind(s);
	free(s->heads);
	free(s->starts);
	free(s->sights);
	out_fini(&s->out);
	books_fini(&s->books);
	free(s);
}

const char *
sim_step(struct sim *s)
{
	unsigned chance = sim_roll(s, 100);

	if (chance < 3 && s->books.n > 1)
		crash(s);
	else if (chance < 25)
		play_say_something(s);
	else if (chance < 34)
		play_direct(s);
	else if (chance < 36)
		play_decide(s);
	else if (chance < 37)
		sim_spend(s, !s->spent);
	else if (chance < 38 && sim_roll(s, 4) == 0)
		play_adopt(s);
	else if (chance < 38)
		play_usage(s, 0);
	else if (chance < 40)
		play_order(s);
	else if (chance < 42)
		play_hold(s);
	else if (chance < 44)
		play_sight(s, sim_roll(s, (unsigned)s->numbers['t'] + 2));
	else if (chance < 48 && s->nerrands > 0)
		play_errand(s, sim_roll(s, (unsigned)s->nerrands), false);
	else if (chance < 63 && s->ntasks > 0)
		play_task(s, sim_roll(s, (unsigned)s->ntasks));
	else if (s->nasks > 0)
		play_answer(s, sim_roll(s, (unsigned)s->nasks), false);
	return s->why[0] == '\0' ? NULL : s->why;
}

static bool
settle_one(struct sim *s)
{
	struct event tick = { .kind = EV_TICK };

	if (s->is_held)
		play_hold(s);
	else if (s->nasks > 0)
		play_answer(s, 0, true);
	else if (s->nerrands > 0)
		play_errand(s, 0, true);
	else if (s->ntasks > 0)
		play_end(s, 0, "exited");
	else if (session_deadline(s->session) != UINT64_MAX) {
		s->now = session_deadline(s->session);
		sim_put(s, &tick);
	} else
		return false;
	return true;
}

const char *
sim_settle(struct sim *s)
{
	unsigned i, n = 0;
	const char *why;

	for (i = 0; i < 2; i++) {
		while (settle_one(s) && s->why[0] == '\0')
			if (++n > 10000)
				sim_fail(s, "it never settles");
		if (i == 0)
			play_say(s, MODE_QUEUE, "", "The end.");
	}
	if (session_nturns(s->session) > 0)
		sim_fail(s, "a turn is left");
	if ((why = ledger_balance(s->ledger)) != NULL)
		sim_fail(s, "%s", why);
	return s->why[0] == '\0' ? NULL : s->why;
}
