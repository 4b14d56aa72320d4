#include "scan.h"

#include <stdint.h>

/* What a first byte announces; the tables below are msgpack's specification. */
enum kind { PLAIN, BLOB, ARRAY, MAP, BAD };

struct head {
	enum kind	kind;
	unsigned	width;	/* bytes behind the first: a count, or the value */
	uint64_t	count;	/* where the first byte has it in itself */
};

struct cursor {
	const unsigned char	*at, *end;
};

static const struct head high[] = {	/* 0xc0 to 0xdf */
	{ PLAIN, 0, 0 }, { BAD, 0, 0 }, { PLAIN, 0, 0 }, { PLAIN, 0, 0 },
	{ BLOB, 1, 0 }, { BLOB, 2, 0 }, { BLOB, 4, 0 },		/* bin */
	{ BAD, 0, 0 }, { BAD, 0, 0 }, { BAD, 0, 0 },		/* ext */
	{ PLAIN, 4, 0 }, { PLAIN, 8, 0 },			/* float */
	{ PLAIN, 1, 0 }, { PLAIN, 2, 0 }, { PLAIN, 4, 0 }, { PLAIN, 8, 0 },
	{ PLAIN, 1, 0 }, { PLAIN, 2, 0 }, { PLAIN, 4, 0 }, { PLAIN, 8, 0 },
	{ BAD, 0, 0 }, { BAD, 0, 0 }, { BAD, 0, 0 },		/* fixext */
	{ BAD, 0, 0 }, { BAD, 0, 0 },
	{ BLOB, 1, 0 }, { BLOB, 2, 0 }, { BLOB, 4, 0 },		/* str */
	{ ARRAY, 2, 0 }, { ARRAY, 4, 0 }, { MAP, 2, 0 }, { MAP, 4, 0 },
};
_Static_assert(sizeof(high) / sizeof(high[0]) == 32, "0xc0 to 0xdf");

static struct head
head_of(unsigned char c)
{
	if (c < 0x80 || c >= 0xe0)			/* a small integer */
		return (struct head){ PLAIN, 0, 0 };
	if (c < 0x90)
		return (struct head){ MAP, 0, c & 0x0f };
	if (c < 0xa0)
		return (struct head){ ARRAY, 0, c & 0x0f };
	if (c < 0xc0)
		return (struct head){ BLOB, 0, c & 0x1f };
	return high[c - 0xc0];
}

static bool
skip(struct cursor *c, uint64_t n)
{
	if (n > (uint64_t)(c->end - c->at))
		return false;
	c->at += n;
	return true;
}

/* Takes one head; *inside is how many values it says follow within it. */
static bool
take(struct cursor *c, uint64_t *inside)
{
	struct head h;
	unsigned i;

	if (c->at == c->end)
		return false;
	h = head_of(*c->at++);
	if (h.kind == BAD || h.width > c->end - c->at)
		return false;
	for (i = 0; i < h.width && h.kind != PLAIN; i++)
		h.count = h.count << 8 | c->at[i];
	c->at += h.width;
	*inside = h.kind == ARRAY ? h.count : h.kind == MAP ? 2 * h.count : 0;
	if (*inside > (uint64_t)(c->end - c->at))
		return false;
	return h.kind != BLOB || skip(c, h.count);
}

bool
scan_is_sane(struct bytes b, size_t max)
{
	uint64_t left[SCAN_DEPTH + 1] = { 1 }, inside;
	struct cursor c;
	size_t depth = 0;

	if (b.len == 0)
		return false;
	c.at = (const unsigned char *)b.data;
	c.end = c.at + b.len;
	for (;;) {
		while (left[depth] == 0)
			if (depth-- == 0)
				return c.at == c.end;
		left[depth]--;
		if (max-- == 0 || !take(&c, &inside))
			return false;
		if (inside == 0)
			continue;
		if (++depth > SCAN_DEPTH)
			return false;
		left[depth] = inside;
	}
}
