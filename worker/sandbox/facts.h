/*
 * What is known of files by looking at them from outside, to tell later
 * whether they are still the same.
 */
#ifndef FACTS_H
#define FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

enum facts_depth {
	FACTS_KIND,		/* which one it is, and of what type */
	FACTS_IDENTITY,		/* that, and its mode and owner */
	FACTS_ALL		/* that, and all that writing changes */
};

struct fact {
	char		*path;
	struct stat	 st;		/* zero but for what counts */
};

/* Zeroes are an empty one. */
struct facts {
	struct fact	*list;
	size_t		 n;
};

void	facts_add(struct facts *, const char *path, const struct stat *,
	    enum facts_depth);
/* No more will come. */
void	facts_sort(struct facts *);
/*
 * The paths of what is not the same in both, by commas, printable, cut with
 * dots if text is short; of a folder that changed, not what is in it. false:
 * nothing.
 */
bool	facts_differ(const struct facts *, const struct facts *, char *text,
	    size_t size);
void	facts_fini(struct facts *);

#endif
