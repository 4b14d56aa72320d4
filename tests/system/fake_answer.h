/*
 * A script's answer as what a connection has to do, in order: bytes that go
 * out as they are, and the pauses, holds and cuts between them. Pure.
 */
#ifndef FAKE_ANSWER_H
#define FAKE_ANSWER_H

#include <stddef.h>
#include <stdint.h>

struct script;

enum step_kind {
	STEP_BYTES,
	STEP_PAUSE,		/* ms */
	STEP_HOLD,		/* until name is released */
	STEP_CLOSE		/* the connection, in mid-stream */
};

struct step {
	enum step_kind	 kind;
	char		*data;		/* of BYTES, or the name of a HOLD */
	size_t		 len;
	uint64_t	 ms;
};

struct answer {
	struct step	*steps;
	size_t		 n;
};

/* salt: what makes the ids of its calls unlike those of other answers. */
struct answer	*answer_make(const struct script *, uint32_t salt);
struct answer	*answer_error(unsigned status, const char *retry_after,
		    const char *message);
void		 answer_free(struct answer *);

#endif
