#include <criterion/criterion.h>

#include "schema.h"

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

TestSuite(schema, .init = setup, .fini = teardown);

static void
parse(const char *text)
{
	teardown();
	setup();
	cr_assert(schema_parse(t, bytes_of(text), &error), "%u: %s",
	    error.line, error.text);
}

static void
fails(const char *text, unsigned line, const char *why)
{
	teardown();
	setup();
	cr_assert_not(schema_parse(t, bytes_of(text), &error), "%s", text);
	cr_assert_eq(error.line, line, "line %u: %s", error.line, error.text);
	if (why != NULL)
		cr_assert_str_eq(error.text, why);
}

#define PROPERTIES "{\"type\":\"object\",\"properties\":{" \
	"\"n\":{\"type\":\"integer\",\"description\":\"N\",\"default\":1.0e1}}," \
	"\"required\":[]}"

Test(schema, each_dialect_has_its_own_name_for_it)
{
	static const char *const	 texts[] = {
		"{\"description\":\"d\",\"inputSchema\":{}}",
		"{\"description\":\"d\",\"parameters\":{}}",
		"{\"description\":\"d\",\"input_schema\":{}}",
	};
	size_t				 i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		parse(texts[i]);
		cr_assert_str_eq(t->parameters, "{}");
		cr_assert_str_eq(t->describe, "d");
		cr_assert_eq(t->nwarnings, 0);
	}
}

Test(schema, its_own_bytes_go_to_the_model)
{
	parse("{ \"description\" : \"d\",\n \"parameters\": { \"properties\":\n"
	    "{ \"a b\": {\"minimum\": 1.10, \"type\" : \"number\"} } } }");
	cr_assert_str_eq(t->parameters, "{\"properties\":{\"a b\":"
	    "{\"minimum\":1.10,\"type\":\"number\"}}}");
}

Test(schema, without_one_there_are_no_arguments)
{
	parse("{\"description\":\"d\"}");
	cr_assert_eq(t->nparams, 0);
	cr_assert_str_eq(t->parameters,
	    "{\"type\":\"object\",\"properties\":{},\"required\":[]}");
}

Test(schema, properties_are_parameters)
{
	parse("{\"description\":\"d\",\"inputSchema\":{\"type\":\"object\","
	    "\"properties\":{"
	    "\"dryRun\":{\"type\":\"boolean\",\"description\":\"Dry\"},"
	    "\"mode\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"]},"
	    "\"n\":{\"type\":\"number\",\"default\":1.50},"
	    "\"list\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}},"
	    "\"any\":true,\"deep\":{\"type\":\"object\"}},"
	    "\"required\":[\"mode\"]}}");
	cr_assert_eq(t->nparams, 6);
	cr_assert_str_eq(t->params[0].flag, "--dry-run");
	cr_assert_str_eq(t->params[0].variable, "DRY_RUN");
	cr_assert_str_eq(t->params[0].describe, "Dry");
	cr_assert_eq(t->params[0].type, TOOL_BOOLEAN);
	cr_assert_not(t->params[0].bare);
	cr_assert(t->params[1].required);
	cr_assert_eq(t->params[1].nchoices, 2);
	cr_assert_str_eq(t->params[2].fallback, "1.50");
	cr_assert_eq(t->params[3].type, TOOL_ARRAY);
	cr_assert_eq(t->params[3].items, TOOL_INTEGER);
	cr_assert_eq(t->params[4].type, TOOL_ANY);
	cr_assert_eq(t->params[5].type, TOOL_ANY);
	cr_assert_not(t->open);
}

Test(schema, it_may_be_open)
{
	parse("{\"description\":\"d\",\"parameters\":"
	    "{\"additionalProperties\":true}}");
	cr_assert(t->open);
}

Test(schema, meta_has_the_keys_of_the_header)
{
	parse("{\"description\":\"d\",\"meta\":{\"timeout\":90,\"grace\":1.5,"
	    "\"confirm\":true,\"net\":\"host\",\"rw\":[\"/a\",\"/b\"],"
	    "\"colour\":\"red\"}}");
	cr_assert_eq(t->timeout_us, 90000000);
	cr_assert_eq(t->grace_us, 1500000);
	cr_assert(t->confirm);
	cr_assert_str_eq(t->net, "host");
	cr_assert_eq(t->nrw, 2);
	cr_assert_eq(t->nwarnings, 1);
	cr_assert_str_eq(t->warnings[0].text, "meta: colour is unknown");
}

Test(schema, what_is_not_checked_or_known_is_a_warning)
{
	parse("{\"name\":\"x\",\"description\":\"d\",\"annotations\":{},"
	    "\"colour\":1,\"parameters\":{\"properties\":"
	    "{\"a\":{\"pattern\":\"x\"}}}}");
	cr_assert_eq(t->nwarnings, 2);
	cr_assert_str_eq(t->warnings[0].text, "colour is unknown");
	cr_assert_str_eq(t->warnings[1].text, "a: pattern is not checked");
}

Test(schema, what_is_broken_is_refused)
{
	fails("", 1, NULL);
	fails("{\n\"description\":\n}", 3, NULL);
	fails("[]", 1, "schema: not an object");
	fails("{}", 0, "description: none");
	fails("{\"description\":\" \"}", 0, "description: none");
	fails("{\"description\":1}", 0, "description: none");
	fails("{\"description\":\"d\",\"parameters\":{},\"inputSchema\":{}}",
	    0, "inputSchema: there are two schemas");
	fails("{\"description\":\"d\",\"parameters\":[]}", 0,
	    "schema: not of an object");
	fails("{\"description\":\"d\",\"parameters\":{\"type\":\"string\"}}",
	    0, "schema: not of an object");
	fails("{\"description\":\"d\",\"parameters\":{\"properties\":[]}}", 0,
	    "properties: not an object");
	fails("{\"description\":\"d\",\"parameters\":{\"required\":[\"a\"]}}",
	    0, "a: required, but not among the properties");
	fails("{\"description\":\"d\",\"parameters\":{\"required\":[1]}}", 0,
	    "required: not names");
	fails("{\"description\":\"d\",\"parameters\":{\"properties\":"
	    "{\"a_b\":{},\"a-b\":{}}}}", 0, "a-b: a name that is taken");
	fails("{\"description\":\"d\",\"parameters\":{\"properties\":"
	    "{\"\":{}}}}", 0,
	    "properties: a name that is empty or longer than 64 bytes");
	fails("{\"description\":\"d\",\"parameters\":" PROPERTIES "}", 0,
	    "n: a default that the schema does not allow");
	fails("{\"description\":\"d\",\"meta\":{\"timeout\":\"soon\"}}", 0,
	    "timeout: not a duration, as 90, 10min or 1h 30min");
	fails("{\"description\":\"d\",\"meta\":{\"timeout\":null}}", 0, NULL);
	fails("{\"description\":\"d\",\"description\":\"e\"}", 1, NULL);
}
