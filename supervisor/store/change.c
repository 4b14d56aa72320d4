#include "change.h"

#include <stdarg.h>

#define NVALUES		5

struct value {
	size_t		at;		/* of its text in the change, or 0 */
	uint64_t	number;		/* or the text's length */
};

/* A change that waits for its commit; its texts lie behind it. */
struct change {
	size_t		size;		/* with the texts, a multiple of 8 */
	enum db_query	query;
	int		nvalues;
	struct value	values[NVALUES];
};

static void
add_text(struct buf *b, struct value *v, struct bytes text)
{
	v->at = b->len;			/* made relative below */
	v->number = text.len;
	buf_add_bytes(b, text);
}

void
change_add(struct buf *b, enum db_query query, const char *types, ...)
{
	static const char padding[8];
	struct change c = { .query = query };
	size_t start = b->len, i;
	struct value *v;
	va_list ap;

	buf_add(b, &c, sizeof(c));
	va_start(ap, types);
	for (; *types != '\0'; types++) {
		v = &c.values[c.nvalues++];
		if (*types == 'n')
			v->number = va_arg(ap, uint64_t);
		else if (*types == 't')
			add_text(b, v, bytes_of(va_arg(ap, const char *)));
		else
			add_text(b, v, va_arg(ap, struct bytes));
		if (v->at != 0)
			v->at -= start;
	}
	va_end(ap);
	i = (b->len - start) % sizeof(padding);
	buf_add(b, padding, i == 0 ? 0 : sizeof(padding) - i);
	c.size = b->len - start;
	memcpy(b->data + start, &c, sizeof(c));
}

static struct bytes
text_of(const struct change *c, int i)
{
	return (struct bytes){ (const char *)c + c->values[i].at,
	    c->values[i].number };
}

static int
run(struct db *d, const struct change *c)
{
	sqlite3_stmt *st = d->queries[c->query];
	int i;

	for (i = 0; i < c->nvalues; i++)
		if (c->values[i].at != 0)
			db_bind_text(st, i + 1, text_of(c, i));
		else
			sqlite3_bind_int64(st, i + 1,
			    (int64_t)c->values[i].number);
	return db_run(d, c->query);
}

/* Neighbours of one session; its rows in `span` are its index. */
struct span {
	struct bytes	session;
	uint64_t	first, last;	/* first 0: none yet */
};

static int
end_span(struct db *d, struct span *s)
{
	sqlite3_stmt *st = d->queries[DB_PUT_SPAN];

	if (s->first == 0)
		return SQLITE_OK;
	db_bind_text(st, 1, s->session);
	sqlite3_bind_int64(st, 2, (int64_t)s->first);
	sqlite3_bind_int64(st, 3, (int64_t)s->last);
	s->first = 0;
	return db_run(d, DB_PUT_SPAN);
}

static bool
is_same(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* A record joins the span; what would tear it apart ends it first. */
static int
follow(struct db *d, struct span *s, const struct change *c)
{
	const bool record = c->query == DB_PUT_RECORD;
	int code = SQLITE_OK;

	if (c->query == DB_DROP_RECORDS ||
	    (record && !is_same(s->session, text_of(c, 2))))
		code = end_span(d, s);
	if (!record)
		return code;
	s->session = text_of(c, 2);
	s->last = c->values[0].number;
	if (s->first == 0)
		s->first = s->last;
	return code;
}

int
change_write(struct db *d, const struct buf *b)
{
	struct span span = { 0 };
	const struct change *c;
	size_t at;
	int code;

	if ((code = db_run(d, DB_BEGIN)) != SQLITE_OK)
		return code;
	for (at = 0; at < b->len; at += c->size) {
		c = (const void *)(b->data + at);
		if ((code = follow(d, &span, c)) != SQLITE_OK ||
		    (code = run(d, c)) != SQLITE_OK)
			return code;
	}
	if ((code = end_span(d, &span)) != SQLITE_OK)
		return code;
	return db_run(d, DB_COMMIT);
}
