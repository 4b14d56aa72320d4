#include <sys/stat.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf.h"
#include "scratch.h"
#include "xalloc.h"

#define S	1000000ULL

static struct conf c;

static void
start(void)
{
	conf_init(&c);
}

static void
stop(void)
{
	conf_fini(&c);
}

TestSuite(conf, .init = start, .fini = stop);

static void
same(const char *got, const char *want)
{
	bool is = got == NULL || want == NULL ? got == want :
	    strcmp(got, want) == 0;

	cr_assert(is, "%s, not %s", got, want);
}

static void
parse(const char *text)
{
	char *why = NULL;

	cr_assert(conf_parse(&c, "x.conf", bytes_of(text), &why) == 0, "%s",
	    why);
}

static void
check_refused(struct bytes text, const char *want)
{
	struct conf bad;
	char *why = NULL;

	conf_init(&bad);
	cr_assert(conf_parse(&bad, "x.conf", text, &why) == -1, "%.*s",
	    (int)text.len, text.data);
	same(why, want);
	free(why);
	conf_fini(&bad);
}

static void
check_list(const struct conf_list *l, size_t n, const char *const *want)
{
	size_t i;

	cr_assert(eq(sz, l->nitems, n));
	for (i = 0; i < n; i++)
		same(l->items[i], want[i]);
}

Test(conf, silence_has_the_documented_fallbacks)
{
	same(c.model.provider, NULL);
	same(c.session.mode, "now");
	cr_assert(eq(u64, c.session.detach_after, 20 * S));
	cr_assert(eq(u64, c.session.max_turns, 4));
	cr_assert(eq(u64, c.session.wakes_per_hour, 60));
	cr_assert(eq(u64, c.tasks.grace, 10 * S));
	cr_assert(eq(u64, c.tasks.max_output, 1ULL << 30));
	same(c.tasks.run_as, NULL);
	same(c.sandbox.profile, "workspace");
	same(c.sandbox.minimum, "full");
	same(c.sandbox.net, "no");
	cr_assert(eq(sz, c.sandbox.rw.nitems + c.sandbox.hide.nitems, 0));
	cr_assert(eq(u64, c.sandbox.tmp_size, 1ULL << 30));
	cr_assert(eq(u64, c.model.retries, 2));
	cr_assert(eq(int, (int)conf_level(&c), LOG_LEVEL_INFO));
}

Test(conf, every_section_is_read)
{
	static const char *const tools[] = { "/opt/a", "/opt/b" };
	static const char *const names[] = { "CC", "CFLAGS" };

	parse("[model]\n"
	    "provider = openai\n"
	    "base_url=http://localhost:8080/v1/\n"
	    "model =  llama 3  \n"
	    "key_file = /etc/sigbox/key\n"
	    "tool_then_user = yes\n"
	    "[session]\nmode=queue\ndetach_after=1min 30s\n"
	    "[tasks]\ntimeout = 1h\nmax_output=512M\nrun_as=build\n"
	    "tools = /opt/a  /opt/b\nenvironment = CC CFLAGS\n"
	    "[sandbox]\nprofile=read-only\nminimum=landlock\n"
	    "[log]\nlevel=debug\n");
	same(c.model.provider, "openai");
	same(c.model.base_url, "http://localhost:8080/v1");
	same(c.model.model, "llama 3");
	same(c.model.key_file, "/etc/sigbox/key");
	cr_assert(c.model.tool_then_user);
	cr_assert(not(c.model.separate_users));
	same(c.session.mode, "queue");
	cr_assert(eq(u64, c.session.detach_after, 90 * S));
	cr_assert(eq(u64, c.tasks.timeout, 3600 * S));
	cr_assert(eq(u64, c.tasks.max_output, 512ULL << 20));
	same(c.tasks.run_as, "build");
	check_list(&c.tasks.tools, 2, tools);
	check_list(&c.tasks.environment, 2, names);
	same(c.sandbox.profile, "read-only");
	same(c.sandbox.minimum, "landlock");
	cr_assert(eq(int, (int)conf_level(&c), LOG_LEVEL_DEBUG));
}

Test(conf, comments_blanks_and_carriage_returns_are_no_matter)
{
	parse("\n# a = b\n; c = d\n\t [ session ] \r\n\r\n"
	    "\tmode\t=\tsteer\t\r\n  # last");
	same(c.session.mode, "steer");
}

