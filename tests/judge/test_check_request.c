#include <criterion/criterion.h>
#include <string.h>

#include "check_request.h"

#define HEAD	"{\"model\":\"m\",\"stream\":true,\"messages\":["
#define TOOLS	"],\"tools\":[{\"type\":\"function\",\"function\":{" \
		"\"name\":\"exec\",\"description\":\"d\"," \
		"\"parameters\":{\"type\":\"object\"}}}]}"
#define BARE	"]}"

#define SYSTEM	"{\"role\":\"system\",\"content\":\"s\"}"
#define USER	"{\"role\":\"user\",\"content\":\"u\"}"
#define ANSWER	"{\"role\":\"assistant\",\"content\":\"a\"}"
#define CALL_OF(id, name, args)						\
		"{\"id\":\"" id "\",\"type\":\"function\",\"function\":{" \
		"\"name\":\"" name "\",\"arguments\":\"" args "\"}}"
#define CALL(id)	CALL_OF(id, "exec", "{}")
#define CALLS(list)	"{\"role\":\"assistant\",\"content\":\"\"," \
			"\"tool_calls\":[" list "]}"
#define RESULT(id)	"{\"role\":\"tool\",\"tool_call_id\":\"" id "\"," \
			"\"content\":\"r\"}"
#define SUMMED(n, text)	SAID("<session-note compaction=\\\"" n "\\\">" \
			text "</session-note>")
#define SAID(text)	"{\"role\":\"user\",\"content\":\"" text "\"}"

struct row {
	const char	*text;
	const char	*why;		/* NULL: legal; else part of the words */
};

static struct body
body(const char *s)
{
	return (struct body){ s, strlen(s) };
}

static void
judge(const struct row *rows, size_t n)
{
	char *why;
	size_t i;

	for (i = 0; i < n; i++) {
		why = check_request(body(rows[i].text));
		if (rows[i].why == NULL)
			cr_expect(why == NULL, "%s\n-> %s", rows[i].text, why);
		else
			cr_expect(why != NULL && strstr(why, rows[i].why),
			    "%s\n-> %s, not %s", rows[i].text,
			    why == NULL ? "legal" : why, rows[i].why);
		free(why);
	}
}

#define JUDGE(rows)	judge(rows, sizeof(rows) / sizeof((rows)[0]))

Test(check_request, what_every_server_takes_is_legal)
{
	static const struct row rows[] = {
		{ HEAD USER BARE, NULL },
		{ HEAD SYSTEM "," USER TOOLS, NULL },
		{ HEAD SYSTEM "," USER "," ANSWER "," USER TOOLS, NULL },
		{ HEAD USER "," CALLS(CALL("c1")) "," RESULT("c1") TOOLS,
		    NULL },
		{ HEAD USER "," CALLS(CALL("c1") "," CALL("c2")) ","
		    RESULT("c1") "," RESULT("c2") "," ANSWER "," USER TOOLS,
		    NULL },
		{ HEAD USER "," CALLS(CALL("c1")) "," RESULT("c1") ","
		    CALLS(CALL("c2")) "," RESULT("c2") TOOLS, NULL },
		{ HEAD SAID("tab\\t line\\n \\u00e9 \xf0\x9f\x98\x80") BARE,
		    NULL },
		{ HEAD USER "," CALLS(CALL_OF("c1", "exec",
		    "{\\\"n\\\":1e2,\\\"big\\\":99999999999999999999}")) ","
		    RESULT("c1") TOOLS, NULL },
	};

	JUDGE(rows);
}

Test(check_request, a_system_message_is_first_or_nowhere)
{
	static const struct row rows[] = {
		{ HEAD USER "," SYSTEM "," USER BARE, "system is not" },
		{ HEAD SYSTEM "," SYSTEM "," USER BARE, "system is not" },
		{ HEAD USER "," ANSWER "," SYSTEM "," USER BARE,
		    "messages[2]: system is not" },
		{ HEAD "{\"role\":\"developer\",\"content\":\"s\"}," USER BARE,
		    "role developer" },
	};

	JUDGE(rows);
}

