#include <criterion/criterion.h>
#include <stdlib.h>

#include "grant.h"

/* What each of the four says, as words; NULL: nothing. */
static const struct row {
	const char	*sandbox, *session, *tool, *header;
	const char	*want;
} profiles[] = {
	{ "workspace", NULL, NULL, NULL, "workspace" },
	/* A header narrows and never widens. */
	{ "workspace", NULL, NULL, "read-only", "read-only" },
	{ "workspace", NULL, NULL, "scratch", "scratch" },
	{ "workspace", NULL, NULL, "none", "workspace" },
	{ "read-only", NULL, NULL, "workspace", "read-only" },
	{ "scratch", NULL, NULL, "none", "scratch" },
	{ "none", NULL, NULL, NULL, "none" },
	{ "none", NULL, NULL, "workspace", "workspace" },
	/* A tool's section wins over its header, both ways. */
	{ "workspace", NULL, "none", NULL, "none" },
	{ "workspace", NULL, "none", "scratch", "none" },
	{ "workspace", NULL, "scratch", "none", "scratch" },
	{ "scratch", NULL, "workspace", "read-only", "workspace" },
	/* A session's section bounds all that happens in it. */
	{ "workspace", "scratch", NULL, NULL, "scratch" },
	{ "workspace", "none", NULL, NULL, "none" },
	{ "workspace", "none", NULL, "read-only", "read-only" },
	{ "workspace", "read-only", "none", NULL, "read-only" },
	{ "workspace", "read-only", "none", "none", "read-only" },
	{ "workspace", "none", "read-only", NULL, "read-only" },
	{ "workspace", "scratch", NULL, "none", "scratch" },
	/* What no one could have written is the narrowest. */
	{ "workspace", NULL, NULL, "root", "scratch" },
}, nets[] = {
	{ "no", NULL, NULL, NULL, "no" },
	{ "no", NULL, NULL, "host", "no" },
	{ "host", NULL, NULL, NULL, "host" },
	{ "host", NULL, NULL, "no", "no" },
	{ "host", NULL, NULL, "host", "host" },
	{ "no", NULL, "host", NULL, "host" },
	{ "no", NULL, "host", "no", "host" },
	{ "host", NULL, "no", "host", "no" },
	{ "host", "no", NULL, "host", "no" },
	{ "no", "host", NULL, NULL, "host" },
	{ "no", "host", NULL, "no", "no" },
	{ "host", "no", "host", NULL, "no" },
	{ "no", "host", "host", NULL, "host" },
};

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct grant_voices
silence(void)
{
	return (struct grant_voices){
	    .sandbox = { .profile = "workspace", .net = "no" } };
}

Test(grant, the_profile_is_as_the_table_says)
{
	struct grant_voices v;
	struct grant g = { 0 };
	size_t i;

	for (i = 0; i < COUNT(profiles); i++) {
		v = silence();
		v.sandbox.profile = profiles[i].sandbox;
		v.session.profile = profiles[i].session;
		v.tool.profile = profiles[i].tool;
		v.header.profile = profiles[i].header;
		grant_make(&g, &v);
		cr_expect_str_eq(profile_name(g.profile), profiles[i].want,
		    "row %zu: %s", i, profile_name(g.profile));
	}
	grant_fini(&g);
}

Test(grant, the_network_is_as_the_table_says)
{
	struct grant_voices v;
	struct grant g = { 0 };
	size_t i;

	for (i = 0; i < COUNT(nets); i++) {
		v = silence();
		v.sandbox.net = nets[i].sandbox;
		v.session.net = nets[i].session;
		v.tool.net = nets[i].tool;
		v.header.net = nets[i].header;
		grant_make(&g, &v);
		cr_expect(g.net == (strcmp(nets[i].want, "host") == 0),
		    "row %zu", i);
	}
	grant_fini(&g);
}

/* Nobody wins more by it than by any of the administrator's words. */
Test(grant, no_header_widens_anything)
{
	static const char *const words[] = {
		NULL, "scratch", "read-only", "workspace", "none" };
	static const char *const net[] = { NULL, "no", "host" };
	struct grant_voices v = silence();
	struct grant without = { 0 }, with = { 0 };
	size_t i, n = COUNT(words);

	for (i = 0; i < (n - 1) * n * n * n * 9; i++) {
		v.sandbox.profile = words[1 + i % (n - 1)];
		v.session.profile = words[i / (n - 1) % n];
		v.tool.profile = words[i / (n - 1) / n % n];
		v.sandbox.net = net[1 + i % 2];
		v.tool.net = net[i / 7 % 3];
		v.header.profile = v.header.net = NULL;
		grant_make(&without, &v);
		v.header.profile = words[i / (n - 1) / n / n % n];
		v.header.net = net[i / (n - 1) / n / n / n % 3];
		grant_make(&with, &v);
		cr_assert(with.profile <= without.profile);
		cr_assert(!with.net || without.net);
	}
	grant_fini(&without);
	grant_fini(&with);
}

