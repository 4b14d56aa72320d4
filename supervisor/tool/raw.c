#include "raw.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_space(struct bytes *b)
{
	while (b->len > 0 && is_space(*b->data)) {
		b->data++;
		b->len--;
	}
}

/* How many bytes the string at the start takes, with its quotes. */
static size_t
string_len(struct bytes b)
{
	size_t	 i;

	for (i = 1; i < b.len && b.data[i] != '"'; i++)
		if (b.data[i] == '\\')
			i++;
	return i < b.len ? i + 1 : b.len;
}

static size_t
value_len(struct bytes b)
{
	size_t	 depth = 0, i = 0;

	while (i < b.len) {
		char	 c = b.data[i];

		if (c == '"') {
			i += string_len((struct bytes){ b.data + i,
			    b.len - i });
			continue;
		}
		if (depth == 0 && (c == ',' || c == ':' || is_space(c) ||
		    c == ']' || c == '}'))
			break;
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		i++;
	}
	return i;
}

static struct bytes
take(struct bytes *b, size_t n)
{
	struct bytes	 head = { b->data, n };

	b->data += n;
	b->len -= n;
	return head;
}

void
raw_open(struct raw *r, struct bytes container)
{
	skip_space(&container);
	r->object = container.len > 0 && *container.data == '{';
	if (container.len > 0)
		take(&container, 1);
	r->rest = container;
}

bool
raw_next(struct raw *r, struct bytes *key, struct bytes *value)
{
	struct bytes	*b = &r->rest;

	*key = (struct bytes){ NULL, 0 };
	skip_space(b);
	if (b->len > 0 && *b->data == ',') {
		take(b, 1);
		skip_space(b);
	}
	if (r->object && b->len > 0 && *b->data == '"') {
		*key = take(b, string_len(*b));
		if (key->len < 2)
			return false;
		key->data++;
		key->len -= 2;
		skip_space(b);
		if (b->len > 0 && *b->data == ':')
			take(b, 1);
		skip_space(b);
	}
	*value = take(b, value_len(*b));
	return value->len > 0;
}

struct bytes
raw_find(struct bytes object, const char *key)
{
	struct raw	 r;
	struct bytes	 k, v;

	raw_open(&r, object);
	while (raw_next(&r, &k, &v))
		if (k.data != NULL && bytes_is(k, key))
			return v;
	return (struct bytes){ NULL, 0 };
}

void
raw_compact(struct buf *out, struct bytes b)
{
	while (b.len > 0) {
		if (*b.data == '"')
			buf_add_bytes(out, take(&b, string_len(b)));
		else if (is_space(*b.data))
			take(&b, 1);
		else
			buf_add_bytes(out, take(&b, 1));
	}
}
