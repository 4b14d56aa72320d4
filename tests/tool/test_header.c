#include <criterion/criterion.h>

#include <stdlib.h>

#include "header.h"

static struct tool	*t;
static struct tool_note	 error;

static void
setup(void)
{
	t = tool_new("x");
}

static void
teardown(void)
{
	tool_note_fini(&error);
	tool_free(t);
}

TestSuite(header, .init = setup, .fini = teardown);

static void
parse(const char *text)
{
	cr_assert(header_parse(t, bytes_of(text), &error), "%u: %s",
	    error.line, error.text);
}

/* With a describe in front, in line 1. */
static const struct tool_param *
declare(const char *line)
{
	char	*text = NULL;

	cr_assert_neq(asprintf(&text, "# @describe d\n# %s\n", line), -1);
	parse(text);
	free(text);
	cr_assert_eq(t->nparams, 1);
	return &t->params[0];
}

static void
fails(const char *text, unsigned line, const char *why)
{
	teardown();
	setup();
	cr_assert_not(header_parse(t, bytes_of(text), &error), "%s", text);
	cr_assert_eq(error.line, line, "line %u: %s", error.line, error.text);
	cr_assert_str_eq(error.text, why);
}

static void
warns(unsigned line, const char *text)
{
	cr_assert_eq(t->nwarnings, 1);
	cr_assert_eq(t->warnings[0].line, line);
	cr_assert_str_eq(t->warnings[0].text, text);
}

Test(header, the_example_of_the_manual_is_a_tool)
{
	parse("#!/bin/sh\n"
	    "# @describe Build the project and report warnings.\n"
	    "# @option --target![all|docs]   What to build\n"
	    "# @option --jobs <INT>          Parallel jobs\n"
	    "# @flag   --clean               Remove old output first\n"
	    "# @meta timeout 3600\n"
	    "# @meta background auto\n"
	    "set -eu\n");
	cr_assert_str_eq(t->describe,
	    "Build the project and report warnings.");
	cr_assert_eq(t->timeout_us, 3600000000);
	cr_assert_eq(t->nwarnings, 0);
	cr_assert_str_eq(t->parameters,
	    "{\"type\":\"object\",\"properties\":{"
	    "\"target\":{\"type\":\"string\",\"enum\":[\"all\",\"docs\"],"
	    "\"description\":\"What to build\"},"
	    "\"jobs\":{\"type\":\"integer\",\"description\":\"Parallel jobs\"},"
	    "\"clean\":{\"type\":\"boolean\","
	    "\"description\":\"Remove old output first\"}},"
	    "\"required\":[\"target\"]}");
}

Test(header, a_describe_alone_is_enough)
{
	parse("# @describe It does it\n");
	cr_assert_str_eq(t->parameters,
	    "{\"type\":\"object\",\"properties\":{},\"required\":[]}");
}

Test(header, an_option_is_a_string_by_itself)
{
	const struct tool_param	*p = declare("@option --dry-run Text here");

	cr_assert_str_eq(p->name, "dry_run");
	cr_assert_str_eq(p->flag, "--dry-run");
	cr_assert_str_eq(p->variable, "DRY_RUN");
	cr_assert_str_eq(p->describe, "Text here");
	cr_assert_eq(p->type, TOOL_STRING);
	cr_assert_not(p->required || p->positional || p->bare);
	cr_assert_null(p->fallback);
}

Test(header, a_short_option_may_stand_in_front)
{
	const struct tool_param	*p = declare("@option -j --jobs <NUM>");

	cr_assert_eq(p->letter, 'j');
	cr_assert_str_eq(p->name, "jobs");
	cr_assert_eq(p->type, TOOL_NUMBER);
	cr_assert_str_eq(p->describe, "");
}

Test(header, a_short_option_may_stand_alone)
{
	const struct tool_param	*p = declare("@flag -v Say more");

	cr_assert_str_eq(p->name, "v");
	cr_assert_str_eq(p->flag, "-v");
	cr_assert_eq(p->type, TOOL_BOOLEAN);
	cr_assert(p->bare);
}

Test(header, many_is_an_array)
{
	const struct tool_param	*p = declare("@option --file* <PATH> Files");

	cr_assert_eq(p->type, TOOL_ARRAY);
	cr_assert_eq(p->items, TOOL_STRING);
	cr_assert_not(p->required);
	cr_assert_eq(p->separator, '\0');
}

Test(header, one_or_more_is_required)
{
	const struct tool_param	*p = declare("@option --tag+,[a|b] Tags");

	cr_assert(p->required);
	cr_assert_eq(p->separator, ',');
	cr_assert_eq(p->nchoices, 2);
	cr_assert_not_null(strstr(t->parameters, "\"tag\":{\"type\":\"array\","
	    "\"description\":\"Tags\",\"items\":{\"type\":\"string\","
	    "\"enum\":[\"a\",\"b\"]},\"minItems\":1}"));
}

