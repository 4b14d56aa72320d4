/*
 * Feeds a stream to openai in pieces and writes down what came out, as one
 * text that two ways of cutting the stream can be compared by.
 */
#ifndef FEED_H
#define FEED_H

#include "openai.h"

/*
 * first: how long the first piece is; step: how long the others are. A call
 * is written as "call ID NAME ARGUMENTS BAD", text and thoughts as such, then
 * the state and the usage.
 */
void	feed_note(struct buf *out, struct bytes stream, struct bytes request,
	    size_t first, size_t step);

#endif