Test(conf, a_number_sign_inside_a_value_is_part_of_it)
{
	parse("[session]\nsystem = Use # and ; freely = yes");
	same(c.session.system, "Use # and ; freely = yes");
}

Test(conf, a_backslash_joins_the_next_line_and_comments_do_not_count)
{
	parse("[session]\nsystem = You are \\\n# not this \\\n  terse.\n"
	    "mode = ask\n");
	same(c.session.system, "You are  terse.");
	same(c.session.mode, "ask");
	parse("# a comment does not go on \\\n[session]\nmode = now");
	same(c.session.mode, "now");
	parse("[session]\nsystem = the end\\");
	same(c.session.system, "the end");
}

Test(conf, lists_grow_and_an_empty_value_resets)
{
	static const char *const one[] = { "A", "B" }, *const two[] = { "C" };

	parse("[tasks]\nenvironment=A\nenvironment=B");
	check_list(&c.tasks.environment, 2, one);
	parse("[tasks]\nenvironment=\nenvironment = C\ngrace=1s\ngrace=\n");
	check_list(&c.tasks.environment, 1, two);
	cr_assert(eq(u64, c.tasks.grace, 10 * S));
}

Test(conf, the_last_word_counts)
{
	parse("[session]\nmode=queue\nmode=steer\n[session]\nmode=ask");
	same(c.session.mode, "ask");
}

Test(conf, a_tool_says_only_what_differs)
{
	const struct conf_tool *t;

	parse("[tool nightly-backup]\ntimeout = 2h\nbackground=yes\n"
	    "[tool other]\nnet=host\n[tool nightly-backup]\nconfirm=yes\n"
	    "profile=scratch\ngrace=0");
	cr_assert(eq(sz, c.ntools, 2));
	t = conf_tool(&c, "nightly-backup");
	cr_assert(eq(u64, t->timeout, 7200 * S));
	cr_assert(eq(u64, t->grace, 0));
	same(t->background, "yes");
	same(t->confirm, "yes");
	same(t->profile, "scratch");
	same(t->net, NULL);
	t = conf_tool(&c, "other");
	cr_assert(eq(u64, t->timeout, CONF_UNSAID));
	same(t->net, "host");
	t = conf_tool(&c, "unheard-of");
	cr_assert(eq(u64, t->grace, CONF_UNSAID));
	same(t->background, NULL);
}

Test(conf, a_session_and_a_tool_have_their_own_walls)
{
	static const char *const rw[] = { "/srv/a", "/srv/b" };
	static const char *const hide[] = { "/" };
	const struct conf_room *r;

	parse("[sandbox]\nrw = /srv/a /srv/b\nnet=host\ntmp_size=64M\n"
	    "[session  night shift ]\nprofile=scratch\nnet=no\n"
	    "[session]\nmode=ask\n[tool x]\nhide=/\n"
	    "[session night shift]\nrw=/srv/a\nrw=/srv/b\n");
	check_list(&c.sandbox.rw, 2, rw);
	same(c.sandbox.net, "host");
	cr_assert(eq(u64, c.sandbox.tmp_size, 64ULL << 20));
	cr_assert(eq(sz, c.nrooms, 1));
	r = conf_room(&c, "night shift");
	same(r->profile, "scratch");
	same(r->net, "no");
	check_list(&r->rw, 2, rw);
	same(conf_room(&c, "main")->profile, NULL);
	same(c.session.mode, "ask");
	check_list(&conf_tool(&c, "x")->hide, 1, hide);
}

static void
check_duration(const char *text, uint64_t us)
{
	char *line = xasprintf("[tasks]\ngrace=%s", text);

	parse(line);
	cr_assert(eq(u64, c.tasks.grace, us), "%s", text);
	free(line);
}

Test(conf, durations_are_written_as_systemd_does)
{
	check_duration("0", 0);
	check_duration("7", 7 * S);
	check_duration("500ms", S / 2);
	check_duration("250us", 250);
	check_duration("10s", 10 * S);
	check_duration("10 sec", 10 * S);
	check_duration("5min", 300 * S);
	check_duration("1h30min", 5400 * S);
	check_duration("1h 30min 2s", 5402 * S);
	check_duration("2d", 172800 * S);
}

static void
check_size(const char *text, uint64_t bytes)
{
	char *line = xasprintf("[tasks]\nmemory=%s", text);

	parse(line);
	cr_assert(eq(u64, c.tasks.memory, bytes), "%s", text);
	free(line);
}

