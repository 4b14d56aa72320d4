/*
 * What in a working folder is run later by others, outside of any sandbox:
 * hooks of git, project files of editors and agents. One table, used in two
 * ways: in tier full the mounts cover what is there; and in both tiers what
 * changed or appeared is noticed, since what is absent cannot be covered.
 */
#ifndef PROTECT_H
#define PROTECT_H

#include <stdbool.h>
#include <stddef.h>

/* Relative to the working folder; NULL: no more of them. */
const char	*protect_path(size_t);
/* It must stay what it is and where it is, but may be written in (.git). */
bool		 protect_is_pinned(size_t);

struct protect;

/* How all of it stands now, below this folder (O_PATH will do). */
struct protect	*protect_look(int folder);
/*
 * What is no longer as it stood, by commas, cut with dots if text is short.
 * false: nothing.
 */
bool		 protect_differs(const struct protect *, int folder,
		    char *text, size_t size);
void		 protect_free(struct protect *);

#endif
