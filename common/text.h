/*
 * What a tool or a person wrote, made fit for a model, a terminal or an
 * envelope. Raw bytes stay on disk; this is their rendering (T8, E2).
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdint.h>

#include "buf.h"

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms), no NUL. */
bool	text_is_valid(struct bytes);
bool	text_is_blank(struct bytes);	/* empty, or only white space */

/*
 * Adds raw as valid UTF-8 without control sequences: what is invalid becomes
 * U+FFFD; CSI, OSC, DCS, APC, PM, SOS and two-byte escapes go, in their 7-bit
 * and their C1 form; other C0, DEL, C1 and NUL go, but TAB and LF stay; CR
 * before LF goes, a lone CR keeps the last overwrite of its line; bidi
 * controls (U+202A-202E, U+2066-2069) and tag characters (U+E0000-E007F)
 * become U+FFFD.
 */
void	text_clean(struct buf *, struct bytes raw);

/*
 * Adds head, a line that counts what is left out, and tail. Both are cut at
 * character boundaries, then cleaned. total is the stream's length in bytes:
 * head.len + tail.len == total means that nothing is left out and the two are
 * one text (a character across the seam is whole).
 */
void	text_window(struct buf *, struct bytes head, struct bytes tail,
	    uint64_t total);

/* Adds s with & < > and " as entities: it cannot close an envelope. */
void	text_escape(struct buf *, struct bytes);

/* The longest prefix of at most max bytes that cuts no character. */
size_t	text_prefix(struct bytes, size_t max);
/* Where the longest such suffix starts. */
size_t	text_suffix(struct bytes, size_t max);

#endif
