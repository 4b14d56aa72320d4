#include "utf8.h"

size_t
utf8_size(unsigned char first)
{
	if (first < 0xc2 || first > 0xf4)
		return 1;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/*
 * The second byte alone tells overlong forms, surrogates and what is beyond
 * U+10FFFF from the rest.
 */
static int
is_second(unsigned char first, unsigned char c)
{
	unsigned char low = 0x80, high = 0xbf;

	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	return c >= low && c <= high;
}

size_t
utf8_next(const unsigned char *s, size_t len, uint32_t *c)
{
	size_t size = utf8_size(s[0]), i;
	uint32_t value = size == 1 ? s[0] : s[0] & (0x7fU >> size);

	*c = UTF8_BAD;
	if (size == 1 && s[0] >= 0x80)
		return 1;
	for (i = 1; i < size; i++) {
		if (i == len || (s[i] & 0xc0) != 0x80 ||
		    (i == 1 && !is_second(s[0], s[1])))
			return i;
		value = value << 6 | (s[i] & 0x3f);
	}
	*c = value;
	return size;
}
