#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pattern.h"

static bool
matches(const char *text, const char *line)
{
	struct pattern *p = pattern_new(bytes_of(text));
	bool does;

	cr_assert_null(pattern_check(bytes_of(text)), "%s: %s", text,
	    pattern_check(bytes_of(text)));
	cr_assert_not_null(p, "%s", text);
	does = pattern_matches(p, line);
	pattern_free(p);
	return does;
}

Test(pattern, it_is_looked_for_anywhere_in_a_line)
{
	static const struct {
		const char	*pattern, *line;
		bool		 does;
	} table[] = {
		{ "listening", "now listening on 80", true },
		{ "listening", "Listening", false },
		{ "^ready$", "ready", true },
		{ "^ready$", "not ready", false },
		{ "error|warning", "a warning", true },
		{ "port [0-9]+", "port 8080", true },
		{ "port [0-9]+$", "port 80a", false },
		{ "(ab)+c", "xababc", true },
		{ "a\\{2", "a{2", true },
		{ "[]{}[]x", "{x", true },
		{ "[[:digit:]]%", "7%", true },
		{ "[^]a]", "]a", false },
		{ "\\.", "a", false },
		{ "caf\xc3\xa9", "un caf\xc3\xa9", true },
		{ "(\xc3\xa9)+$", "\xc3\xa9\xc3\xa9", true },
		{ "a}", "a}", true },
		{ "[a-]x", "-x", true },
		{ "[+--]x", ",x", true },
		{ "^$|^#", "# x", true },
		{ "(^| )x( |$)", "a x", true },
		{ "(a*)+b?$", "aab", true },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect(matches(table[i].pattern, table[i].line) ==
		    table[i].does, "%s: %s", table[i].pattern, table[i].line);
}

static void
expect_refused(const char *text, const char *why)
{
	const char *is = pattern_check(bytes_of(text));

	cr_expect(is != NULL && strstr(is, why) != NULL, "%s: %s", text,
	    is == NULL ? "it was taken" : is);
}

Test(pattern, what_is_none_is_refused_in_words)
{
	expect_refused("", "empty");
	expect_refused("a|", "part of it is empty");
	expect_refused("|a", "part of it is empty");
	expect_refused("a||b", "part of it is empty");
	expect_refused("()", "part of it is empty");
	expect_refused("(a", "has no )");
	expect_refused("a)", "has no (");
	expect_refused("[a", "has no ]");
	expect_refused("[]", "has no ]");
	expect_refused("[[:digit:]", "has no ]");
	expect_refused("[[:digit", "no class of that name");
	expect_refused("[[:what:]]", "no class of that name");
	expect_refused("[[=a=]]", "a [= or a [.");
	expect_refused("[z-a]", "goes backwards");
	expect_refused("[a-", "has no ]");
	expect_refused("[a-[:digit:]]", "has no end");
	expect_refused("*a", "nothing stands before");
	expect_refused("(+a)", "nothing stands before");
	expect_refused("^*", "nothing stands before");
	expect_refused("a\\", "nothing follows");
	expect_refused("a\nb", "not one line of text");
	expect_refused("\x1b[m", "not one line of text");
	expect_refused("\xff", "not one line of text");
	expect_refused("[\xc3\xa9]", "only ASCII");
	expect_refused("\xc3\xa9+", "only in ( )");
}

Test(pattern, what_costs_without_bound_is_refused)
{
	char text[PATTERN_MAX + 2] = "";
	int i;

	expect_refused("(a)\\1", "refers back");
	expect_refused("a{1,9999}", "has a {");
	expect_refused("((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+", "too often");
	expect_refused("a+++++++++++++++", "too often");
	memset(text, 'x', PATTERN_MAX + 1);
	expect_refused(text, "longer than 256");
	text[PATTERN_MAX] = '\0';
	cr_expect_null(pattern_check(bytes_of(text)));
	for (i = 0; i < PATTERN_MAX; i++)
		text[i] = i % 3 == 0 ? '(' : i % 3 == 1 ? 'a' : '+';
	expect_refused(text, "part of it is empty");
	memset(text, '(', PATTERN_MAX);
	expect_refused(text, "part of it is empty");
}

Test(pattern, one_part_has_one_way_that_matches_nothing)
{
	char text[PATTERN_MAX + 1] = "(";
	int i;

	for (i = 0; i < 80; i++)
		strcat(text, "a*?");
	strcat(text, ")*");
	expect_refused(text, "a ? follows what may match nothing");
	expect_refused("((a*|b*)(a*|b*))*", "two alternatives may match");
	expect_refused("(\\b?x)*", "a ? follows");
	expect_refused("(^|$)", "two alternatives may match");
}

/* Whose parentheses close, unlike those of most random letters. */
static void
put_random(char *text, size_t *n, unsigned *random, unsigned depth)
{
	static const char *const ends[] = { "", "*", "+", "?", "*+", "|b" };
	unsigned parts, i;

	*random = *random * 1664525 + 1013904223;
	parts = 1 + (*random >> 20) % 4;
	for (i = 0; i < parts && *n < PATTERN_MAX - 20; i++) {
		*random = *random * 1664525 + 1013904223;
		if (depth > 0 && (*random >> 16) % 2 == 0) {
			text[(*n)++] = '(';
			put_random(text, n, random, depth - 1);
			text[(*n)++] = ')';
		} else
			text[(*n)++] = "ab.^$"[(*random >> 18) % 5];
		*n += (size_t)sprintf(text + *n, "%s",
		    ends[(*random >> 24) % 6]);
	}
	text[*n] = '\0';
}

/* What is taken, libc takes too, and soon. */
Test(pattern, what_is_taken_is_compiled_soon)
{
	char text[2 * PATTERN_MAX];
	struct pattern *p;
	unsigned random = 1, i, taken = 0;
	clock_t worst = 0, took;
	size_t n;

	for (i = 0; i < 3000; i++) {
		n = 0;
		put_random(text, &n, &random, 6);
		if (pattern_check(bytes_of(text)) != NULL)
			continue;
		taken++;
		took = clock();
		p = pattern_new(bytes_of(text));
		took = clock() - took;
		cr_expect_not_null(p, "%s", text);
		pattern_free(p);
		worst = took > worst ? took : worst;
		cr_assert_lt(took, CLOCKS_PER_SEC, "%s", text);
	}
	cr_expect_gt(taken, 100);
}

/* The one who looks at it has others to serve. */
Test(pattern, a_look_at_any_text_is_short)
{
	static const char letters[] = "ab()[]|*+?.^$\\{}:=";
	char text[PATTERN_MAX + 1];
	unsigned random = 1, i, j, n;
	clock_t worst = 0, took;

	for (i = 0; i < 20000; i++) {
		random = random * 1664525 + 1013904223;
		n = 1 + (random >> 16) % PATTERN_MAX;
		for (j = 0; j < n; j++) {
			random = random * 1664525 + 1013904223;
			text[j] = letters[(random >> 16) % 18];
		}
		took = clock();
		pattern_check((struct bytes){ text, n });
		took = clock() - took;
		worst = took > worst ? took : worst;
	}
	cr_expect_lt(worst, CLOCKS_PER_SEC / 2);
}

/* Of this one a line of random letters finds ever new states. */
#ifndef __SANITIZE_ADDRESS__
Test(pattern, matching_does_not_fill_the_memory)
{
	struct pattern *p = pattern_new(bytes_of("(a|b)*a(a|b)(a|b)(a|b)(a|b)"
	    "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c"));
	char line[PATTERN_LINE + 1], status[32] = "";
	unsigned random = 1, i, j;
	FILE *f;

	for (i = 0; i < 20; i++) {
		for (j = 0; j < PATTERN_LINE; j++) {
			random = random * 1664525 + 1013904223;
			line[j] = "ab"[(random >> 16) & 1];
		}
		line[PATTERN_LINE] = '\0';
		cr_expect_not(pattern_matches(p, line));
	}
	cr_assert_not_null(f = fopen("/proc/self/statm", "re"));
	cr_assert_not_null(fgets(status, sizeof(status), f));
	fclose(f);
	pattern_free(p);
	cr_expect_lt(strtol(strchr(status, ' '), NULL, 10) * 4, 150 << 10,
	    "%s pages", status);
}
#endif
