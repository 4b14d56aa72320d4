#include "piece.h"

#include "utf8.h"

#define REPLACEMENT	"\xef\xbf\xbd"

static bool
is_control(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0);
}

/* Whether the n bytes at p only begin a character. */
static bool
is_cut(const unsigned char *p, size_t n)
{
	uint32_t c;

	return utf8_next(p, n, &c) == n && c == UTF8_BAD && utf8_size(*p) > n;
}

/* The whole characters at p; returns how many bytes are left, at most 3. */
static size_t
add_whole(struct buf *out, const unsigned char *p, size_t n)
{
	uint32_t c;
	size_t len;

	while (n > 0 && !is_cut(p, n)) {
		len = utf8_next(p, n, &c);
		if (c == UTF8_BAD)
			buf_puts(out, REPLACEMENT);
		else if (!is_control(c))
			buf_add(out, p, len);
		p += len;
		n -= len;
	}
	return n;
}

static void
hold(struct piece *t, const unsigned char *from, size_t n)
{
	memmove(t->held, from, n);
	t->nheld = n;
}

void
piece_add(struct piece *t, struct buf *out, struct bytes b)
{
	const unsigned char *p = (const unsigned char *)b.data;
	size_t n = b.len, left;

	/* One byte more at a time, until what was held is whole or wrong. */
	while (t->nheld > 0 && n > 0) {
		t->held[t->nheld++] = *p++;
		n--;
		left = add_whole(out, t->held, t->nheld);
		hold(t, t->held + t->nheld - left, left);
	}
	if (n == 0)
		return;
	left = add_whole(out, p, n);
	hold(t, p + n - left, left);
}

void
piece_end(struct piece *t, struct buf *out)
{
	if (t->nheld > 0)
		buf_puts(out, REPLACEMENT);
	t->nheld = 0;
}

static int
hex4(const char *p)
{
	int value = 0, i;

	for (i = 0; i < 4; i++) {
		if (p[i] >= '0' && p[i] <= '9')
			value = value * 16 + p[i] - '0';
		else if ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'f')
			value = value * 16 + (p[i] | 32) - 'a' + 10;
		else
			return -1;
	}
	return value;
}

/* The value of \uXXXX at the start of b, -1 if there is no such escape. */
static int
escaped_unit(struct bytes b)
{
	if (b.len < 6 || b.data[0] != '\\' || b.data[1] != 'u')
		return -1;
	return hex4(b.data + 2);
}

/* Adds the escape at the start of b, mended; returns its length. */
static size_t
mend_escape(struct buf *out, struct bytes b)
{
	struct bytes next = { b.data + 6, b.len < 6 ? 0 : b.len - 6 };
	int unit = escaped_unit(b), low;
	size_t len;

	if (unit < 0xd800 || unit > 0xdfff) {
		len = b.len < 2 ? b.len : 2;
		buf_add(out, b.data, len);
		return len;
	}
	low = escaped_unit(next);
	if (unit < 0xdc00 && low >= 0xdc00 && low <= 0xdfff) {
		buf_add(out, b.data, 12);
		return 12;
	}
	buf_puts(out, REPLACEMENT);
	return 6;
}

/* U+10FF80..U+10FFFF stand for the bytes 0x80..0xff. */
static void
mend_bytes(struct buf *out, const unsigned char *p, size_t n)
{
	for (; n > 0; p++, n--) {
		buf_puts(out, "\xf4\x8f");
		buf_putc(out, *p < 0xc0 ? '\xbe' : '\xbf');
		buf_putc(out, (char)(0x80 | (*p & 0x3f)));
	}
}

void
piece_mend(struct buf *out, struct bytes json)
{
	const unsigned char *p;
	size_t at, len;
	uint32_t c;

	for (at = 0; at < json.len; at += len) {
		p = (const unsigned char *)json.data + at;
		len = utf8_next(p, json.len - at, &c);
		if (c == UTF8_BAD)
			mend_bytes(out, p, len);
		else if (c == '\\')
			len = mend_escape(out, (struct bytes){ json.data + at,
			    json.len - at });
		else
			buf_add(out, p, len);
	}
}

void
piece_restore(struct buf *out, struct bytes b)
{
	const unsigned char *p = (const unsigned char *)b.data;
	size_t at = 0;

	while (at < b.len) {
		if (b.len - at >= 4 && p[at] == 0xf4 && p[at + 1] == 0x8f &&
		    (p[at + 2] | 1) == 0xbf) {
			buf_putc(out, (char)(p[at + 2] == 0xbe ?
			    p[at + 3] : 0x40 | p[at + 3]));
			at += 4;
		} else {
			buf_putc(out, b.data[at++]);
		}
	}
}
