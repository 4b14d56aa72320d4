#include <assert.h>

#include "life_own.h"

void
life_put(struct life_out *out, enum life_effect_type type)
{
	assert(out->n < LIFE_MAX_EFFECTS);
	out->fx[out->n++] = (struct life_effect){ .type = type };
}

void
life_enter(struct life *l, enum life_state state, struct life_out *out)
{
	l->state = state;
	life_put(out, LIFE_FX_STATE);
}

static bool
in_queued(struct life *l, const struct life_event *ev, struct life_out *out)
{
	switch (ev->type) {
	case LIFE_EV_PLACE:
		life_enter(l, LIFE_STARTING, out);
		life_put(out, LIFE_FX_SPAWN);
		return true;
	case LIFE_EV_STOP:
		life_copy(l->by, sizeof(l->by), ev->by);
		life_say(l, "it had not started");
		return life_finish(l, ev, LIFE_END_STOPPED);
	case LIFE_EV_REFUSED:
		life_say_text(l, ev->why);
		return life_finish(l, ev, LIFE_END_REFUSED);
	case LIFE_EV_SUSPEND:
		return life_suspend(l, ev, out);
	case LIFE_EV_RESUME:
		return life_resume(l, ev, out);
	case LIFE_EV_LOST:
		return life_lose(l, ev);
	case LIFE_EV_RUNNING:
	case LIFE_EV_EXITED:
	case LIFE_EV_GONE:
	case LIFE_EV_SUSPENDED:
	case LIFE_EV_STOPPED_OUTSIDE:
	case LIFE_EV_CONTINUED_OUTSIDE:
	case LIFE_EV_GREW:
	case LIFE_EV_TICK:
	case LIFE_NEVENTS:
		break;
	}
	return false;
}

static bool
stand(struct life *l, uint64_t now, struct life_out *out)
{
	l->started = l->since = now;
	l->ran = l->heard = 0;
	if (l->outside)
		life_hold_outside(l, out);
	else
		life_enter(l, LIFE_RUNNING, out);
	if (l->suspending)
		life_put(out, LIFE_FX_FREEZE);
	return true;
}

static bool
in_starting(struct life *l, const struct life_event *ev, struct life_out *out)
{
	switch (ev->type) {
	case LIFE_EV_RUNNING:
		return stand(l, ev->now, out);
	case LIFE_EV_REFUSED:
		return life_refuse(l, ev, out);
	case LIFE_EV_GONE:
		return life_gone(l, ev);
	case LIFE_EV_STOP:
		life_say(l, "killed while it was starting");
		life_end_by_force(l, LIFE_END_STOPPED, ev->now, out);
		life_copy(l->by, sizeof(l->by), ev->by);
		return true;
	case LIFE_EV_SUSPEND:
		return life_suspend(l, ev, out);
	case LIFE_EV_RESUME:
		return life_resume(l, ev, out);
	case LIFE_EV_STOPPED_OUTSIDE:
	case LIFE_EV_CONTINUED_OUTSIDE:
		l->outside = ev->type == LIFE_EV_STOPPED_OUTSIDE;
		return true;
	case LIFE_EV_TICK:
		return life_start_over(l, ev->now, out);
	case LIFE_EV_LOST:
		return life_lose(l, ev);
	case LIFE_EV_PLACE:
	case LIFE_EV_EXITED:
	case LIFE_EV_SUSPENDED:
	case LIFE_EV_GREW:
	case LIFE_NEVENTS:
		break;
	}
	return false;
}

static bool
in_running(struct life *l, const struct life_event *ev, struct life_out *out)
{
	switch (ev->type) {
	case LIFE_EV_EXITED:
		return life_tool_exited(l, ev, out);
	case LIFE_EV_GONE:
		return life_gone(l, ev);
	case LIFE_EV_STOP:
		return life_stop(l, ev, out);
	case LIFE_EV_SUSPEND:
		return life_suspend(l, ev, out);
	case LIFE_EV_SUSPENDED:
		if (l->suspending)
			return life_confirm(l, ev, out);
		life_put(out, LIFE_FX_THAW);	/* a resume overtook it */
		return true;
	case LIFE_EV_RESUME:
		return life_resume(l, ev, out);
	case LIFE_EV_STOPPED_OUTSIDE:
		if (life_is_draining(l))
			l->outside = true;
		else
			life_hold_outside(l, out);
		return true;
	case LIFE_EV_CONTINUED_OUTSIDE:
		l->outside = false;
		return true;
	case LIFE_EV_GREW:
		l->heard = life_clock(l, ev->now);
		return true;
	case LIFE_EV_TICK:
		return life_time_over(l, ev->now, out);
	case LIFE_EV_LOST:
		return life_lose(l, ev);
	case LIFE_EV_PLACE:
	case LIFE_EV_RUNNING:
	case LIFE_EV_REFUSED:
	case LIFE_NEVENTS:
		break;
	}
	return false;
}

