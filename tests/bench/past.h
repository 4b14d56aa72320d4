/* Conversations that were, in a journal as the supervisor writes it. */
#ifndef PAST_H
#define PAST_H

#include <stdbool.h>

struct box;
struct past;

#define PAST_RECORDS	6	/* of one turn, which is two items */

/* The journal of a box that does not run. */
struct past	*past_open(const struct box *);
void		 past_close(struct past *);
/* A session with so many turns; cut: the last one was not finished. */
void		 past_session(struct past *, const char *name, unsigned nturns,
		    bool cut);

#endif
