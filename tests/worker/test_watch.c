#include "watch.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SECOND	1000000U

static struct watch	w;

static void
set_up(const char *pattern)
{
	cr_assert(watch_add(&w, bytes_of(pattern)));
}

static void
tear_down(void)
{
	watch_fini(&w);
}

TestSuite(watch, .fini = tear_down);

static void
feed(const char *s)
{
	watch_feed(&w, WATCH_OUT, bytes_of(s));
}

/* What is reported of the only pattern, or of the n-th. */
static void
expect(uint64_t now, size_t n, uint64_t count, const char *line)
{
	struct watch_report r;

	cr_assert(watch_take(&w, now, &r), "nothing, not %s", line);
	cr_expect_eq(r.watch, n);
	cr_expect_eq(r.count, count, "%ju times", (uintmax_t)r.count);
	cr_expect(bytes_is(r.line, line), "%.*s", (int)r.line.len,
	    r.line.data);
}

static void
expect_nothing(uint64_t now)
{
	struct watch_report r;

	cr_expect_not(watch_take(&w, now, &r));
}

static uint64_t	cost;		/* us, of each line and pattern */

static uint64_t
dear_clock(bool cpu)
{
	static uint64_t now[2];

	return now[cpu] += cost;
}

Test(watch, a_pattern_that_takes_too_long_is_given_up_and_that_is_said)
{
	size_t i;

	set_up("ready");
	set_up("never");
	w.clock = dear_clock;
	cost = 1500000;		/* one that is preempted: not its CPU */
	feed("short\n");
	cost = 2000;
	feed("short\n");
	expect_nothing(1);
	cost = 400000;
	for (i = 0; i < 3; i++)
		feed("ready\n");
	expect(1, 0, 3, WATCH_GIVEN_UP);
	expect(1, 1, 1, WATCH_GIVEN_UP);
	feed("ready\n");
	expect_nothing(SECOND + 1);
}

Test(watch, a_line_that_matches_is_reported)
{
	set_up("ready");
	feed("not yet\n");
	expect_nothing(1);
	cr_expect_eq(watch_due(&w), 0);
	feed("now ready to serve\nelse\n");
	cr_expect_neq(watch_due(&w), 0);
	expect(1, 0, 1, "now ready to serve");
	expect_nothing(1);
	cr_expect_eq(watch_due(&w), 0);
}

Test(watch, there_is_one_report_a_second_and_no_line_is_lost)
{
	uint64_t at;

	set_up("x");
	feed("x1\n");
	expect(5 * SECOND, 0, 1, "x1");
	feed("x2\nx3\n");
	expect_nothing(5 * SECOND + 1);
	feed("x4\n");
	at = watch_due(&w);
	cr_expect_geq(at, 6 * SECOND);
	cr_expect_leq(at, 6 * SECOND + 1);
	expect(at, 0, 3, "x4");
	feed("x5\n");
	expect(UINT64_MAX, 0, 1, "x5");
	expect_nothing(UINT64_MAX);
}

Test(watch, a_line_in_pieces_is_one_line)
{
	static const char text[] = "a whole line\r\nanother\n";
	size_t i;

	set_up("^a whole line$");
	for (i = 0; i < strlen(text); i++)
		watch_feed(&w, WATCH_OUT, (struct bytes){ text + i, 1 });
	expect(1, 0, 1, "a whole line");
}

Test(watch, streams_are_not_mixed)
{
	set_up("ab");
	feed("a");
	watch_feed(&w, WATCH_ERR, BYTES("b\nab\n"));
	expect(1, 0, 1, "ab");
	feed("b\n");
	expect(2 * SECOND, 0, 1, "ab");
}

Test(watch, a_last_line_needs_no_end)
{
	set_up("ready");
	feed("ready");
	expect_nothing(1);
	watch_end(&w, WATCH_OUT);
	watch_end(&w, WATCH_ERR);
	watch_end(&w, WATCH_OUT);
	expect(1, 0, 1, "ready");
}

Test(watch, each_pattern_counts_for_itself)
{
	int i;

	set_up("a");
	set_up("b");
	feed("a\nb\nab\n");
	expect(1, 0, 2, "ab");
	expect(1, 1, 2, "ab");
	for (i = 2; i < WATCH_MAX; i++)
		set_up("c");
	cr_expect_not(watch_add(&w, BYTES("d")), "too many");
	cr_expect_eq(w.n, WATCH_MAX);
}

Test(watch, what_is_no_pattern_has_its_number_and_is_never_seen)
{
	cr_expect(watch_add(&w, BYTES("[a")));
	cr_expect(watch_add(&w, BYTES("b")));
	feed("[a b\n");
	expect(1, 1, 1, "[a b");
}

