/*
 * From one of the tool's pipes into its spool, byte for byte (P2, T8). While
 * the disk is full it stops reading, so the pipe fills and the tool waits:
 * nothing is lost and nothing grows. Beyond cap it goes on appending and
 * punches out the middle, so that offsets stay absolute.
 */
#ifndef PUMP_H
#define PUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

#define PUMP_SIZE	(64U << 10)

struct pump {
	int		 from;		/* ours to close; -1: it ended */
	int		 spool;
	uint64_t	 cap;		/* bytes; 0: none */
	uint64_t	 head;		/* first bytes, never dropped */
	uint64_t	 quantum;	/* dropped at a time, whole blocks */
	uint64_t	 total;		/* so far, what is lost included */
	uint64_t	 lost;		/* of them, behind head */
	uint64_t	 retry_at;	/* the full disk; 0: it is not */
	const char	*note;		/* to be told once; a literal */
	int		 error;		/* its errno */
	/* What was just appended to the spool; NULL: nobody asks. */
	void		(*tap)(void *arg, struct bytes);
	void		*tap_arg;
	size_t		 at, have;	/* of data, not written yet */
	char		 data[PUMP_SIZE];
};

/* from is made non-blocking. */
int	pump_init(struct pump *, int from, int spool, uint64_t cap);
void	pump_fini(struct pump *);

/* Whether from is worth polling now. */
bool	pump_is_reading(const struct pump *);
/* Takes what is there, a bounded part of it. */
void	pump_run(struct pump *);
/*
 * Everything that is in the pipe, now that nobody is left to write to it. With
 * a full disk: bytes that do not fit are dropped if `force`, and noted;
 * else false is returned, and retry_at is when to come again.
 */
bool	pump_drain(struct pump *, bool force);

#endif
