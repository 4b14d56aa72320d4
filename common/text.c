#include "text.h"

#include <assert.h>
#include <inttypes.h>

#include "utf8.h"

#define REPLACEMENT	"\xef\xbf\xbd"	/* U+FFFD */
#define ESC		0x1b
#define BLOCK		32

/* What begins something longer: the byte behind ESC. C1 has it 0x40 higher. */
enum opener {
	OPEN_DCS = 'P', OPEN_SOS = 'X', OPEN_CSI = '[', OPEN_OSC = ']',
	OPEN_PM = '^', OPEN_APC = '_'
};

struct cleaner {
	struct buf		*out;
	const unsigned char	*at, *end;
	size_t			 line;	/* where its line starts in out */
	bool			 returned; /* by a CR: what comes overwrites */
};

/*
 * Characters of ASCII, none of them NUL: what nearly every block of nearly
 * every text is. Below a byte of zero the subtraction borrows, but then that
 * byte has told already.
 */
static bool
is_ascii_block(const char *s)
{
	const uint64_t ones = 0x0101010101010101, highs = ones << 7;
	uint64_t w, odd = 0;
	int i;

	for (i = 0; i < BLOCK; i += 8) {
		memcpy(&w, s + i, sizeof(w));
		odd |= w | (w - ones);
	}
	return (odd & highs) == 0;
}

/* How many characters of ASCII, none of them NUL, s begins with. */
static size_t
ascii_run(const char *s, size_t n)
{
	size_t i = 0;

	while (n - i >= BLOCK && is_ascii_block(s + i))
		i += BLOCK;
	/* The rest together with what was seen already is a block again. */
	if (i > 0 && n - i < BLOCK && is_ascii_block(s + n - BLOCK))
		return n;
	while (i < n && (signed char)s[i] > 0)
		i++;
	return i;
}

bool
text_is_valid(struct bytes s)
{
	size_t i = 0;
	uint32_t c;

	while (i < s.len && (i += ascii_run(s.data + i, s.len - i)) < s.len) {
		i += utf8_next((const unsigned char *)s.data + i, s.len - i,
		    &c);
		if (c == UTF8_BAD || c == 0)
			return false;
	}
	return true;
}

/* Unicode's White_Space, and the separators that servers strip as well. */
static bool
is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) ||
	    c == 0x85 || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202f || c == 0x205f || c == 0x3000;
}

bool
text_is_blank(struct bytes s)
{
	size_t i = 0;
	uint32_t c;

	while (i < s.len) {
		i += utf8_next((const unsigned char *)s.data + i, s.len - i,
		    &c);
		if (!is_space(c))
			return false;
	}
	return true;
}

static void
put(struct cleaner *k, const void *p, size_t n)
{
	if (k->returned)
		k->out->len = k->line;
	k->returned = false;
	buf_add(k->out, p, n);
}

/* A CR in front of it finds nothing left to overwrite. */
static void
put_line_end(struct cleaner *k)
{
	buf_putc(k->out, '\n');
	k->line = k->out->len;
}

static void
skip_range(struct cleaner *k, unsigned char low, unsigned char high)
{
	while (k->at < k->end && *k->at >= low && *k->at <= high)
		k->at++;
}

/* At most one byte of the range. */
static void
skip_one(struct cleaner *k, unsigned char low, unsigned char high)
{
	if (k->at < k->end && *k->at >= low && *k->at <= high)
		k->at++;
}

/* Parameters, intermediates, final; a malformed one ends where it breaks. */
static void
skip_csi(struct cleaner *k)
{
	skip_range(k, 0x30, 0x3f);
	skip_range(k, 0x20, 0x2f);
	skip_one(k, 0x40, 0x7e);
}

static bool
is_c1(const struct cleaner *k)
{
	return k->end - k->at >= 2 && k->at[0] == 0xc2 &&
	    k->at[1] >= 0x80 && k->at[1] <= 0x9f;
}

/*
 * To the terminator: ST, or BEL as xterm allows, or CAN and SUB, which abort.
 * What begins something new ends it too, and so does the end of the line: else
 * one stray introducer in binary noise would swallow all that follows.
 */
static void
skip_string(struct cleaner *k)
{
	for (; k->at < k->end; k->at++) {
		if (*k->at == '\n' || *k->at == ESC || is_c1(k))
			break;
		if (*k->at == '\a' || *k->at == 0x18 || *k->at == 0x1a) {
			k->at++;
			return;
		}
	}
}

static void
skip_sequence(struct cleaner *k, unsigned opener)
{
	switch (opener) {
	case OPEN_CSI:
		skip_csi(k);
		break;
	case OPEN_DCS:
	case OPEN_SOS:
	case OPEN_OSC:
	case OPEN_PM:
	case OPEN_APC:
		skip_string(k);
		break;
	}
}

