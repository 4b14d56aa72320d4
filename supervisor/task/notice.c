#include "notice.h"

/* Whether it waits for input is looked at first; that is known sooner. */
void
notice_init(struct notice *n, uint64_t silent_after)
{
	*n = (struct notice){ .silent_after = silent_after, .stands = true,
	    .about = NOTICE_WAITS, .at = NOTICE_PROMPT };
}

void
notice_fini(struct notice *n)
{
	size_t i;

	for (i = 0; i < NOTICE_WATCHES; i++)
		buf_fini(&n->watch[i].line);
	buf_fini(&n->line);
}

static uint64_t
clock_of(const struct notice *n, uint64_t now)
{
	return n->stands ? n->stood : now - n->behind;
}

/* An answer that is on its way is none to the next question. */
static void
forget_look(struct notice *n)
{
	if (n->look == NOTICE_ASKED || n->look == NOTICE_ASKED_AGAIN)
		n->nstale++;
	n->look = NOTICE_LATER;
}

static void
look_for(struct notice *n, enum notice_about about, uint64_t at)
{
	forget_look(n);
	n->about = about;
	n->at = at;
}

static void
look_for_silence(struct notice *n)
{
	look_for(n, NOTICE_SILENT, n->silent_after == 0 ? 0 :
	    n->quiet_since + n->silent_after);
}

static void
begin_quiet(struct notice *n, uint64_t t)
{
	n->quiet_since = t;
	look_for(n, NOTICE_WAITS, t + NOTICE_PROMPT);
}

static void
run(struct notice *n, uint64_t now)
{
	if (!n->stands)
		return;
	n->stands = false;
	n->behind = now - n->stood;
}

static void
stand(struct notice *n, uint64_t now)
{
	n->stood = clock_of(n, now);
	n->stands = true;
	if (n->look != NOTICE_LATER)
		look_for(n, n->about, n->stood);	/* from the start */
}

static void
say_seen(struct notice *n, size_t watch, uint64_t t, struct notice_out *out)
{
	struct notice_watch *w = &n->watch[watch];

	out->say[out->n++] = (struct notice_say){ .about = NOTICE_SEEN,
	    .watch = watch, .count = w->left, .line = buf_bytes(&w->line) };
	w->left = 0;
	w->next = t + NOTICE_EVERY;
}

static void
say_due(struct notice *n, uint64_t t, struct notice_out *out)
{
	size_t i;

	for (i = 0; i < NOTICE_WATCHES; i++)
		if (n->watch[i].left > 0 && t >= n->watch[i].next)
			say_seen(n, i, t, out);
}

static void
say_left(struct notice *n, uint64_t t, struct notice_out *out)
{
	size_t i;

	for (i = 0; i < NOTICE_WATCHES; i++)
		if (n->watch[i].left > 0)
			say_seen(n, i, t, out);
}

static void
say_quiet(struct notice *n, uint64_t t, struct notice_out *out)
{
	out->say[out->n++] = (struct notice_say){ .about = n->about,
	    .quiet = t - n->quiet_since, .line = buf_bytes(&n->line) };
	look_for(n, n->about, 0);
}

static void
keep(struct buf *b, struct bytes line)
{
	buf_reset(b);
	buf_add_bytes(b, line);
}

static void
see(struct notice *n, const struct notice_event *ev)
{
	struct notice_watch *w = &n->watch[ev->watch];

	w->left += ev->count;
	keep(&w->line, ev->line);
}

static bool
is_idle(const struct notice *n, uint64_t cpu)
{
	uint64_t more = cpu > n->cpu ? cpu - n->cpu : n->cpu - cpu;

	/* Less than before: some of it has ended meanwhile. */
	return more < NOTICE_IDLE;
}

static void
compare(struct notice *n, const struct notice_event *ev, uint64_t t,
    struct notice_out *out)
{
	if (is_idle(n, ev->cpu)) {
		keep(&n->line, ev->line);
		say_quiet(n, t, out);
	} else
		look_for(n, n->about, t + NOTICE_AGAIN);
}

static void
on_gauged(struct notice *n, const struct notice_event *ev, uint64_t t,
    struct notice_out *out)
{
	bool again = n->look == NOTICE_ASKED_AGAIN;

	if (n->nstale > 0) {
		n->nstale--;
		return;
	}
	if (n->look != NOTICE_ASKED && !again)
		return;
	n->look = NOTICE_LATER;
	if (n->about == NOTICE_WAITS && !ev->partial)
		look_for_silence(n);
	else if (again)
		compare(n, ev, t, out);
	else {
		n->look = NOTICE_COMPARE;
		n->cpu = ev->cpu;
		n->at = t + NOTICE_BETWEEN;
	}
}

static bool
is_asked(const struct notice *n)
{
	return n->look == NOTICE_ASKED || n->look == NOTICE_ASKED_AGAIN;
}

static void
ask(struct notice *n, uint64_t t, struct notice_out *out)
{
	if (n->stands || is_asked(n) || n->at == 0 || t < n->at)
		return;
	n->look = n->look == NOTICE_COMPARE ? NOTICE_ASKED_AGAIN :
	    NOTICE_ASKED;
	out->gauge = true;
}

static void
take(struct notice *n, const struct notice_event *ev, uint64_t t,
    struct notice_out *out)
{
	switch (ev->type) {
	case NOTICE_EV_RUNS:
		run(n, ev->now);
		break;
	case NOTICE_EV_STANDS:
		stand(n, ev->now);
		break;
	case NOTICE_EV_GREW:
		begin_quiet(n, t);
		break;
	case NOTICE_EV_SEEN:
		see(n, ev);
		break;
	case NOTICE_EV_GAUGED:
		on_gauged(n, ev, t, out);
		break;
	case NOTICE_EV_TICK:
		break;
	case NOTICE_EV_ENDED:
		say_left(n, t, out);
		stand(n, ev->now);
		break;
	}
}

void
notice_step(struct notice *n, const struct notice_event *ev,
    struct notice_out *out)
{
	uint64_t t = clock_of(n, ev->now);

	out->gauge = false;
	out->n = 0;
	take(n, ev, t, out);
	if (n->stands)
		return;
	t = clock_of(n, ev->now);
	say_due(n, t, out);
	ask(n, t, out);
}

uint64_t
notice_due(const struct notice *n)
{
	uint64_t at = is_asked(n) ? 0 : n->at;
	size_t i;

	for (i = 0; i < NOTICE_WATCHES; i++)
		if (n->watch[i].left > 0 && (at == 0 || n->watch[i].next < at))
			at = n->watch[i].next;
	return n->stands || at == 0 ? 0 : at + n->behind;
}
