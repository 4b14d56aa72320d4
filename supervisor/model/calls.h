/*
 * Calls put together from the pieces of a stream, as leniently as servers
 * need it: who opens a call, who goes on with one, what its id and name are
 * in the end. Pure; the ids made here follow from the seed.
 */
#ifndef CALLS_H
#define CALLS_H

#include "answer.h"
#include "buf.h"

#define CALLS_MAX	256

struct call_piece {
	bool		has_index;
	double		index;
	struct bytes	id, name;	/* empty: did not come */
	struct bytes	arguments;
	bool		is_object;	/* arguments are a whole JSON object */
};

struct call_parts;

/* Zeroed is ready. */
struct calls {
	struct call_parts	*list;
	size_t			 ncalls;
};

void	calls_fini(struct calls *);
/* false: there are too many. */
bool	calls_add(struct calls *, const struct call_piece *);
/*
 * Moves them into the answer. cut: the stream hit its limit, so the last one
 * goes unless its arguments are whole. An id that stands in the request, or
 * that some server would refuse, is replaced; so is a name of that kind.
 */
void	calls_finish(struct calls *, bool cut, uint64_t seed,
	    struct bytes request, struct answer *);

#endif
