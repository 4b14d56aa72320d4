/*
 * A line to words, parted at blanks: '...' and "..." hold together, a
 * backslash takes the next character as it is. Nothing is expanded. Pure.
 */
#ifndef SPLIT_H
#define SPLIT_H

#include "bytes.h"

struct split {
	char	**list;
	size_t	  nwords;
};

/* false: a quote is not closed; nothing is left to free. */
bool	split_line(struct split *, struct bytes line);
void	split_fini(struct split *);

#endif
