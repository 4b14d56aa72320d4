/*
 * What describes a tool, written by anybody: a header if the first byte is
 * even, else a NAME.tool.json.
 */
#include <jansson.h>

#include "check.h"
#include "fuzz.h"
#include "header.h"
#include "schema.h"
#include "text.h"

const struct bytes fuzz_seeds[] = {
	SEED("\x02#!/bin/sh\n# @describe Build\n# more\n"
	    "# @option -t --target![all|docs] What\n"
	    "# @option --jobs=4 <INT> Jobs\n# @flag --clean\nset -eu\n"),
	SEED("\x02# @describe d\n# @option --tag*,=a,b <X> <Y> T\n"
	    "# @option --n+ <NUM>\n# @arg a!\n# @arg b*[x|y]\n"),
	SEED("\x02# @describe d\n# @option --x=`f` T\n# @option --y[?`f`]\n"
	    "# @option --z[=a|b] $$ T\n# @env A=\"b c\"\n# @cmd x\n"),
	SEED("\x02# @describe d\n# @meta timeout 1h 30.5min\n"
	    "# @meta max-output 1.5MiB\n# @meta rw /a /b\n# @meta net host\n"),
	SEED("\x01{\"description\":\"d\",\"inputSchema\":{\"type\":\"object\","
	    "\"properties\":{\"aB\":{\"type\":\"array\",\"items\":{\"enum\":"
	    "[\"x\"]}},\"n\":{\"default\":1.50,\"maximum\":2}},"
	    "\"required\":[\"aB\"],\"additionalProperties\":{}},"
	    "\"meta\":{\"timeout\":1.5,\"rw\":[\"/a\"]}}"),
	{ NULL, 0 }
};

static bool
parse(struct tool *t, struct bytes text, bool header, struct tool_note *error)
{
	return header ? header_parse(t, text, error) :
	    schema_parse(t, text, error);
}

/* A default must pass the check that each call has to pass. */
static void
check_fallback(const struct tool_param *p, const json_t *schema)
{
	struct buf	 why = { 0 };
	json_t		*v;

	if (p->fallback == NULL)
		return;
	CHECK(!p->required);
	CHECK((v = json_loads(p->fallback, JSON_DECODE_ANY, NULL)) != NULL);
	CHECK(check_value(json_object_get(json_object_get(schema,
	    "properties"), p->name), v, false, &why));
	json_decref(v);
	buf_fini(&why);
}

static void
check_tool(const struct tool *t)
{
	json_t		*schema;
	struct buf	 b = { 0 };
	size_t		 i;

	CHECK((schema = json_loads(t->parameters, 0, NULL)) != NULL);
	CHECK(json_object_size(json_object_get(schema, "properties")) ==
	    t->nparams);
	for (i = 0; i < t->nparams; i++) {
		CHECK(tool_find_param(t, t->params[i].name) == &t->params[i]);
		CHECK(*t->params[i].flag == '-');
		check_fallback(&t->params[i], schema);
	}
	json_decref(schema);
	tool_json(t, &b);
	CHECK((schema = json_loads(b.data, 0, NULL)) != NULL);
	json_decref(schema);
	buf_fini(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tool		*t = tool_new("x"), *again = tool_new("x");
	struct tool_note	 error = { 0 }, second = { 0 };
	struct bytes		 text;
	bool			 header, fine;

	if (len > 0) {
		text = (struct bytes){ (const char *)data + 1, len - 1 };
		header = data[0] % 2 == 0;
		fine = parse(t, text, header, &error);
		CHECK(parse(again, text, header, &second) == fine);
		CHECK(fine == (error.text == NULL));
		CHECK(!header || error.line <= HEADER_LINES);
		CHECK(fine || text_is_valid(bytes_of(error.text)));
		if (fine) {
			check_tool(t);
			CHECK(strcmp(t->parameters, again->parameters) == 0);
		}
	}
	tool_note_fini(&error);
	tool_note_fini(&second);
	tool_free(t);
	tool_free(again);
	return 0;
}
