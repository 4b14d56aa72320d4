#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_request.h"

#define SHOWN_MAX	400

/*
 * Bytes, not values: a parser would hide exactly what C4 forbids, another
 * rendering of the same message. So the values' ends are found by hand; the
 * text is known to be JSON, or at worst a wrong end is found within it.
 */
struct cursor {
	const char	*p, *end;
};

struct items {
	struct body	*at;
	size_t		 n;
};

static void
skip_blanks(struct cursor *c)
{
	while (c->p < c->end && strchr(" \t\r\n", *c->p) != NULL)
		c->p++;
}

static void
skip_string(struct cursor *c)
{
	for (c->p++; c->p < c->end && *c->p != '"'; c->p++)
		if (*c->p == '\\' && c->p + 1 < c->end)
			c->p++;
	if (c->p < c->end)
		c->p++;
}

static void
skip_nested(struct cursor *c)
{
	size_t depth = 0;

	while (c->p < c->end) {
		if (*c->p == '"') {
			skip_string(c);
			continue;
		}
		if (*c->p == '{' || *c->p == '[')
			depth++;
		else if (*c->p == '}' || *c->p == ']')
			depth--;
		c->p++;
		if (depth == 0)
			return;
	}
}

static struct body
take_value(struct cursor *c)
{
	const char *start;

	skip_blanks(c);
	start = c->p;
	if (c->p < c->end && *c->p == '"')
		skip_string(c);
	else if (c->p < c->end && (*c->p == '{' || *c->p == '['))
		skip_nested(c);
	else
		while (c->p < c->end && strchr(",]} \t\r\n", *c->p) == NULL)
			c->p++;
	return (struct body){ start, (size_t)(c->p - start) };
}

/* One of `{` `[` `,` `:`, or the end of what is being read. */
static bool
take_mark(struct cursor *c, const char *marks)
{
	skip_blanks(c);
	if (c->p >= c->end || strchr(marks, *c->p) == NULL)
		return false;
	c->p++;
	return true;
}

static bool
is_quoted(struct body b, const char *key)
{
	size_t n = strlen(key);

	return b.len == n + 2 && memcmp(b.data + 1, key, n) == 0;
}

static struct body
find_member(struct body object, const char *key)
{
	struct cursor c = { object.data, object.data + object.len };
	struct body name, value;

	while (take_mark(&c, "{,")) {
		name = take_value(&c);
		if (!take_mark(&c, ":"))
			break;
		value = take_value(&c);
		if (is_quoted(name, key))
			return value;
	}
	return (struct body){ NULL, 0 };
}

static struct items
find_items(struct body array)
{
	struct cursor c = { array.data, array.data + array.len };
	struct items items = { NULL, 0 };
	struct body item;

	while (array.len > 0 && take_mark(&c, "[,")) {
		item = take_value(&c);
		if (item.len == 0)
			break;
		items.at = reallocarray(items.at, items.n + 1,
		    sizeof(*items.at));
		if (items.at == NULL)
			abort();
		items.at[items.n++] = item;
	}
	return items;
}

static bool
is_same(struct body a, struct body b)
{
	return a.len == b.len && (a.len == 0 ||
	    memcmp(a.data, b.data, a.len) == 0);
}

static bool
is_user(struct body message)
{
	return is_quoted(find_member(message, "role"), "user");
}

static size_t
count_common(struct items a, struct items b)
{
	size_t i;

	for (i = 0; i < a.n && i < b.n; i++)
		if (!is_same(a.at[i], b.at[i]))
			break;
	return i;
}

/* The first n items and all that stands between them. */
static struct body
run_of(struct body array, struct items items, size_t n)
{
	const struct body *last;

	if (n == 0)
		return (struct body){ array.data, 0 };
	last = &items.at[n - 1];
	return (struct body){ array.data,
	    (size_t)(last->data + last->len - array.data) };
}

static char	*words(const char *, ...) __attribute__((format(printf, 1, 2)));

static char *
words(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) == -1)
		abort();
	va_end(ap);
	return s;
}

static int
shown(struct body b)
{
	return b.len < SHOWN_MAX ? (int)b.len : SHOWN_MAX;
}

static char *
compare(struct body older, struct body newer, bool may_part)
{
	struct body a = find_member(older, "messages");
	struct body b = find_member(newer, "messages");
	struct items old = find_items(a), new = find_items(b);
	size_t n = count_common(old, new);
	char *why = NULL;

	if (old.n == 0 || new.n == 0)
		why = words("a request without messages");
	else if (!is_same(run_of(a, old, n), run_of(b, new, n)))
		why = words("other bytes between the first %zu messages", n);
	else if (n < old.n && n == new.n)
		why = may_part ? NULL : words("messages[%zu] is gone", n);
	else if (n < old.n && !(may_part && n > 0 && is_user(old.at[n]) &&
	    is_user(new.at[n])))
		why = words("messages[%zu] was rewritten: %.*s\n-> %.*s", n,
		    shown(old.at[n]), old.at[n].data, shown(new.at[n]),
		    new.at[n].data);
	free(old.at);
	free(new.at);
	return why;
}

static struct body
first_user(struct body request)
{
	struct body list = find_member(request, "messages"), m;
	struct cursor c = { list.data, list.data + list.len };

	while (list.len > 0 && take_mark(&c, "[,")) {
		m = take_value(&c);
		if (m.len == 0 || is_user(m))
			return m;
	}
	return (struct body){ NULL, 0 };
}

/*
 * What stands in front for what was compacted: from its number to the
 * envelope's end. Nothing: there is none.
 */
static struct body
head_of(struct body request)
{
	static const char open[] = "<session-note compaction=\\\"";
	static const char close[] = "</session-note>";
	struct body m = find_member(first_user(request), "content");
	const char *at = m.data == NULL ? NULL : m.data + 1, *end;

	if (at == NULL || m.len <= strlen(open) ||
	    memcmp(at, open, strlen(open)) != 0 ||
	    (end = memmem(at, m.len - 1, close, strlen(close))) == NULL)
		return (struct body){ NULL, 0 };
	at += strlen(open);
	return (struct body){ at, (size_t)(end - at) };
}

/* The same number: then it has the same bytes for ever. */
static char *
compare_heads(struct body older, struct body newer)
{
	struct body a = head_of(older), b = head_of(newer);
	const char *quote;
	size_t n;

	if (a.data == NULL || b.data == NULL ||
	    (quote = memchr(a.data, '"', a.len)) == NULL)
		return NULL;
	n = (size_t)(quote - a.data) + 1;
	if (b.len < n || memcmp(a.data, b.data, n) != 0 || is_same(a, b))
		return NULL;
	return words("another head of the same number: %.*s\n-> %.*s", shown(a),
	    a.data, shown(b), b.data);
}

char *
check_prefix(struct body older, struct body newer)
{
	return compare(older, newer, false);
}

char *
check_parting(struct body older, struct body newer)
{
	struct body a = find_member(older, "tools");
	struct body b = find_member(newer, "tools");
	size_t i;

	if (is_same(a, b)) {
		char *why = compare_heads(older, newer);

		return why != NULL ? why : compare(older, newer, true);
	}
	for (i = 0; i < a.len && i < b.len && a.data[i] == b.data[i]; i++)
		continue;
	a = (struct body){ a.data + i, a.len - i };
	b = (struct body){ b.data + i, b.len - i };
	return words("other tools: %.*s\n-> %.*s", shown(a), a.data, shown(b),
	    b.data);
}
