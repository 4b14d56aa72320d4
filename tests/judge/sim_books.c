#include "sim_books.h"

#include <jansson.h>
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

struct sum {
	json_t		**records;	/* parsed */
	const struct books *books;
};

static bool
is_same(const json_t *a, const json_t *b, const char *key)
{
	return key == NULL || json_equal(json_object_get(a, key),
	    json_object_get(b, key));
}

static bool
is_rolled_back(const struct sum *s, const json_t *of)
{
	const char *outcome;
	size_t i;

	for (i = 0; i < s->books->n; i++) {
		if (s->books->entries[i].kind != RECORD_FINISHED ||
		    !is_same(s->records[i], of, "turn"))
			continue;
		outcome = json_string_value(json_object_get(s->records[i],
		    "outcome"));
		return strcmp(outcome, "rolled back") == 0;
	}
	return false;
}

static size_t
count(const struct sum *s, enum record_kind kind, const json_t *of,
    const char *key, const char *key2)
{
	size_t i, n = 0;

	for (i = 0; i < s->books->n; i++)
		n += s->books->entries[i].kind == kind &&
		    is_same(s->records[i], of, key) &&
		    is_same(s->records[i], of, key2) &&
		    !(kind == RECORD_TOLD &&
		    is_rolled_back(s, s->records[i]));
	return n;
}

static const struct row {
	enum record_kind	 kind, end, other_end;
	const char		*key, *key2;
} rows[] = {
	{ RECORD_ADMITTED, RECORD_DELIVERED, RECORD_CANCELLED, "message",
	    NULL },
	{ RECORD_BEGAN, RECORD_FINISHED, RECORD_NKINDS, "turn", NULL },
	{ RECORD_TASK, RECORD_END, RECORD_NKINDS, "task", NULL },
	{ RECORD_EVENT, RECORD_TOLD, RECORD_NKINDS, "event", NULL },
	{ RECORD_CALLED, RECORD_RESULT, RECORD_NKINDS, "call", "turn" },
};

/* Of a task that a rolled back turn started: nobody needs to be told. */
static bool
is_of_nobody(const struct sum *s, const json_t *event)
{
	size_t i;

	for (i = 0; i < s->books->n; i++)
		if (s->books->entries[i].kind == RECORD_TASK &&
		    is_same(s->records[i], event, "task"))
			return is_rolled_back(s, s->records[i]);
	return false;
}

static size_t
ends(const struct sum *s, const json_t *record, const struct row *row)
{
	if (row->kind == RECORD_CALLED && is_rolled_back(s, record))
		return 1;
	if (row->kind == RECORD_EVENT && is_of_nobody(s, record))
		return 1;
	return count(s, row->end, record, row->key, row->key2) +
	    (row->other_end == RECORD_NKINDS ? 0 :
	    count(s, row->other_end, record, row->key, row->key2));
}

static char *
check(const struct sum *s, size_t i)
{
	size_t k, n;

	for (k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		if (s->books->entries[i].kind != rows[k].kind)
			continue;
		n = ends(s, s->records[i], &rows[k]);
		if (n != 1)
			return xasprintf("%zu ends of %s %s", n,
			    record_name(rows[k].kind),
			    s->books->entries[i].json);
	}
	return NULL;
}

char *
books_check(const struct books *b)
{
	struct sum s = { xcalloc(b->n + 1, sizeof(json_t *)), b };
	char *why = NULL;
	size_t i;

	for (i = 0; i < b->n; i++)
		s.records[i] = json_loads(b->entries[i].json, 0, NULL);
	for (i = 0; i < b->n && why == NULL; i++)
		why = check(&s, i);
	for (i = 0; i < b->n; i++)
		json_decref(s.records[i]);
	free(s.records);
	return why;
}
