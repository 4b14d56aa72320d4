/*
 * A conversation by chance: one session, the models, tasks and clients around
 * it played by a random generator, with crashes after any step (P4). Every
 * request is rendered and judged, and held against the older ones (C4); each
 * message, call, task and event must come to exactly one end.
 */
#ifndef SIM_H
#define SIM_H

#include <stdint.h>

struct sim;

struct sim	*sim_new(uint64_t seed);
void		 sim_free(struct sim *);
/* One step of chance; NULL: all is well, else words, the sim's. */
const char	*sim_step(struct sim *);
/* Lets all that goes on come to its end; then the books must balance. */
const char	*sim_settle(struct sim *);

#endif
