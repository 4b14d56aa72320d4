#include "meta.h"

#include <ctype.h>
#include <stdlib.h>

#include "path.h"
#include "pattern.h"
#include "xalloc.h"

struct unit {
	const char	*name;
	uint64_t	 worth;
};

static const struct unit durations[] = {
	{ "us", 1 }, { "ms", 1000 },
	{ "s", 1000000 }, { "sec", 1000000 }, { "second", 1000000 },
	{ "seconds", 1000000 },
	{ "m", 60000000 }, { "min", 60000000 }, { "minute", 60000000 },
	{ "minutes", 60000000 },
	{ "h", 3600000000 }, { "hr", 3600000000 }, { "hour", 3600000000 },
	{ "hours", 3600000000 },
	{ "d", 86400000000 }, { "day", 86400000000 }, { "days", 86400000000 },
	{ NULL, 0 }
};

static const struct unit sizes[] = {
	{ "B", 1 },
	{ "K", 1U << 10 }, { "KB", 1U << 10 }, { "KiB", 1U << 10 },
	{ "M", 1U << 20 }, { "MB", 1U << 20 }, { "MiB", 1U << 20 },
	{ "G", 1U << 30 }, { "GB", 1U << 30 }, { "GiB", 1U << 30 },
	{ "T", UINT64_C(1) << 40 }, { "TB", UINT64_C(1) << 40 },
	{ "TiB", UINT64_C(1) << 40 },
	{ NULL, 0 }
};

static struct bytes
trim(struct bytes b)
{
	while (b.len > 0 && (*b.data == ' ' || *b.data == '\t')) {
		b.data++;
		b.len--;
	}
	while (b.len > 0 && (b.data[b.len - 1] == ' ' ||
	    b.data[b.len - 1] == '\t'))
		b.len--;
	return b;
}

/* How many bytes at the start are of a kind. */
static size_t
span(struct bytes b, int (*is)(int))
{
	size_t	 n = 0;

	while (n < b.len && isascii((unsigned char)b.data[n]) &&
	    is((unsigned char)b.data[n]))
		n++;
	return n;
}

static void
drop(struct bytes *b, size_t n)
{
	b->data += n;
	b->len -= n;
}

/* The worth of the unit at the start; bare is what a number alone means. */
static bool
take_unit(struct bytes *b, const struct unit *u, uint64_t bare, uint64_t *worth)
{
	size_t	 n = span(*b, isalpha);

	*worth = bare;
	if (n == 0)
		return b->len == 0;
	for (; u->name != NULL; u++)
		if (bytes_is((struct bytes){ b->data, n }, u->name)) {
			*worth = u->worth;
			drop(b, n);
			return true;
		}
	return false;
}

/* Digits, perhaps a point and at most six more, as millionths. */
static bool
take_number(struct bytes *b, uint64_t *whole, uint64_t *millionths)
{
	size_t		 n = span(*b, isdigit);
	uint64_t	 weight = 100000;

	*whole = *millionths = 0;
	if (n == 0)
		return false;
	for (; n > 0; n--, drop(b, 1))
		if (__builtin_mul_overflow(*whole, 10, whole) ||
		    __builtin_add_overflow(*whole, *b->data - '0', whole))
			return false;
	if (b->len == 0 || *b->data != '.')
		return true;
	drop(b, 1);
	if ((n = span(*b, isdigit)) == 0 || n > 6)
		return false;
	for (; n > 0; n--, weight /= 10, drop(b, 1))
		*millionths += (uint64_t)(*b->data - '0') * weight;
	return true;
}

/* The largest unit is below 2^37, so that the millionths fit. */
static bool
add_term(uint64_t *sum, uint64_t whole, uint64_t millionths, uint64_t worth)
{
	return !__builtin_mul_overflow(whole, worth, &whole) &&
	    !__builtin_add_overflow(*sum, whole, sum) &&
	    !__builtin_add_overflow(*sum, millionths * worth / 1000000, sum) &&
	    *sum != TOOL_UNSAID;
}

/* Terms add up, "1h 30min"; a number without a unit stands alone. */
static bool
parse(struct bytes b, const struct unit *units, uint64_t bare, uint64_t *sum)
{
	uint64_t	 whole, millionths, worth;
	bool		 first = true;

	*sum = 0;
	for (b = trim(b); first || b.len > 0; b = trim(b), first = false) {
		if (!take_number(&b, &whole, &millionths))
			return false;
		b = trim(b);
		if (!first && b.len == 0)
			return false;
		if (!take_unit(&b, units, bare, &worth) ||
		    !add_term(sum, whole, millionths, worth))
			return false;
	}
	return true;
}

