/* What holds for a sub-agent holds for all that is below it (T10). */
#include <stdio.h>

#include "inner.h"
#include "loop.h"

#define PAUSE_US	100000		/* until a pause is told as it is */

static const char *
by(const struct run *r)
{
	return r->life.by[0] == '\0' ? "agent" : r->life.by;
}

static bool
is_below(const struct run *r, const struct host *h)
{
	return r->host == h && r->life.state != LIFE_ENDED;
}

/* On record is whose fault it is, and so it is known after a crash, too. */
static void
hold(struct run *below)
{
	const struct life *l = &below->life;
	char who[24];

	snprintf(who, sizeof(who), "t%ju", (uintmax_t)below->host->agent);
	if (l->state == LIFE_QUEUED)
		place_park(below);
	else if ((l->state != LIFE_SUSPENDED || run_returns(below)) &&
	    l->state != LIFE_STOPPING && !l->suspending)
		below->held = run_suspend(below, who);
}

/* What they used is counted, and a side question's is made again later. */
static void
cut_requests(struct host *h)
{
	const struct asking *a;

	while ((a = TAILQ_FIRST(&h->askings)) != NULL)
		asking_cut(h, a->turn);
}

/* What was asked of the model is asked again later, the same bytes (C4). */
void
agent_hold(struct run *r)
{
	struct engine *e = r->engine;
	struct host *h = r->agent->host;
	size_t i;

	h->held = true;
	cut_requests(h);
	r->agent->pause = PAUSE_ASKED;
	for (i = 0; i < e->runs.n; i++)
		if (is_below(e->runs.at[i], h))
			hold(e->runs.at[i]);
	r->agent->pause_by = loop_now() + PAUSE_US;
	alarm_at(r->agent->alarm, r->agent->pause_by);
	agent_check(r);
}

/* Those that somebody had suspended before stay so. */
void
agent_let_go(struct run *r)
{
	struct event ev = { .kind = EV_REASK };
	struct engine *e = r->engine;
	struct host *h = r->agent->host;
	struct run *below;
	size_t i;

	if (h->ending || !h->held)
		return;
	h->held = false;
	r->agent->pause = PAUSE_NONE;
	alarm_off(r->agent->alarm);
	for (i = 0; i < e->runs.n; i++) {
		below = e->runs.at[i];
		if (is_below(below, h) && below->held)
			run_resume(below, by(r));
		else if (is_below(below, h))
			place_unpark(below);
	}
	host_step_quietly(h, &ev);
	deed_look(h);
}

void
agent_join(struct host *h, struct run *r)
{
	struct run *above = h->agent == 0 ? NULL :
	    run_find(h->engine, h->agent);

	if (above == NULL || !is_below(r, h))
		return;
	if (h->ending)
		run_stop(r, by(above), 0, true);
	else if (h->held)
		hold(r);
}

static void
cancel_waiting(struct host *h)
{
	struct event ev = { .kind = EV_CANCEL,
	    .text = BYTES("its sub-agent was stopped") };
	struct message_facts m;
	bool ok = true;

	while (ok && session_nth_waiting(h->session, 0, &m)) {
		ev.message = m.id;
		host_step(h, &ev, &ok);
	}
}

static bool
is_active(const struct session *s)
{
	struct turn_facts t;
	size_t i;

	for (i = 0; session_nth_active(s, i, &t); i++)
		if (t.cause != CAUSE_ASIDE)
			return true;
	return false;
}

/* Messages first: the end of a turn would begin one for them. */
static void
end_all(struct run *r)
{
	struct event cut = { .kind = EV_INTERRUPT, .tools = KEEP_KEEP };
	struct engine *e = r->engine;
	struct host *h = r->agent->host;
	size_t i;

	cancel_waiting(h);
	if (is_active(h->session))
		host_step_quietly(h, &cut);
	for (i = 0; i < e->runs.n; i++)
		if (is_below(e->runs.at[i], h))
			run_stop(e->runs.at[i], by(r), 0, r->agent->now);
}

void
agent_end(struct run *r, bool now)
{
	struct host *h = r->agent->host;

	r->agent->now |= now;
	r->agent->pause = PAUSE_NONE;
	h->held = h->ending = true;
	cut_requests(h);
	end_all(r);
	deed_look(h);
}

static bool
is_paused(const struct run *r, bool *complete)
{
	const struct engine *e = r->engine;
	const struct run *below;
	const struct life *l;
	size_t i;

	*complete = true;
	for (i = 0; i < e->runs.n; i++) {
		below = e->runs.at[i];
		l = &below->life;
		if (!is_below(below, r->agent->host) ||
		    l->state == LIFE_QUEUED)
			continue;
		if (l->state != LIFE_SUSPENDED)
			return false;
		*complete = *complete && !l->partial;
	}
	return true;
}

/* Complete or not, it is answered in time; and once more when it is. */
static void
check_pause(struct run *r)
{
	struct life_event ev = { .type = LIFE_EV_SUSPENDED };
	struct agent *a = r->agent;
	bool complete, all = is_paused(r, &complete);

	ev.complete = all && complete;
	if (a->pause == PAUSE_NONE || a->pause == PAUSE_DONE ||
	    (a->pause == PAUSE_PARTIAL && !ev.complete) ||
	    (a->pause == PAUSE_ASKED && !all && loop_now() < a->pause_by))
		return;
	a->pause = ev.complete ? PAUSE_DONE : PAUSE_PARTIAL;
	run_feed(r, &ev);
}

void
agent_check(struct run *r)
{
	if (r->agent->host->ending)
		end_all(r);
	else if (r->agent->host->held)
		check_pause(r);
}
