/*
 * A provider's key: in pages that no core dump has, wiped when freed (M4).
 * Nobody reads it but who sends it; errors name the file, never what is in it.
 */
#ifndef KEY_H
#define KEY_H

#include "buf.h"

struct key;

/*
 * From a file or, if that is NULL, from text. NULL: *why is words, the
 * caller's to free.
 */
struct key	*key_new(const char *file, const char *text, char **why);
void		 key_free(struct key *);
/* A header line of HTTP; it lives as long as the key. */
char		*key_header(const struct key *);
/* Takes the key out of words that a server chose. */
void		 key_redact(const struct key *, struct buf *);

#endif
