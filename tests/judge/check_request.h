/*
 * The judge of requests (M3): says whether every server that we know would
 * take a Chat Completions request, in the strictest profile. It is written
 * from the servers' rules and shares no code with what it judges.
 *
 * Each function returns NULL if all is well, else words that say where and
 * why, the caller's to free.
 */
#ifndef CHECK_REQUEST_H
#define CHECK_REQUEST_H

#include <stddef.h>

struct body {
	const char	*data;
	size_t		 len;
};

char	*check_request(struct body);

/*
 * Two requests of one session. prefix: the messages of newer begin with
 * those of older, byte for byte (C4). parting: they do, or the two part only
 * where both begin a block, with a user message: so do turns that run side by
 * side, a rollback, and a head that stands for what was compacted. A head is
 * the same as long as its number is. Both offer the same
 * bytes of tools.
 */
char	*check_prefix(struct body older, struct body newer);
char	*check_parting(struct body older, struct body newer);

#endif
