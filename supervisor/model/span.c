#include "span.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t
skip_blank(struct bytes b, size_t at)
{
	while (at < b.len && is_blank(b.data[at]))
		at++;
	return at;
}

static size_t
skip_string(struct bytes b, size_t at)
{
	for (at++; at < b.len && b.data[at] != '"'; at++)
		if (b.data[at] == '\\')
			at++;
	return at < b.len ? at + 1 : b.len;
}

static size_t
skip_nested(struct bytes b, size_t at)
{
	size_t depth = 0;

	while (at < b.len) {
		if (b.data[at] == '"') {
			at = skip_string(b, at);
			continue;
		}
		if (b.data[at] == '{' || b.data[at] == '[')
			depth++;
		if (b.data[at] == '}' || b.data[at] == ']')
			depth--;
		at++;
		if (depth == 0)
			return at;
	}
	return at;
}

static size_t
skip_value(struct bytes b, size_t at)
{
	if (at >= b.len)
		return at;
	if (b.data[at] == '"')
		return skip_string(b, at);
	if (b.data[at] == '{' || b.data[at] == '[')
		return skip_nested(b, at);
	while (at < b.len && !is_blank(b.data[at]) && b.data[at] != ',' &&
	    b.data[at] != '}' && b.data[at] != ']')
		at++;
	return at;
}

static struct bytes
cut(struct bytes b, size_t from, size_t to)
{
	return (struct bytes){ b.data + from, to - from };
}

static bool
opens(struct bytes b, size_t *at, char bracket)
{
	*at = skip_blank(b, 0);
	if (*at == b.len || b.data[*at] != bracket)
		return false;
	*at = skip_blank(b, *at + 1);
	return true;
}

/* Behind the separator, if there is one. */
static bool
passes(struct bytes b, size_t *at, char separator)
{
	*at = skip_blank(b, *at);
	if (*at == b.len || b.data[*at] != separator)
		return false;
	*at = skip_blank(b, *at + 1);
	return true;
}

struct bytes
span_member(struct bytes object, const char *key)
{
	struct bytes found = { NULL, 0 }, name;
	size_t at, from;

	if (!opens(object, &at, '{'))
		return found;
	while (at < object.len && object.data[at] == '"') {
		from = at;
		at = skip_string(object, at);
		name = cut(object, from + 1, at > from + 1 ? at - 1 : at);
		if (!passes(object, &at, ':'))
			break;
		from = at;
		at = skip_value(object, at);
		if (bytes_is(name, key))
			found = cut(object, from, at);
		if (!passes(object, &at, ','))
			break;
	}
	return found;
}

struct bytes
span_element(struct bytes array, size_t i)
{
	struct bytes none = { NULL, 0 };
	size_t at, from;

	if (!opens(array, &at, '['))
		return none;
	while (at < array.len && array.data[at] != ']') {
		from = at;
		at = skip_value(array, at);
		if (i-- == 0)
			return cut(array, from, at);
		if (at == from || !passes(array, &at, ','))
			break;
	}
	return none;
}
