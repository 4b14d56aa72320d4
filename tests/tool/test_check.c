#include <criterion/criterion.h>

#include "check.h"

static void
expect(const char *schema, const char *value, const char *why)
{
	json_t		*s = json_loads(schema, JSON_DECODE_ANY, NULL);
	json_t		*v = json_loads(value, JSON_DECODE_ANY, NULL);
	struct buf	 b = { 0 };
	bool		 fine;

	cr_assert(s != NULL && v != NULL, "%s %s", schema, value);
	fine = check_value(s, v, true, &b);
	cr_assert_eq(fine, why == NULL, "%s of %s: %s", value, schema, b.data);
	if (why != NULL)
		cr_assert_str_eq(b.data, why);
	buf_fini(&b);
	json_decref(s);
	json_decref(v);
}

Test(check, types_are_what_json_says)
{
	static const char *const	 types[] = {
		"object", "array", "string", "integer", "number", "boolean",
		"null"
	};
	static const struct {
		const char	*value;
		const char	*is[2];
	} rows[] = {
		{ "{}", { "object" } }, { "[]", { "array" } },
		{ "\"1\"", { "string" } }, { "1", { "integer", "number" } },
		{ "1.5", { "number" } }, { "4.0", { "number" } },
		{ "true", { "boolean" } }, { "false", { "boolean" } },
		{ "null", { "null" } },
	};
	char				 schema[64], why[64];
	size_t				 i, k;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (k = 0; k < sizeof(types) / sizeof(*types); k++) {
			bool	 is = strcmp(types[k], rows[i].is[0]) == 0 ||
			    (rows[i].is[1] != NULL &&
			    strcmp(types[k], rows[i].is[1]) == 0);

			(void)snprintf(schema, sizeof(schema),
			    "{\"type\":\"%s\"}", types[k]);
			(void)snprintf(why, sizeof(why), "not %s %s",
			    strchr("aoi", *types[k]) ? "an" : "a", types[k]);
			expect(schema, rows[i].value, is ? NULL : why);
		}
}

Test(check, one_of_several_types_is_enough)
{
	expect("{\"type\":[\"string\",\"null\"]}", "null", NULL);
	expect("{\"type\":[\"string\",\"null\"]}", "1",
	    "of a type that it cannot have");
}

Test(check, a_place_is_named_from_the_outside_in)
{
	expect("{\"properties\":{\"a\":{\"items\":{\"properties\":{\"b\":"
	    "{\"type\":\"integer\"}}}}}}", "{\"a\":[{},{\"b\":\"x\"}]}",
	    "a[1].b: not an integer");
}

Test(check, a_choice_must_be_one_of_them)
{
	expect("{\"enum\":[\"all\",\"docs\"]}", "\"docs\"", NULL);
	expect("{\"enum\":[\"all\",\"docs\"]}", "\"none\"",
	    "not one of all, docs");
	expect("{\"enum\":[1,null]}", "2", "not one of 1, null");
	expect("{\"const\":\"x\"}", "\"y\"", "not x");
}

Test(check, what_is_required_is_missed)
{
	expect("{\"properties\":{\"a\":{}},\"required\":[\"a\"]}", "{}",
	    "a: missing");
	expect("{\"properties\":{\"a\":{\"properties\":{\"b\":{}},"
	    "\"required\":[\"b\"]}}}", "{\"a\":{}}", "a.b: missing");
}

Test(check, an_unknown_argument_is_told_what_there_is)
{
	expect("{\"properties\":{\"a\":{},\"b\":{}}}", "{\"c\":1}",
	    "c: no such argument; there are a, b");
	expect("{}", "{\"c\":1}", "c: no such argument");
	expect("{\"additionalProperties\":true}", "{\"c\":1}", NULL);
	expect("{\"additionalProperties\":{\"type\":\"string\"}}",
	    "{\"c\":1}", "c: not a string");
}

Test(check, objects_inside_are_open_unless_they_say_so)
{
	expect("{\"properties\":{\"a\":{}}}", "{\"a\":{\"x\":1}}", NULL);
	expect("{\"properties\":{\"a\":{\"additionalProperties\":false}}}",
	    "{\"a\":{\"x\":1}}", "a.x: no such argument");
}

Test(check, limits_hold_at_both_ends)
{
	expect("{\"minimum\":1,\"maximum\":3}", "1", NULL);
	expect("{\"minimum\":1,\"maximum\":3}", "3", NULL);
	expect("{\"minimum\":1}", "0.5", "less than 1");
	expect("{\"maximum\":3}", "4", "greater than 3");
	expect("{\"exclusiveMinimum\":0}", "0", "not greater than 0");
	expect("{\"exclusiveMaximum\":9}", "9", "not less than 9");
	expect("{\"minLength\":2}", "\"\xc3\xa9\"", "shorter than 2");
	expect("{\"maxLength\":1}", "\"\xc3\xa9\"", NULL);
	expect("{\"maxLength\":1}", "\"ab\"", "longer than 1");
	expect("{\"minItems\":1}", "[]", "with fewer items than 1");
	expect("{\"maxItems\":1}", "[1,2]", "with more items than 1");
	expect("{\"minimum\":1,\"minLength\":9}", "\"text\"",
	    "shorter than 9");
}

Test(check, true_allows_and_false_does_not)
{
	expect("true", "1", NULL);
	expect("{\"properties\":{\"a\":false}}", "{\"a\":1}",
	    "a: not allowed");
}

static void
collect(void *arg, const char *what)
{
	buf_printf(arg, "%s;", what);
}

Test(check, what_is_not_checked_is_named)
{
	struct buf	 b = { 0 };
	json_t		*s = json_loads("{\"type\":\"object\",\"$ref\":\"#\","
	    "\"properties\":{\"a\":{\"pattern\":\"x\",\"title\":\"t\"},"
	    "\"b\":{\"items\":{\"anyOf\":[]}}}}", 0, NULL);

	check_unknown(s, collect, &b);
	cr_assert_str_eq(b.data, "$ref;a: pattern;b: anyOf;");
	buf_fini(&b);
	json_decref(s);
}