/* The ST behind a string is a two-byte escape that goes by itself. */
static void
clean_escape(struct cleaner *k)
{
	unsigned char c;

	skip_range(k, ESC, ESC);
	if (k->at == k->end)
		return;
	c = *k->at;
	if (c >= 0x20 && c <= 0x2f) {
		skip_range(k, 0x20, 0x2f);
		skip_one(k, 0x30, 0x7e);
	} else if (c >= 0x30 && c <= 0x7e) {
		k->at++;
		skip_sequence(k, c);
	}
}

/* Invisible, or visible where it is not: what is read is not what is there. */
static bool
is_deceptive(uint32_t c)
{
	return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	    (c >= 0xe0000 && c <= 0xe007f);
}

static void
clean_wide(struct cleaner *k)
{
	const unsigned char *start = k->at;
	uint32_t c;

	k->at += utf8_next(k->at, (size_t)(k->end - k->at), &c);
	if (c == UTF8_BAD || is_deceptive(c))
		put(k, REPLACEMENT, strlen(REPLACEMENT));
	else if (c >= 0xa0)
		put(k, start, (size_t)(k->at - start));
	else
		skip_sequence(k, c - 0x40);
}

static bool
is_plain(unsigned char c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t';
}

static void
clean_plain(struct cleaner *k)
{
	const unsigned char *start = k->at;

	while (k->at < k->end && is_plain(*k->at))
		k->at++;
	put(k, start, (size_t)(k->at - start));
}

/*
 * A CR acts when something follows it on its line: progress that was printed
 * with a CR behind it is still the last thing that stood there.
 */
void
text_clean(struct buf *b, struct bytes raw)
{
	struct cleaner k = { .out = b, .line = b->len };
	unsigned char c;

	if (raw.len == 0)
		return;
	k.at = (const unsigned char *)raw.data;
	k.end = k.at + raw.len;

	while (k.at < k.end) {
		c = *k.at;
		if (is_plain(c)) {
			clean_plain(&k);
			continue;
		}
		if (c >= 0x80) {
			clean_wide(&k);
			continue;
		}
		k.at++;
		if (c == '\n')
			put_line_end(&k);
		else if (c == '\r')
			k.returned = true;
		else if (c == ESC)
			clean_escape(&k);
	}
}

/*
 * Where the character starts that a cut at `at` would go through; at, if
 * there is none.
 */
static size_t
cut_start(struct bytes s, size_t at)
{
	size_t back;

	for (back = 1; back <= 3 && back <= at; back++) {
		if (utf8_is_inner(s.data[at - back]))
			continue;
		if (utf8_size((unsigned char)s.data[at - back]) > back)
			return at - back;
		break;
	}
	return at;
}

size_t
text_prefix(struct bytes s, size_t max)
{
	if (s.len <= max)
		return s.len;
	if (!utf8_is_inner(s.data[max]))
		return max;
	return cut_start(s, max);
}

size_t
text_suffix(struct bytes s, size_t max)
{
	size_t at, end;

	if (s.len <= max)
		return 0;
	at = s.len - max;
	if (at == s.len || !utf8_is_inner(s.data[at]))
		return at;
	if ((end = cut_start(s, at)) == at)
		return at;
	end += utf8_size((unsigned char)s.data[end]);
	while (at < s.len && at < end && utf8_is_inner(s.data[at]))
		at++;
	return at;
}

static void
clean_both(struct buf *b, struct bytes head, struct bytes tail)
{
	struct buf whole = { 0 };

	buf_add_bytes(&whole, head);
	buf_add_bytes(&whole, tail);
	text_clean(b, buf_bytes(&whole));
	buf_fini(&whole);
}

/* What is behind the cut is not here: only a character's size tells. */
static struct bytes
whole_head(struct bytes head)
{
	head.len = cut_start(head, head.len);
	return head;
}

static struct bytes
whole_tail(struct bytes tail)
{
	int i;

	for (i = 0; i < 3 && tail.len > 0 && utf8_is_inner(*tail.data); i++) {
		tail.data++;
		tail.len--;
	}
	return tail;
}

void
text_window(struct buf *b, struct bytes head, struct bytes tail,
    uint64_t total)
{
	size_t start = b->len;

	assert(head.len + tail.len <= total);
	if (head.len + tail.len == total) {
		clean_both(b, head, tail);
		return;
	}
	head = whole_head(head);
	tail = whole_tail(tail);
	text_clean(b, head);
	if (b->len > start && b->data[b->len - 1] != '\n')
		buf_putc(b, '\n');
	buf_printf(b, "[... %" PRIu64 " of %" PRIu64 " bytes left out ...]\n",
	    total - head.len - tail.len, total);
	text_clean(b, tail);
}

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	}
	return NULL;
}

void
text_escape(struct buf *b, struct bytes s)
{
	size_t i, run = 0;
	const char *e;

	for (i = 0; i < s.len; i++) {
		if ((e = entity(s.data[i])) == NULL)
			continue;
		buf_add(b, s.data + run, i - run);
		buf_puts(b, e);
		run = i + 1;
	}
	if (run < s.len)
		buf_add(b, s.data + run, s.len - run);
}
