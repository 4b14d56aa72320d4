#include "piece.h"

#include <criterion/criterion.h>

static const struct {
	const char	*in, *out;
} pieces[] = {
	{ "plain", "plain" },
	{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
	    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "a\tb\nc", "a\tb\nc" },
	{ "a\rb\x1b[0m\x07\x7f" "c", "ab[0mc" },
	{ "a\xc2\x9b" "b\xc2\xa0" "c", "ab\xc2\xa0" "c" },
	{ "a\xff" "b", "a\xef\xbf\xbd" "b" },
	{ "a\xe2\x82", "a\xef\xbf\xbd" },
	{ "\xe2\x82" "a", "\xef\xbf\xbd" "a" },
	{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xf0\x9f\xf0\x9f\x98\x80", "\xef\xbf\xbd\xf0\x9f\x98\x80" }
};

static void
pass(struct buf *out, struct bytes b, size_t first, size_t step)
{
	struct piece t = { { 0 } };
	size_t n = first;

	for (; b.len > 0; b.data += n, b.len -= n, n = step) {
		if (n > b.len)
			n = b.len;
		piece_add(&t, out, (struct bytes){ b.data, n });
	}
	piece_end(&t, out);
}

Test(piece, characters_are_whole_however_they_are_cut)
{
	struct buf out = { 0 };
	struct bytes b;
	size_t i, first;

	for (i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		b = bytes_of(pieces[i].in);
		for (first = 1; first <= b.len; first++) {
			buf_reset(&out);
			pass(&out, b, first, b.len);
			cr_expect_str_eq(out.data, pieces[i].out,
			    "case %zu cut at %zu", i, first);
		}
		buf_reset(&out);
		pass(&out, b, 1, 1);
		cr_expect_str_eq(out.data, pieces[i].out, "case %zu", i);
	}
	buf_fini(&out);
}

Test(piece, half_a_character_is_held_back)
{
	struct piece t = { { 0 } };
	struct buf out = { 0 };

	piece_add(&t, &out, BYTES("a\xf0\x9f"));
	cr_expect_str_eq(out.data, "a");
	piece_add(&t, &out, BYTES("\x98"));
	cr_expect_str_eq(out.data, "a");
	piece_add(&t, &out, BYTES("\x80z"));
	cr_expect_str_eq(out.data, "a\xf0\x9f\x98\x80z");
	buf_fini(&out);
}

Test(piece, every_byte_survives_mending)
{
	struct buf all = { 0 }, mended = { 0 }, back = { 0 };
	int c;

	for (c = 255; c >= 0; c--)
		if (c != '\\')
			buf_putc(&all, (char)c);
	piece_mend(&mended, buf_bytes(&all));
	piece_restore(&back, buf_bytes(&mended));
	cr_expect_eq(back.len, all.len);
	cr_expect_arr_eq(back.data, all.data, all.len);
	buf_fini(&all);
	buf_fini(&mended);
	buf_fini(&back);
}

static const struct {
	const char	*in, *out;
} escapes[] = {
	{ "\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\"" },
	{ "\"\\ud83d\"", "\"\xef\xbf\xbd\"" },
	{ "\"\\ud83d\\u0041\"", "\"\xef\xbf\xbd\\u0041\"" },
	{ "\"\\ude00\"", "\"\xef\xbf\xbd\"" },
	{ "\"\\\\ud83d\"", "\"\\\\ud83d\"" },
	{ "\\", "\\" },
	{ "\\ud8", "\\ud8" }
};

Test(piece, a_surrogate_alone_is_replaced)
{
	struct buf out = { 0 };
	size_t i;

	for (i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		buf_reset(&out);
		piece_mend(&out, bytes_of(escapes[i].in));
		cr_expect_str_eq(out.data, escapes[i].out, "case %zu", i);
	}
	buf_fini(&out);
}
