#include "scan.h"

#define NONE	0xff		/* no value of ours begins so */

struct head {
	unsigned char	type;
	unsigned char	width;	/* of the number, or the count, behind it */
};

/* What first bytes from 0xc0 on announce, by msgpack's specification. */
static const struct head heads[] = {
	{ NONE, 0 }, { NONE, 0 },			/* nil, never used */
	{ SCAN_BOOL, 0 }, { SCAN_BOOL, 0 },
	{ SCAN_BIN, 1 }, { SCAN_BIN, 2 }, { SCAN_BIN, 4 },
	{ NONE, 0 }, { NONE, 0 }, { NONE, 0 },		/* ext */
	{ NONE, 0 }, { NONE, 0 },			/* float */
	{ SCAN_UINT, 1 }, { SCAN_UINT, 2 }, { SCAN_UINT, 4 }, { SCAN_UINT, 8 },
	{ NONE, 0 }, { NONE, 0 }, { NONE, 0 }, { NONE, 0 },	/* signed */
	{ NONE, 0 }, { NONE, 0 }, { NONE, 0 }, { NONE, 0 },	/* fixext */
	{ NONE, 0 },
	{ SCAN_STR, 1 }, { SCAN_STR, 2 }, { SCAN_STR, 4 },
	{ SCAN_ARRAY, 2 }, { SCAN_ARRAY, 4 },
	{ NONE, 0 }, { NONE, 0 },			/* map */
};
_Static_assert(sizeof(heads) / sizeof(heads[0]) == 32, "0xc0 to 0xdf");

static struct bytes
take(struct bytes *rest, size_t n)
{
	struct bytes taken = { rest->data, n };

	rest->data += n;
	rest->len -= n;
	return taken;
}

static bool
take_number(struct bytes *rest, size_t width, uint64_t *n)
{
	struct bytes b;
	size_t i;

	if (width > rest->len)
		return false;
	b = take(rest, width);
	for (i = 0; i < width; i++)
		*n = *n << 8 | (unsigned char)b.data[i];
	return true;
}

/* The type, and as much of the number as the first byte holds. */
static struct head
head_of(unsigned char first, uint64_t *n)
{
	static const struct head none = { NONE, 0 }, number = { SCAN_UINT, 0 },
	    array = { SCAN_ARRAY, 0 }, str = { SCAN_STR, 0 };

	*n = first;
	if (first < 0x80)
		return number;
	if (first < 0x90 || first >= 0xe0)	/* a small map, or below zero */
		return none;
	*n = first & 0x0f;
	if (first < 0xa0)
		return array;
	*n = first & 0x1f;
	if (first < 0xc0)
		return str;
	*n = first == 0xc3;
	return heads[first - 0xc0];
}

bool
scan_next(struct bytes *rest, struct scan_value *v)
{
	struct head h;

	if (rest->len == 0)
		return false;
	h = head_of((unsigned char)*take(rest, 1).data, &v->number);
	if (h.type == NONE || !take_number(rest, h.width, &v->number))
		return false;
	v->type = (enum scan_type)h.type;
	if (v->type <= SCAN_BOOL)
		return true;
	if (v->number > rest->len)	/* a value is a byte at least */
		return false;
	if (v->type != SCAN_ARRAY)
		v->bytes = take(rest, (size_t)v->number);
	return true;
}