Test(watch, lines_are_cleaned_before_they_are_looked_at)
{
	set_up("^ok [0-9]$");
	feed("\x1b[32mok\x1b[0m 1\r\n");
	expect(1, 0, 1, "ok 1");
	feed("10%\r99%\rok 2\n");
	expect(3 * SECOND, 0, 1, "ok 2");
	watch_feed(&w, WATCH_OUT, BYTES("o\0k 3\n"));
	expect(5 * SECOND, 0, 1, "ok 3");
}

Test(watch, an_endless_line_is_cut_and_the_next_one_is_whole)
{
	char *text = calloc(1, 300000);
	struct watch_report r;

	set_up("begin|end|next");
	memset(text, 'x', 299990);
	memcpy(text, "begin", 5);
	memcpy(text + 299900, "end\nnext\n", 9);
	text[299909] = '\0';
	feed(text);
	cr_assert(watch_take(&w, 1, &r));
	cr_expect_eq(r.count, 2);
	cr_expect(bytes_is(r.line, "next"));
	memcpy(text + 299900, "xxx\nnext\n", 9);
	watch_feed(&w, WATCH_OUT, (struct bytes){ text, 100000 });
	watch_feed(&w, WATCH_OUT, (struct bytes){ text + 100000, 199909 });
	cr_assert(watch_take(&w, UINT64_MAX, &r));
	cr_expect_eq(r.count, 2, "%ju", (uintmax_t)r.count);
	memcpy(text + 299900, "end\nxxxx\n", 9);
	memcpy(text, "bxxxx", 5);
	feed(text);
	cr_expect_not(watch_take(&w, UINT64_MAX, &r), "behind the cut");
	free(text);
}

Test(watch, what_is_shown_of_a_line_is_whole_characters)
{
	char text[2001];
	struct watch_report r;
	int i;

	set_up("x$");
	for (i = 0; i < 1998; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	memcpy(text + 1998, "x\n", 3);
	feed(text);
	cr_assert(watch_take(&w, 1, &r));
	cr_expect_eq(r.line.len, WATCH_SHOWN / 3 * 3);
}

static void
past(unsigned stream, const char *s, bool whole)
{
	watch_past(&w, stream, bytes_of(s), whole);
}

Test(watch, what_was_there_before_counts_once)
{
	set_up("ready");
	past(WATCH_OUT, "ready 1\nno\nrea", true);
	past(WATCH_ERR, "ready 2", true);
	expect(1, 0, 1, "ready 1");
	feed("dy 3\n");
	watch_feed(&w, WATCH_ERR, BYTES("\n"));
	expect(UINT64_MAX, 0, 2, "ready 2");
}

Test(watch, one_more_looks_back_without_the_others)
{
	set_up("ready");
	feed("ready 1\nrea");
	expect(1, 0, 1, "ready 1");
	set_up("re");
	past(WATCH_OUT, "ready 1\nrea", true);
	past(WATCH_ERR, "", true);
	expect(2 * SECOND, 1, 1, "ready 1");
	expect_nothing(2 * SECOND);
	feed("dy 2\n");
	expect(4 * SECOND, 0, 1, "ready 2");
	expect(4 * SECOND, 1, 1, "ready 2");
}

Test(watch, half_a_line_from_the_past_is_none)
{
	set_up("a");
	past(WATCH_OUT, "a of a longer one\nb\n", false);
	past(WATCH_ERR, "a no end of it", false);
	expect_nothing(1);
	watch_feed(&w, WATCH_ERR, BYTES("a\na\n"));
	expect(1, 0, 1, "a");
	watch_past(&w, WATCH_ERR, BYTES("a"), false);
	watch_end(&w, WATCH_ERR);
	expect_nothing(UINT64_MAX);
}

/* However it is cut into pieces, the same lines match. */
Test(watch, pieces_do_not_matter)
{
	static const char letters[] = "ab\n\r\x1b[\xc3\xa9";
	struct watch_report r;
	char text[20000];
	uint64_t once, n = 0;
	unsigned random = 7, round;
	size_t i, size;

	set_up("ab|ba");
	for (round = 0; round < 50; round++) {
		for (i = 0; i < sizeof(text); i++) {
			random = random * 1664525 + 1013904223;
			text[i] = letters[(random >> 16) % (round % 8 + 2)];
		}
		watch_feed(&w, WATCH_OUT, (struct bytes){ text, i });
		watch_feed(&w, WATCH_OUT, BYTES("\n"));
		once = watch_take(&w, UINT64_MAX, &r) ? r.count : 0;
		for (i = 0; i < sizeof(text); i += size) {
			random = random * 1664525 + 1013904223;
			size = 1 + (random >> 16) % 700;
			if (size > sizeof(text) - i)
				size = sizeof(text) - i;
			watch_feed(&w, WATCH_OUT,
			    (struct bytes){ text + i, size });
		}
		watch_feed(&w, WATCH_OUT, BYTES("\n"));
		n = watch_take(&w, UINT64_MAX, &r) ? r.count : 0;
		cr_assert_eq(n, once);
	}
	cr_expect_gt(n, 0);
}
