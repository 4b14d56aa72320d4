/*
 * Random lives against a made-up world: a worker that starts, refuses, hangs
 * or crashes, a tool that ends when it likes, children that outlive it, some
 * of them deaf to TERM; people who stop, suspend and resume, others who send
 * SIGSTOP, a supervisor that sleeps. After each step the promises are checked
 * against the world's own books, which know nothing of the table.
 *
 * sim_life [SEED [STEPS]], or SIM_SEED in the environment: each life has a seed
 * of its own, which a broken promise prints and which repeats that life first.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "sim_world.h"

void
sim_broken(const struct world *w, const char *promise)
{
	printf("sim_life: broken: %s\n"
	    "sim_life: step %" PRIu64 ", after %s, %s, %s\n"
	    "sim_life: repeat with SIM_SEED=%" PRIu64 "\n", promise, w->step,
	    life_event_name(w->last), life_state_name(w->l.state), w->l.why,
	    w->seed);
	exit(1);
}

/* Promises, checked after each step. */

static bool
is_fact_of_end(const struct world *w, enum life_state before)
{
	return w->last == LIFE_EV_GONE || w->last == LIFE_EV_LOST ||
	    (w->last == LIFE_EV_STOP && before == LIFE_QUEUED);
}

static void
check_end(struct world *w, enum life_state before)
{
	bool	exited = w->l.end == LIFE_END_EXITED;
	/* TERM, grace, KILL, the slowest death and the last output. */
	uint64_t most = 61 * SEC + 20 * SEC + 70 * SEC + w->slept;

	PROMISE(w, is_fact_of_end(w, before));
	PROMISE(w, w->nend == 1);
	PROMISE(w, w->alarm == 0);
	PROMISE(w, w->l.end != LIFE_NO_END);
	PROMISE(w, !exited || w->nterm + w->nkill == 0 || w->own_exit);
	PROMISE(w, !exited || w->l.code >= 0);
	PROMISE(w, w->l.end != LIFE_END_SIGNALED || w->l.signal != 0);
	PROMISE(w, w->l.end != LIFE_END_STOPPED || w->stop_at != 0);
	PROMISE(w, w->stop_at == 0 || w->now - w->stop_at <= most);
}

static void
check_limits(const struct world *w, unsigned nterm, unsigned nkill)
{
	const struct life_rules	*r = &w->l.rules;

	if (w->last != LIFE_EV_TICK || !w->stood || nterm == w->nterm)
		return;
	PROMISE(w, nkill == w->nkill);
	PROMISE(w, !w->held);
	PROMISE(w, (r->timeout != 0 && w->ran >= r->timeout) ||
	    (r->idle != 0 && w->silent >= r->idle));
}

static void
check_kill(const struct world *w, unsigned nkill)
{
	if (nkill == w->nkill)
		return;
	PROMISE(w, w->nkill == 1);
	if (w->nterm == 0)
		return;
	PROMISE(w, w->now >= w->kill_at);
	PROMISE(w, w->now - w->kill_at <= w->slept + LIFE_CATCH_UP_US);
}

/* Who stands still, and who must not. */
static void
check_held(const struct world *w)
{
	const struct life	*l = &w->l;
	bool			 runs = l->state == LIFE_RUNNING;

	PROMISE(w, l->state != LIFE_SUSPENDED || w->confirmed);
	PROMISE(w, !runs || l->suspending || !w->frozen || w->drained);
	PROMISE(w, !runs || !l->suspending || w->freeze != NEVER);
	PROMISE(w, !runs || !w->said || l->suspending || l->rules.linger ||
	    w->drained);
}

static void
check(struct world *w, enum life_state before, const struct life_out *out,
    unsigned nterm, unsigned nkill)
{
	PROMISE(w, w->nspawn <= 1 && w->nterm <= 1 && w->nend <= 1);
	PROMISE(w, w->nspawn == 1 || w->nterm + w->nkill == 0);
	PROMISE(w, before != LIFE_ENDED || out->n == 0);
	PROMISE(w, w->l.state >= before || before == LIFE_SUSPENDED);
	PROMISE(w, w->nterm == nterm || !w->frozen);
	PROMISE(w, w->alarm == w->l.alarm);
	PROMISE(w, w->nterm == 0 || w->nkill > 0 || w->nend > 0 ||
	    w->alarm != 0);
	check_held(w);
	check_limits(w, nterm, nkill);
	check_kill(w, nkill);
	if (w->l.state == LIFE_ENDED && before != LIFE_ENDED)
		check_end(w, before);
}

bool
sim_feed(struct world *w, struct life_event ev)
{
	enum life_state	before = w->l.state;
	unsigned	nterm = w->nterm, nkill = w->nkill;
	struct life_out	out;
	bool		ok;
	size_t		i;

	ev.now = w->now;
	w->last = ev.type;
	w->step++;
	ok = life_step(&w->l, &ev, &out);
	PROMISE(w, ok || out.n == 0);
	PROMISE(w, !ok || before != LIFE_ENDED || ev.type == LIFE_EV_STOP);
	for (i = 0; i < out.n; i++) {
		PROMISE(w, w->nend == 0);
		world_obey(w, &out.fx[i]);
	}
	if (w->nterm > nterm)
		w->kill_at = w->now + (ev.grace != 0 ? ev.grace :
		    w->l.rules.grace);
	check(w, before, &out, nterm, nkill);
	return ok;
}

