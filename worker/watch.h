/*
 * Lines of a task's two streams that somebody watches for: what was printed
 * comes in pieces, is made lines, and a line that a pattern matches is counted
 * for it. At most one report of each pattern a second; the rest is counted.
 *
 * A line is cleaned first, and cut at PATTERN_LINE bytes. A last one without
 * an end counts when its stream ends.
 *
 * A pattern that costs far more than others, and more than a second in all, is
 * given up, which is reported as if a line had said so.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdint.h>

#include "buf.h"
#include "pattern.h"

#define WATCH_MAX	8
#define WATCH_SHOWN	512	/* bytes of a line, as in frames.def */
#define WATCH_GIVEN_UP	"(this pattern takes too long and is not looked for " \
			"any more)"

enum { WATCH_OUT, WATCH_ERR, WATCH_STREAMS };

/* The beginning of a line that has no end yet. */
struct watch_line {
	char	data[PATTERN_LINE];
	size_t	len;
	bool	is_tail;	/* it began where nobody looked */
};

struct watch_one {
	struct pattern	*pattern;
	uint64_t	 count;		/* since its last report */
	uint64_t	 tell_at;	/* us; not before this */
	bool		 is_slow;	/* it was once, by the wall clock */
	uint64_t	 cost;		/* its part of the sum below */
	bool		 given_up;
	size_t		 len;		/* of the newest line */
	char		 line[WATCH_SHOWN];
};

/* Zeroed is new. */
struct watch {
	struct watch_one	one[WATCH_MAX];
	size_t			n;
	struct watch_line	lines[WATCH_STREAMS];
	struct buf		clean;
	uint64_t		(*clock)(bool cpu);	/* us; NULL: none */
	uint64_t		cost;		/* of slow lines, us of CPU */
};

struct watch_report {
	size_t		watch;
	uint64_t	count;
	struct bytes	line;		/* until the next call */
};

/* false: there are too many. One that is none is never seen. */
bool	watch_add(struct watch *, struct bytes pattern);
/*
 * What was there before the newest one was added; whole: from the beginning of
 * a line on. At most once for each, and before anything is fed.
 */
void	watch_past(struct watch *, unsigned stream, struct bytes, bool whole);
void	watch_feed(struct watch *, unsigned stream, struct bytes);
void	watch_end(struct watch *, unsigned stream);
/* The next report that is due; false: none. now UINT64_MAX: whatever is left. */
bool	watch_take(struct watch *, uint64_t now, struct watch_report *);
/* us; 0: there is nothing to be told. */
uint64_t watch_due(const struct watch *);
void	watch_fini(struct watch *);

#endif
