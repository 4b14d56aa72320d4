/*
 * The tool's stdin while it runs: bytes that came in INPUT frames and that its
 * pipe did not take yet. The supervisor keeps them few (FED).
 */
#ifndef FEED_H
#define FEED_H

#include <stdint.h>

#include "buf.h"

struct feed {
	int		 fd;		/* ours to close; -1: there is none */
	struct buf	 waiting;
	bool		 eof;		/* behind what waits */
	uint64_t	 first;		/* of what waits came with START */
	uint64_t	 fed;		/* bytes of INPUT that are done with */
};

/* fd is non-blocking; first is what START brought. */
void	feed_init(struct feed *, int fd, struct bytes first);
void	feed_add(struct feed *, struct bytes, bool eof);
bool	feed_is_waiting(const struct feed *);	/* poll for writing */
void	feed_run(struct feed *);
void	feed_fini(struct feed *);

#endif
