/*
 * A session that is only ever read back, record by record, beside one that
 * lives: what can be seen of the two must be the same at each step.
 */
#ifndef SIM_MIRROR_H
#define SIM_MIRROR_H

#include "session.h"

/* NULL: they are the same, else words. ids: of the newest of each letter. */
const char	*mirror_compare(const struct session *live,
		    const struct session *mirror, const uint64_t ids[128]);

#endif
