#include "keys.h"

#include <stdint.h>
#include <stdlib.h>

#include "xalloc.h"

/* FNV-1a */
static size_t
hash(struct bytes text)
{
	uint64_t h = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.data[i]) * 0x100000001b3;
	return (size_t)(h ^ (h >> 32));
}

/* Where the text is, or would be. */
static struct key *
place(const struct keys *k, struct bytes text)
{
	size_t i = hash(text);

	for (;; i++) {
		struct key *at = &k->at[i & (k->size - 1)];

		if (at->text == NULL || bytes_is(text, at->text))
			return at;
	}
}

static void
grow(struct keys *k)
{
	struct keys old = *k;
	size_t i;

	k->size = old.size == 0 ? 8 : old.size * 2;
	k->at = xcalloc(k->size, sizeof(*k->at));
	for (i = 0; i < old.size; i++)
		if (old.at[i].text != NULL)
			*place(k, bytes_of(old.at[i].text)) = old.at[i];
	free(old.at);
}

void
keys_add(struct keys *k, const char *text, void *thing)
{
	if (k->n * 2 >= k->size)
		grow(k);
	*place(k, bytes_of(text)) = (struct key){ text, thing };
	k->n++;
}

void *
keys_find(const struct keys *k, struct bytes text)
{
	return k->n == 0 ? NULL : place(k, text)->thing;
}

void
keys_fini(struct keys *k, void (*free_thing)(void *))
{
	size_t i;

	for (i = 0; free_thing != NULL && i < k->size; i++)
		if (k->at[i].text != NULL)
			free_thing(k->at[i].thing);
	free(k->at);
	*k = (struct keys){ 0 };
}