Test(conf, sizes_count_in_powers_of_two)
{
	check_size("0", 0);
	check_size("4096", 4096);
	check_size("64K", 64ULL << 10);
	check_size("512M", 512ULL << 20);
	check_size("1G", 1ULL << 30);
	check_size("1G 1M", (1ULL << 30) + (1ULL << 20));
	check_size("2T", 2ULL << 40);
}

static const struct {
	struct bytes	 text;
	const char	*why;
} bad[] = {
#define BAD(text, why)	{ { text, sizeof(text) - 1 }, "x.conf:" why }
	BAD("mode=now", "1: mode: outside of any section"),
	BAD("\n\n[modell]\n", "3: [modell]: no such section"),
	BAD("[]", "1: []: no such section"),
	BAD("[model", "1: a section without its ]"),
	BAD("[", "1: a section without its ]"),
	BAD("[tool]", "1: [tool]: no such section"),
	BAD("[tool a/b]", "1: [tool a/b]: not a tool's name"),
	BAD("[tool  ]", "1: [tool]: no such section"),
	BAD("[model]\nmodle=x", "2: modle: no such key in [model]"),
	BAD("[tool x]\nmode=now", "2: mode: no such key in [tool]"),
	BAD("[session x]\nmode=now", "2: mode: no such key in [session NAME]"),
	BAD("[sandbox]\nnet=yes", "2: net: not one of no|host: yes"),
	BAD("[sandbox]\nrw=srv", "2: rw: not an absolute path: srv"),
	BAD("[sandbox]\nrw=/srv /a/../b", "2: rw: not a path without "
	    "\"..\", \"//\" and the like: /srv /a/../b"),
	BAD("[tool x]\nhide=/srv/", "2: hide: not a path without \"..\", "
	    "\"//\" and the like: /srv/"),
	BAD("[session x]\n\nhide=/srv//a", "3: hide: not a path without "
	    "\"..\", \"//\" and the like: /srv//a"),
	BAD("[model]\n= x", "2: : no such key in [model]"),
	BAD("[model]\nprovider",
	    "2: neither [section] nor key = value: provider"),
	BAD("[model]\nprovider=gpt", "2: provider: not one of "
	    "builtin|openai|anthropic: gpt"),
	BAD("[model]\nprovider=open", "2: provider: not one of "
	    "builtin|openai|anthropic: open"),
	BAD("[model]\nbase_url=localhost:8080", "2: base_url: not an http:// "
	    "or https:// URL: localhost:8080"),
	BAD("[model]\nbase_url=http://", "2: base_url: not an http:// "
	    "or https:// URL: http://"),
	BAD("[model]\nbase_url=http:///", "2: base_url: not an http:// "
	    "or https:// URL: http:///"),
	BAD("[model]\nbase_url=http://a b", "2: base_url: not an http:// "
	    "or https:// URL: http://a b"),
	BAD("[model]\nkey_file=key", "2: key_file: not an absolute path: key"),
	BAD("[model]\nretries=-1", "2: retries: not a number: -1"),
	BAD("[model]\nretries=11", "2: retries: not between 0 and 10: 11"),
	BAD("[model]\nretries=2x", "2: retries: not a number: 2x"),
	BAD("[model]\nretries=99999999999999999999",
	    "2: retries: not a number: 99999999999999999999"),
	BAD("[model]\ntool_then_user=maybe",
	    "2: tool_then_user: neither yes nor no: maybe"),
	BAD("[tasks]\ngrace=10 parsecs", "2: grace: not a duration such as "
	    "10s or 5min: 10 parsecs"),
	BAD("[tasks]\ngrace=s", "2: grace: not a duration such as "
	    "10s or 5min: s"),
	BAD("[tasks]\ngrace=1 2", "2: grace: not a duration such as "
	    "10s or 5min: 1 2"),
	BAD("[tasks]\ngrace=-1s", "2: grace: not a duration such as "
	    "10s or 5min: -1s"),
	BAD("[tasks]\ngrace=36501d", "2: grace: not a duration such as "
	    "10s or 5min: 36501d"),
	BAD("[tasks]\ngrace=18446744073709551615h", "2: grace: not a duration "
	    "such as 10s or 5min: 18446744073709551615h"),
	BAD("[tasks]\nmemory=1Q", "2: memory: not a size such as 512M or 1G: "
	    "1Q"),
	BAD("[tasks]\nmemory=9000000T", "2: memory: not a size such as 512M "
	    "or 1G: 9000000T"),
	BAD("[tasks]\ntools=/a b", "2: tools: not an absolute path: /a b"),
	BAD("[session]\nsystem=a \\\n\\\n b\nmode=x", "5: mode: not one of "
	    "now|steer|interrupt|queue|rollback|reject|ask: x"),
	BAD("[log]\n# \\\nlevel=loud", "3: level: not one of "
	    "error|warn|info|debug: loud"),
	BAD("[session]\nsystem=\xff", "2: not valid UTF-8"),
	BAD("[session]\nsystem=a\0b", "2: not valid UTF-8"),
	BAD("[log]\nlevel=0123456789012345678901234567890123456789012345678901"
	    "234567890123456789", "2: level: not one of error|warn|info|debug:"
	    " 01234567890123456789012345678901234567890123456789012345678901"
	    "23"),
#undef BAD
};

