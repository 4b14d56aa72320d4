#include "progress.h"

#include <criterion/criterion.h>
#include <string.h>

static void
feed(struct progress *p, const char *s)
{
	progress_feed(p, bytes_of(s));
}

static void
expect(const char *line, unsigned percent, const char *text)
{
	struct progress p = { .len = 0 };

	feed(&p, line);
	feed(&p, "\n");
	cr_expect(p.fresh);
	cr_expect_eq(p.percent, percent, "%s: %u", line, p.percent);
	cr_expect(bytes_is(buf_bytes(&p.text), text), "%s: %s", line,
	    p.text.data);
	progress_fini(&p);
}

Test(progress, a_line_is_percent_and_text)
{
	expect("42 compiling", 42, "compiling");
	expect("0", 0, "");
	expect("100", 100, "");
	expect("  7\tblanks  ", 7, "blanks");
	expect("33% with a sign", 33, "with a sign");
	expect("99.9 nearly", 99, "nearly");
	expect("50\r", 50, "");
}

Test(progress, what_is_no_percent_is_text)
{
	expect("compiling", PROGRESS_NONE, "compiling");
	expect("101 dalmatians", PROGRESS_NONE, "101 dalmatians");
	expect("3com", PROGRESS_NONE, "3com");
	expect("-1", PROGRESS_NONE, "-1");
	expect("1234", PROGRESS_NONE, "1234");
	expect("5.", PROGRESS_NONE, "5.");
}

Test(progress, only_the_latest_counts_and_blank_lines_do_not)
{
	struct progress p = { .len = 0 };

	feed(&p, "\n\n  \n");
	cr_expect_not(p.fresh);
	feed(&p, "10 a\n20 b\n30");
	cr_expect_eq(p.percent, 20);
	feed(&p, " c\n");
	cr_expect_eq(p.percent, 30);
	feed(&p, "40 the last line");
	cr_expect_eq(p.percent, 30);
	progress_end(&p);
	cr_expect_eq(p.percent, 40);
	progress_fini(&p);
}

Test(progress, a_line_in_pieces_is_one_line)
{
	static const char line[] = "12 whole\n";
	struct progress p = { .len = 0 };
	size_t i;

	for (i = 0; i < strlen(line); i++)
		progress_feed(&p, (struct bytes){ &line[i], 1 });
	cr_expect_eq(p.percent, 12);
	cr_expect(bytes_is(buf_bytes(&p.text), "whole"));
	progress_fini(&p);
}

Test(progress, an_endless_line_is_cut_and_costs_nothing)
{
	struct progress p = { .len = 0 };
	int i;

	feed(&p, "5 ");
	for (i = 0; i < 100000; i++)
		feed(&p, "xyz");
	feed(&p, "\n6 next\n");
	cr_expect_eq(p.percent, 6);
	feed(&p, "7 ");
	for (i = 0; i < 100000; i++)
		feed(&p, "xyz");
	feed(&p, "\n");
	cr_expect_eq(p.percent, 7);
	cr_expect_eq(p.text.len, PROGRESS_TEXT);
	progress_fini(&p);
}

Test(progress, bytes_of_any_kind_become_clean_text)
{
	struct progress p = { .len = 0 };
	size_t i;

	feed(&p, "9 \x1b[31mred\x1b[0m \xff\xfe end\n");
	cr_expect_eq(p.percent, 9);
	for (i = 0; i < p.text.len; i++)
		cr_expect_neq(p.text.data[i], '\x1b');
	/* Cut inside a character: that one goes. */
	feed(&p, "8 ");
	for (i = 0; i < PROGRESS_TEXT; i++)
		feed(&p, "\xe2\x82\xac");
	feed(&p, "\n");
	cr_expect_eq(p.percent, 8);
	cr_expect_leq(p.text.len, PROGRESS_TEXT);
	cr_expect_eq(p.text.len % 3, 0);
	progress_fini(&p);
}
