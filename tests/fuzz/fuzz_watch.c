/*
 * Any pattern that a model writes, and any output of its task, in pieces: the
 * first line is the pattern, the first byte says where the rest is cut.
 */
#include <string.h>

#include "fuzz.h"
#include "text.h"
#include "watch.h"

#define CUT	4096	/* of a pattern's output: each byte may be a new state */

const struct bytes fuzz_seeds[] = {
	SEED("\x05" "ready\nnot yet\nready\nhalf"),
	SEED("\x03" "^(a|b)*c+$\nabababc\r\nab\x1b[1mc\n\xff\xfe\n"),
	SEED("\x01" "[[:digit:]]+%\n10%\r50%\r99%\n\0\0 7%\n"),
	SEED("\x09" "((a+)+)+$\naaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n"),
	SEED("\x02" "[]^-]x|\\.|(\xc3\xa9)*y\n]x\n.\n\xc3\xa9y\n"),
	SEED("\x04" "(a)\\1\naa\n"),
	SEED("\x04" "a{2}\naa\n"),
	{ NULL, 0 }
};

static struct bytes
behind(struct bytes s, size_t n)
{
	return (struct bytes){ s.data + n, s.len - n };
}

static void
check_report(const struct watch_report *r)
{
	CHECK(r->watch == 0 && r->count > 0);
	CHECK(r->line.len <= WATCH_SHOWN && text_is_valid(r->line));
	CHECK(memchr(r->line.data, '\n', r->line.len) == NULL);
}

/* How often it matched, in pieces of that size. */
static uint64_t
count(struct bytes pattern, struct bytes s, size_t size)
{
	struct watch w = { .n = 0 };
	struct watch_report r = { .count = 0 };
	size_t n;

	CHECK(watch_add(&w, pattern));
	for (; s.len > 0; s = behind(s, n)) {
		n = s.len < size ? s.len : size;
		watch_feed(&w, WATCH_OUT, (struct bytes){ s.data, n });
	}
	watch_end(&w, WATCH_OUT);
	if (watch_take(&w, UINT64_MAX, &r))
		check_report(&r);
	watch_fini(&w);
	return r.count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes s = { (const char *)data + 1, len - 1 }, pattern;
	const char *end;
	uint64_t whole;

	if (len == 0)
		return 0;
	end = s.len == 0 ? NULL : memchr(s.data, '\n', s.len);
	pattern = end == NULL ? s : (struct bytes){ s.data,
	    (size_t)(end - s.data) };
	if (pattern_check(pattern) != NULL || end == NULL)
		return 0;
	CHECK(pattern.len <= PATTERN_MAX);
	s = behind(s, pattern.len + 1);
	if (s.len > CUT)
		s.len = CUT;
	whole = count(pattern, s, s.len + 1);
	CHECK(count(pattern, s, 1 + data[0]) == whole);
	CHECK(count(pattern, s, 1) == whole);
	return 0;
}
