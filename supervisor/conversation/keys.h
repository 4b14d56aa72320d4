/*
 * Things by a text, found in one step however many there are; none leaves. The
 * texts are borrowed: they live as long as the table.
 */
#ifndef KEYS_H
#define KEYS_H

#include "bytes.h"

struct key {
	const char	*text;		/* NULL: a free place */
	void		*thing;
};

struct keys {
	struct key	*at;
	size_t		 n, size;	/* size: 0 or a power of two */
};

/* The text must not be there yet. */
void	 keys_add(struct keys *, const char *text, void *thing);
void	*keys_find(const struct keys *, struct bytes text);	/* NULL: none */
void	 keys_fini(struct keys *, void (*free_thing)(void *));	/* or NULL */

#endif