static void
hear(struct world *w)
{
	if (w->stood && w->up && !w->frozen &&
	    sim_feed(w, (struct life_event){ LIFE_EV_GREW }))
		w->silent = 0;
}

static void
stop(struct world *w)
{
	struct life_event	ev = { LIFE_EV_STOP, .by = BYTES("ann") };
	uint64_t		at;

	if (world_chance(w, 2))
		ev.grace = 1 + world_roll(w, 30 * SEC);
	ev.at_once = world_chance(w, 4);
	at = w->now + (ev.at_once ? 0 : ev.grace != 0 ? ev.grace :
	    w->l.rules.grace);
	if (w->nterm > 0 && at < w->kill_at)
		w->kill_at = at;
	if (w->stop_at == 0)
		w->stop_at = w->now;
	PROMISE(w, sim_feed(w, ev));
}

static void
stop_outside(struct world *w)
{
	if (!w->up || w->frozen || w->freeze != NEVER || w->killed)
		return;
	w->frozen = w->held = w->confirmed = true;
	PROMISE(w, sim_feed(w, (struct life_event){ LIFE_EV_STOPPED_OUTSIDE }));
}

static void
continue_outside(struct world *w)
{
	if (!w->up || !w->frozen)
		return;
	w->frozen = w->held = w->confirmed = false;
	world_wake(w);
	PROMISE(w, sim_feed(w,
	    (struct life_event){ LIFE_EV_CONTINUED_OUTSIDE }));
}

static void
tick(struct world *w)
{
	bool		late = w->alarm != 0 && w->now > w->alarm + LIFE_GAP_US;
	unsigned	signals = w->nterm + w->nkill;

	if (w->now >= w->alarm)
		w->alarm = 0;	/* rings once */
	sim_feed(w, (struct life_event){ LIFE_EV_TICK });
	PROMISE(w, !late || w->nterm + w->nkill == signals);
}

/* People, and whoever else has a say. */
static void
meddle(struct world *w)
{
	switch (world_roll(w, 40)) {
	case 0:
		stop(w);
		break;
	case 1: case 2: case 3: case 4:
		sim_feed(w, (struct life_event){ LIFE_EV_SUSPEND });
		break;
	case 5: case 6: case 7: case 8:
		sim_feed(w, (struct life_event){ LIFE_EV_RESUME });
		break;
	case 9:
		stop_outside(w);
		break;
	case 10: case 11:
		continue_outside(w);
		break;
	case 12:
		tick(w);
		break;
	case 13:
		if (world_chance(w, 20))
			sim_feed(w, (struct life_event){ LIFE_EV_LOST });
		break;
	default:
		hear(w);
	}
}

static void
step(struct world *w)
{
	uint64_t	nap;

	if (world_chance(w, 300)) {		/* the supervisor is stopped */
		nap = world_roll(w, 60 * SEC);
		w->slept += nap;
		world_pass(w, nap);
	} else
		world_pass(w, world_stride(w));
	if (w->alarm != 0 && w->now >= w->alarm && world_chance(w, 2))
		tick(w);
	else if (!world_happen(w))
		meddle(w);
}

static uint64_t
live(uint64_t seed)
{
	struct world	w;
	uint64_t	patience;
	int		i;

	world_init(&w, seed);
	while (world_chance(&w, 2) && w.nend == 0)
		meddle(&w);
	if (w.nend == 0)
		PROMISE(&w, sim_feed(&w, (struct life_event){ LIFE_EV_PLACE }));
	for (patience = 0; w.nend == 0 && patience < 400; patience++)
		step(&w);
	if (w.nend == 0)		/* every stop leads to an end */
		stop(&w);
	for (patience = 0; w.nend == 0; patience++) {
		PROMISE(&w, patience < 4000);
		step(&w);
	}
	for (i = 0; i < 10; i++)	/* and no end is undone */
		sim_feed(&w, (struct life_event){
		    (enum life_event_type)world_roll(&w, LIFE_NEVENTS) });
	return w.step;
}

static uint64_t
next(uint64_t seed)
{
	struct world	w = { .random = seed };

	return world_roll(&w, UINT64_MAX);
}

static uint64_t
number(const char *arg, const char *what)
{
	char		*end;
	uint64_t	 n = strtoull(arg, &end, 10);

	if (*arg != '\0' && *end == '\0')
		return n;
	fprintf(stderr, "sim_life: %s: %s: not a number\n", what, arg);
	exit(64);
}

int
main(int argc, char *argv[])
{
	const char	*env = getenv("SIM_SEED");
	uint64_t	 seed, steps = 100000, done = 0, lives;

	if (argc > 1)
		seed = number(argv[1], "seed");
	else if (env != NULL)
		seed = number(env, "SIM_SEED");
	else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return 71;
	if (argc > 2)
		steps = number(argv[2], "steps");
	printf("sim_life: SIM_SEED=%" PRIu64 "\n", seed);
	fflush(stdout);
	for (lives = 0; done < steps; lives++, seed = next(seed))
		done += live(seed);
	printf("sim_life: %" PRIu64 " lives, %" PRIu64 " steps\n", lives, done);
	return 0;
}
