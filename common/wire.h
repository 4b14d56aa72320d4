/*
 * Bytes to frames and back: a length (u32, big endian), then one msgpack
 * value (F1). Pure: it owns two buffers and no descriptor; the caller reads
 * into wire_room() and writes what wire_pending() shows.
 */
#ifndef WIRE_H
#define WIRE_H

#include <sys/types.h>

#include "frame.h"

#define WIRE_MAX	(8U << 20)	/* of one frame's msgpack value */

enum wire_status {
	WIRE_FRAME,		/* *f is one; it borrows until the next call */
	WIRE_MORE,		/* read more */
	WIRE_BREACH		/* the peer broke the table: cut the line */
};

struct wire {
	struct buf		in;
	size_t			taken;	/* of in, by frames already returned */
	struct buf		out;
	size_t			sent;	/* of out */
	enum frame_sender	peer;
	enum frame_phase	phase;	/* the owner moves it on */
	const char		*why;	/* after a breach, a literal */
};

void	wire_init(struct wire *, enum frame_sender peer);
void	wire_fini(struct wire *);

/* Where at most *n bytes of the peer may be read to; then wire_read(). */
char	*wire_room(struct wire *, size_t *n);
void	 wire_read(struct wire *, size_t n);
/* The next frame that the peer may say in this phase. */
enum wire_status wire_next(struct wire *, struct frame *);

void	 wire_send(struct wire *, const struct frame *);
struct bytes wire_pending(const struct wire *);
void	 wire_wrote(struct wire *, size_t n);

/*
 * The same with a socket behind it (wire_fd.c); neither call blocks, whatever
 * the descriptor's flags. fill: 1 bytes came, 0 nothing now, -1 end of file or
 * an error (errno 0 at end of file); reads at most 64 KiB. flush: 1 all is out,
 * 0 some is left, -1 error. Passed descriptors are dropped by the kernel;
 * SIGPIPE is not raised.
 */
int	wire_fill(struct wire *, int fd);
int	wire_flush(struct wire *, int fd);

#endif
