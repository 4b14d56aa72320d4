/*
 * Finds the supervisor by its socket; starts one if none answers and one may
 * be started. Not the conversation with it: that is ask.h.
 */
#ifndef DIAL_H
#define DIAL_H

#include "wire.h"

/*
 * A connected, non-blocking descriptor on which both sides have said their
 * version; *pid is what the supervisor says of itself. -1: *status is the
 * exit code and the words were said. The wire is made in either case.
 */
int	dial(struct wire *, bool start, uint64_t *pid, int *status);

#endif