bool
meta_duration(struct bytes b, uint64_t *us)
{
	return parse(b, durations, 1000000, us);
}

bool
meta_size(struct bytes b, uint64_t *size)
{
	return parse(b, sizes, 1, size);
}

static bool
duration(struct bytes b, uint64_t *us, const char **why)
{
	*why = "not a duration, as 90, 10min or 1h 30min";
	return meta_duration(b, us);
}

static bool
yes(struct bytes b, bool *flag, const char **why)
{
	*why = "not yes or no";
	*flag = b.len == 0 || bytes_is(b, "yes") || bytes_is(b, "true");
	return *flag || bytes_is(b, "no") || bytes_is(b, "false");
}

static void
replace(char **s, struct bytes b)
{
	free(*s);
	*s = xmemdup(b.data, b.len);
}

static bool
set_timeout(struct tool *t, struct bytes b, const char **why)
{
	return duration(b, &t->timeout_us, why);
}

static bool
set_grace(struct tool *t, struct bytes b, const char **why)
{
	return duration(b, &t->grace_us, why);
}

static bool
set_idle(struct tool *t, struct bytes b, const char **why)
{
	return duration(b, &t->idle_us, why);
}

static bool
set_max_output(struct tool *t, struct bytes b, const char **why)
{
	*why = "not a size, as 65536 or 512M";
	return meta_size(b, &t->max_output);
}

static bool
set_background(struct tool *t, struct bytes b, const char **why)
{
	bool	 on;

	if (bytes_is(b, "auto")) {
		t->background = TOOL_BACKGROUND_AUTO;
		return true;
	}
	if (!yes(b, &on, why)) {
		*why = "not auto, yes or no";
		return false;
	}
	t->background = on ? TOOL_BACKGROUND_YES : TOOL_BACKGROUND_NO;
	return true;
}

static bool
set_profile(struct tool *t, struct bytes b, const char **why)
{
	*why = "not none, read-only, workspace or scratch";
	if (!bytes_is(b, "none") && !bytes_is(b, "read-only") &&
	    !bytes_is(b, "workspace") && !bytes_is(b, "scratch"))
		return false;
	replace(&t->profile, b);
	return true;
}

static bool
set_net(struct tool *t, struct bytes b, const char **why)
{
	*why = "not no or host";
	if (!bytes_is(b, "no") && !bytes_is(b, "host"))
		return false;
	replace(&t->net, b);
	return true;
}

/* A second line adds to the first. */
static bool
set_rw(struct tool *t, struct bytes b, const char **why)
{
	size_t	 n;

	*why = "not absolute paths without \"..\", \"//\" and the like";
	if (b.len == 0)
		return false;
	for (; b.len > 0; drop(&b, n), b = trim(b)) {
		for (n = 0; n < b.len && strchr(" \t", b.data[n]) == NULL; n++)
			continue;
		if (!path_is_canonical((struct bytes){ b.data, n }))
			return false;
		t->rw = xreallocarray(t->rw, t->nrw + 1, sizeof(*t->rw));
		t->rw[t->nrw++] = xmemdup(b.data, n);
	}
	return true;
}

static bool
set_confirm(struct tool *t, struct bytes b, const char **why)
{
	return yes(b, &t->confirm, why);
}

static bool
set_linger(struct tool *t, struct bytes b, const char **why)
{
	return yes(b, &t->linger, why);
}

static bool
set_watch(struct tool *t, struct bytes b, const char **why)
{
	if ((*why = pattern_check(b)) != NULL)
		return false;
	replace(&t->watch, b);
	return true;
}

static bool
set_stdin(struct tool *t, struct bytes b, const char **why)
{
	*why = "not stream or json";
	t->stream = bytes_is(b, "stream");
	return t->stream || bytes_is(b, "json");
}

static const struct {
	const char	*key;
	bool		(*set)(struct tool *, struct bytes, const char **);
} keys[] = {
	{ "timeout", set_timeout },
	{ "grace", set_grace },
	{ "idle", set_idle },
	{ "max-output", set_max_output },
	{ "background", set_background },
	{ "profile", set_profile },
	{ "net", set_net },
	{ "rw", set_rw },
	{ "confirm", set_confirm },
	{ "linger", set_linger },
	{ "watch", set_watch },
	{ "stdin", set_stdin },
};

enum meta_status
meta_set(struct tool *t, struct bytes key, struct bytes value,
    const char **why)
{
	size_t	 i;

	*why = NULL;
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (bytes_is(key, keys[i].key))
			return keys[i].set(t, trim(value), why) ?
			    META_SET : META_BAD;
	return META_UNKNOWN;
}
