#include "life_own.h"

static void
begin_stop(struct life *l, enum life_end verdict, uint64_t now,
    struct life_out *out)
{
	life_enter(l, LIFE_STOPPING, out);
	l->verdict = verdict;
	l->asked = now;
	l->suspending = l->partial = false;
	l->by[0] = '\0';
}

/* TERM while all are still stopped, so that their handlers run first (T3). */
static void
ask_to_end(struct life *l, enum life_end verdict, uint64_t now, uint64_t grace,
    struct life_out *out)
{
	bool	held = life_is_held(l);

	begin_stop(l, verdict, now, out);
	l->kill_at = life_later(now, grace);
	l->outside = false;
	life_put(out, LIFE_FX_TERM);
	if (held)
		life_put(out, LIFE_FX_THAW);
}

/* A worker that stands still can neither kill for us nor drain: let it go. */
static void
kill_all(struct life *l, bool held, uint64_t now, struct life_out *out)
{
	life_put(out, LIFE_FX_KILL);
	if (held)
		life_put(out, LIFE_FX_THAW);
	l->killed = true;
	l->killed_at = now;
}

bool
life_end_by_force(struct life *l, enum life_end verdict, uint64_t now,
    struct life_out *out)
{
	bool	held = life_is_held(l);

	begin_stop(l, verdict, now, out);
	kill_all(l, held, now, out);
	return true;
}

static uint64_t
grace_of(const struct life *l, const struct life_event *ev)
{
	return ev->grace != 0 ? ev->grace : l->rules.grace;
}

/* The first stop of what has a group. */
bool
life_stop(struct life *l, const struct life_event *ev, struct life_out *out)
{
	bool		over = l->exited &&
			    (!l->rules.linger || life_is_draining(l));
	enum life_end	verdict = over ? LIFE_NO_END : LIFE_END_STOPPED;

	life_say_anew(l);
	if (ev->at_once) {
		life_say(l, "killed at once");
		life_end_by_force(l, verdict, ev->now, out);
	} else
		ask_to_end(l, verdict, ev->now, grace_of(l, ev), out);
	if (!over)
		life_copy(l->by, sizeof(l->by), ev->by);
	return true;
}

static void
kill_late(struct life *l, uint64_t now, struct life_out *out)
{
	char	span[32];

	if (l->verdict == LIFE_END_REFUSED)
		life_say(l, "its worker did not leave and was killed");
	else
		life_say(l, "killed %s after it was asked to stop",
		    life_span(span, now - l->asked));
	kill_all(l, life_is_held(l), now, out);
}

/* A further stop only shortens the grace; the first one keeps its name. */
bool
life_hasten(struct life *l, const struct life_event *ev, struct life_out *out)
{
	uint64_t	at = life_later(ev->now, grace_of(l, ev));

	if (l->killed)
		return true;
	if (ev->at_once)
		kill_late(l, ev->now, out);
	else if (at < l->kill_at)
		l->kill_at = at;
	return true;
}

/* The worker leaves by itself, soon. */
bool
life_refuse(struct life *l, const struct life_event *ev, struct life_out *out)
{
	begin_stop(l, LIFE_END_REFUSED, ev->now, out);
	l->kill_at = life_later(ev->now, LIFE_LEAVE_US);
	life_say_bytes(l, ev->step);
	if (ev->step.len > 0 && ev->why.len > 0)
		life_say_bytes(l, BYTES(": "));
	life_say_bytes(l, ev->why);
	return true;
}

/* The tool is over and children of it run (T12). */
bool
life_stop_rest(struct life *l, uint64_t now, struct life_out *out)
{
	ask_to_end(l, LIFE_NO_END, now, l->rules.grace, out);
	return true;
}

static void
keep_status(struct life *l, int code, int signal)
{
	l->code = signal != 0 ? -1 : code;
	l->signal = signal;
}

