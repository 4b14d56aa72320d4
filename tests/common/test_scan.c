#include "scan.h"

#include <criterion/criterion.h>
#include <msgpack.h>

struct sample {
	struct bytes	bytes;
	enum scan_type	type;
	uint64_t	number;
};

#define SANE(type, number, s)	{ { s, sizeof(s) - 1 }, SCAN_##type, number }
#define INSANE(s)		{ s, sizeof(s) - 1 }

/* STR and BIN: the number is their length. */
static const struct sample sane[] = {
	SANE(UINT, 0, "\x00"), SANE(UINT, 127, "\x7f"),
	SANE(UINT, 255, "\xcc\xff"), SANE(UINT, 0x102, "\xcd\x01\x02"),
	SANE(UINT, 0x1020304, "\xce\x01\x02\x03\x04"),
	SANE(UINT, UINT64_MAX, "\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
	SANE(UINT, 5, "\xcf\0\0\0\0\0\0\0\x05"),
	SANE(BOOL, 0, "\xc2"), SANE(BOOL, 1, "\xc3"),
	SANE(STR, 0, "\xa0"), SANE(STR, 3, "\xa3" "abc"),
	SANE(STR, 31, "\xbf" "0123456789012345678901234567890"),
	SANE(STR, 3, "\xd9\x03" "abc"), SANE(STR, 3, "\xda\0\x03" "abc"),
	SANE(STR, 3, "\xdb\0\0\0\x03" "abc"), SANE(STR, 0, "\xd9\0"),
	SANE(BIN, 2, "\xc4\x02" "ab"), SANE(BIN, 2, "\xc5\0\x02" "ab"),
	SANE(BIN, 2, "\xc6\0\0\0\x02" "ab"), SANE(BIN, 0, "\xc4\0"),
	SANE(ARRAY, 0, "\x90"), SANE(ARRAY, 0, "\xdc\0\0"),
	SANE(ARRAY, 0, "\xdd\0\0\0\0"),
};

#define NSANE	(sizeof(sane) / sizeof(sane[0]))

static const struct bytes insane[] = {
	INSANE(""),
	/* Headers that lie: five bytes that would reserve gigabytes. */
	INSANE("\xdd\xff\xff\xff\xff"), INSANE("\xdf\xff\xff\xff\xff"),
	INSANE("\xdd\x7f\xff\xff\xff"), INSANE("\xdf\x80\0\0\0"),
	INSANE("\xdd\0\0\0\x02\x01"), INSANE("\xdc\xff\xff"),
	INSANE("\x9f"), INSANE("\x91"), INSANE("\xdb\xff\xff\xff\xff"),
	INSANE("\xc6\xff\xff\xff\xff"), INSANE("\xdb\xff\xff\xff\xff" "abc"),
	INSANE("\xa3" "ab"),
	/* Types that no frame has. */
	INSANE("\xc0"), INSANE("\xc1"), INSANE("\xff"), INSANE("\xe0"),
	INSANE("\xd0\xff"), INSANE("\xd1\xff\xff"), INSANE("\xd2\xff\0\0\0"),
	INSANE("\xd3\x80\0\0\0\0\0\0\0"),
	INSANE("\xca\x7f\xc0\0\0"),			/* NaN */
	INSANE("\xcb\x7f\xf8\0\0\0\0\0\0"), INSANE("\xcb\x3f\xf0\0\0\0\0\0\0"),
	INSANE("\x80"), INSANE("\x81\x01\x01"), INSANE("\xde\0\0"),
	INSANE("\xd4\0\0"), INSANE("\xd5\0\0\0"), INSANE("\xd6\0\0\0\0\0"),
	INSANE("\xd8\0" "0123456789abcdef"), INSANE("\xc7\0\0"),
	INSANE("\xc8\0\0\0"), INSANE("\xc9\0\0\0\0\0"),
};

Test(scan, a_value_is_what_its_bytes_say)
{
	struct scan_value v;
	struct bytes rest;
	size_t i;

	for (i = 0; i < NSANE; i++) {
		rest = sane[i].bytes;
		cr_assert(scan_next(&rest, &v), "sample %zu", i);
		cr_expect_eq(v.type, sane[i].type, "sample %zu", i);
		cr_expect_eq(v.number, sane[i].number, "sample %zu", i);
		cr_expect_eq(rest.len, 0, "sample %zu", i);
		if (v.type != SCAN_STR && v.type != SCAN_BIN)
			continue;
		cr_expect_eq(v.bytes.len, v.number, "sample %zu", i);
		cr_expect_eq(v.bytes.data + v.bytes.len, rest.data);
	}
}

Test(scan, a_lie_and_what_no_frame_has_are_not_taken)
{
	struct scan_value v;
	struct bytes rest;
	size_t i;

	for (i = 0; i < sizeof(insane) / sizeof(insane[0]); i++) {
		rest = insane[i];
		cr_expect_not(scan_next(&rest, &v), "sample %zu", i);
	}
}

Test(scan, a_value_cut_at_any_byte_is_not_taken)
{
	struct scan_value v;
	struct bytes rest;
	size_t i, cut;

	for (i = 0; i < NSANE; i++) {
		for (cut = 0; cut < sane[i].bytes.len; cut++) {
			rest = (struct bytes){ sane[i].bytes.data, cut };
			cr_expect_not(scan_next(&rest, &v),
			    "sample %zu, %zu bytes", i, cut);
		}
	}
}

Test(scan, nesting_costs_no_stack)
{
	static char deep[10000];
	struct bytes rest = { deep, sizeof(deep) };
	struct scan_value v;
	size_t i;

	memset(deep, '\x91', sizeof(deep));
	for (i = 1; i < sizeof(deep); i++) {
		cr_assert(scan_next(&rest, &v));
		cr_assert_eq(v.type, SCAN_ARRAY);
	}
	cr_assert_not(scan_next(&rest, &v));
}

/* Every first byte, with much and with nothing behind it. */
Test(scan, every_first_byte_is_read_as_msgpack_c_reads_it)
{
	char bytes[300] = { 0 };
	struct scan_value v;
	struct bytes rest;
	msgpack_unpacked u;
	size_t off;
	int first;
	bool ours;

	msgpack_unpacked_init(&u);
	for (first = 0; first < 256; first++) {
		bytes[0] = (char)first;
		rest = (struct bytes){ bytes, sizeof(bytes) };
		ours = scan_next(&rest, &v);
		off = 0;
		if (msgpack_unpack_next(&u, bytes, sizeof(bytes), &off) !=
		    MSGPACK_UNPACK_SUCCESS) {
			cr_expect_not(ours, "0x%02x", first);
			continue;
		}
		if (!ours || v.type == SCAN_ARRAY)
			continue;
		cr_expect_eq(sizeof(bytes) - rest.len, off, "0x%02x", first);
		if (v.type == SCAN_UINT)
			cr_expect_eq(u.data.via.u64, v.number);
	}
	msgpack_unpacked_destroy(&u);
}

static void
pack_all(msgpack_sbuffer *b)
{
	msgpack_packer pk;
	unsigned i;

	msgpack_packer_init(&pk, b, msgpack_sbuffer_write);
	msgpack_pack_array(&pk, 64);
	for (i = 0; i < 64; i++)
		msgpack_pack_uint64(&pk, (uint64_t)1 << i);
}

Test(scan, what_msgpack_c_packs_is_read)
{
	struct scan_value v;
	struct bytes rest;
	msgpack_sbuffer b;
	unsigned i;

	msgpack_sbuffer_init(&b);
	pack_all(&b);
	rest = (struct bytes){ b.data, b.size };
	cr_assert(scan_next(&rest, &v));
	cr_assert_eq(v.number, 64);
	for (i = 0; i < 64; i++) {
		cr_assert(scan_next(&rest, &v));
		cr_assert_eq(v.number, (uint64_t)1 << i);
	}
	cr_assert_eq(rest.len, 0);
	msgpack_sbuffer_destroy(&b);
}
