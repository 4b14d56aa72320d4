#include "value.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf.h"
#include "path.h"
#include "xalloc.h"

#define BLANKS		" \t\r\n\v\f"
#define US		1000000ULL
#define TIME_MAX	(100ULL * 365 * 86400 * US)	/* far from 2^64 */

struct unit {
	const char	*name;
	uint64_t	 factor;
};

static const struct unit times[] = {
	{ "us", 1 }, { "usec", 1 }, { "ms", 1000 }, { "msec", 1000 },
	{ "s", US }, { "sec", US }, { "second", US }, { "seconds", US },
	{ "m", 60 * US }, { "min", 60 * US }, { "minute", 60 * US },
	{ "minutes", 60 * US },
	{ "h", 3600 * US }, { "hr", 3600 * US }, { "hour", 3600 * US },
	{ "hours", 3600 * US },
	{ "d", 86400 * US }, { "day", 86400 * US }, { "days", 86400 * US },
	{ "", US }, { NULL, 0 }
};

static const struct unit sizes[] = {
	{ "", 1 }, { "B", 1 }, { "K", 1ULL << 10 }, { "M", 1ULL << 20 },
	{ "G", 1ULL << 30 }, { "T", 1ULL << 40 }, { NULL, 0 }
};

static bool
is_blank(char c)
{
	return c != '\0' && strchr(BLANKS, c) != NULL;
}

struct bytes
value_trim(struct bytes b)
{
	while (b.len > 0 && is_blank(b.data[0])) {
		b.data++;
		b.len--;
	}
	while (b.len > 0 && is_blank(b.data[b.len - 1]))
		b.len--;
	return b;
}