Test(conf, what_is_wrong_is_said_with_file_and_line)
{
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_refused(bad[i].text, bad[i].why);
}

/* Who answers, in the light of a text and of the environment. */
static void
check_settled(const char *text, struct conf_env env, const char *want)
{
	struct conf_model *m;
	struct conf s;
	char *why = NULL, *got;

	conf_init(&s);
	m = &s.model;
	cr_assert(conf_parse(&s, "x.conf", bytes_of(text), &why) == 0);
	if (conf_settle(&s, &env, &why) == 0)
		got = xasprintf("%s %s %s %s", m->provider,
		    m->base_url == NULL ? "-" : m->base_url,
		    m->model == NULL ? "-" : m->model,
		    s.key == NULL ? "-" : s.key);
	else
		got = why;
	same(got, want);
	free(got);
	conf_fini(&s);
}

static char	url[] = "http://env/v1", model[] = "m", key[] = "k";

Test(conf, without_a_word_anywhere_builtin_answers)
{
	check_settled("", (struct conf_env){ 0 }, "builtin - - -");
	check_settled("[log]\nlevel=debug", (struct conf_env){ .model = model },
	    "builtin - - -");
}

Test(conf, the_environment_decides_where_no_file_does)
{
	check_settled("", (struct conf_env){ url, model, key, false },
	    "openai http://env/v1 m k");
	check_settled("", (struct conf_env){ .key = key },
	    "openai https://api.openai.com/v1 gpt-4o-mini k");
	check_settled("[model]\nmodel=n", (struct conf_env){ url, model, key,
	    true }, "openai http://env/v1 n k");
}

Test(conf, a_file_is_not_overruled_by_the_environment)
{
	struct conf_env env = { url, model, key, true };

	check_settled("[model]\nprovider=builtin", env, "builtin - - -");
	check_settled("[model]\nbase_url=http://f\nmodel=n\nkey_file=/k", env,
	    "openai http://f n -");
	check_settled("[model]\nprovider=openai\nbase_url=http://f\nmodel=n",
	    env, "openai http://f n k");
}

Test(conf, what_is_not_built_is_said)
{
	struct conf_env env = { .anthropic = true };
	char *why = NULL;

	check_settled("[model]\nprovider=anthropic", env,
	    "[model] provider: anthropic is not in this version");
	cr_assert(conf_settle(&c, &env, &why) == 0);
	same(c.model.provider, "builtin");
	same(c.notice, "ANTHROPIC_API_KEY: provider anthropic is not in this "
	    "version: builtin answers");
}

Test(conf, two_system_texts_are_one_too_many)
{
	check_settled("[session]\nsystem=a\nsystem_file=/b",
	    (struct conf_env){ 0 },
	    "[session] system, system_file: one of the two, please");
}

/* Files. */

static const char *dir;

static void
write_file(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	cr_assert(fd != -1 && write(fd, text, strlen(text)) ==
	    (ssize_t)strlen(text), "%s", path);
	close(fd);
	free(path);
}

static void
make_dir(const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	cr_assert(mkdir(path, 0700) == 0);
	free(path);
}

static void
start_load(void)
{
	unsetenv("CREDENTIALS_DIRECTORY");
	dir = scratch_new();
	setenv("XDG_CONFIG_HOME", dir, 1);
	make_dir("sigbox");
	make_dir("sigbox/conf.d");
	conf_init(&c);
}

static void
stop_load(void)
{
	conf_fini(&c);
	scratch_remove(dir);
}

