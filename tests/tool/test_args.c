#include <criterion/criterion.h>

#include <jansson.h>
#include <stdlib.h>

#include "args.h"
#include "header.h"
#include "schema.h"

static struct tool	*t;
static struct args	 a;
static char		*why;

static void
setup(void)
{
	struct tool_note	 error = { 0 };

	t = tool_new("build");
	t->path = strdup("/tools/build");
	cr_assert(header_parse(t, bytes_of(
	    "# @describe d\n"
	    "# @option --target![all|docs]\n"
	    "# @option --jobs=2 <INT>\n"
	    "# @option --ratio <NUM>\n"
	    "# @option --note-text\n"
	    "# @flag --clean\n"
	    "# @option --file* <PATH>\n"
	    "# @option --tag*,\n"
	    "# @option --port* <INT>\n"
	    "# @arg source\n"
	    "# @arg more*\n"), &error), "%s", error.text);
}

static void
teardown(void)
{
	args_fini(&a);
	free(why);
	why = NULL;
	tool_free(t);
}

TestSuite(args, .init = setup, .fini = teardown);

static void
make(const char *json)
{
	cr_assert(args_make(t, bytes_of(json), &a, &why), "%s", why);
}

/* The strings, each ended by a bar. */
static void
expect(const struct buf *b, const char *want)
{
	struct buf	 got = { 0 };
	size_t		 i;

	for (i = 0; i < b->len; i++)
		buf_putc(&got, b->data[i] == '\0' ? '|' : b->data[i]);
	cr_assert_str_eq(got.data == NULL ? "" : got.data, want);
	buf_fini(&got);
}

static void
fails(const char *json, const char *text)
{
	char	*said = NULL;

	cr_assert_not(args_make(t, bytes_of(json), &a, &said), "%s", json);
	cr_assert_str_eq(said, text);
	cr_assert(a.argv.len == 0 && a.env.len == 0 && a.input.len == 0);
	free(said);
}

Test(args, the_three_forms_say_the_same)
{
	make("{\"target\":\"all\",\"jobs\":4,\"ratio\":1.10,"
	    "\"note_text\":\"a b\",\"clean\":true,\"file\":[\"x\",\"-y\"],"
	    "\"tag\":[\"u\",\"v\"],\"port\":[80,443],\"source\":\"s\","
	    "\"more\":[\"m\",\"n\"]}");
	expect(&a.argv, "/tools/build|--target|all|--jobs|4|--ratio|1.10|"
	    "--note-text|a b|--clean|--file|x|--file|-y|--tag|u,v|"
	    "--port|80|--port|443|--|s|m|n|");
	expect(&a.env, "SIGBOX_ARG_TARGET=all|SIGBOX_ARG_JOBS=4|"
	    "SIGBOX_ARG_RATIO=1.10|SIGBOX_ARG_NOTE_TEXT=a b|"
	    "SIGBOX_ARG_CLEAN=true|SIGBOX_ARG_SOURCE=s|");
	cr_assert_str_eq(a.input.data,
	    "{\"target\":\"all\",\"jobs\":4,\"ratio\":1.10,"
	    "\"note_text\":\"a b\",\"clean\":true,\"file\":[\"x\",\"-y\"],"
	    "\"tag\":[\"u\",\"v\"],\"port\":[80,443],\"source\":\"s\","
	    "\"more\":[\"m\",\"n\"]}\n");
}

Test(args, a_default_is_in_all_three_forms)
{
	make("{ \"target\": \"docs\" }");
	expect(&a.argv, "/tools/build|--target|docs|--jobs|2|");
	expect(&a.env, "SIGBOX_ARG_TARGET=docs|SIGBOX_ARG_JOBS=2|"
	    "SIGBOX_ARG_CLEAN=false|");
	cr_assert_str_eq(a.input.data, "{ \"target\": \"docs\",\"jobs\":2}\n");
}

Test(args, a_false_flag_is_absent_on_argv)
{
	make("{\"target\":\"all\",\"jobs\":1,\"clean\":false}");
	expect(&a.argv, "/tools/build|--target|all|--jobs|1|");
	expect(&a.env, "SIGBOX_ARG_TARGET=all|SIGBOX_ARG_JOBS=1|"
	    "SIGBOX_ARG_CLEAN=false|");
}

