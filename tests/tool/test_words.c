#include <criterion/criterion.h>

#include <stdlib.h>

#include "args.h"
#include "header.h"
#include "own.h"
#include "words.h"

static struct tool	*t;
static struct buf	 object;
static char		*why;

static void
setup(void)
{
	struct tool_note	 error = { 0 };

	t = tool_new("build");
	t->path = strdup("/b");
	cr_assert(header_parse(t, bytes_of(
	    "# @describe d\n"
	    "# @option -t --target[all|docs]\n"
	    "# @option --jobs <INT>\n"
	    "# @option --dry-run\n"
	    "# @flag -c --clean\n"
	    "# @option --file* <PATH>\n"
	    "# @option --tag*,\n"
	    "# @option -x <NUM>\n"
	    "# @arg source\n"
	    "# @arg more* <INT>\n"), &error), "%s", error.text);
}

static void
teardown(void)
{
	buf_fini(&object);
	free(why);
	tool_free(t);
}

TestSuite(words, .init = setup, .fini = teardown);

static void
becomes(const char *words, const char *want)
{
	cr_assert(words_from_run(t, bytes_of(words), &object, &why), "%s",
	    why);
	cr_assert_str_eq(object.data, want);
	buf_reset(&object);
}

static void
fails(const char *words, const char *want)
{
	cr_assert_not(words_from_run(t, bytes_of(words), &object, &why), "%s",
	    words);
	cr_assert_str_eq(why, want);
	cr_assert_eq(object.len, 0);
	free(why);
	why = NULL;
}

Test(words, an_object_is_taken_as_it_is)
{
	becomes("{\"jobs\": 4.0}", "{\"jobs\": 4.0}");
	becomes("", "{}");
	becomes("[]", "{}");
}

Test(words, each_type_is_the_tools)
{
	becomes("[\"--target\",\"all\",\"--jobs\",\"4\",\"--clean\","
	    "\"--dry-run\",\"12\",\"-x\",\"1.10\"]",
	    "{\"target\":\"all\",\"jobs\":4,\"dry_run\":\"12\",\"clean\":true,"
	    "\"x\":1.10}");
}

Test(words, a_value_may_hang_on_its_name)
{
	becomes("[\"--target=all\",\"--clean=false\",\"--dry_run=a=b\"]",
	    "{\"target\":\"all\",\"dry_run\":\"a=b\",\"clean\":false}");
}

Test(words, a_letter_is_enough)
{
	becomes("[\"-t\",\"docs\",\"-c\"]",
	    "{\"target\":\"docs\",\"clean\":true}");
}

Test(words, lists_are_collected)
{
	becomes("[\"--file\",\"a\",\"--tag\",\"u,v\",\"--file\",\"b\","
	    "\"--tag\",\"w\"]",
	    "{\"file\":[\"a\",\"b\"],\"tag\":[\"u\",\"v\",\"w\"]}");
}

Test(words, bare_words_are_positionals)
{
	becomes("[\"src\",\"--clean\",\"1\",\"--\",\"-2\"]",
	    "{\"clean\":true,\"source\":\"src\",\"more\":[1,-2]}");
	becomes("[\"-\"]", "{\"source\":\"-\"}");
}

Test(words, a_command_needs_no_name)
{
	tool_free(t);
	t = own_tool(OWN_EXEC);
	becomes("[\"echo hi\",\"--timeout\",\"5\"]",
	    "{\"command\":\"echo hi\",\"timeout\":5}");
	becomes("[\"--command\",\"true\"]", "{\"command\":\"true\"}");
}

Test(words, strings_are_escaped)
{
	becomes("[\"--dry-run\",\"a\\\"b\\n\\\\\"]",
	    "{\"dry_run\":\"a\\\"b\\n\\\\\"}");
}

Test(words, a_wrong_type_is_left_for_the_check)
{
	becomes("[\"--jobs\",\"many\"]", "{\"jobs\":\"many\"}");
	becomes("[\"--jobs\",\"[1]\"]", "{\"jobs\":\"[1]\"}");
	becomes("[\"--clean=maybe\"]", "{\"clean\":\"maybe\"}");
}

Test(words, what_cannot_be_is_refused)
{
	fails("[\"--nope\"]", "args: --nope: no such argument; there are "
	    "--target, --jobs, --dry-run, --clean, --file, --tag, -x, "
	    "--source, --more");
	fails("[\"--jobs\"]", "args: jobs: no value");
	fails("[\"--jobs\",\"1\",\"--jobs\",\"2\"]", "args: jobs: said twice");
	fails("[1]", "args: an array of other things than words");
	fails("[\"--clean\",null]", "args: an array of other things than words");
	cr_assert_not(words_from_run(t, BYTES("nonsense"), &object, &why));
}

Test(words, a_word_too_many_is_refused)
{
	struct tool_note	 error = { 0 };

	tool_free(t);
	t = tool_new("x");
	cr_assert(header_parse(t, BYTES("# @describe d\n"), &error));
	fails("[\"x\"]", "args: x: no such argument");
}

Test(words, bytes_that_are_no_text_are_refused)
{
	static const char *const	 words[] = { "--dry-run", "\xff" };

	cr_assert_not(words_object(t, words, 2, &object, &why));
	cr_assert_str_eq(why, "args: dry_run: not UTF-8");
}

/* What a person types arrives as it was typed. */
Test(words, there_and_back_is_the_same)
{
	static const char *const	 words[] = {
		"--target", "all", "--jobs", "4", "--dry-run", "a b",
		"--clean", "--file", "x", "--file", "y", "--tag", "u,v",
		"-x", "-1.5e3", "--", "src", "1", "-2"
	};
	struct args			 a = { 0 };
	size_t				 i, at;

	cr_assert(words_object(t, words, sizeof(words) / sizeof(*words),
	    &object, &why));
	cr_assert(args_make(t, buf_bytes(&object), &a, &why), "%s", why);
	at = sizeof("/b");
	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		cr_assert_lt(at, a.argv.len);
		cr_assert_str_eq(a.argv.data + at, words[i]);
		at += strlen(words[i]) + 1;
	}
	cr_assert_eq(at, a.argv.len);
	args_fini(&a);
}