Test(header, every_separator_of_argc_is_known)
{
	static const char	 separators[] = ",:@|/";
	char			 line[32];
	size_t			 i;

	for (i = 0; i < sizeof(separators) - 1; i++) {
		teardown();
		setup();
		(void)snprintf(line, sizeof(line), "@option --x*%c",
		    separators[i]);
		cr_assert_eq(declare(line)->separator, separators[i]);
	}
}

Test(header, defaults_are_json)
{
	static const char *const	 rows[][2] = {
		{ "@option --x=abc", "\"abc\"" },
		{ "@option --x=\"a b\" T", "\"a b\"" },
		{ "@option --x='a\"b'", "\"a\\\"b\"" },
		{ "@option --x=\"\" nothing", "\"\"" },
		{ "@option --x=4 <INT>", "4" },
		{ "@option --x=-4 <INT>", "-4" },
		{ "@option --x=0 <INT>", "0" },
		{ "@option --x=0.50 <NUM>", "0.50" },
		{ "@option --x[=a|b]", "\"a\"" },
		{ "@option --x*=a", "[\"a\"]" },
		{ "@option --x*,=a,b", "[\"a\",\"b\"]" },
		{ "@option --x*,=1,2 <INT>", "[1,2]" },
		{ "@option --x*,[=a|b]", "[\"a\"]" },
		{ "@arg x=abc", "\"abc\"" },
	};
	size_t				 i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		teardown();
		setup();
		cr_assert_str_eq(declare(rows[i][0])->fallback, rows[i][1]);
	}
}

Test(header, only_the_first_notation_counts)
{
	const struct tool_param	*p = declare("@option --x <FILE> <INT> Text");

	cr_assert_eq(p->type, TOOL_STRING);
	cr_assert_str_eq(p->describe, "Text");
}

Test(header, an_open_angle_is_text)
{
	cr_assert_str_eq(declare("@option --x <5 of them")->describe,
	    "<5 of them");
}

Test(header, arguments_are_positional)
{
	parse("# @describe d\n# @arg source! The source\n# @arg dest* <PATH>\n");
	cr_assert(t->params[0].positional && t->params[0].required);
	cr_assert(t->params[1].positional && !t->params[1].required);
	cr_assert_eq(t->params[1].type, TOOL_ARRAY);
}

Test(header, comments_below_a_tag_go_on_with_it)
{
	parse("# @describe First.\n#\n#   Second.\n"
	    "# shellcheck disable=SC2086\n#\n"
	    "# @option --x One\n# two\n\n# not of it\n# @meta grace 1\n"
	    "# nor this\n");
	cr_assert_str_eq(t->describe, "First.\n\n  Second.");
	cr_assert_str_eq(t->params[0].describe, "One\ntwo");
}

Test(header, it_ends_where_the_code_begins)
{
	parse("#!/bin/sh\n\n# @describe d\n\ntrue\n# @option --late\n");
	cr_assert_eq(t->nparams, 0);
}

Test(header, windows_line_ends_are_ends)
{
	parse("# @describe d\r\n# @option --x[a|b]\r\n");
	cr_assert_str_eq(t->params[0].choices[1], "b");
}

Test(header, it_ends_after_200_lines)
{
	struct buf	 b = { 0 };
	size_t		 i;

	buf_puts(&b, "# @describe d\n");
	for (i = 2; i < HEADER_LINES; i++)
		buf_puts(&b, "\n");
	buf_puts(&b, "# @flag --early\n# @flag --late\n");
	parse(b.data);
	buf_fini(&b);
	cr_assert_eq(t->nparams, 1);
	cr_assert_str_eq(t->params[0].name, "early");
}

Test(header, a_line_that_the_limit_cuts_is_not_there)
{
	struct buf	 b = { 0 };

	buf_puts(&b, "# @describe d\n# ");
	while (b.len < HEADER_BYTES - 20)
		buf_putc(&b, 'x');
	buf_puts(&b, "\n# @option --half[a|b]\n");
	parse(b.data);
	buf_fini(&b);
	cr_assert_eq(t->nparams, 0);
}

Test(header, computed_values_are_ignored_and_said)
{
	cr_assert_null(declare("@option --x=`fn` T")->fallback);
	warns(2, "@option x: `fn` is not run, so there is no such value");
	teardown();
	setup();
	cr_assert_eq(declare("@option --x![`fn`] T")->nchoices, 0);
	cr_assert_eq(t->nwarnings, 1);
	teardown();
	setup();
	cr_assert_str_eq(declare("@arg x[?`fn`] T")->describe, "T");
	cr_assert_eq(t->nwarnings, 1);
}

