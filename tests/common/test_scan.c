#include "scan.h"

#include <criterion/criterion.h>
#include <stdint.h>

#include "buf.h"

#define MANY	((size_t)1 << 20)

struct sample {
	struct bytes	bytes;
	size_t		nvalues;	/* 0: insane */
};

#define SANE(n, s)	{ { s, sizeof(s) - 1 }, n }
#define INSANE(s)	{ { s, sizeof(s) - 1 }, 0 }

static const struct sample samples[] = {
	/* One of each type. */
	SANE(1, "\x00"), SANE(1, "\x7f"), SANE(1, "\xe0"), SANE(1, "\xff"),
	SANE(1, "\xc0"), SANE(1, "\xc2"), SANE(1, "\xc3"),
	SANE(1, "\xcc\xff"), SANE(1, "\xcd\x01\x02"),
	SANE(1, "\xce\x01\x02\x03\x04"),
	SANE(1, "\xcf\x01\x02\x03\x04\x05\x06\x07\x08"),
	SANE(1, "\xd0\xff"), SANE(1, "\xd1\x01\x02"),
	SANE(1, "\xd2\x01\x02\x03\x04"),
	SANE(1, "\xd3\x01\x02\x03\x04\x05\x06\x07\x08"),
	SANE(1, "\xca\x7f\xc0\x00\x00"),		/* NaN */
	SANE(1, "\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"),
	SANE(1, "\xa0"), SANE(1, "\xa3" "abc"),
	SANE(1, "\xd9\x03" "abc"), SANE(1, "\xda\x00\x03" "abc"),
	SANE(1, "\xdb\x00\x00\x00\x03" "abc"),
	SANE(1, "\xc4\x02" "ab"), SANE(1, "\xc5\x00\x02" "ab"),
	SANE(1, "\xc6\x00\x00\x00\x02" "ab"),
	SANE(1, "\x90"), SANE(1, "\x80"), SANE(1, "\xdc\x00\x00"),
	SANE(1, "\xdd\x00\x00\x00\x00"), SANE(1, "\xdf\x00\x00\x00\x00"),
	SANE(4, "\x93\x01\xa1x\xc0"), SANE(3, "\x81\xa1k\x01"),
	SANE(3, "\xdc\x00\x02\x01\x02"), SANE(3, "\xde\x00\x01\x01\x02"),
	SANE(6, "\x92\x92\x01\x02\x91\x03"),

	INSANE(""),
	/* Headers that lie: five bytes that would reserve gigabytes. */
	INSANE("\xdd\xff\xff\xff\xff"), INSANE("\xdf\xff\xff\xff\xff"),
	INSANE("\xdd\x7f\xff\xff\xff"), INSANE("\xdf\x80\x00\x00\x00"),
	INSANE("\xdc\xff\xff"), INSANE("\xde\xff\xff"),
	INSANE("\xdd\x00\x00\x00\x02\x01"), INSANE("\x9f"), INSANE("\x8f"),
	INSANE("\x81\x01"),
	INSANE("\xdb\xff\xff\xff\xff"), INSANE("\xc6\xff\xff\xff\xff"),
	INSANE("\xdb\xff\xff\xff\xff" "abc"), INSANE("\xa3" "ab"),
	/* Types that no frame has. */
	INSANE("\xc1"), INSANE("\xd4\x00\x00"), INSANE("\xd5\x00\x00\x00"),
	INSANE("\xd8\x00" "0123456789abcdef"), INSANE("\xc7\x00\x00"),
	INSANE("\xc8\x00\x00\x00"), INSANE("\xc9\x00\x00\x00\x00\x00"),
	INSANE("\x91\xd4\x00\x00"),
	/* Something behind. */
	INSANE("\xc0\xc0"), INSANE("\x90\x00"), INSANE("\xa1xx"),
};

#define NSAMPLES	(sizeof(samples) / sizeof(samples[0]))

Test(scan, tells_a_value_from_a_lie)
{
	size_t i;

	for (i = 0; i < NSAMPLES; i++)
		cr_expect_eq(scan_is_sane(samples[i].bytes, MANY),
		    samples[i].nvalues > 0, "sample %zu", i);
}

Test(scan, counts_every_value_against_the_budget)
{
	size_t i, n;

	for (i = 0; i < NSAMPLES; i++) {
		if ((n = samples[i].nvalues) == 0)
			continue;
		cr_expect(scan_is_sane(samples[i].bytes, n), "sample %zu", i);
		cr_expect_not(scan_is_sane(samples[i].bytes, n - 1),
		    "sample %zu", i);
	}
}

Test(scan, a_value_cut_at_any_byte_is_insane)
{
	size_t i, cut;

	for (i = 0; i < NSAMPLES; i++) {
		if (samples[i].nvalues == 0)
			continue;
		for (cut = 0; cut < samples[i].bytes.len; cut++)
			cr_expect_not(scan_is_sane((struct bytes){
			    samples[i].bytes.data, cut }, MANY),
			    "sample %zu, %zu bytes", i, cut);
	}
}

static bool
is_sane_nested(size_t depth, char opener, const char *pair)
{
	struct buf b = { 0 };
	size_t i;
	bool sane;

	for (i = 0; i < depth; i++) {
		buf_putc(&b, opener);
		buf_puts(&b, pair);
	}
	buf_putc(&b, '\x01');
	sane = scan_is_sane(buf_bytes(&b), MANY);
	buf_fini(&b);
	return sane;
}

Test(scan, depth_is_bounded)
{
	size_t depth;

	for (depth = 0; depth <= 10000; depth += depth < 40 ? 1 : 997) {
		cr_expect_eq(is_sane_nested(depth, '\x91', ""),
		    depth <= SCAN_DEPTH, "%zu arrays", depth);
		cr_expect_eq(is_sane_nested(depth, '\x81', "\x07"),
		    depth <= SCAN_DEPTH, "%zu maps", depth);
	}
}

Test(scan, a_wide_array_is_bounded_by_the_budget)
{
	struct buf b = { 0 };

	buf_add(&b, "\xdd\x00\x80\x00\x00", 5);
	memset(buf_room(&b, 8 << 20), '\xc0', 8 << 20);
	b.len += 8 << 20;
	cr_assert(scan_is_sane(buf_bytes(&b), (8 << 20) + 1));
	cr_assert_not(scan_is_sane(buf_bytes(&b), 32));
	buf_fini(&b);
}