static bool
in_suspended(struct life *l, const struct life_event *ev, struct life_out *out)
{
	switch (ev->type) {
	case LIFE_EV_EXITED:
		return life_tool_exited(l, ev, out);
	case LIFE_EV_GONE:
		return life_gone(l, ev);
	case LIFE_EV_STOP:
		return life_stop(l, ev, out);
	case LIFE_EV_SUSPEND:
		return life_suspend(l, ev, out);
	case LIFE_EV_SUSPENDED:
		return life_confirm(l, ev, out);
	case LIFE_EV_RESUME:
		return life_resume(l, ev, out);
	case LIFE_EV_CONTINUED_OUTSIDE:
		return life_run_again(l, ev->now, out);
	case LIFE_EV_STOPPED_OUTSIDE:
	case LIFE_EV_GREW:	/* it was under way when all stood still */
	case LIFE_EV_TICK:
		return true;
	case LIFE_EV_LOST:
		return life_lose(l, ev);
	case LIFE_EV_PLACE:
	case LIFE_EV_RUNNING:
	case LIFE_EV_REFUSED:
	case LIFE_NEVENTS:
		break;
	}
	return false;
}

/* A worker that was being killed while it started may still say how it went. */
static bool
say_late(struct life *l, const struct life_event *ev)
{
	if (l->started != 0 || l->verdict == LIFE_END_REFUSED)
		return false;
	if (ev->type == LIFE_EV_RUNNING) {
		l->started = ev->now;
		l->ran = 0;
	}
	return true;
}

static bool
in_stopping(struct life *l, const struct life_event *ev, struct life_out *out)
{
	switch (ev->type) {
	case LIFE_EV_RUNNING:
	case LIFE_EV_REFUSED:
		return say_late(l, ev);
	case LIFE_EV_EXITED:
		return life_tool_exited(l, ev, out);
	case LIFE_EV_GONE:
		return life_gone(l, ev);
	case LIFE_EV_STOP:
		return life_hasten(l, ev, out);
	case LIFE_EV_SUSPENDED:
		life_put(out, LIFE_FX_THAW);	/* the stop overtook it */
		return true;
	case LIFE_EV_STOPPED_OUTSIDE:
	case LIFE_EV_CONTINUED_OUTSIDE:
		l->outside = ev->type == LIFE_EV_STOPPED_OUTSIDE;
		return true;
	case LIFE_EV_GREW:
		return true;
	case LIFE_EV_TICK:
		return life_grace_over(l, ev->now, out);
	case LIFE_EV_LOST:
		return life_lose(l, ev);
	case LIFE_EV_PLACE:
	case LIFE_EV_SUSPEND:
	case LIFE_EV_RESUME:
	case LIFE_NEVENTS:
		break;
	}
	return false;
}

/* An end is final. Who stops what has ended has what he wants (R13). */
static bool
in_ended(const struct life_event *ev)
{
	return ev->type == LIFE_EV_STOP;
}

static bool
dispatch(struct life *l, const struct life_event *ev, struct life_out *out)
{
	switch (l->state) {
	case LIFE_QUEUED:
		return in_queued(l, ev, out);
	case LIFE_STARTING:
		return in_starting(l, ev, out);
	case LIFE_RUNNING:
		return in_running(l, ev, out);
	case LIFE_SUSPENDED:
		return in_suspended(l, ev, out);
	case LIFE_STOPPING:
		return in_stopping(l, ev, out);
	case LIFE_ENDED:
		return in_ended(ev);
	case LIFE_NSTATES:
		break;
	}
	return false;
}

static void
set_alarm(struct life *l, struct life_out *out)
{
	uint64_t	at = life_deadline(l);

	if (at == LIFE_NEVER)
		at = 0;
	if (at == l->alarm)
		return;
	l->alarm = at;
	life_put(out, LIFE_FX_ALARM);
	out->fx[out->n - 1].at = at;
}

bool
life_step(struct life *l, const struct life_event *ev, struct life_out *out)
{
	bool	was_over = l->state == LIFE_ENDED;

	out->n = 0;
	if (!dispatch(l, ev, out))
		return false;
	life_clock_set(l, ev->now);
	set_alarm(l, out);
	if (l->state == LIFE_ENDED && !was_over)
		life_put(out, LIFE_FX_END);
	return true;
}

void
life_init(struct life *l, const struct life_rules *rules)
{
	memset(l, 0, sizeof(*l));
	l->rules = *rules;
	l->code = -1;
}

uint64_t
life_ran(const struct life *l, uint64_t now)
{
	return l->started != 0 ? life_clock(l, now) : 0;
}

bool
life_expect(const struct life *l, struct bytes state)
{
	return state.len == 0 || bytes_is(state, life_state_name(l->state));
}

const char *
life_state_name(enum life_state state)
{
	static const char *const	names[] = {
#define STATE(NAME, name)	name,
#include "life.def"
	};

	return names[state];
}

const char *
life_event_name(enum life_event_type type)
{
	static const char *const	names[] = {
#define EVENT(NAME, name)	name,
#include "life.def"
	};

	return names[type];
}

const char *
life_effect_name(enum life_effect_type type)
{
	static const char *const	names[] = {
#define EFFECT(NAME, name)	name,
#include "life.def"
	};

	return names[type];
}

const char *
life_end_name(enum life_end end)
{
	static const char *const	names[] = {
		NULL,
#define END(NAME, name)	name,
#include "life.def"
	};

	return names[end];
}
