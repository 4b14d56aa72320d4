/*
 * Things by their id, in ascending order: they are added as they are made, and
 * found by halving. A thing is a struct whose first member is its uint64_t id.
 */
#ifndef IDS_H
#define IDS_H

#include <stddef.h>
#include <stdint.h>

struct ids {
	void	**at;
	size_t	  n, size;
};

void	 ids_add(struct ids *, void *thing);
/* Takes it off the list; the thing stays the caller's. */
void	 ids_remove(struct ids *, uint64_t id);
void	*ids_find(const struct ids *, uint64_t id);	/* NULL: none */
void	 ids_fini(struct ids *, void (*free_thing)(void *));

#endif
