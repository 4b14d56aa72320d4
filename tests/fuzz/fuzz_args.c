/* What a model takes for arguments, and what a person does. */
#include <jansson.h>

#include "args.h"
#include "fuzz.h"
#include "header.h"
#include "own.h"
#include "text.h"
#include "words.h"
#include "xalloc.h"

#define HEADER								\
	"# @describe d\n# @option -t --target[all|docs]\n"		\
	"# @option --jobs=2 <INT>\n# @option --ratio <NUM>\n"		\
	"# @option --note\n# @flag --clean\n# @option --file*\n"	\
	"# @option --tag*,\n# @option --port* <INT>\n# @arg source\n"	\
	"# @arg more*\n"

const struct bytes fuzz_seeds[] = {
	SEED("{\"target\":\"all\",\"jobs\":4,\"ratio\":1.10,\"clean\":true}"),
	SEED("{ \"note\": \"a\\n\\u00e9 \\\"\",\n \"file\": [\"\", \"-y\"] }"),
	SEED("{\"tag\":[\"u\",\"v\"],\"port\":[80,-1],\"source\":\"s\","
	    "\"more\":[\"m\",\"--\"]}"),
	SEED("[\"--target=all\",\"-t\",\"docs\",\"--tag\",\"a,b\",\"x\"]"),
	SEED("[\"--clean=false\",\"--port\",\"1\",\"--\",\"--note\",\"y\"]"),
	SEED("{\"ids\":[\"t1\",\"all\"],\"now\":true}"),
	SEED("{\"id\":\"t1\",\"offset\":5,\"wait\":1e9,\"text\":\"x\"}"),
	SEED("{\"command\":\"true\",\"cwd\":\"/\",\"timeout\":1.5}"),
	{ NULL, 0 }
};

static struct tool *
make_tool(void)
{
	struct tool_note	 error;
	struct tool		*t = tool_new("x");

	t->path = xstrdup("/x");
	CHECK(header_parse(t, BYTES(HEADER), &error));
	return t;
}

static bool
is_same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Words that were made of a call make the same call. */
static void
check_words(const struct tool *t, const struct args *a)
{
	const char	**words = xcalloc(a->argv.len, sizeof(*words));
	struct buf	  object = { 0 };
	struct args	  again = { 0 };
	char		 *why = NULL;
	size_t		  n = 0, i;

	for (i = 0; i < a->argv.len; i += strlen(a->argv.data + i) + 1)
		words[n++] = a->argv.data + i;
	CHECK(n > 0 && strcmp(words[0], "/x") == 0);
	CHECK(words_object(t, words + 1, n - 1, &object, &why));
	CHECK(args_make(t, buf_bytes(&object), &again, &why));
	CHECK(is_same(&a->argv, &again.argv));
	CHECK(is_same(&a->env, &again.env));
	args_fini(&again);
	buf_fini(&object);
	free(words);
}

static void
check_forms(const struct tool *t, const struct args *a)
{
	struct args	 again = { 0 };
	char		*why = NULL;
	size_t		 i;

	CHECK(a->argv.data[a->argv.len - 1] == '\0');
	for (i = 0; i < a->env.len; i += strlen(a->env.data + i) + 1)
		CHECK(strncmp(a->env.data + i, "SIGBOX_ARG_", 11) == 0);
	CHECK(memchr(a->input.data, '\n', a->input.len) ==
	    a->input.data + a->input.len - 1);
	CHECK(args_make(t, buf_bytes(&a->input), &again, &why));
	CHECK(is_same(&a->argv, &again.argv));
	CHECK(is_same(&a->env, &again.env));
	CHECK(is_same(&a->input, &again.input));
	args_fini(&again);
	if (a->argv.len < ARGS_STRING_MAX)
		check_words(t, a);
}

static void
check_why(char *why)
{
	CHECK(why != NULL && strncmp(why, "args: ", 6) == 0);
	CHECK(text_is_valid(bytes_of(why)));
	free(why);
}

static void
try_call(const struct tool *t, struct bytes text)
{
	struct args	 a = { 0 };
	char		*why = NULL;

	if (!args_make(t, text, &a, &why)) {
		CHECK(a.argv.len + a.env.len + a.input.len == 0);
		check_why(why);
		return;
	}
	check_forms(t, &a);
	args_fini(&a);
}

static void
try_run(const struct tool *t, struct bytes text)
{
	struct buf	 object = { 0 };
	char		*why = NULL;

	if (words_from_run(t, text, &object, &why))
		try_call(t, buf_bytes(&object));
	else
		check_why(why);
	buf_fini(&object);
}

static void
try_own(struct bytes text)
{
	struct own	 o;
	char		*why;
	size_t		 i;

	for (i = 0; i < OWN_KINDS; i++) {
		why = NULL;
		if (!own_parse(own_name((enum own_kind)i), text, &o, &why)) {
			check_why(why);
			continue;
		}
		CHECK(o.wait_us <= OWN_WAIT_MAX_US);
		own_fini(&o);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes	 text = { (const char *)data, len };
	struct tool	*t = make_tool();

	try_call(t, text);
	try_run(t, text);
	try_own(text);
	tool_free(t);
	return 0;
}
