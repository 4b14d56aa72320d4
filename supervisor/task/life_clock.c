#include "life_own.h"

uint64_t
life_clock(const struct life *l, uint64_t now)
{
	return l->ran + (l->ticking && now > l->since ? now - l->since : 0);
}

/*
 * From the moment on in which a suspension was asked for: whoever suspends a
 * task a breath before its limit does not want it ended while it is swept.
 */
static bool
is_ticking(const struct life *l)
{
	switch (l->state) {
	case LIFE_STARTING:
		return !l->outside;
	case LIFE_RUNNING:
		return !l->suspending;
	case LIFE_STOPPING:
		return l->started != 0;
	case LIFE_QUEUED:
	case LIFE_SUSPENDED:
	case LIFE_ENDED:
	case LIFE_NSTATES:
		break;
	}
	return false;
}

void
life_clock_set(struct life *l, uint64_t now)
{
	bool	ticking = is_ticking(l);

	if (ticking == l->ticking)
		return;
	l->ran = life_clock(l, now);
	l->since = now;
	l->ticking = ticking;
}

/* When a limit of `span` will be reached that counts from `from` on. */
static uint64_t
limit(const struct life *l, uint64_t from, uint64_t span)
{
	uint64_t	to = life_later(from, span);

	if (span == 0 || !l->ticking)
		return LIFE_NEVER;
	return to > l->ran ? life_later(l->since, to - l->ran) : l->since;
}

static uint64_t
running_deadline(const struct life *l)
{
	uint64_t	timeout = limit(l, 0, l->rules.timeout);
	uint64_t	idle = limit(l, l->heard, l->rules.idle);

	if (life_is_draining(l))
		return l->kill_at;
	return timeout < idle ? timeout : idle;
}

static uint64_t
stopping_deadline(const struct life *l)
{
	if (l->unkillable)
		return LIFE_NEVER;
	if (l->killed)
		return life_later(l->killed_at, LIFE_UNKILLABLE_US);
	return l->kill_at;
}

static uint64_t
state_deadline(const struct life *l)
{
	switch (l->state) {
	case LIFE_STARTING:
		return limit(l, 0, l->rules.start);
	case LIFE_RUNNING:
		return running_deadline(l);
	case LIFE_STOPPING:
		return stopping_deadline(l);
	case LIFE_QUEUED:
	case LIFE_SUSPENDED:
	case LIFE_ENDED:
	case LIFE_NSTATES:
		break;
	}
	return LIFE_NEVER;
}

uint64_t
life_deadline(const struct life *l)
{
	uint64_t	at = state_deadline(l);

	return at < l->judge_at ? l->judge_at : at;
}

/*
 * Somebody who was stopped or asleep knows nothing of what happened meanwhile:
 * he listens first, and judges a moment later.
 */
bool
life_is_due(struct life *l, uint64_t now)
{
	uint64_t	at = l->alarm;

	if (at == 0 || now < at)
		return false;
	l->alarm = 0;		/* it came: what follows asks for another */
	if (now - at <= LIFE_GAP_US)
		return true;
	l->judge_at = life_later(now, LIFE_CATCH_UP_US);
	return false;
}
