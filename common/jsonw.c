#include "jsonw.h"

#include <inttypes.h>

static void
comma(struct buf *b)
{
	if (b->len > 0 && strchr("{[:", b->data[b->len - 1]) == NULL)
		buf_putc(b, ',');
}

static void
quoted(struct buf *b, struct bytes s)
{
	buf_putc(b, '"');
	jsonw_escape(b, s);
	buf_putc(b, '"');
}

/* What stands in front of a value: a comma, and its key if it has one. */
static void
lead(struct buf *b, const char *key)
{
	comma(b);
	if (key == NULL)
		return;
	quoted(b, bytes_of(key));
	buf_putc(b, ':');
}

void
jsonw_open(struct buf *b, char bracket)
{
	comma(b);
	buf_putc(b, bracket);
}

void
jsonw_close(struct buf *b, char bracket)
{
	buf_putc(b, bracket);
}

void
jsonw_key(struct buf *b, const char *key)
{
	lead(b, key);
}

void
jsonw_text(struct buf *b, const char *key, struct bytes s)
{
	lead(b, key);
	quoted(b, s);
}

void
jsonw_str(struct buf *b, const char *key, const char *s)
{
	if (s == NULL)
		jsonw_null(b, key);
	else
		jsonw_text(b, key, bytes_of(s));
}

void
jsonw_u64(struct buf *b, const char *key, uint64_t n)
{
	lead(b, key);
	buf_printf(b, "%" PRIu64, n);
}

void
jsonw_i64(struct buf *b, const char *key, int64_t n)
{
	lead(b, key);
	buf_printf(b, "%" PRId64, n);
}

void
jsonw_time(struct buf *b, const char *key, uint64_t us)
{
	if (us == 0) {
		jsonw_null(b, key);
		return;
	}
	lead(b, key);
	buf_printf(b, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

void
jsonw_bool(struct buf *b, const char *key, bool is)
{
	lead(b, key);
	buf_puts(b, is ? "true" : "false");
}

void
jsonw_null(struct buf *b, const char *key)
{
	lead(b, key);
	buf_puts(b, "null");
}

void
jsonw_raw(struct buf *b, const char *key, struct bytes json)
{
	lead(b, key);
	buf_add_bytes(b, json);
}

static void
escape_one(struct buf *b, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = c == '\0' ? NULL : strchr(from, c);

	if (at != NULL)
		buf_printf(b, "\\%c", to[at - from]);
	else
		buf_printf(b, "\\u%04x", c);
}

void
jsonw_escape(struct buf *b, struct bytes s)
{
	size_t i, run = 0;
	unsigned char c;

	for (i = 0; i < s.len; i++) {
		c = (unsigned char)s.data[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, s.data + run, i - run);
		escape_one(b, c);
		run = i + 1;
	}
	if (run < s.len)
		buf_add(b, s.data + run, s.len - run);
}
