#include <criterion/criterion.h>

#include "meta.h"

static struct tool	*t;

static void
setup(void)
{
	t = tool_new("x");
}

static void
teardown(void)
{
	tool_free(t);
}

TestSuite(meta, .init = setup, .fini = teardown);

static enum meta_status
set(const char *key, const char *value)
{
	const char		*why;
	enum meta_status	 status;

	status = meta_set(t, bytes_of(key), bytes_of(value), &why);
	cr_assert((status == META_BAD) == (why != NULL && status != META_SET));
	return status;
}

Test(meta, durations_mean_what_they_say)
{
	static const struct {
		const char	*text;
		uint64_t	 us;
	} rows[] = {
		{ "0", 0 }, { "90", 90000000 }, { "10s", 10000000 },
		{ "5min", 300000000 }, { "1h", 3600000000 },
		{ "1h 30min", 5400000000 }, { "1h30min", 5400000000 },
		{ "250ms", 250000 }, { "1.5h", 5400000000 },
		{ "0.000001", 1 }, { "7us", 7 }, { " 2 days ", 172800000000 },
		{ "2 hours 1 second", 7201000000 },
	};
	uint64_t	 us;
	size_t		 i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		cr_assert(meta_duration(bytes_of(rows[i].text), &us), "%s",
		    rows[i].text);
		cr_assert_eq(us, rows[i].us, "%s", rows[i].text);
	}
}

Test(meta, what_is_no_duration_is_refused)
{
	static const char *const	 texts[] = {
		"", " ", "x", "-1", "1 2", "1h 30", "5 fortnights", "1.", ".5",
		"1.1234567", "1s!", "18446744073709551616", "99999999999999h",
		"18446744073709551615us", "1e3"
	};
	uint64_t			 us;
	size_t				 i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		cr_assert_not(meta_duration(bytes_of(texts[i]), &us), "%s",
		    texts[i]);
}

Test(meta, sizes_count_by_1024)
{
	uint64_t	 n;

	cr_assert(meta_size(BYTES("4096"), &n) && n == 4096);
	cr_assert(meta_size(BYTES("512M"), &n) && n == 512 << 20);
	cr_assert(meta_size(BYTES("1.5 KiB"), &n) && n == 1536);
	cr_assert(meta_size(BYTES("1GB"), &n) && n == 1U << 30);
	cr_assert_not(meta_size(BYTES("many"), &n));
	cr_assert_not(meta_size(BYTES("17000000T"), &n));
}

Test(meta, each_key_reaches_its_field)
{
	cr_assert_eq(set("timeout", "1h"), META_SET);
	cr_assert_eq(set("grace", "30"), META_SET);
	cr_assert_eq(set("idle", "5min"), META_SET);
	cr_assert_eq(set("max-output", "1M"), META_SET);
	cr_assert_eq(set("background", "no"), META_SET);
	cr_assert_eq(set("profile", "read-only"), META_SET);
	cr_assert_eq(set("net", "host"), META_SET);
	cr_assert_eq(set("rw", "/srv/a  /srv/b"), META_SET);
	cr_assert_eq(set("rw", "/srv/c"), META_SET);
	cr_assert_eq(set("confirm", ""), META_SET);
	cr_assert_eq(set("linger", "yes"), META_SET);
	cr_assert_eq(set("watch", "ERROR|FATAL"), META_SET);
	cr_assert_eq(set("stdin", "stream"), META_SET);
	cr_assert_eq(t->timeout_us, 3600000000);
	cr_assert_eq(t->grace_us, 30000000);
	cr_assert_eq(t->idle_us, 300000000);
	cr_assert_eq(t->max_output, 1 << 20);
	cr_assert_eq(t->background, TOOL_BACKGROUND_NO);
	cr_assert_str_eq(t->profile, "read-only");
	cr_assert_str_eq(t->net, "host");
	cr_assert_eq(t->nrw, 3);
	cr_assert_str_eq(t->rw[1], "/srv/b");
	cr_assert_str_eq(t->rw[2], "/srv/c");
	cr_assert(t->confirm && t->linger && t->stream);
	cr_assert_str_eq(t->watch, "ERROR|FATAL");
}

Test(meta, the_last_word_counts)
{
	cr_assert_eq(set("profile", "scratch"), META_SET);
	cr_assert_eq(set("profile", "workspace"), META_SET);
	cr_assert_str_eq(t->profile, "workspace");
	cr_assert_eq(set("confirm", "yes"), META_SET);
	cr_assert_eq(set("confirm", "no"), META_SET);
	cr_assert_not(t->confirm);
}

Test(meta, a_value_that_makes_no_sense_is_bad)
{
	static const char *const	 rows[][2] = {
		{ "timeout", "soon" }, { "timeout", "" }, { "grace", "-1" },
		{ "idle", "x" }, { "max-output", "all" },
		{ "background", "maybe" }, { "profile", "free" },
		{ "net", "yes" }, { "rw", "" }, { "rw", "here" },
		{ "rw", "/a b" }, { "confirm", "perhaps" },
		{ "linger", "1" }, { "watch", "" }, { "watch", "(a" },
		{ "watch", "a{2}" }, { "stdin", "tty" },
	};
	size_t				 i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		cr_assert_eq(set(rows[i][0], rows[i][1]), META_BAD, "%s %s",
		    rows[i][0], rows[i][1]);
}

Test(meta, a_key_of_somebody_else_is_unknown)
{
	cr_assert_eq(set("version", "1"), META_UNKNOWN);
	cr_assert_eq(set("time", "1"), META_UNKNOWN);
	cr_assert_eq(set("", ""), META_UNKNOWN);
}
