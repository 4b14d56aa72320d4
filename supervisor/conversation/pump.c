/* What comes next, after anything has happened. */
#include "state.h"

static const char came[] = "a new message came";

/* That nobody spoke to: it is no reason for a person to wait. */
static bool
is_wake(const struct turn *t)
{
	return t->cause == CAUSE_WAKE && !t->heard;
}

/* No turn is active that a person waits for. */
static bool
is_quiet(const struct session *s)
{
	const struct turn *t;

	TAILQ_FOREACH(t, &s->active, link)
		if (!turn_is_apart(t) && !is_wake(t))
			return false;
	return true;
}

/* A wake holds none of the places that messages wait for (T7). */
static bool
is_full(const struct session *s)
{
	return s->nactive - s->nwaking >= s->limits.max_turns;
}

/* What a message of that mode waits for; 0 is the most urgent, -1: it waits. */
static int
urgency(const struct session *s, enum mode mode)
{
	switch (mode) {
	case MODE_ASK:
		return s->nasides < s->limits.max_asides ? 0 : -1;
	case MODE_NOW:
	case MODE_INTERRUPT:
	case MODE_ROLLBACK:
	case MODE_REJECT:
		return is_full(s) ? -1 : 0;
	case MODE_STEER:
		return s->nactive == 0 ? 1 : -1;
	case MODE_QUEUE:
		return is_quiet(s) ? 2 : -1;
	}
	return -1;
}

/* The least urgency, 0 or more, of those that wait; -1: none may begin. */
static int
most_urgent(const struct session *s, size_t *n)
{
	int mode, is, least = -1;

	for (mode = 0; mode < MODE_NMODES; mode++) {
		is = urgency(s, (enum mode)mode);
		if (s->nwaiting[mode] == 0 || is == -1)
			continue;
		if (is == least)
			*n += s->nwaiting[mode];
		if (least == -1 || is < least) {
			least = is;
			*n = s->nwaiting[mode];
		}
	}
	return least;
}

/* One that is alone in its urgency has just come, behind all that wait. */
static struct message *
next_to_begin(const struct session *s)
{
	size_t n = 0;
	int least = most_urgent(s, &n);
	struct message *m = n == 1 ? TAILQ_LAST(&s->waiting, messages) :
	    TAILQ_FIRST(&s->waiting);

	while (least != -1 && urgency(s, m->mode) != least)
		m = n == 1 ? TAILQ_PREV(m, messages, link) :
		    TAILQ_NEXT(m, link);
	return least == -1 ? NULL : m;
}

/* Neighbours in the queue are delivered together, as messages of their own. */
static void
begin(struct step *st, struct message *m)
{
	enum cause cause = m->mode == MODE_ASK ? CAUSE_ASIDE : CAUSE_MESSAGE;
	struct turn *t = turn_begin(st, cause, m->id);
	bool together = m->mode == MODE_QUEUE || m->mode == MODE_STEER;
	enum mode mode = m->mode;
	struct message *next;

	do {
		next = TAILQ_NEXT(m, link);
		message_deliver(st, m, t);
		m = next;
	} while (together && m != NULL && m->mode == mode);
	turn_ask(st, t);
}

static void
free_turn(struct step *st, struct turn *t)
{
	if (t->state != TURN_HOLDING || turn_is_apart(t))
		return;
	calls_detach(st, t, came);
	turn_finish(st, t, OUTCOME_DETACHED, bytes_of(""));
}

void
pump_free_turns(struct step *st)
{
	struct turn *t, *next;

	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next)
		free_turn(st, t);
}

/*
 * The turn that steering messages would join lets go of its tools. true: that
 * was its end, so they would join another one.
 */
static bool
steer(struct step *st)
{
	struct turn *t = turn_newest(st->s);

	if (st->s->nwaiting[MODE_STEER] == 0 || t == NULL ||
	    t->state != TURN_HOLDING)
		return false;
	calls_detach_slow(st, t, came);
	turn_hold_check(st, t);
	return t->state == TURN_ENDED;
}

static bool
wants_place(const struct session *s)
{
	return is_full(s) &&
	    s->nwaiting[MODE_NOW] + s->nwaiting[MODE_INTERRUPT] +
	    s->nwaiting[MODE_ROLLBACK] + s->nwaiting[MODE_REJECT] > 0;
}

/*
 * A place is not for a tool to hold (C3). One of our own calls is done before
 * the loop turns, and then its turn is looked at again.
 */
static void
free_places(struct step *st)
{
	struct turn *t, *next;

	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next) {
		if (!wants_place(st->s))
			return;
		if (t->cause != CAUSE_WAKE && !calls_own_are_held(t))
			free_turn(st, t);
	}
}

/* Nor is that of a side question, which then goes on to its answer. */
static void
hurry_asides(struct step *st)
{
	const struct session *s = st->s;
	struct turn *t, *next;

	if (s->nwaiting[MODE_ASK] == 0 || s->nasides < s->limits.max_asides)
		return;
	TAILQ_FOREACH_SAFE(t, &s->active, link, next) {
		if (t->cause != CAUSE_ASIDE || t->state != TURN_HOLDING)
			continue;
		calls_detach_slow(st, t, came);
		turn_hold_check(st, t);
	}
}

/* Events that come together are one wake (E3): it gathers for a moment. */
static void
wake(struct step *st)
{
	struct session *s = st->s;

	if (s->nactive > 0 || !event_may_wake(s, st->ev->wall)) {
		s->wake_at = UINT64_MAX;
		return;
	}
	if (s->wake_at == UINT64_MAX)
		s->wake_at = st->ev->now + GATHER;
	if (st->ev->now < s->wake_at)
		return;
	s->wake_at = UINT64_MAX;
	turn_ask(st, turn_begin(st, CAUSE_WAKE, 0));
}

/*
 * No message waits for a tool, whichever turn it began to hold since (C3):
 * first those that steer, then urgent ones, then those that would have
 * steered, the queue; and only when nobody spoke, a wake (E3).
 */
void
pump(struct step *st)
{
	struct message *m;

	while (steer(st))
		continue;
	free_places(st);
	hurry_asides(st);
	while ((m = next_to_begin(st->s)) != NULL)
		begin(st, m);
	wake(st);
	compact_check(st);
}
