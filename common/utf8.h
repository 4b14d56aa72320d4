/* One character of UTF-8 (RFC 3629) at a time. */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD	UINT32_MAX

/*
 * Takes the character at s, of which len > 0 bytes are there; how many bytes
 * it had. *c is UTF8_BAD if they are none: then they are the longest beginning
 * of one, or a byte that begins none, so that one U+FFFD stands for them.
 */
size_t	utf8_next(const unsigned char *s, size_t len, uint32_t *c);

/* How many bytes a character has that begins so; 1 if none does. */
size_t	utf8_size(unsigned char first);

static inline int
utf8_is_inner(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

#endif
