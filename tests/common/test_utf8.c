#include "utf8.h"

#include <criterion/criterion.h>
#include <string.h>

/* By the definition in RFC 3629, part 3, not by ranges of bytes. */
static size_t
encode(uint32_t c, unsigned char *s)
{
	size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

	if (size == 1) {
		s[0] = (unsigned char)c;
		return 1;
	}
	for (i = size; i-- > 1; c >>= 6)
		s[i] = 0x80 | (c & 0x3f);
	s[0] = (unsigned char)((0xf00 >> size) | c);
	return size;
}

Test(utf8, every_character_is_itself)
{
	unsigned char s[4];
	uint32_t c, got;
	size_t size;

	for (c = 0; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		size = encode(c, s);
		if (utf8_next(s, size, &got) != size || got != c ||
		    utf8_size(s[0]) != size)
			cr_assert_fail("U+%04X", c);
	}
}

Test(utf8, a_character_cut_short_is_bad_and_one_piece)
{
	static const uint32_t samples[] = { 0x80, 0x7ff, 0x800, 0xffff,
	    0x10000, 0x10ffff };
	unsigned char s[4];
	size_t i, cut, size;
	uint32_t got;

	for (i = 0; i < 6; i++) {
		size = encode(samples[i], s);
		for (cut = 1; cut < size; cut++) {
			cr_expect_eq(utf8_next(s, cut, &got), cut);
			cr_expect_eq(got, UTF8_BAD);
		}
	}
}

Test(utf8, what_is_no_character_is_bad)
{
	static const struct {
		const char	*bytes;
		size_t		 taken;
	} bad[] = {
		{ "\x80", 1 }, { "\xbf", 1 }, { "\xc0\x80", 1 },
		{ "\xc1\xbf", 1 }, { "\xe0\x80\x80", 1 }, { "\xe0\x9f\xbf", 1 },
		{ "\xed\xa0\x80", 1 }, { "\xed\xbf\xbf", 1 },
		{ "\xf0\x80\x80\x80", 1 }, { "\xf0\x8f\xbf\xbf", 1 },
		{ "\xf4\x90\x80\x80", 1 }, { "\xf5\x80\x80\x80", 1 },
		{ "\xfe", 1 }, { "\xff", 1 },
		{ "\xc3\x28", 1 }, { "\xe2\x28\xa1", 1 }, { "\xe2\x82\x28", 2 },
		{ "\xf0\x9f\x98\x28", 3 }, { "\xf0\x28\x8c\xbc", 1 },
	};
	size_t i;
	uint32_t got;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(utf8_next((const unsigned char *)bad[i].bytes,
		    strlen(bad[i].bytes), &got), bad[i].taken, "%zu", i);
		cr_expect_eq(got, UTF8_BAD, "%zu", i);
	}
}

/* Never nothing, never more than there is, and what is good is itself. */
Test(utf8, every_three_bytes_are_taken_by_somebody)
{
	unsigned char s[3];
	uint32_t n, got, back;
	size_t taken;

	for (n = 0; n < 1 << 24; n += n < 0x800000 ? 257 : 1) {
		s[0] = (unsigned char)(n >> 16);
		s[1] = (unsigned char)(n >> 8);
		s[2] = (unsigned char)n;
		taken = utf8_next(s, 3, &got);
		if (taken < 1 || taken > 3)
			cr_assert_fail("%06x", n);
		if (got == UTF8_BAD)
			continue;
		back = 0;
		memcpy(&back, s, taken);
		if (encode(got, s) != taken)
			cr_assert_fail("%06x", n);
		got = 0;
		memcpy(&got, s, taken);
		if (got != back)
			cr_assert_fail("%06x", n);
	}
}
