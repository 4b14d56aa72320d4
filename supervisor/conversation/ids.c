#include "ids.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

static uint64_t
id_of(const void *thing)
{
	uint64_t id;

	memcpy(&id, thing, sizeof(id));
	return id;
}

/* Where id is, or would be. */
static size_t
place(const struct ids *l, uint64_t id)
{
	size_t lo = 0, hi = l->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (id_of(l->at[mid]) < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
ids_add(struct ids *l, void *thing)
{
	size_t i = place(l, id_of(thing));

	if (l->n == l->size) {
		l->size = l->size == 0 ? 8 : l->size * 2;
		l->at = xreallocarray(l->at, l->size, sizeof(*l->at));
	}
	memmove(&l->at[i + 1], &l->at[i], (l->n - i) * sizeof(*l->at));
	l->at[i] = thing;
	l->n++;
}

void
ids_remove(struct ids *l, uint64_t id)
{
	size_t i = place(l, id);

	if (i == l->n || id_of(l->at[i]) != id)
		return;
	l->n--;
	memmove(&l->at[i], &l->at[i + 1], (l->n - i) * sizeof(*l->at));
}

void *
ids_find(const struct ids *l, uint64_t id)
{
	size_t i = place(l, id);

	return i < l->n && id_of(l->at[i]) == id ? l->at[i] : NULL;
}

void
ids_fini(struct ids *l, void (*free_thing)(void *))
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free_thing(l->at[i]);
	free(l->at);
	*l = (struct ids){ 0 };
}
