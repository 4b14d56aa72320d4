#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_request.h"

enum last {
	LAST_NONE, LAST_SYSTEM, LAST_USER, LAST_ANSWER, LAST_CALLS, LAST_TOOL
};

struct judge {
	json_t		*tools;		/* names that may be called */
	json_t		*ids;		/* every call's id so far */
	const json_t	*calls;		/* of the last assistant; or NULL */
	size_t		 answered;	/* of calls */
	enum last	 last;
	char		*why;
};

static bool	refuse(struct judge *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));

static bool
refuse(struct judge *j, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&j->why, fmt, ap) == -1)
		abort();
	va_end(ap);
	return false;
}

static bool
is_one_of(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(s, *list) == 0)
			return true;
	return false;
}

/* jansson has checked that the bytes are well-formed UTF-8. */
static uint32_t
next_char(const unsigned char **at)
{
	const unsigned char *p = *at;
	uint32_t c;
	int more = *p < 0xc0 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;

	c = more == 0 ? *p : *p & (0x3fU >> more);
	for (p++; more > 0; more--)
		c = c << 6 | (*p++ & 0x3f);
	*at = p;
	return c;
}

static bool
is_control(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0);
}

static bool
is_space(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202f || c == 0x205f || c == 0x3000;
}

static bool
check_chars(struct judge *j, const json_t *text, const char *where, bool *blank)
{
	const unsigned char *p = (const unsigned char *)json_string_value(text);
	const unsigned char *end = p + json_string_length(text);
	uint32_t c;

	*blank = true;
	while (p < end) {
		c = next_char(&p);
		if (is_control(c))
			return refuse(j, "%s: control character U+%04X", where,
			    (unsigned)c);
		*blank = *blank && is_space(c);
	}
	return true;
}

static bool
check_text(struct judge *j, const json_t *text, const char *where,
    bool may_be_empty)
{
	bool blank;

	if (text == NULL)
		return refuse(j, "%s: is missing", where);
	if (!json_is_string(text))
		return refuse(j, "%s: is not a string", where);
	if (!check_chars(j, text, where, &blank))
		return false;
	if (json_string_length(text) == 0 && may_be_empty)
		return true;
	if (blank)
		return refuse(j, "%s: is %s", where,
		    json_string_length(text) == 0 ? "empty" : "only blanks");
	return true;
}

static bool
check_keys(struct judge *j, json_t *object, const char *where,
    const char *const *known)
{
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return refuse(j, "%s: is not an object", where);
	json_object_foreach(object, key, value)
		if (!is_one_of(key, known))
			return refuse(j, "%s: unknown key \"%s\"", where, key);
	return true;
}

static bool
is_name(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n >= 1 && n <= 64 && s[n] == '\0';
}

static bool
check_parameters(struct judge *j, const json_t *schema, const char *where)
{
	const char *type;

	if (schema == NULL)
		return true;
	type = json_string_value(json_object_get(schema, "type"));
	if (type == NULL || strcmp(type, "object") != 0)
		return refuse(j, "%s: parameters are no object schema", where);
	return true;
}

static bool
check_tool(struct judge *j, json_t *tool, const char *where)
{
	static const char *const outer[] = { "type", "function", NULL };
	static const char *const inner[] = { "name", "description",
	    "parameters", "strict", NULL };
	const char *type = json_string_value(json_object_get(tool, "type"));
	json_t *f = json_object_get(tool, "function");
	const char *name = json_string_value(json_object_get(f, "name"));
	json_t *description = json_object_get(f, "description");

	if (!check_keys(j, tool, where, outer) ||
	    !check_keys(j, f, where, inner) ||
	    !check_parameters(j, json_object_get(f, "parameters"), where))
		return false;
	if (type == NULL || strcmp(type, "function") != 0)
		return refuse(j, "%s: type is not \"function\"", where);
	if (name == NULL || !is_name(name))
		return refuse(j, "%s: not a function's name", where);
	if (json_object_get(j->tools, name) != NULL)
		return refuse(j, "%s: %s is there twice", where, name);
	if (description != NULL && !check_text(j, description, where, false))
		return false;
	json_object_set(j->tools, name, json_true());
	return true;
}

