/*
 * The made-up world of sim_life: processes that live by countdowns and obey
 * effects, and the books that it keeps of them. sim_life.c feeds the life.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "life.h"

#define SEC	UINT64_C(1000000)
#define NEVER	UINT64_MAX
#define NPROCS	4		/* the tool's own is the first */

struct proc {
	bool		 alive;
	bool		 deaf;		/* ignores TERM */
	uint64_t	 left;		/* until it ends */
};

/* Countdowns in us, NEVER: it is not coming. */
struct world {
	struct life	 l;
	uint64_t	 seed, random, now, step;

	struct proc	 procs[NPROCS];
	bool		 up;		/* there is a worker */
	bool		 stood;		/* RUNNING came */
	bool		 said;		/* EXITED was */
	bool		 drained;	/* with nobody else alive */
	bool		 frozen;	/* all stand still */
	bool		 termed;	/* TERM is pending or was handled */
	bool		 killed;
	bool		 crashed;
	uint64_t	 start, freeze, kill, drain, crash;

	uint64_t	 alarm;		/* absolute, 0: off */
	uint64_t	 ran, silent;	/* as the limits should count it */
	uint64_t	 kill_at;	/* absolute, as the grace allows */
	uint64_t	 stop_at;	/* absolute: when the first stop came */
	uint64_t	 slept;		/* in all: gaps delay everything */
	bool		 held;		/* from outside or by a suspend */
	bool		 own_exit;	/* EXITED before any TERM or KILL */
	bool		 confirmed;	/* somebody said that it stands still */
	unsigned	 nspawn, nterm, nkill, nend;
	enum life_event_type last;
};

void		 world_init(struct world *, uint64_t seed);
void		 world_obey(struct world *, const struct life_effect *);
/* One thing that is due comes to pass and is fed. false: there is none. */
bool		 world_happen(struct world *);
/* The way to the next thing that is due, or a part of it. */
uint64_t	 world_stride(struct world *);
void		 world_pass(struct world *, uint64_t us);
void		 world_wake(struct world *);	/* somebody sent SIGCONT */
uint64_t	 world_roll(struct world *, uint64_t below);
bool		 world_chance(struct world *, uint64_t of);

/* sim_life.c: one event, with the promises checked behind it. */
bool		 sim_feed(struct world *, struct life_event);
void		 sim_broken(const struct world *, const char *promise);

#define PROMISE(w, what) \
	do { if (!(what)) sim_broken((w), #what); } while (0)

#endif
