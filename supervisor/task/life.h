/*
 * The life of one task, as one table (T1): what happened comes in, what is to
 * be done goes out. It holds no process and no clock. Whoever owns the worker
 * embeds a struct life, feeds it and carries out what it leaves, in order.
 *
 * What the owner promises
 * - `now` is monotonic, in microseconds, and never 0. After a gap (a stopped
 *   supervisor, a host that slept) it feeds what waits in its descriptors
 *   before a TICK. The life adds to this: a TICK that is more than LIFE_GAP_US
 *   late judges nothing, and asks for another one LIFE_CATCH_UP_US later.
 * - An ALARM rings once, as one TICK; a later ALARM replaces it.
 * - A FREEZE is answered by SUSPENDED within 100 ms or so, complete or not,
 *   unless a THAW came first; an older FREEZE is never answered. It may come
 *   for a group that others have stopped, and whose worker hears nothing.
 * - The stops and continues of its own making are not told as outside ones.
 * - GONE is said when the line ended, the worker is reaped and nothing of the
 *   task is left; then, and only then, is the task's place free again. A spawn
 *   that failed is REFUSED, then GONE, as is a worker that left with
 *   PROTO_EXIT_REFUSED and no frame.
 */
#ifndef LIFE_H
#define LIFE_H

#include <stdint.h>

#include "bytes.h"

enum life_state {
#define STATE(NAME, name)	LIFE_##NAME,
#include "life.def"
	LIFE_NSTATES
};

enum life_event_type {
#define EVENT(NAME, name)	LIFE_EV_##NAME,
#include "life.def"
	LIFE_NEVENTS
};

enum life_effect_type {
#define EFFECT(NAME, name)	LIFE_FX_##NAME,
#include "life.def"
	LIFE_NEFFECTS
};

enum life_end {
	LIFE_NO_END,
#define END(NAME, name)		LIFE_END_##NAME,
#include "life.def"
	LIFE_NENDS
};

/* Microseconds. */
#define LIFE_GRACE_US		10000000	/* a tool's by default */
#define LIFE_LEAVE_US		1000000		/* for a worker that refused */
#define LIFE_DRAIN_US		60000000	/* for the last output */
#define LIFE_UNKILLABLE_US	10000000	/* after a KILL */
#define LIFE_GAP_US		1000000
#define LIFE_CATCH_UP_US	100000

/* Fixed for a task's life; microseconds, 0: no such limit. */
struct life_rules {
	uint64_t	start;		/* from its place to RUNNING */
	uint64_t	timeout;	/* from RUNNING, without pauses (T5) */
	uint64_t	idle;		/* without GREW, likewise */
	uint64_t	grace;		/* from TERM to KILL; 0: none */
	bool		linger;		/* what it leaves goes on (T12) */
};

/* Texts are borrowed for the call. Fields that a type does not name are 0. */
struct life_event {
	enum life_event_type	 type;
	uint64_t		 now;
	struct bytes		 by;	/* STOP, SUSPEND, RESUME: who asked */
	uint64_t		 grace;	/* STOP: us, 0: the tool's own */
	bool			 at_once; /* STOP: no grace at all */
	struct bytes		 step;	/* REFUSED: where */
	struct bytes		 why;	/* REFUSED, GONE, LOST: words or none */
	int			 code;	/* EXITED, GONE: if signal is 0 */
	int			 signal; /* GONE, not clean: the worker's own */
	uint64_t		 alive;	/* EXITED: how many others still run */
	struct bytes		 names;	/* EXITED: theirs */
	bool			 clean;	/* GONE: the worker had said ENDED */
	bool			 complete; /* SUSPENDED: nothing of it runs */
};

struct life_effect {
	enum life_effect_type	 type;
	uint64_t		 at;	/* ALARM */
};

#define LIFE_MAX_EFFECTS	6

struct life_out {
	struct life_effect	 fx[LIFE_MAX_EFFECTS];
	size_t			 n;
};

/* Read-only to all but life.c; those after `why` are nobody else's concern. */
struct life {
	enum life_state	 state;
	bool		 suspending;	/* asked for, not confirmed yet */
	bool		 partial;	/* suspended, but strays may run */
	bool		 exited;	/* the tool's own process has ended */
	bool		 unkillable;	/* outlived its KILL; keeps its place */
	enum life_end	 end;		/* LIFE_NO_END until ended */
	int		 code;		/* the tool's; -1: none or not known */
	int		 signal;	/* that ended it; 0: none */
	uint64_t	 started;	/* when RUNNING came; 0: it did not */
	uint64_t	 ended;		/* 0: not yet */
	uint64_t	 alive;		/* others, when the tool exited */
	char		 names[257];	/* theirs */
	char		 by[65];	/* who wanted its state or its end */
	char		 why[1537];	/* for people; often empty */

	struct life_rules rules;
	enum life_end	 verdict;	/* LIFE_NO_END: the tool's own */
	bool		 outside;	/* its worker is stopped by others */
	bool		 killed;
	bool		 ticking;	/* the limits' clock runs */
	uint64_t	 ran;		/* that clock, as of `since` */
	uint64_t	 since;
	uint64_t	 heard;		/* that clock at the last GREW */
	uint64_t	 asked;		/* stopping: since when */
	uint64_t	 kill_at;	/* deadline of grace or of draining */
	uint64_t	 killed_at;
	uint64_t	 judge_at;	/* after a gap: none before this */
	uint64_t	 alarm;		/* as last asked for; 0: off */
};

void	 life_init(struct life *, const struct life_rules *);	/* queued */
/*
 * One event. false: it cannot happen, or cannot be done, in this state;
 * nothing has changed and out is empty. What was so already is true, and
 * does nothing: a second suspend, a resume of what runs, a stop of what ended.
 */
bool	 life_step(struct life *, const struct life_event *, struct life_out *);
/*
 * C11: is it as the one who asks believes? Empty: no belief, true. Else the
 * name of its state. Ask before life_step(); on false, do not call it.
 */
bool	 life_expect(const struct life *, struct bytes state);
/* How long it ran, the time it was suspended not counted; microseconds. */
uint64_t life_ran(const struct life *, uint64_t now);

const char	*life_state_name(enum life_state);
const char	*life_event_name(enum life_event_type);
const char	*life_effect_name(enum life_effect_type);
const char	*life_end_name(enum life_end);	/* NULL: LIFE_NO_END */

#endif
