/*
 * What a tool says on its progress pipe: lines `PERCENT [text]`. Only the
 * latest counts. A line without a number is text alone. Lines are cut at
 * PROGRESS_LINE bytes, text at PROGRESS_TEXT, and it is made clean.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "buf.h"

#define PROGRESS_LINE	512
#define PROGRESS_TEXT	256	/* as in frames.def */
#define PROGRESS_NONE	101	/* percent: not said */

/* Zeroed is new. */
struct progress {
	char		 line[PROGRESS_LINE];
	size_t		 len;		/* of what came of it */
	bool		 fresh;		/* since it was last taken */
	unsigned	 percent;
	struct buf	 text;
};

void	progress_feed(struct progress *, struct bytes);
/* A last line needs no newline. */
void	progress_end(struct progress *);
void	progress_fini(struct progress *);

#endif
