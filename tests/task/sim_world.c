#include "sim_world.h"

static uint64_t
roll(struct world *w)
{
	uint64_t	z = w->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t
world_roll(struct world *w, uint64_t n)
{
	return roll(w) % n;
}

bool
world_chance(struct world *w, uint64_t of)
{
	return world_roll(w, of) == 0;
}

void
world_init(struct world *w, uint64_t seed)
{
	struct life_rules	rules = { 0 };

	memset(w, 0, sizeof(*w));
	w->seed = w->random = seed;
	w->now = SEC;
	w->start = w->freeze = w->kill = w->drain = w->crash = NEVER;
	rules.start = world_chance(w, 3) ? 0 : 1 + world_roll(w, 3 * SEC);
	rules.timeout = world_chance(w, 3) ? 0 : 1 + world_roll(w, 60 * SEC);
	rules.idle = world_chance(w, 2) ? 0 : 1 + world_roll(w, 30 * SEC);
	rules.grace = world_chance(w, 9) ? 0 : world_roll(w, 30 * SEC);
	rules.linger = world_chance(w, 3);
	life_init(&w->l, &rules);
}

/* The world obeys. */

static void
spawn(struct world *w)
{
	size_t	i;

	w->up = true;
	w->start = world_chance(w, 20) ? NEVER : world_roll(w, 2 * SEC);
	for (i = 0; i < NPROCS; i++) {
		w->procs[i].alive = i == 0 || world_chance(w, 3);
		w->procs[i].deaf = world_chance(w, 4);
		w->procs[i].left = world_chance(w, 4) ? NEVER :
		    world_roll(w, 100 * SEC);
	}
	if (world_chance(w, 15))
		w->crash = world_roll(w, 30 * SEC);
}

void
world_wake(struct world *w)
{
	size_t	i;

	if (!w->termed || w->frozen)
		return;
	for (i = 0; i < NPROCS; i++)
		if (!w->procs[i].deaf && w->procs[i].left > 15 * SEC)
			w->procs[i].left = world_chance(w, 2) ? 0 :
			    world_roll(w, 15 * SEC);
}

void
world_obey(struct world *w, const struct life_effect *fx)
{
	switch (fx->type) {
	case LIFE_FX_SPAWN:
		w->nspawn++;
		spawn(w);
		break;
	case LIFE_FX_TERM:
		w->nterm++;
		w->termed = true;
		world_wake(w);
		break;
	case LIFE_FX_KILL:
		w->nkill++;
		w->killed = true;
		w->kill = world_chance(w, 20) ? 20 * SEC :
		    world_roll(w, SEC / 10);
		break;
	case LIFE_FX_FREEZE:
		w->freeze = world_roll(w, SEC / 10);
		w->held = true;
		break;
	case LIFE_FX_THAW:
		w->freeze = NEVER;
		w->frozen = w->held = w->confirmed = false;
		world_wake(w);
		break;
	case LIFE_FX_ALARM:
		w->alarm = fx->at;
		break;
	case LIFE_FX_END:
		w->nend++;
		break;
	case LIFE_FX_STATE:
	case LIFE_NEFFECTS:
		break;
	}
}

/* The world acts. */

static uint64_t
nalive(const struct world *w)
{
	uint64_t	n = 0;
	size_t		i;

	for (i = 1; i < NPROCS; i++)
		n += w->procs[i].alive;
	return n;
}

static void
go(struct world *w, bool clean)
{
	memset(w->procs, 0, sizeof(w->procs));
	w->up = false;
	w->start = w->freeze = w->kill = w->drain = w->crash = NEVER;
	PROMISE(w, sim_feed(w, (struct life_event){ LIFE_EV_GONE,
	    .clean = clean, .signal = clean && !w->killed ? 0 : 9 }));
}

static void
get_up(struct world *w)
{
	w->start = NEVER;
	if (world_chance(w, 10)) {
		sim_feed(w, (struct life_event){ LIFE_EV_REFUSED,
		    .step = BYTES("mount"), .why = BYTES("no") });
		w->drain = world_chance(w, 3) ? NEVER : world_roll(w, 3 * SEC);
		w->crash = NEVER;
		return;
	}
	w->stood = true;
	w->ran = w->silent = 0;
	PROMISE(w, sim_feed(w, (struct life_event){ LIFE_EV_RUNNING }));
}

/* Once the last one is dead the worker drains, sometimes for too long. */
static void
bury(struct world *w)
{
	if (w->procs[0].alive || nalive(w) > 0 || w->drain != NEVER)
		return;
	w->drain = world_chance(w, 30) ? 1000 * SEC : world_roll(w, SEC);
}

static void
tool_exits(struct world *w, int code, int signal)
{
	w->procs[0].alive = false;
	w->said = true;
	w->drained = nalive(w) == 0;
	w->own_exit = w->nterm + w->nkill == 0;
	PROMISE(w, sim_feed(w, (struct life_event){ LIFE_EV_EXITED,
	    .code = code, .signal = signal, .alive = nalive(w),
	    .names = BYTES("sleep") }));
}

static void
proc_ends(struct world *w, size_t i)
{
	w->procs[i].alive = false;
	if (i == 0 && world_chance(w, 4))	/* a double fork */
		w->procs[1] = (struct proc){ true, world_chance(w, 2), NEVER };
	if (i == 0)
		tool_exits(w, (int)world_roll(w, 2),
		    world_chance(w, 5) ? 15 : 0);
	bury(w);
}

static void
all_die(struct world *w)
{
	size_t	i;

	w->kill = NEVER;
	w->frozen = false;
	for (i = 1; i < NPROCS; i++)
		w->procs[i].alive = false;
	if (!w->stood || world_chance(w, 4)) {
		go(w, false);
		return;
	}
	if (!w->said)
		tool_exits(w, 0, 9);
	w->drain = world_roll(w, SEC);
}

static void
confirm(struct world *w)
{
	w->freeze = NEVER;
	w->frozen = w->confirmed = true;
	PROMISE(w, sim_feed(w, (struct life_event){ LIFE_EV_SUSPENDED,
	    .complete = !world_chance(w, 3) }));
}

/* What the countdowns have brought, in no particular order. */
bool
world_happen(struct world *w)
{
	size_t	first = world_roll(w, NPROCS), i, n;

	if (w->crash == 0)
		return go(w, false), true;
	if (w->kill == 0)
		return all_die(w), true;
	if (w->start == 0)
		return get_up(w), true;
	if (w->freeze == 0)
		return confirm(w), true;
	/* A frozen one may have ended before: that it did is heard late. */
	for (n = 0; n < NPROCS && w->stood; n++) {
		if (w->frozen && !world_chance(w, 99))
			break;
		i = (first + n) % NPROCS;
		if (w->procs[i].alive && (w->procs[i].left == 0 || w->frozen))
			return proc_ends(w, i), true;
	}
	if (w->drain == 0 && !w->frozen)
		return go(w, w->stood), true;
	return false;
}

/* Time. */

static void
pass(uint64_t *left, uint64_t us)
{
	if (*left != NEVER)
		*left -= *left < us ? *left : us;
}

void
world_pass(struct world *w, uint64_t us)
{
	size_t	i;

	w->now += us;
	pass(&w->start, us);
	pass(&w->freeze, us);
	pass(&w->kill, us);
	pass(&w->crash, us);
	if (w->stood && !w->held) {
		w->ran += us;
		w->silent += us;
	}
	if (w->frozen)
		return;
	pass(&w->drain, us);
	for (i = 0; i < NPROCS && w->stood; i++)
		pass(&w->procs[i].left, us);
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* As far as the next thing that is due, or a little way only. */
uint64_t
world_stride(struct world *w)
{
	uint64_t	us = world_roll(w, 4 * SEC);
	size_t		i;

	us = least(us, least(w->start, least(w->freeze, w->kill)));
	us = least(us, w->crash);
	if (!w->frozen)
		us = least(us, w->drain);
	for (i = 0; i < NPROCS && w->stood && !w->frozen; i++)
		if (w->procs[i].alive)
			us = least(us, w->procs[i].left);
	if (w->alarm != 0)
		us = least(us, w->alarm > w->now ? w->alarm - w->now : 0);
	return us;
}