Test(args, an_escape_is_undone_for_argv_and_kept_on_stdin)
{
	make("{\"target\":\"all\",\"jobs\":1,\"note_text\":\"a\\n\\u00e9\\\"\"}");
	cr_assert_not_null(memmem(a.argv.data, a.argv.len,
	    "--note-text\0a\n\xc3\xa9\"", 18));
	cr_assert_not_null(strstr(a.input.data, "\"a\\n\\u00e9\\\"\""));
}

Test(args, stdin_is_one_line)
{
	make("\n{\n  \"target\": \"all\",\n  \"jobs\": 1,\n"
	    "  \"note_text\": \"a b\"\n}\n");
	cr_assert_str_eq(a.input.data,
	    "{\"target\":\"all\",\"jobs\":1,\"note_text\":\"a b\"}\n");
}

Test(args, an_empty_list_leaves_no_trace_on_argv)
{
	make("{\"target\":\"all\",\"jobs\":1,\"file\":[],\"tag\":[]}");
	expect(&a.argv, "/tools/build|--target|all|--jobs|1|");
}

Test(args, a_large_integer_is_not_rounded)
{
	make("{\"target\":\"all\",\"jobs\":9007199254740993}");
	cr_assert_not_null(memmem(a.argv.data, a.argv.len,
	    "9007199254740993", 17));
}

Test(args, every_type_is_checked)
{
	static const char *const	 values[] = {
		"null", "true", "1", "1.5", "\"x\"", "[]", "{}"
	};
	static const struct {
		const char	*name, *fits, *text;
	} rows[] = {
		{ "jobs", "1", "not an integer" },
		{ "ratio", "1 1.5", "not a number" },
		{ "note_text", "\"x\"", "not a string" },
		{ "clean", "true", "not a boolean" },
		{ "file", "[]", "not an array" },
	};
	char				 json[96], want[96];
	size_t				 i, k;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (k = 0; k < sizeof(values) / sizeof(*values); k++) {
			(void)snprintf(json, sizeof(json),
			    "{\"target\":\"all\",\"%s\":%s}", rows[i].name,
			    values[k]);
			(void)snprintf(want, sizeof(want), "args: %s: %s",
			    rows[i].name, rows[i].text);
			if (strstr(rows[i].fits, values[k]) == NULL)
				fails(json, want);
			else {
				make(json);
				args_fini(&a);
			}
		}
}

Test(args, what_is_wrong_is_said_to_the_model)
{
	fails("{}", "args: target: missing");
	fails("{\"target\":\"none\"}", "args: target: not one of all, docs");
	fails("{\"target\":\"all\",\"file\":[1]}",
	    "args: file[0]: not a string");
	fails("{\"target\":\"all\",\"port\":[1,\"x\"]}",
	    "args: port[1]: not an integer");
	fails("{\"target\":\"all\",\"make\":1}", "args: make: no such argument;"
	    " there are target, jobs, ratio, note_text, clean, file, tag, port,"
	    " source, more");
	fails("{\"target\":\"all\",\"tag\":[\"a,b\"]}",
	    "args: tag: an element has the separator inside");
	fails("{\"target\":\"all\",\"more\":[\"x\"]}",
	    "args: source: missing, and one behind it is not");
	fails("[]", "args: not a JSON object");
	fails("\"x\"", "args: '[' or '{' expected near '\"x\"'");
	fails("{\"target\":\"all\",\"target\":\"all\"}",
	    "args: duplicate object key near '\"target\"'");
}

Test(args, what_is_no_json_is_refused)
{
	static const char *const	 texts[] = {
		"", " ", "{", "{}x", "{\"target\":}", "{\"target\":\"\xff\"}",
		"{\"target\":\"\\ud800\"}", "{'target':'all'}"
	};
	size_t				 i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		cr_assert_not(args_make(t, bytes_of(texts[i]), &a, &why), "%s",
		    texts[i]);
		cr_assert_eq(strncmp(why, "args: ", 6), 0);
		free(why);
		why = NULL;
	}
}

Test(args, a_nul_is_refused_wherever_it_hides)
{
	fails("{\"target\":\"all\",\"note_text\":\"a\\u0000b\"}",
	    "args: note_text: a NUL inside");
	fails("{\"target\":\"all\",\"file\":[\"a\",\"\\u0000\"]}",
	    "args: file: a NUL inside");
}

/* {"target":"all","jobs":1,"note_text":"xxx..."} */
static struct buf
with_note(size_t len)
{
	struct buf	 b = { 0 };

	buf_puts(&b, "{\"target\":\"all\",\"jobs\":1,\"note_text\":\"");
	for (; len > 0; len--)
		buf_putc(&b, 'x');
	buf_puts(&b, "\"}");
	return b;
}

