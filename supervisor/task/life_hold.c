#include "life_own.h"

bool
life_suspend(struct life *l, const struct life_event *ev, struct life_out *out)
{
	if (life_is_draining(l))
		return false;
	if (l->suspending || (l->state == LIFE_SUSPENDED && !l->partial)) {
		if (!bytes_is(ev->by, l->by))
			life_enter(l, l->state, out);	/* his word now, too */
		life_copy(l->by, sizeof(l->by), ev->by);
		return true;
	}
	l->suspending = true;
	life_copy(l->by, sizeof(l->by), ev->by);
	life_enter(l, l->state, out);
	/* Before RUNNING there is no group to stop: it is done then. */
	if (l->started != 0)
		life_put(out, LIFE_FX_FREEZE);
	return true;
}

bool
life_confirm(struct life *l, const struct life_event *ev, struct life_out *out)
{
	if (!l->suspending && !(l->partial && ev->complete))
		return true;
	l->suspending = l->outside = false;
	l->partial = !ev->complete;
	life_say_anew(l);
	if (l->partial)
		life_say(l, "partial: what left the group may still run");
	life_enter(l, LIFE_SUSPENDED, out);
	return true;
}

/* The group stands still, which is not all: what left it was not swept. */
void
life_hold_outside(struct life *l, struct life_out *out)
{
	l->outside = l->partial = true;
	if (!l->suspending)
		l->by[0] = '\0';
	life_say_anew(l);
	life_say(l, "stopped from outside");
	life_enter(l, LIFE_SUSPENDED, out);
}

/* THAW also after somebody else's SIGCONT: it did not reach what was swept. */
bool
life_run_again(struct life *l, uint64_t now, struct life_out *out)
{
	l->outside = false;
	life_say_anew(l);
	if (l->exited && l->alive > 0 && !l->rules.linger)
		return life_stop_rest(l, now, out);	/* T12, at last */
	l->suspending = l->partial = false;
	life_enter(l, LIFE_RUNNING, out);
	life_put(out, LIFE_FX_THAW);
	return true;
}

bool
life_resume(struct life *l, const struct life_event *ev, struct life_out *out)
{
	if (!life_is_held(l) && !l->suspending)
		return true;
	life_copy(l->by, sizeof(l->by), ev->by);
	if (l->started != 0)
		return life_run_again(l, ev->now, out);
	l->suspending = false;
	life_enter(l, l->state, out);
	return true;
}
