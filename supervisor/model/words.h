/*
 * A line to words, parted at blanks: '...' and "..." hold together, a
 * backslash takes the next character as it is. Nothing is expanded. Pure.
 */
#ifndef WORDS_H
#define WORDS_H

#include "bytes.h"

struct words {
	char	**list;
	size_t	  nwords;
};

/* false: a quote is not closed; nothing is left to free. */
bool	words_split(struct words *, struct bytes line);
void	words_fini(struct words *);

#endif