Test(args, what_the_kernel_would_refuse_is_on_stdin_alone)
{
	struct buf	 b = with_note(ARGS_STRING_MAX);

	make(b.data);
	expect(&a.argv, "/tools/build|--target|all|--jobs|1|");
	cr_assert_null(memmem(a.env.data, a.env.len, "NOTE_TEXT", 9));
	cr_assert_eq(a.input.len, b.len + 1);
	buf_fini(&b);
}

Test(args, what_just_fits_is_there)
{
	struct buf	 b = with_note(ARGS_STRING_MAX -
	    sizeof("SIGBOX_ARG_NOTE_TEXT=x"));

	make(b.data);
	cr_assert_gt(a.argv.len, ARGS_STRING_MAX - 64);
	cr_assert_not_null(memmem(a.env.data, a.env.len, "NOTE_TEXT=x", 11));
	buf_fini(&b);
}

Test(args, a_list_is_on_argv_whole_or_not_at_all)
{
	struct buf	 b = { 0 };
	size_t		 i;

	buf_puts(&b, "{\"target\":\"all\",\"jobs\":1,\"file\":[\"\"");
	for (i = 0; i < ARGS_VECTOR_MAX / 8; i++)
		buf_puts(&b, ",\"a\"");
	buf_puts(&b, "]}");
	make(b.data);
	expect(&a.argv, "/tools/build|--target|all|--jobs|1|");
	buf_fini(&b);
}

Test(args, a_positional_that_does_not_fit_keeps_the_others_off)
{
	struct buf	 b = { 0 };
	size_t		 i;

	buf_puts(&b, "{\"target\":\"all\",\"jobs\":1,\"more\":[\"m\"],"
	    "\"source\":\"");
	for (i = 0; i < ARGS_STRING_MAX; i++)
		buf_putc(&b, 'x');
	buf_puts(&b, "\"}");
	make(b.data);
	expect(&a.argv, "/tools/build|--target|all|--jobs|1|--|");
	buf_fini(&b);
}

Test(args, more_than_a_mebibyte_is_refused)
{
	struct buf	 b = with_note(ARGS_MAX);

	fails(b.data, "args: longer than 1 MiB");
	buf_fini(&b);
}

Test(args, a_schema_may_ask_for_more_than_scalars)
{
	struct tool_note	 error = { 0 };

	tool_free(t);
	t = tool_new("x");
	t->path = strdup("/x");
	cr_assert(schema_parse(t, BYTES("{\"description\":\"d\","
	    "\"inputSchema\":{\"properties\":{\"dryRun\":{\"type\":\"boolean\"},"
	    "\"opts\":{\"type\":\"object\"},\"any\":{},"
	    "\"a \\\"b\":{\"default\":1.50}},"
	    "\"additionalProperties\":true}}"), &error), "%s", error.text);
	make("{\"dryRun\":true,\"opts\":{\"k\": [1.10]},\"any\":null,\"z\":1}");
	expect(&a.argv, "/x|--dry-run|--opts|{\"k\": [1.10]}|--a--b|1.50|");
	expect(&a.env, "SIGBOX_ARG_DRY_RUN=true|SIGBOX_ARG_A__B=1.50|");
	cr_assert_str_eq(a.input.data, "{\"dryRun\":true,\"opts\":{\"k\": "
	    "[1.10]},\"any\":null,\"z\":1,\"a \\\"b\":1.50}\n");
}

Test(args, a_check_makes_nothing)
{
	cr_assert(args_check(t, BYTES("{\"target\":\"all\"}"), &why));
	cr_assert_not(args_check(t, BYTES("{\"target\":1}"), &why));
	cr_assert_str_eq(why, "args: target: not a string");
}

/* So that a call is refused before anything is started for it. */
Test(args, a_check_finds_all_that_the_making_would)
{
	static const char *const	 texts[] = {
		"{\"target\":\"all\",\"tag\":[\"a,b\"]}",
		"{\"target\":\"all\",\"more\":[\"x\"]}",
		"{\"target\":\"all\",\"note_text\":\"\\u0000\"}",
		"{}",
	};
	size_t				 i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		cr_assert_not(args_check(t, bytes_of(texts[i]), &why));
		fails(texts[i], why);
		free(why);
		why = NULL;
	}
}
