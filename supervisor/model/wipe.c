#include "wipe.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void
wipe_free(void *p)
{
	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void *
wipe_realloc(void *p, size_t size)
{
	size_t old = p == NULL ? 0 : malloc_usable_size(p);
	void *new;

	if ((new = malloc(size)) == NULL)
		return NULL;
	if (p != NULL)
		memcpy(new, p, old < size ? old : size);
	wipe_free(p);
	return new;
}