bool
life_tool_exited(struct life *l, const struct life_event *ev,
    struct life_out *out)
{
	if (l->exited || l->started == 0)
		return false;
	l->exited = true;
	keep_status(l, ev->code, ev->signal);
	l->alive = ev->alive;
	life_copy(l->names, sizeof(l->names), ev->names);
	life_say_alive(l);
	if (l->state == LIFE_STOPPING)
		return true;
	if (life_is_draining(l)) {
		l->kill_at = life_later(ev->now, LIFE_DRAIN_US);
		/* Only the worker is held any more, and it is to drain. */
		return !life_is_held(l) || life_run_again(l, ev->now, out);
	}
	if (life_is_held(l))
		return true;
	if (!l->rules.linger)
		return life_stop_rest(l, ev->now, out);
	life_enter(l, l->state, out);
	return true;
}

bool
life_start_over(struct life *l, uint64_t now, struct life_out *out)
{
	char	span[32];

	if (!life_is_due(l, now))
		return true;
	life_say(l, "not started within %s", life_span(span, l->rules.start));
	return life_end_by_force(l, LIFE_END_TIMED_OUT, now, out);
}

bool
life_time_over(struct life *l, uint64_t now, struct life_out *out)
{
	const struct life_rules	*r = &l->rules;
	char			 span[32];

	if (!life_is_due(l, now))
		return true;
	if (life_is_draining(l)) {
		life_say(l, "its output did not end; its worker was killed");
		return life_end_by_force(l, LIFE_NO_END, now, out);
	}
	if (r->timeout != 0 && life_clock(l, now) >= r->timeout)
		life_say(l, "time limit of %s", life_span(span, r->timeout));
	else
		life_say(l, "silent for %s", life_span(span, r->idle));
	ask_to_end(l, LIFE_END_TIMED_OUT, now, r->grace, out);
	return true;
}

bool
life_grace_over(struct life *l, uint64_t now, struct life_out *out)
{
	if (!life_is_due(l, now))
		return true;
	if (!l->killed) {
		kill_late(l, now, out);
		return true;
	}
	l->unkillable = true;
	life_say(l, "unkillable");
	life_enter(l, l->state, out);
	return true;
}

bool
life_finish(struct life *l, const struct life_event *ev, enum life_end end)
{
	l->state = LIFE_ENDED;
	l->end = end;
	l->ended = ev->now;
	l->suspending = l->partial = false;
	if (end != LIFE_END_STOPPED)
		l->by[0] = '\0';
	return true;
}

bool
life_lose(struct life *l, const struct life_event *ev)
{
	if (ev->why.len > 0)
		life_copy(l->why, sizeof(l->why), ev->why);
	else
		life_copy(l->why, sizeof(l->why), BYTES("its supervisor died"));
	return life_finish(l, ev, LIFE_END_LOST);
}

/*
 * What the end is called. The stop that was recorded first decides, also if
 * the tool then exits with 0 (T1). A worker that died unasked took with it
 * what the tool would have said or printed: that is no success either.
 */
static enum life_end
judge(const struct life *l, const struct life_event *ev)
{
	if (l->verdict != LIFE_NO_END)
		return l->verdict;
	if (!ev->clean && !l->killed)
		return ev->signal != 0 ? LIFE_END_SIGNALED : LIFE_END_LOST;
	return l->signal != 0 ? LIFE_END_SIGNALED : LIFE_END_EXITED;
}

bool
life_gone(struct life *l, const struct life_event *ev)
{
	bool		died = !ev->clean && !l->killed;
	enum life_end	end;

	if (!l->exited)
		keep_status(l, ev->clean ? ev->code : -1, ev->signal);
	end = judge(l, ev);
	if (died && end == LIFE_END_SIGNALED)
		keep_status(l, -1, ev->signal);
	if (l->state != LIFE_STOPPING)
		life_say_anew(l);
	if (ev->why.len > 0)
		life_say_text(l, ev->why);
	else if (died && l->verdict != LIFE_END_REFUSED)
		life_say(l, "its worker died");
	return life_finish(l, ev, end);
}