TestSuite(conf_load, .init = start_load, .fini = stop_load);

static void
load(const char *file)
{
	const struct conf_env env = { 0 };
	char *why = NULL;

	cr_assert(conf_load(&c, file, &env, &why) == 0, "%s", why);
}

static void
check_load_refused(const char *file, const char *fmt)
{
	const struct conf_env env = { 0 };
	char *why = NULL, *want = xasprintf("%s%s", dir, fmt);

	cr_assert(eq(int, conf_load(&c, file, &env, &why), -1));
	same(why, want);
	free(why);
	free(want);
}

Test(conf_load, the_file_then_its_neighbours_in_byte_order)
{
	write_file("sigbox/sigbox.conf", "[session]\nmode=steer\n"
	    "max_turns=1\nwakes_per_hour=1\n");
	write_file("sigbox/conf.d/b.conf", "[session]\nmax_turns=2\n");
	write_file("sigbox/conf.d/B.conf", "[session]\nmax_turns=3\n"
	    "wakes_per_hour=3\n");
	write_file("sigbox/conf.d/c.conf~", "nonsense");
	write_file("sigbox/conf.d/.c.conf", "nonsense");
	load(NULL);
	same(c.session.mode, "steer");
	cr_assert(eq(u64, c.session.max_turns, 2));
	cr_assert(eq(u64, c.session.wakes_per_hour, 3));
}

Test(conf_load, a_file_that_is_named_is_all_there_is)
{
	char *path = xasprintf("%s/my.conf", dir);

	write_file("my.conf", "[session]\nmode=steer");
	write_file("sigbox/conf.d/b.conf", "[session]\nmax_turns=2\n");
	load(path);
	same(c.session.mode, "steer");
	cr_assert(eq(u64, c.session.max_turns, 4));
	free(path);
}

Test(conf_load, a_file_that_is_named_must_be_there)
{
	char *path = xasprintf("%s/none.conf", dir);

	check_load_refused(path, "/none.conf: No such file or directory");
	free(path);
}

Test(conf_load, an_error_keeps_the_old_one)
{
	write_file("sigbox/sigbox.conf", "[session]\nmode=steer");
	load(NULL);
	write_file("sigbox/sigbox.conf", "[session]\nmode=queue");
	write_file("sigbox/conf.d/x.conf", "[session]\n\nnode=queue");
	check_load_refused(NULL,
	    "/sigbox/conf.d/x.conf:3: node: no such key in [session]");
	same(c.session.mode, "steer");
}

Test(conf_load, a_credential_is_found_unless_a_file_is_named)
{
	char *path = xasprintf("%s/model.key", dir);

	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	load(NULL);
	same(c.model.key_file, NULL);
	write_file("model.key", "secret");
	load(NULL);
	same(c.model.key_file, path);
	same(c.model.provider, "openai");
	write_file("sigbox/sigbox.conf", "[model]\nkey_file=/other");
	load(NULL);
	same(c.model.key_file, "/other");
	free(path);
}

Test(conf_load, the_system_text_may_be_a_file)
{
	char *text = xasprintf("[session]\nsystem_file=%s/text", dir);

	write_file("sigbox/sigbox.conf", text);
	check_load_refused(NULL, "/text: No such file or directory");
	write_file("text", "You are\nterse.\n");
	load(NULL);
	same(c.session.system, "You are\nterse.\n");
	write_file("text", "\xff");
	check_load_refused(NULL, "/text: not valid UTF-8");
	free(text);
}

Test(conf_load, keys_leave_the_environment_and_its_memory)
{
	char variable[] = "OPENAI_API_KEY=sk-secret";
	struct conf_env env;

	putenv(variable);
	setenv("ANTHROPIC_API_KEY", "sk-other", 1);
	setenv("OPENAI_BASE_URL", "http://h/v1//", 1);
	setenv("OPENAI_MODEL", "", 1);
	conf_env_take(&env);
	same(env.key, "sk-secret");
	same(env.base_url, "http://h/v1");
	same(env.model, NULL);
	cr_assert(env.anthropic);
	cr_assert(getenv("OPENAI_API_KEY") == NULL);
	cr_assert(getenv("ANTHROPIC_API_KEY") == NULL);
	cr_assert(memcmp(variable + strlen("OPENAI_API_KEY="),
	    "\0\0\0\0\0\0\0\0\0", 9) == 0);
	conf_env_fini(&env);
}