static bool
check_tools(struct judge *j, const json_t *root)
{
	const json_t *tools = json_object_get(root, "tools");
	char where[64];
	json_t *tool;
	size_t i;

	if (tools == NULL) {
		if (json_object_get(root, "tool_choice") != NULL ||
		    json_object_get(root, "parallel_tool_calls") != NULL)
			return refuse(j, "a choice of tools without tools");
		return true;
	}
	if (json_array_size(tools) == 0)
		return refuse(j, "tools: is not a list, or empty");
	json_array_foreach(tools, i, tool) {
		snprintf(where, sizeof(where), "tools[%zu]", i);
		if (!check_tool(j, tool, where))
			return false;
	}
	return true;
}

static bool
is_object_text(const json_t *text)
{
	json_t *v = json_loadb(json_string_value(text),
	    json_string_length(text),
	    JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
	bool is = json_is_object(v);

	json_decref(v);
	return is;
}

static bool
check_function(struct judge *j, json_t *f, const char *where)
{
	static const char *const keys[] = { "name", "arguments", NULL };
	const char *name = json_string_value(json_object_get(f, "name"));
	const json_t *arguments = json_object_get(f, "arguments");

	if (!check_keys(j, f, where, keys))
		return false;
	if (name == NULL || json_object_get(j->tools, name) == NULL)
		return refuse(j, "%s: %s is not in tools", where,
		    name == NULL ? "no name" : name);
	if (!check_text(j, arguments, where, false))
		return false;
	if (!is_object_text(arguments))
		return refuse(j, "%s: arguments are not the text of an object",
		    where);
	return true;
}

static bool
check_id(struct judge *j, const json_t *id, const char *where)
{
	const char *s = json_string_value(id);

	if (!check_text(j, id, where, false))
		return false;
	if (strlen(s) != json_string_length(id) || strpbrk(s, " \t\n") != NULL)
		return refuse(j, "%s: blanks in an id", where);
	if (json_object_get(j->ids, s) != NULL)
		return refuse(j, "%s: the id %s is there twice", where, s);
	json_object_set(j->ids, s, json_true());
	return true;
}

static bool
check_call(struct judge *j, json_t *call, const char *where)
{
	static const char *const keys[] = { "id", "type", "function", NULL };
	const char *type = json_string_value(json_object_get(call, "type"));

	if (!check_keys(j, call, where, keys))
		return false;
	if (type == NULL || strcmp(type, "function") != 0)
		return refuse(j, "%s: type is not \"function\"", where);
	return check_id(j, json_object_get(call, "id"), where) &&
	    check_function(j, json_object_get(call, "function"), where);
}

static bool
check_calls(struct judge *j, const json_t *calls, const char *where)
{
	char call_at[96];
	json_t *call;
	size_t i;

	if (json_array_size(calls) == 0)
		return refuse(j, "%s: tool_calls is not a list, or empty",
		    where);
	json_array_foreach(calls, i, call) {
		snprintf(call_at, sizeof(call_at), "%s.tool_calls[%zu]", where,
		    i);
		if (!check_call(j, call, call_at))
			return false;
	}
	j->calls = calls;
	j->answered = 0;
	return true;
}

/* C5: until the last result is there nothing else may come. */
static bool
check_answered(struct judge *j, const char *where)
{
	const json_t *call;

	if (j->last != LAST_CALLS)
		return true;
	call = json_array_get(j->calls, j->answered);
	return refuse(j, "%s: the call %s has no result right after it", where,
	    json_string_value(json_object_get(call, "id")));
}

static bool
check_system(struct judge *j, json_t *m, const char *where)
{
	static const char *const keys[] = { "role", "content", NULL };

	if (j->last != LAST_NONE)
		return refuse(j, "%s: system is not the first", where);
	j->last = LAST_SYSTEM;
	return check_keys(j, m, where, keys) &&
	    check_text(j, json_object_get(m, "content"), where, false);
}

static bool
check_user(struct judge *j, json_t *m, const char *where)
{
	static const char *const keys[] = { "role", "content", NULL };

	if (!check_answered(j, where))
		return false;
	if (j->last == LAST_USER)
		return refuse(j, "%s: user after user", where);
	if (j->last == LAST_TOOL)
		return refuse(j, "%s: user after tool", where);
	j->last = LAST_USER;
	return check_keys(j, m, where, keys) &&
	    check_text(j, json_object_get(m, "content"), where, false);
}

static bool
check_assistant(struct judge *j, json_t *m, const char *where)
{
	static const char *const keys[] = { "role", "content", "tool_calls",
	    NULL };
	const json_t *calls = json_object_get(m, "tool_calls");

	if (!check_answered(j, where))
		return false;
	if (j->last != LAST_USER && j->last != LAST_TOOL)
		return refuse(j, "%s: assistant, but not after user or tool",
		    where);
	j->last = calls == NULL ? LAST_ANSWER : LAST_CALLS;
	return check_keys(j, m, where, keys) &&
	    check_text(j, json_object_get(m, "content"), where,
	    calls != NULL) &&
	    (calls == NULL || check_calls(j, calls, where));
}

static bool
check_result(struct judge *j, json_t *m, const char *where)
{
	static const char *const keys[] = { "role", "content", "tool_call_id",
	    NULL };
	const char *id, *want;

	if (j->last != LAST_CALLS)
		return refuse(j, "%s: a result without a call", where);
	id = json_string_value(json_object_get(m, "tool_call_id"));
	want = json_string_value(json_object_get(
	    json_array_get(j->calls, j->answered), "id"));
	if (id == NULL || strcmp(id, want) != 0)
		return refuse(j, "%s: a result of %s where %s's belongs", where,
		    id == NULL ? "nothing" : id, want);
	if (++j->answered == json_array_size(j->calls))
		j->last = LAST_TOOL;
	return check_keys(j, m, where, keys) &&
	    check_text(j, json_object_get(m, "content"), where, false);
}

static bool
check_message(struct judge *j, json_t *m, const char *where)
{
	static const struct {
		const char *role;
		bool (*check)(struct judge *, json_t *, const char *);
	} roles[] = {
		{ "system", check_system }, { "user", check_user },
		{ "assistant", check_assistant }, { "tool", check_result },
	};
	const char *role = json_string_value(json_object_get(m, "role"));
	size_t i;

	for (i = 0; role != NULL && i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(role, roles[i].role) == 0)
			return roles[i].check(j, m, where);
	return refuse(j, "%s: role %s", where, role == NULL ? "missing" : role);
}

static bool
check_messages(struct judge *j, const json_t *messages)
{
	char where[64];
	json_t *m;
	size_t i;

	if (json_array_size(messages) == 0)
		return refuse(j, "messages: is not a list, or empty");
	json_array_foreach(messages, i, m) {
		snprintf(where, sizeof(where), "messages[%zu]", i);
		if (!check_message(j, m, where))
			return false;
	}
	if (!check_answered(j, "messages, at the end"))
		return false;
	if (j->last != LAST_USER && j->last != LAST_TOOL)
		return refuse(j, "messages: the last is not user or tool");
	return true;
}

static bool
check_root(struct judge *j, json_t *root)
{
	static const char *const keys[] = { "model", "stream",
	    "stream_options", "messages", "tools", "tool_choice",
	    "parallel_tool_calls", "max_tokens", "max_completion_tokens",
	    "reasoning_effort", "temperature", "top_p", NULL };

	if (!check_keys(j, root, "request", keys) ||
	    !check_text(j, json_object_get(root, "model"), "model", false))
		return false;
	if (!json_is_true(json_object_get(root, "stream")))
		return refuse(j, "stream: is not true");
	return check_tools(j, root) &&
	    check_messages(j, json_object_get(root, "messages"));
}

char *
check_request(struct body b)
{
	struct judge j = { .last = LAST_NONE };
	json_error_t error;
	json_t *root;

	root = json_loadb(b.data, b.len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL,
	    &error);
	if (root == NULL) {
		refuse(&j, "not JSON: at byte %d: %s", error.position,
		    error.text);
		return j.why;
	}
	j.tools = json_object();
	j.ids = json_object();
	check_root(&j, root);
	json_decref(j.tools);
	json_decref(j.ids);
	json_decref(root);
	return j.why;
}
