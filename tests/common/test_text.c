#include "text.h"

#include <criterion/criterion.h>

#define FFFD	"\xef\xbf\xbd"

struct sample {
	const char	*what;
	struct bytes	 raw;
	const char	*clean;
};

#define CLEAN(what, raw, clean)	{ what, { raw, sizeof(raw) - 1 }, clean }

static const struct sample samples[] = {
	CLEAN("nothing", "", ""),
	CLEAN("plain text", "a b\tc\nd\n", "a b\tc\nd\n"),
	CLEAN("all scripts", "\u00e9\u4f60\U0001f600", "\u00e9\u4f60\U0001f600"),

	CLEAN("NUL goes", "a\0b\0", "ab"),
	CLEAN("C0 goes", "a\x01\x02\a\b\v\f\x0e\x1a\x1c\x1f" "b", "ab"),
	CLEAN("DEL goes", "a\x7f" "b", "ab"),
	CLEAN("C1 goes", "a\u00a0\xc2\x85" "c\xc2\x80z\xc2\x9f", "a\u00a0cz"),

	CLEAN("a stray byte", "a\x80z\xffz", "a" FFFD "z" FFFD "z"),
	CLEAN("a raw 8-bit CSI is no UTF-8", "\x9b" "31m", FFFD "31m"),
	CLEAN("an overlong NUL", "\xc0\x80", FFFD FFFD),
	CLEAN("a surrogate", "\xed\xa0\x80", FFFD FFFD FFFD),
	CLEAN("beyond Unicode", "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD),
	CLEAN("cut short, one piece", "\xe2\x82z\xf0\x9f\x98", FFFD "z" FFFD),
	CLEAN("an escape cuts a character", "\xc3\x1b[m\xa9", FFFD FFFD),

	CLEAN("CSI", "\x1b[31mred\x1b[0m", "red"),
	CLEAN("CSI with everything", "\x1b[?25;1:2$|\x1b[>4;2mx", "x"),
	CLEAN("CSI, C1", "\xc2\x9b" "31mred\xc2\x9bm", "red"),
	CLEAN("CSI, cut", "a\x1b[31", "a"),
	CLEAN("CSI, C1, cut", "a\xc2\x9b", "a"),
	CLEAN("CSI, broken by a line", "\x1b[31\nm", "\nm"),
	CLEAN("CSI, broken by a character", "\x1b[3\u00e9", "\u00e9"),
	CLEAN("CSI, broken by another", "\x1b[3\x1b[4mx", "x"),

	CLEAN("OSC, BEL", "\x1b]0;title\atext", "text"),
	CLEAN("OSC, ST", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
	CLEAN("OSC, C1", "\xc2\x9d" "0;title\xc2\x9ctext", "text"),
	CLEAN("OSC, mixed", "\x1b]0;\xc2\x9ctext\xc2\x9d" "0;\x1b\\.", "text."),
	CLEAN("OSC, C1, BEL", "\xc2\x9d" "0;t\atext", "text"),
	CLEAN("OSC with characters", "\x1b]0;\u00e9\u4f60\atext", "text"),
	CLEAN("OSC, aborted", "\x1b]0;t\x18text\x1b]0;t\x1atext", "texttext"),
	CLEAN("OSC, cut", "text\x1b]0;title", "text"),
	CLEAN("OSC without an end costs one line", "a\x1b]0;b\nc\n", "a\nc\n"),
	CLEAN("OSC, broken by another", "\x1b]0;t\x1b[31mred", "red"),
	CLEAN("DCS", "\x1bPq#0;2\x1b\\text", "text"),
	CLEAN("DCS, C1", "\xc2\x90q#0;2\xc2\x9ctext", "text"),
	CLEAN("APC", "\x1b_Gf=32;AAAA\x1b\\text", "text"),
	CLEAN("APC, C1", "\xc2\x9fGf=32\xc2\x9ctext", "text"),
	CLEAN("PM", "\x1b^private\x1b\\text", "text"),
	CLEAN("PM, C1", "\xc2\x9eprivate\xc2\x9ctext", "text"),
	CLEAN("SOS", "\x1bXsome\x1b\\text", "text"),
	CLEAN("SOS, C1", "\xc2\x98some\xc2\x9ctext", "text"),

	CLEAN("two bytes", "\x1b" "7\x1b" "8\x1b=\x1b>\x1b" "Mx\x1b" "c", "x"),
	CLEAN("two bytes and one between", "\x1b(B\x1b)0\x1b#8x\x1b %Gy", "xy"),
	CLEAN("ESC alone", "a\x1b", "a"),
	CLEAN("ESC before a line's end", "a\x1b\nb", "a\nb"),
	CLEAN("ESC before a character", "\x1b\u00e9", "\u00e9"),
	CLEAN("ESC twice", "\x1b\x1b[31mx", "x"),

	CLEAN("CR LF", "a\r\nb\r\n", "a\nb\n"),
	CLEAN("CR CR LF", "a\r\r\nb", "a\nb"),
	CLEAN("overwritten", "10%\r50%\r100%\n", "100%\n"),
	CLEAN("overwritten by less", "long line\rX\n", "X\n"),
	CLEAN("overwritten by nothing yet", "a\n50%\r", "a\n50%"),
	CLEAN("overwritten after an erase", "50%\r\x1b[K", "50%"),
	CLEAN("only its own line", "a\nb\rc\nd", "a\nc\nd"),
	CLEAN("CR first", "\rx", "x"),
	CLEAN("overwritten by what is invalid", "abc\r\xff", FFFD),
	CLEAN("overwritten by a blank", "abc\r\tx", "\tx"),

	CLEAN("bidi", "a\u202a\u202b\u202c\u202d\u202eb",
	    "a" FFFD FFFD FFFD FFFD FFFD "b"),
	CLEAN("bidi isolates", "\u2066\u2067\u2068\u2069", FFFD FFFD FFFD FFFD),
	CLEAN("beside bidi", "\u2029\u202f\u2065\u206a",
	    "\u2029\u202f\u2065\u206a"),
	CLEAN("tags", "\U000e0000\U000e0041\U000e007f", FFFD FFFD FFFD),
	CLEAN("beside tags", "\U000dffff\U000e0080", "\U000dffff\U000e0080"),
};

#define NSAMPLES	(sizeof(samples) / sizeof(samples[0]))

static struct buf	b;

static void
teardown(void)
{
	buf_fini(&b);
}

TestSuite(text, .fini = teardown);

static const char *
cleaned(struct bytes raw)
{
	buf_reset(&b);
	text_clean(&b, raw);
	return b.data == NULL ? "" : b.data;
}

Test(text, cleaning_does_what_the_table_says)
{
	size_t i;

	for (i = 0; i < NSAMPLES; i++)
		cr_expect_str_eq(cleaned(samples[i].raw), samples[i].clean,
		    "%s: '%s'", samples[i].what, b.data);
}

Test(text, cleaned_text_is_valid_and_clean)
{
	struct buf again = { 0 };
	size_t i, cut;

	for (i = 0; i < NSAMPLES; i++) {
		for (cut = 0; cut <= samples[i].raw.len; cut++) {
			cleaned((struct bytes){ samples[i].raw.data, cut });
			cr_expect(text_is_valid(buf_bytes(&b)));
			buf_reset(&again);
			text_clean(&again, buf_bytes(&b));
			cr_expect_eq(again.len, b.len, "%s", samples[i].what);
		}
	}
	buf_fini(&again);
}

Test(text, cleaning_adds_and_a_return_stays_within_what_it_added)
{
	text_clean(&b, BYTES("kept"));
	text_clean(&b, BYTES("gone\rnew"));
	cr_assert_str_eq(b.data, "keptnew");
}

Test(text, validity_is_rfc_3629_without_nul)
{
	static const struct sample bad[] = {
		CLEAN("NUL", "a\0", ""), CLEAN("cut", "\xe2\x82", ""),
		CLEAN("stray", "12345678\x80", ""),
		CLEAN("overlong", "\xe0\x80\xaf", ""),
		CLEAN("surrogate", "\xed\xbf\xbf", ""),
		CLEAN("beyond", "\xf5\x80\x80\x80", ""),
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(text_is_valid(bad[i].raw), "%s", bad[i].what);
	cr_expect(text_is_valid((struct bytes){ NULL, 0 }));
	cr_expect(text_is_valid(BYTES("12345678" "1234567\u00e9\U0010ffff")));
	cr_expect(text_is_valid(BYTES("\x01\x7f\u00a0 controls are, too")));
}

/* One odd byte at each place of texts that are longer than any stride. */
Test(text, validity_looks_at_every_byte)
{
	static const char odd[] = "\0\x80\xff\xc3";
	char s[100];
	size_t len, at, i;

	memset(s, 'x', sizeof(s));
	for (len = 1; len <= sizeof(s); len++) {
		cr_assert(text_is_valid((struct bytes){ s, len }));
		for (at = 0; at < len; at++) {
			for (i = 0; i < 4; i++) {
				s[at] = odd[i];
				if (text_is_valid((struct bytes){ s, len }))
					cr_assert_fail("%zu of %zu", at, len);
			}
			s[at] = 'x';
		}
	}
}

Test(text, blank_is_what_a_server_would_strip)
{
	cr_expect(text_is_blank(BYTES("")));
	cr_expect(text_is_blank(BYTES(" \t\r\n\v\f\u00a0\u2003\u3000\u2028")));
	cr_expect_not(text_is_blank(BYTES(" \n.")));
	cr_expect_not(text_is_blank(BYTES(" \xff")));
	cr_expect_not(text_is_blank(BYTES("\u200b")));
	cr_expect_not(text_is_blank(BYTES("\0")));
}

Test(text, a_prefix_and_a_suffix_cut_no_character)
{
	static const char s[] = "a\u00e9\u4f60\U0001f600z";
	const struct bytes all = BYTES(s);
	/* For each limit, the longest that is whole. */
	static const size_t prefix[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11,
	    11 };
	static const size_t suffix[] = { 11, 10, 10, 10, 10, 6, 6, 6, 3, 3, 1,
	    0, 0 };
	size_t max;

	for (max = 0; max <= 12; max++) {
		cr_expect_eq(text_prefix(all, max), prefix[max], "%zu", max);
		cr_expect_eq(text_suffix(all, max), suffix[max], "%zu", max);
	}
}

Test(text, what_is_no_character_may_be_cut_anywhere)
{
	static const char s[] = "\x80\x80\x80\x80\x80\x80\x80\x80";
	const struct bytes all = BYTES(s);
	size_t max;

	for (max = 0; max <= 8; max++) {
		cr_expect_eq(text_prefix(all, max), max);
		cr_expect_eq(text_suffix(all, max), 8 - max);
	}
	cr_expect_eq(text_prefix((struct bytes){ NULL, 0 }, 5), 0);
	cr_expect_eq(text_suffix((struct bytes){ NULL, 0 }, 0), 0);
}

static const char *
window(struct bytes all, size_t head, size_t tail)
{
	buf_reset(&b);
	text_window(&b, (struct bytes){ all.data, head },
	    (struct bytes){ all.data + all.len - tail, tail }, all.len);
	return b.data;
}

/* Every split of a text of all character sizes, with and without a gap. */
Test(text, a_window_never_shows_half_a_character)
{
	static const char s[] = "a\u00e9\u4f60\U0001f600z"
	    "\U0001f600\u4f60\u00e9a";
	const struct bytes all = BYTES(s);
	size_t head, tail, left;
	uint64_t said;
	const char *line;

	for (head = 0; head <= all.len; head++) {
		for (tail = 0; head + tail < all.len; tail++) {
			window(all, head, tail);
			cr_assert_null(strstr(b.data, FFFD), "%zu, %zu", head,
			    tail);
			cr_assert_not_null(line = strstr(b.data, "[..."));
			cr_assert_eq(sscanf(line, "[... %ju of", &said), 1);
			left = text_prefix(all, head) +
			    (all.len - text_suffix(all, tail));
			cr_assert_eq(said, all.len - left);
		}
		cr_assert_str_eq(window(all, head, all.len - head), s);
	}
}

Test(text, a_window_counts_what_is_left_out_on_a_line_of_its_own)
{
	text_window(&b, BYTES("head\nha"), BYTES("lf\ntail\n"), 1000014);
	cr_assert_str_eq(b.data, "head\nha\n"
	    "[... 999999 of 1000014 bytes left out ...]\nlf\ntail\n");
	buf_reset(&b);
	text_window(&b, BYTES("head\n"), BYTES(""), 6);
	cr_assert_str_eq(b.data, "head\n[... 1 of 6 bytes left out ...]\n");
	buf_reset(&b);
	text_window(&b, BYTES(""), BYTES("tail"), UINT64_MAX);
	cr_assert_str_eq(b.data,
	    "[... 18446744073709551611 of 18446744073709551615 bytes left "
	    "out ...]\ntail");
	buf_reset(&b);
	text_window(&b, BYTES("he"), BYTES("ad"), 4);
	cr_assert_str_eq(b.data, "head");
}

Test(text, a_window_is_cleaned_after_it_is_cut)
{
	text_window(&b, BYTES("a\x1b[3"), BYTES("\xa9z\xff"), 100);
	cr_assert_str_eq(b.data, "a\n[... 94 of 100 bytes left out ...]\nz"
	    FFFD);
	buf_reset(&b);
	text_window(&b, BYTES("a\x1b[3"), BYTES("1mz"), 7);
	cr_assert_str_eq(b.data, "az");
}

Test(text, an_escaped_text_cannot_close_an_envelope)
{
	text_escape(&b, BYTES("</task-event>\"&amp;'\u00e9"));
	cr_assert_str_eq(b.data,
	    "&lt;/task-event&gt;&quot;&amp;amp;'\u00e9");
	text_escape(&b, (struct bytes){ NULL, 0 });
	text_escape(&b, BYTES("plain"));
	cr_assert_not_null(strstr(b.data, "\u00e9plain"));
}
