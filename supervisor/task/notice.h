/*
 * What is to be said of a running task, and how often, pure (P4): that a line
 * it watches for was printed, that it waits for input, that it is silent and
 * does nothing. It is asked with each event and keeps to these:
 *
 * A first line is said at once; then at most one of each pattern in
 * NOTICE_EVERY, with how many there were and the newest; what is left is said
 * at the end. Who has printed nothing for NOTICE_PROMPT, left a line
 * unfinished and uses no processor, waits for input; who has printed nothing
 * for silent_after and uses none, is silent: one of the two, and once, until
 * it prints again. While the task stands all clocks do (T5), and nothing is
 * said.
 */
#ifndef NOTICE_H
#define NOTICE_H

#include <stdint.h>

#include "buf.h"

#define NOTICE_WATCHES	8
/* Microseconds. */
#define NOTICE_EVERY	30000000	/* between two of one pattern */
#define NOTICE_PROMPT	5000000		/* quiet */
#define NOTICE_BETWEEN	2000000		/* from one gauge to the other */
#define NOTICE_AGAIN	30000000	/* after it was found at work */
#define NOTICE_IDLE	20000		/* of processors, meanwhile: less */

enum notice_event_type {
	NOTICE_EV_RUNS,		/* for the first time, or again */
	NOTICE_EV_STANDS,	/* suspended, or on its way to its end */
	NOTICE_EV_GREW,		/* it printed, or told its progress */
	NOTICE_EV_SEEN,
	NOTICE_EV_GAUGED,	/* the answer to out->gauge */
	NOTICE_EV_TICK,		/* notice_due() has come */
	NOTICE_EV_ENDED
};

struct notice_event {
	enum notice_event_type type;
	uint64_t	 now;
	size_t		 watch;		/* SEEN: which pattern, */
	uint64_t	 count;		/* how many lines more, */
	struct bytes	 line;		/* the newest; GAUGED: the last */
	uint64_t	 cpu;		/* GAUGED: us used so far */
	bool		 partial;	/* GAUGED: line has no end */
};

enum notice_about { NOTICE_SEEN, NOTICE_WAITS, NOTICE_SILENT };

struct notice_say {
	enum notice_about about;
	size_t		 watch;		/* SEEN */
	uint64_t	 count;		/* SEEN */
	uint64_t	 quiet;		/* WAITS, SILENT: us */
	struct bytes	 line;		/* until the next step */
};

struct notice_out {
	bool		 gauge;		/* ask how it stands */
	struct notice_say say[NOTICE_WATCHES + 1];
	size_t		 n;
};

/* One pattern: what was not said yet. */
struct notice_watch {
	uint64_t	 left;
	uint64_t	 next;		/* on its clock; not before this */
	struct buf	 line;
};

enum notice_look {
	NOTICE_LATER,		/* `at` is when to gauge it; 0: never */
	NOTICE_ASKED,		/* how it stands now */
	NOTICE_COMPARE,		/* `at` is when to gauge it again */
	NOTICE_ASKED_AGAIN
};

/* Its times are those of a clock that runs when the task does. */
struct notice {
	uint64_t	 silent_after;	/* us; 0: never */
	bool		 stands;
	uint64_t	 stood;		/* the clock, while it stands */
	uint64_t	 behind;	/* now - the clock, while it runs */
	struct notice_watch watch[NOTICE_WATCHES];
	enum notice_look look;
	enum notice_about about;	/* WAITS or SILENT: what is looked for */
	uint64_t	 at;
	uint64_t	 quiet_since;
	uint64_t	 cpu;		/* at the first gauge */
	unsigned	 nstale;	/* answers that nobody waits for */
	struct buf	 line;		/* of WAITS */
};

void	 notice_init(struct notice *, uint64_t silent_after);	/* it stands */
void	 notice_fini(struct notice *);
void	 notice_step(struct notice *, const struct notice_event *,
	    struct notice_out *);
/* When TICK is due; 0: never. */
uint64_t notice_due(const struct notice *);

#endif