Test(check_request, roles_alternate_and_a_person_speaks_first_and_last)
{
	static const struct row rows[] = {
		{ HEAD USER "," USER BARE, "user after user" },
		{ HEAD SYSTEM "," ANSWER "," USER BARE, "not after user" },
		{ HEAD ANSWER BARE, "not after user" },
		{ HEAD USER "," ANSWER "," ANSWER "," USER BARE,
		    "messages[2]: assistant" },
		{ HEAD USER "," ANSWER BARE, "the last is not" },
		{ HEAD SYSTEM BARE, "the last is not" },
		{ HEAD BARE, "is not a list, or empty" },
		{ HEAD USER "," CALLS(CALL("c1")) "," RESULT("c1") "," USER
		    TOOLS, "messages[3]: user after tool" },
		{ HEAD "{\"content\":\"x\"}" BARE, "role missing" },
	};

	JUDGE(rows);
}

Test(check_request, each_call_has_one_result_right_after_it_in_order)
{
	static const struct row rows[] = {
		{ HEAD USER "," CALLS(CALL("c1")) TOOLS,
		    "the call c1 has no result" },
		{ HEAD USER "," CALLS(CALL("c1")) "," USER TOOLS,
		    "the call c1 has no result" },
		{ HEAD USER "," CALLS(CALL("c1") "," CALL("c2")) ","
		    RESULT("c1") "," ANSWER "," USER TOOLS,
		    "the call c2 has no result" },
		{ HEAD USER "," CALLS(CALL("c1") "," CALL("c2")) ","
		    RESULT("c2") "," RESULT("c1") TOOLS, "of c2 where c1's" },
		{ HEAD USER "," CALLS(CALL("c1")) "," RESULT("c1") ","
		    RESULT("c1") TOOLS, "without a call" },
		{ HEAD USER "," RESULT("c1") TOOLS, "without a call" },
		{ HEAD USER "," CALLS(CALL("c1")) "," RESULT("c9") TOOLS,
		    "of c9 where c1's" },
	};

	JUDGE(rows);
}

Test(check_request, ids_are_unique)
{
	static const struct row rows[] = {
		{ HEAD USER "," CALLS(CALL("c1") "," CALL("c1")) ","
		    RESULT("c1") "," RESULT("c1") TOOLS, "there twice" },
		{ HEAD USER "," CALLS(CALL("c1")) "," RESULT("c1") ","
		    CALLS(CALL("c1")) "," RESULT("c1") TOOLS, "there twice" },
		{ HEAD USER "," CALLS(CALL("")) "," RESULT("") TOOLS,
		    "is empty" },
		{ HEAD USER "," CALLS(CALL("a b")) "," RESULT("a b") TOOLS,
		    "blanks in an id" },
	};

	JUDGE(rows);
}

Test(check_request, no_content_is_empty_or_blank)
{
	static const struct row rows[] = {
		{ HEAD SAID("") BARE, "is empty" },
		{ HEAD SAID(" \\n\\t") BARE, "only blanks" },
		{ HEAD SAID("\\u3000\\u00a0") BARE, "only blanks" },
		{ HEAD "{\"role\":\"user\"}" BARE, "is missing" },
		{ HEAD "{\"role\":\"user\",\"content\":null}" BARE,
		    "is not a string" },
		{ HEAD "{\"role\":\"user\",\"content\":[{\"type\":\"text\","
		    "\"text\":\"x\"}]}" BARE, "is not a string" },
		{ HEAD USER ",{\"role\":\"assistant\",\"content\":\"\"},"
		    USER BARE, "is empty" },
		{ HEAD USER ",{\"role\":\"assistant\",\"content\":\" \","
		    "\"tool_calls\":[" CALL("c1") "]}," RESULT("c1") TOOLS,
		    "only blanks" },
		{ HEAD USER ",{\"role\":\"assistant\",\"content\":null,"
		    "\"tool_calls\":[" CALL("c1") "]}," RESULT("c1") TOOLS,
		    "is not a string" },
		{ HEAD USER "," CALLS(CALL("c1")) ",{\"role\":\"tool\","
		    "\"tool_call_id\":\"c1\",\"content\":\"\"}" TOOLS,
		    "is empty" },
		{ HEAD "{\"role\":\"system\",\"content\":\"\"}," USER BARE,
		    "is empty" },
	};

	JUDGE(rows);
}

