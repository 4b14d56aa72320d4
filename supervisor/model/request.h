/*
 * Rendered items to the bytes of a Chat Completions request. Pure, and mere
 * concatenation: the messages of some items are a byte prefix of those of the
 * same items and more (C4), as long as the first of those more is no user
 * message that joins the last. It adds what the strictest servers demand of
 * an order (T0: no two users in a row, none after a tool) and checks nothing.
 */
#ifndef REQUEST_H
#define REQUEST_H

#include "buf.h"
#include "model.h"

void	request_render(struct buf *, const struct model_conf *,
	    const struct model_request *);

#endif
