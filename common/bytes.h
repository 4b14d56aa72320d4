/* Bytes that somebody else owns; not ended by NUL. */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct bytes {
	const char	*data;
	size_t		 len;
};

#define BYTES(literal)	((struct bytes){ (literal), sizeof(literal) - 1 })

static inline struct bytes
bytes_of(const char *s)
{
	return (struct bytes){ s, s == NULL ? 0 : strlen(s) };
}

static inline bool
bytes_is(struct bytes b, const char *s)
{
	return b.len == strlen(s) &&
	    (b.len == 0 || memcmp(b.data, s, b.len) == 0);
}

#endif