/* What is in front of the first byte that is, or is not, in a class. */
static struct bytes
take(struct bytes *rest, bool (*is)(char), bool want)
{
	struct bytes taken = { rest->data, 0 };

	while (taken.len < rest->len && is(rest->data[taken.len]) == want)
		taken.len++;
	rest->data += taken.len;
	rest->len -= taken.len;
	return taken;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Digits, and then nothing else of them. */
static bool
take_number(struct bytes *rest, uint64_t *n)
{
	struct bytes digits = take(rest, is_digit, true);
	size_t i;

	*n = 0;
	for (i = 0; i < digits.len; i++)
		if (__builtin_mul_overflow(*n, 10, n) ||
		    __builtin_add_overflow(*n, digits.data[i] - '0', n))
			return false;
	return digits.len > 0;
}

static const struct unit *
take_unit(struct bytes *rest, const struct unit *units)
{
	struct bytes name;

	*rest = value_trim(*rest);
	name = take(rest, is_letter, true);
	for (; units->name != NULL; units++)
		if (bytes_is(name, units->name))
			return units;
	return NULL;
}

/* Numbers with units, summed; max is within reach of no overflow. */
static bool
take_sum(struct bytes rest, const struct unit *units, uint64_t max,
    uint64_t *sum)
{
	const struct unit *u;
	uint64_t n;

	*sum = 0;
	do {
		if (!take_number(&rest, &n) ||
		    (u = take_unit(&rest, units)) == NULL ||
		    (u->name[0] == '\0' && rest.len > 0) ||
		    __builtin_mul_overflow(n, u->factor, &n) ||
		    __builtin_add_overflow(*sum, n, sum) || *sum > max)
			return false;
		rest = value_trim(rest);
	} while (rest.len > 0);
	return true;
}

static char *
set_string(char **at, struct bytes text)
{
	free(*at);
	*at = xmemdup(text.data, text.len);
	return NULL;
}

static char *
set_word(char **at, struct bytes text, const char *words)
{
	const char *w = words;
	size_t len;

	if (words == NULL)		/* a fallback */
		return set_string(at, text);
	for (;; w += len + 1) {
		len = strcspn(w, "|");
		if (len == text.len && memcmp(w, text.data, len) == 0)
			return set_string(at, text);
		if (w[len] == '\0')
			return xasprintf("not one of %s", words);
	}
}

/* And a host behind it. */
static bool
has_scheme(struct bytes text, const char *scheme)
{
	const size_t len = strlen(scheme);

	return text.len > len && memcmp(text.data, scheme, len) == 0 &&
	    text.data[len] != '/';
}

static bool
has_blank(struct bytes text)
{
	take(&text, is_blank, false);
	return text.len > 0;
}

static char *
set_url(char **at, struct bytes text)
{
	if ((!has_scheme(text, "http://") && !has_scheme(text, "https://")) ||
	    has_blank(text))
		return xstrdup("not an http:// or https:// URL");
	while (text.data[text.len - 1] == '/')
		text.len--;
	return set_string(at, text);
}

static char *
set_path(char **at, struct bytes text)
{
	if (text.data[0] != '/')
		return xstrdup("not an absolute path");
	return set_string(at, text);
}

static char *
set_count(uint64_t *at, struct bytes text, const char *words)
{
	unsigned long long low = 0, high = INT64_MAX;
	uint64_t n;

	if (!take_number(&text, &n) || text.len > 0)
		return xstrdup("not a number");
	if (words != NULL && sscanf(words, "%llu %llu", &low, &high) != 2)
		abort();
	if (n < low || n > high)
		return xasprintf("not between %llu and %llu", low, high);
	*at = n;
	return NULL;
}

static char *
set_sum(uint64_t *at, struct bytes text, const struct unit *units,
    uint64_t max, const char *why)
{
	uint64_t sum;

	if (!take_sum(text, units, max, &sum))
		return xstrdup(why);
	*at = sum;
	return NULL;
}

static char *
set_bool(bool *at, struct bytes text)
{
	static const char *const words[2][4] = {
		{ "no", "false", "off", "0" }, { "yes", "true", "on", "1" }
	};
	size_t i, k;

	for (i = 0; i < 2; i++)
		for (k = 0; k < 4; k++)
			if (bytes_is(text, words[i][k])) {
				*at = i == 1;
				return NULL;
			}
	return xstrdup("neither yes nor no");
}

static void
add_item(struct conf_list *l, struct bytes item)
{
	l->items = xreallocarray(l->items, l->nitems + 1, sizeof(*l->items));
	l->items[l->nitems++] = xmemdup(item.data, item.len);
}

/* NULL, or why such a list cannot have it. */
static const char *
judge_item(struct bytes item, enum value_type type)
{
	if (type != VALUE_LIST && item.data[0] != '/')
		return "not an absolute path";
	if (type == VALUE_PLACES && !path_is_canonical(item))
		return "not a path without \"..\", \"//\" and the like";
	return NULL;
}

static char *
add_items(struct conf_list *l, struct bytes text, enum value_type type)
{
	struct bytes item, rest = text;
	const char *why;

	for (; rest.len > 0; rest = value_trim(rest)) {
		item = take(&rest, is_blank, false);
		if ((why = judge_item(item, type)) != NULL)
			return xstrdup(why);
	}
	for (; text.len > 0; text = value_trim(text)) {
		item = take(&text, is_blank, false);
		add_item(l, item);
	}
	return NULL;
}

char *
value_set(enum value_type type, void *at, struct bytes text,
    const char *words)
{
	assert(text.len > 0);
	switch (type) {
	case VALUE_WORD:
		return set_word(at, text, words);
	case VALUE_TEXT:
		return set_string(at, text);
	case VALUE_URL:
		return set_url(at, text);
	case VALUE_PATH:
		return set_path(at, text);
	case VALUE_COUNT:
		return set_count(at, text, words);
	case VALUE_TIME:
		return set_sum(at, text, times, TIME_MAX,
		    "not a duration such as 10s or 5min");
	case VALUE_SIZE:
		return set_sum(at, text, sizes, INT64_MAX,
		    "not a size such as 512M or 1G");
	case VALUE_BOOL:
		return set_bool(at, text);
	case VALUE_LIST:
	case VALUE_PATHS:
	case VALUE_PLACES:
		return add_items(at, text, type);
	}
	abort();
}

void
value_fini(enum value_type type, void *at)
{
	struct conf_list *l = at;
	size_t i;

	switch (type) {
	case VALUE_WORD:
	case VALUE_TEXT:
	case VALUE_URL:
	case VALUE_PATH:
		free(*(char **)at);
		*(char **)at = NULL;
		return;
	case VALUE_LIST:
	case VALUE_PATHS:
	case VALUE_PLACES:
		for (i = 0; i < l->nitems; i++)
			free(l->items[i]);
		free(l->items);
		memset(l, 0, sizeof(*l));
		return;
	case VALUE_COUNT:
	case VALUE_TIME:
	case VALUE_SIZE:
		*(uint64_t *)at = CONF_UNSAID;
		return;
	case VALUE_BOOL:
		*(bool *)at = false;
		return;
	}
}

void
value_reset(enum value_type type, void *at, const char *fallback)
{
	char *why;

	value_fini(type, at);
	if (fallback == NULL)
		return;
	why = value_set(type, at, bytes_of(fallback), NULL);
	assert(why == NULL);
	free(why);
}
