/*
 * Whether a request that failed is made again, and when: what the vendors'
 * own clients do. Pure: the time and the dice come in.
 */
#ifndef RETRY_H
#define RETRY_H

#include "model.h"

#define RETRY_WAIT_MAX	60000000U	/* a hint beyond is not followed */

struct retry_case {
	unsigned	 status;	/* 0: no answer, or half of one */
	const char	*should_retry;		/* headers; NULL: not sent */
	const char	*retry_after_ms, *retry_after;
	struct bytes	 body;
	uint64_t	 wall_us;		/* since the epoch */
	unsigned	 ntries;		/* so far, this one included */
	unsigned	 max;			/* how often to try again */
	uint32_t	 dice;			/* any number */
};

struct retry_verdict {
	bool		 again;
	uint64_t	 wait_us;		/* then */
	enum model_why	 kind;			/* otherwise */
	uint64_t	 retry_after_us;	/* the server's wish, or 0 */
};

struct retry_verdict	retry_judge(const struct retry_case *);

#endif
