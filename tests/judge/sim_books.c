#include "sim_books.h"

#include <stdlib.h>

#include "xalloc.h"

void
books_add(struct books *b, enum record_kind kind, uint64_t seq, uint64_t time,
    struct bytes json)
{
	b->entries = xreallocarray(b->entries, b->n + 1, sizeof(*b->entries));
	b->entries[b->n++] = (struct entry){ kind, seq, time,
	    xmemdup(json.data, json.len) };
}

void
books_cut(struct books *b, size_t n)
{
	while (b->n > n)
		free(b->entries[--b->n].json);
}

void
books_fini(struct books *b)
{
	books_cut(b, 0);
	free(b->entries);
}

bool
books_read(const struct books *b, size_t i, struct record *r)
{
	const struct entry *e = &b->entries[i];

	if (!record_read(r, bytes_of(record_name(e->kind)),
	    bytes_of(e->json)))
		return false;
	r->seq = e->seq;
	r->time = e->time;
	return true;
}
