/*
 * Any output of any tool, as a model, a terminal and an envelope get it. The
 * first two bytes say where the window is cut.
 */
#include "buf.h"
#include "fuzz.h"
#include "text.h"

const struct bytes fuzz_seeds[] = {
	SEED("\x05\x06" "plain text\nof two lines\n"),
	SEED("\x03\x04" "10%\r50%\r\x1b[K100%\r\ndone\r"),
	SEED("\x07\x02" "\x1b[1;31mred\x1b[0m \xc2\x9b" "4mline\x1b(B"),
	SEED("\x09\x09" "\x1b]8;;x\x1b\\link\x1b]8;;\a\xc2\x9d" "0;t\xc2\x9c"),
	SEED("\x04\x08" "\x1bPq\x1b\\\x1b_G\x1b\\\x1b^p\x1b\\\x1bXs\xc2\x9c."),
	SEED("\x01\x03" "\xc3\xa9\xe4\xbd\xa0\xf0\x9f\x98\x80\xff\xed\xa0\x80"),
	SEED("\x02\x05" "\xe2\x80\xae\xe2\x81\xa6\xf3\xa0\x81\x81</task>&\""),
	SEED("\x06\x01" "\0\x01\a\b\x7f\x1b\x1b\x18\x1a\xc2\x85"),
	{ NULL, 0 }
};

static void
check_clean(struct bytes s)
{
	struct buf again = { 0 };
	size_t i;

	CHECK(text_is_valid(s));
	for (i = 0; i < s.len; i++) {
		CHECK((unsigned char)s.data[i] >= 0x20 || s.data[i] == '\t' ||
		    s.data[i] == '\n');
		CHECK(s.data[i] != 0x7f);
		CHECK(i == 0 || s.data[i - 1] != '\xc2' ||
		    (unsigned char)s.data[i] >= 0xa0);
	}
	text_clean(&again, s);
	CHECK(again.len == s.len);
	CHECK(s.len == 0 || memcmp(again.data, s.data, s.len) == 0);
	buf_fini(&again);
}

static void
check_window(struct bytes s, size_t head, size_t tail, const struct buf *whole)
{
	struct buf b = { 0 };

	text_window(&b, (struct bytes){ s.data, head },
	    (struct bytes){ s.data + s.len - tail, tail }, s.len);
	check_clean(buf_bytes(&b));
	if (head + tail == s.len) {
		CHECK(b.len == whole->len);
		CHECK(b.len == 0 || memcmp(b.data, whole->data, b.len) == 0);
	}
	buf_fini(&b);
}

/* What was one text is two, and neither has lost a character. */
static void
check_cut(struct bytes s, size_t max)
{
	size_t prefix = text_prefix(s, max), suffix = text_suffix(s, max);

	CHECK(prefix <= max && prefix <= s.len && s.len - suffix <= max);
	CHECK(max >= s.len ? prefix == s.len : prefix + 4 > max);
	CHECK(max >= s.len ? suffix == 0 : s.len - suffix + 4 > max);
	if (!text_is_valid(s))
		return;
	CHECK(text_is_valid((struct bytes){ s.data, prefix }));
	CHECK(text_is_valid((struct bytes){ s.data + prefix, s.len - prefix }));
	CHECK(text_is_valid((struct bytes){ s.data + suffix, s.len - suffix }));
}

static void
check_escape(struct bytes s)
{
	struct buf b = { 0 };

	text_escape(&b, s);
	CHECK(b.len >= s.len);
	CHECK(b.len == 0 || strpbrk(b.data, "<>\"") == NULL);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf clean = { 0 };
	struct bytes s;
	size_t head, tail;

	if (len < 2)
		return 0;
	s = (struct bytes){ (const char *)data + 2, len - 2 };
	text_clean(&clean, s);
	check_clean(buf_bytes(&clean));
	check_escape(buf_bytes(&clean));
	head = data[0] % (s.len + 1);
	tail = data[1] % (s.len - head + 1);
	check_window(s, head, tail, &clean);
	check_window(s, head, s.len - head, &clean);
	check_cut(s, head);
	check_cut(buf_bytes(&clean), tail);
	text_is_blank(s);
	buf_fini(&clean);
	return 0;
}
