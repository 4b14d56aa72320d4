/*
 * What a filter says of one call: asked of its instructions, and of the kernel
 * with the filter loaded. Nothing that is asked is ever carried out.
 */
#ifndef FILTER_VERDICT_H
#define FILTER_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"

#define VERDICT_PASS	0		/* else an errno, or */
#define VERDICT_KILL	(-1)
#define VERDICT_NARGS	5		/* the sixth is the prober's own */

struct question {
	uint32_t	nr;
	uint64_t	args[VERDICT_NARGS];
};

/* *looked: it depended on the arguments. */
int	verdict_of_code(enum filter, uint32_t arch, const struct question *,
	    bool *looked);
/*
 * In a child with the filter, n of them. false: there was no such child to its
 * end.
 */
bool	verdict_of_kernel(enum filter, const struct question *, size_t n,
	    int *verdicts);

#endif
