/*
 * The interpreter that answers where there is no model (M1): no AI, and it
 * says so. Pure: a request in, an answer out. Each line of a message is a
 * command; a command is a call or an answer in words. What tasks and tools
 * have said since is told first, in plain sentences.
 */
#ifndef BUILTIN_H
#define BUILTIN_H

#include "answer.h"

/* Adds to an initialised answer; never nothing. Ids follow from seed. */
void	builtin_answer(struct answer *, const struct model_request *,
	    uint64_t seed);

#endif