Test(check_request, text_is_utf8_without_controls)
{
	static const struct row rows[] = {
		{ HEAD SAID("\xff") BARE, "not JSON" },
		{ HEAD SAID("\xc3") BARE, "not JSON" },
		{ HEAD SAID("\xed\xa0\x80") BARE, "not JSON" },
		{ HEAD SAID("\\ud800") BARE, "not JSON" },
		{ HEAD SAID("a\\u001b[0m") BARE, "U+001B" },
		{ HEAD SAID("a\\r") BARE, "U+000D" },
		{ HEAD SAID("a\\u0000b") BARE, "U+0000" },
		{ HEAD SAID("a\x7f") BARE, "U+007F" },
		{ HEAD SAID("a\xc2\x9b") BARE, "U+009B" },
		{ HEAD SAID("a\nb") BARE, "not JSON" },
	};

	JUDGE(rows);
}

Test(check_request, arguments_are_an_objects_text_and_names_are_known)
{
	static const struct row rows[] = {
		{ HEAD USER "," CALLS(CALL_OF("c1", "exec", "")) ","
		    RESULT("c1") TOOLS, "is empty" },
		{ HEAD USER "," CALLS(CALL_OF("c1", "exec", "[]")) ","
		    RESULT("c1") TOOLS, "not the text of an object" },
		{ HEAD USER "," CALLS(CALL_OF("c1", "exec", "{\\\"a\\\":")) ","
		    RESULT("c1") TOOLS, "not the text of an object" },
		{ HEAD USER "," CALLS(CALL_OF("c1", "exec", "{} {}")) ","
		    RESULT("c1") TOOLS, "not the text of an object" },
		{ HEAD USER "," CALLS("{\"id\":\"c1\",\"type\":\"function\","
		    "\"function\":{\"name\":\"exec\",\"arguments\":{}}}") ","
		    RESULT("c1") TOOLS, "is not a string" },
		{ HEAD USER "," CALLS(CALL_OF("c1", "make", "{}")) ","
		    RESULT("c1") TOOLS, "make is not in tools" },
		{ HEAD USER "," CALLS(CALL("c1")) "," RESULT("c1") BARE,
		    "exec is not in tools" },
		{ HEAD USER "," CALLS("{\"id\":\"c1\",\"function\":{\"name\":"
		    "\"exec\",\"arguments\":\"{}\"}}") "," RESULT("c1") TOOLS,
		    "type is not" },
		{ HEAD USER "," CALLS("") "," USER TOOLS,
		    "tool_calls is not a list, or empty" },
	};

	JUDGE(rows);
}

#define TOOL(inner)	"{\"type\":\"function\",\"function\":{" inner "}}"

Test(check_request, tools_are_a_list_of_functions_or_absent)
{
	static const struct row rows[] = {
		{ HEAD USER "],\"tools\":[]}", "tools: is not a list, or" },
		{ HEAD USER "],\"tools\":[" TOOL("\"name\":\"a b\"") "]}",
		    "not a function's name" },
		{ HEAD USER "],\"tools\":[" TOOL("\"name\":\"a\"") ","
		    TOOL("\"name\":\"a\"") "]}", "a is there twice" },
		{ HEAD USER "],\"tools\":[" TOOL("\"name\":\"a\","
		    "\"parameters\":{}") "]}", "no object schema" },
		{ HEAD USER "],\"tools\":[{\"name\":\"a\"}]}",
		    "unknown key \"name\"" },
		{ HEAD USER "],\"tool_choice\":\"auto\"}", "without tools" },
	};

	JUDGE(rows);
}

