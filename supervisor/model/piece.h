/*
 * Text that comes in pieces: a character may be cut in two between them.
 * Pure. Two things live here: whole characters out of pieces of UTF-8, and
 * JSON whose strings hold such pieces, which no JSON reader would take.
 */
#ifndef PIECE_H
#define PIECE_H

#include "buf.h"

/* Zeroed is ready. */
struct piece {
	unsigned char	held[4];	/* not whole yet */
	size_t		nheld;
};

/*
 * Adds the whole characters of all that came; what can be none becomes
 * U+FFFD, and control characters other than TAB and LF are dropped.
 */
void	piece_add(struct piece *, struct buf *out, struct bytes);
void	piece_end(struct piece *, struct buf *out);	/* no more comes */

/*
 * Adds json with each byte that is no UTF-8 as a character of its own, from
 * U+10FF80 on, and with surrogates that have no partner as U+FFFD.
 * piece_restore() makes bytes of those characters again.
 */
void	piece_mend(struct buf *out, struct bytes json);
void	piece_restore(struct buf *out, struct bytes);

#endif