static const char *const srv[] = { "/srv/a", "/srv/b" };
static const char *const deep[] = { "/srv/a/x", "/etc", "/srv/a/../../etc" };
static const char *const other[] = { "/opt/t", "/srv/b/t" };

static void
expect_paths(const struct buf *got, struct bytes want)
{
	cr_expect(got->len == want.len && (want.len == 0 ||
	    memcmp(got->data, want.data, want.len) == 0), "%zu bytes: %s",
	    got->len, got->len == 0 ? "" : got->data);
}

Test(grant, a_header_writes_only_within_what_is_granted)
{
	struct grant_voices v = silence();
	struct grant g = { 0 };

	v.header.rw = deep;
	v.header.nrw = 3;
	grant_make(&g, &v);
	expect_paths(&g.rw, (struct bytes){ NULL, 0 });
	v.sandbox.rw = srv;
	v.sandbox.nrw = 2;
	grant_make(&g, &v);
	expect_paths(&g.rw, BYTES("/srv/a/x\0"));
	v.header.nrw = 0;
	grant_make(&g, &v);
	expect_paths(&g.rw, BYTES("/srv/a\0/srv/b\0"));
	grant_fini(&g);
}

Test(grant, a_tools_section_says_what_it_writes_within_its_sessions)
{
	struct grant_voices v = silence();
	struct grant g = { 0 };

	v.header.rw = deep;
	v.header.nrw = 3;
	v.tool.rw = other;
	v.tool.nrw = 2;
	grant_make(&g, &v);
	expect_paths(&g.rw, BYTES("/opt/t\0/srv/b/t\0"));
	v.session.rw = srv;
	v.session.nrw = 2;
	grant_make(&g, &v);
	expect_paths(&g.rw, BYTES("/srv/b/t\0"));
	v.tool.nrw = 0;
	grant_make(&g, &v);
	expect_paths(&g.rw, BYTES("/srv/a/x\0"));
	grant_fini(&g);
}

Test(grant, what_anybody_hides_is_hidden)
{
	struct grant_voices v = silence();
	struct grant g = { 0 };

	v.sandbox.hide = srv;
	v.sandbox.nhide = 1;
	v.session.hide = srv + 1;
	v.session.nhide = 1;
	v.tool.hide = other;
	v.tool.nhide = 1;
	grant_make(&g, &v);
	expect_paths(&g.hide, BYTES("/srv/a\0/srv/b\0/opt/t\0"));
	grant_fini(&g);
}

Test(grant, what_waited_gets_no_more_than_it_was_recorded_with)
{
	struct grant g = { .profile = PROFILE_NONE, .net = true };

	grant_bound(&g, "workspace");
	cr_expect(g.profile == PROFILE_WORKSPACE && !g.net);
	g = (struct grant){ .profile = PROFILE_SCRATCH };
	grant_bound(&g, "none");
	cr_expect(g.profile == PROFILE_SCRATCH && !g.net);
	g = (struct grant){ .profile = PROFILE_WORKSPACE, .net = true };
	grant_bound(&g, "workspace");
	cr_expect(g.profile == PROFILE_WORKSPACE && g.net);
}

static void
expect_excess(const struct grant_voices *v, const char *want)
{
	char *words = grant_excess(v, "x");

	if (want == NULL)
		cr_expect(words == NULL, "%s", words);
	else
		cr_expect(words != NULL && strstr(words, want) != NULL,
		    "%s", words == NULL ? "nothing" : words);
	free(words);
}

Test(grant, what_a_header_does_not_get_is_said)
{
	struct grant_voices v = silence();

	expect_excess(&v, NULL);
	v.header.net = "host";
	v.header.profile = "none";
	expect_excess(&v, "profile none (it gets workspace), net host (it "
	    "gets no); [tool x]");
	v.tool.net = "host";
	v.tool.profile = "read-only";
	expect_excess(&v, NULL);
	v.header = (struct grant_say){ .profile = "scratch", .net = "no" };
	expect_excess(&v, NULL);
	v.header.rw = deep;
	v.header.nrw = 2;
	v.sandbox.rw = srv;
	v.sandbox.nrw = 2;
	expect_excess(&v, ": rw /etc (it gets nothing of it);");
}