Test(check_request, what_a_strict_server_does_not_know_is_refused)
{
	static const struct row rows[] = {
		{ "", "not JSON" },
		{ "[]", "is not an object" },
		{ HEAD USER BARE "x", "not JSON" },
		{ "{\"stream\":true,\"messages\":[" USER BARE,
		    "model: is missing" },
		{ "{\"model\":\"m\",\"messages\":[" USER BARE,
		    "stream: is not true" },
		{ HEAD USER "],\"seq\":1}", "unknown key \"seq\"" },
		{ HEAD USER "],\"stream\":true}", "not JSON" },
		{ HEAD "{\"role\":\"user\",\"content\":\"u\",\"id\":\"m1\"}"
		    BARE, "unknown key \"id\"" },
		{ HEAD USER ",{\"role\":\"assistant\",\"content\":\"a\","
		    "\"reasoning\":\"r\"}," USER BARE,
		    "unknown key \"reasoning\"" },
	};

	JUDGE(rows);
}

struct pair {
	const char	*older, *newer;
	const char	*prefix;	/* NULL: it is one; else part of the words */
	const char	*parting;
};

static void
expect_words(const struct pair *p, const char *what, const char *want,
    char *why)
{
	if (want == NULL)
		cr_expect(why == NULL, "%s\n%s\n%s -> %s", p->older, p->newer,
		    what, why);
	else
		cr_expect(why != NULL && strstr(why, want),
		    "%s\n%s\n%s -> %s, not %s", p->older, p->newer, what,
		    why == NULL ? "fine" : why, want);
	free(why);
}

Test(check_request, a_later_request_begins_with_the_bytes_of_the_older)
{
	static const struct pair rows[] = {
		{ HEAD USER BARE, HEAD USER BARE, NULL, NULL },
		{ HEAD USER BARE, HEAD USER "," ANSWER "," USER BARE,
		    NULL, NULL },
		{ HEAD SAID("[\\\"]},{") BARE, HEAD SAID("[\\\"]},{") ","
		    ANSWER "," USER BARE, NULL, NULL },
		{ "{\"messages\":[" USER "],\"model\":\"a\"}",
		    "{\"model\":\"b\",\"messages\":[" USER "," ANSWER "]}",
		    NULL, NULL },
		{ HEAD USER "," ANSWER "," USER BARE, HEAD USER BARE,
		    "messages[1] is gone", NULL },
		{ HEAD USER "," ANSWER BARE, HEAD USER ", " ANSWER BARE,
		    "other bytes between", "other bytes between" },
		{ HEAD SAID("\\u0041") BARE, HEAD SAID("A") BARE,
		    "messages[0] was rewritten", "messages[0]" },
		{ HEAD USER "," SAID("a") BARE, HEAD USER "," SAID("a\\nb")
		    BARE, "messages[1] was rewritten", NULL },
		{ HEAD USER "," CALLS(CALL("c1")) "," RESULT("c1") BARE,
		    HEAD USER "," CALLS(CALL("c1")) ","
		    "{\"role\":\"tool\",\"tool_call_id\":\"c1\","
		    "\"content\":\"other\"}" BARE,
		    "messages[2] was rewritten", "messages[2]" },
		{ HEAD SYSTEM "," USER BARE, HEAD USER BARE,
		    "messages[0] was rewritten", "messages[0]" },
		{ HEAD USER TOOLS, HEAD USER BARE, NULL, "other tools" },
		{ HEAD SYSTEM "," USER "," ANSWER "," USER BARE,
		    HEAD SYSTEM "," SUMMED("1", "x") "," ANSWER "," USER BARE,
		    "messages[1]", NULL },
		{ HEAD SYSTEM "," SUMMED("1", "x") "," ANSWER "," USER BARE,
		    HEAD SYSTEM "," SUMMED("2", "y") BARE, "messages[1]",
		    NULL },
		{ HEAD SYSTEM "," SUMMED("1", "x") "," ANSWER "," USER BARE,
		    HEAD SYSTEM "," SUMMED("1", "y") BARE, "messages[1]",
		    "another head" },
		{ BARE, HEAD USER BARE, "without messages",
		    "without messages" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		expect_words(&rows[i], "prefix", rows[i].prefix,
		    check_prefix(body(rows[i].older), body(rows[i].newer)));
		expect_words(&rows[i], "parting", rows[i].parting,
		    check_parting(body(rows[i].older), body(rows[i].newer)));
	}
}