Test(header, a_bound_variable_is_ignored_and_said)
{
	cr_assert_str_eq(declare("@option --x $$ T")->describe, "T");
	warns(2, "@option x: $$ is ignored");
}

Test(header, what_is_not_ours_is_a_warning)
{
	parse("# @describe d\n# @meta colour red\n");
	warns(2, "@meta colour is unknown");
	teardown();
	setup();
	parse("# @describe d\n# @cmd sub\n");
	warns(2, "@cmd and @alias are ignored: one file is one tool");
	teardown();
	setup();
	parse("# @describe d\n# @todo later\n");
	warns(2, "@todo is unknown");
	teardown();
	setup();
	parse("# @describe d\n# @env TOKEN! The token\n");
	warns(2, "@env TOKEN: it comes only if the configuration lets it "
	    "through");
}

Test(header, what_is_argcs_is_no_warning)
{
	parse("# @describe d\n# @version 1\n# @author me\n# @meta version 1\n"
	    "# @meta require-tools jq,curl\n# @env LLM_OUTPUT=/dev/stdout Out\n"
	    "# mail me@example.org\n");
	cr_assert_eq(t->nwarnings, 0);
}

Test(header, each_error_says_its_line)
{
	fails("", 0, "header: no @describe");
	fails("\177ELF", 0, "header: no @describe");
	fails("# @describe\n", 1, "@describe: no text");
	fails("# @describe a\n\n# @describe b\n", 3, "@describe: there are two");
	fails("# @option\n", 1, "@option: no --name");
	fails("# @option x\n", 1, "@option: no --name");
	fails("# @option --\n", 1, "@option: no --name");
	fails("# @option -- x\n", 1, "@option: no --name");
	fails("# @option -long\n", 1, "@option long: a long name with one dash");
	fails("# @arg\n", 1, "@arg: no name");
	fails("# @arg <X>\n", 1, "@arg: no name");
	fails("# @env\n", 1, "@env: no name");
	fails("#\n# @option --x[a\n", 2, "@option x: a [ that does not end");
	fails("# @option --x[a||b]\n", 1, "@option x: an empty choice");
	fails("# @option --x[]\n", 1, "@option x: an empty choice");
	fails("# @option --x[a|a]\n", 1,
	    "@option x: a choice that is there twice");
	fails("# @option --x=\n", 1, "@option x: an empty default");
	fails("# @option --x=\"a\n", 1,
	    "@option x: a default whose quote does not end");
	fails("# @option --x=`a\n", 1, "@option x: a ` that does not end");
	fails("# @option --x[`a`\n", 1, "@option x: a [ that does not end");
	fails("# @option --x=b <INT>\n", 1,
	    "@option x: a default that is not an integer");
	fails("# @option --x=1.5 <INT>\n", 1,
	    "@option x: a default that is not an integer");
	fails("# @option --x=1. <NUM>\n", 1,
	    "@option x: a default that is not a number");
	fails("# @option --x=007 <INT>\n", 1,
	    "@option x: a default that is not an integer");
	fails("# @option --x!=1\n", 1,
	    "@option x: both required and with a default");
	fails("# @option --x![=a|b]\n", 1,
	    "@option x: both required and with a default");
	fails("# @option --x! T\n# @flag --x\n", 2,
	    "@flag x: a name that is taken");
	fails("# @option --a-b\n# @option --a_b\n", 2,
	    "@option a_b: a name that is taken");
	fails("# @option --x?\n", 1, "@option x: behind the name stands "
	    "neither a modifier, nor a default, nor choices");
	fails("# @flag --x!\n", 1,
	    "@flag x: a flag is there or not and has no value");
	fails("# @flag --x=1\n", 1,
	    "@flag x: a flag is there or not and has no value");
	fails("# @arg a*\n# @arg b\n", 2,
	    "@arg: behind one that takes the rest");
	fails("# @describe d\n# @meta timeout soon\n", 2, "@meta timeout: "
	    "not a duration, as 90, 10min or 1h 30min");
	fails("# @meta profile free\n", 1, "@meta profile: "
	    "not none, read-only, workspace or scratch");
	fails("# @describe \xff\n", 1, "header: not plain text in UTF-8");
	fails("# @describe \033[1m\n", 1, "header: not plain text in UTF-8");
}

Test(header, a_strange_byte_outside_the_tags_is_nobodys_business)
{
	parse("# caf\xe9\n# @describe d\n\n# caf\xe9\n");
}

Test(header, the_same_text_gives_the_same_bytes)
{
	char	*first;

	parse("# @describe d\n# @option --a=1 <INT>\n# @flag --b\n");
	first = strdup(t->parameters);
	teardown();
	setup();
	parse("# @describe d\n# @option --a=1 <INT>\n# @flag --b\n");
	cr_assert_str_eq(t->parameters, first);
	free(first);
}
