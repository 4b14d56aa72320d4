/*
 * Any text as a configuration: it is taken or refused in words with a line
 * that exists, its values stay within their bounds, and reading it twice
 * changes nothing but lists.
 */
#include <stdlib.h>

#include "conf.h"
#include "fuzz.h"

const struct bytes fuzz_seeds[] = {
	SEED("[model]\nprovider=openai\nbase_url=http://h:1/v1/\nmodel=m\n"
	    "key_file=/k\nretries=2\ntool_then_user=yes\n"),
	SEED("[session]\nmode=steer\ndetach_after=1min 30s\nmax_turns=4\n"
	    "wakes_per_hour=60\nsystem=a \\\n# no\n b\n"),
	SEED("; c\n[tasks]\ntools=/a /b\nenvironment=A B\nenvironment=\n"
	    "max_output=1G 5M\nmemory=512K\ngrace=500ms\ntimeout=1h\n"),
	SEED("[sandbox]\nprofile=scratch\nrw=/a /b\n[session x]\nhide=/c\n"
	    "net=host\n[sandbox]\nminimum=full\n[log]\nlevel=debug"),
	SEED("[tool a]\ntimeout=5\nnet=host\n[tool b]\nconfirm=yes\r\n"),
	SEED("[tasks]\nnofile=1\nnproc=2\nrun_as=x\n[model]\nmodel=\n"),
	{ NULL, 0 }
};

static void
check_bounds(const struct conf *c)
{
	size_t i;

	CHECK(c->session.mode != NULL && c->sandbox.profile != NULL);
	CHECK(c->sandbox.minimum != NULL);
	CHECK(c->session.max_turns >= 1 && c->session.max_turns <= 64);
	CHECK(c->model.retries <= 10);
	CHECK(c->tasks.grace <= UINT64_MAX / 4);
	CHECK(c->tasks.max_output <= INT64_MAX);
	for (i = 0; i < c->tasks.tools.nitems; i++)
		CHECK(c->tasks.tools.items[i][0] == '/');
	for (i = 0; i < c->ntools; i++)
		CHECK(conf_tool(c, c->tools[i].name) == &c->tools[i].said);
	(void)conf_level(c);
}

static void
check_words(const char *why, struct bytes text)
{
	unsigned long line, nlines = 1;
	char *end;
	size_t i;

	for (i = 0; i < text.len; i++)
		nlines += text.data[i] == '\n';
	CHECK(strncmp(why, "f:", 2) == 0);
	line = strtoul(why + 2, &end, 10);
	CHECK(line >= 1 && line <= nlines);
	CHECK(end[0] == ':' && end[1] == ' ' && end[2] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct conf_env env = { 0 };
	struct bytes text = { (const char *)data, len };
	char *why = NULL;
	struct conf c;

	conf_init(&c);
	if (conf_parse(&c, "f", text, &why) == -1) {
		check_words(why, text);
		free(why);
	} else {
		CHECK(why == NULL);
		CHECK(conf_parse(&c, "f", text, &why) == 0);
		check_bounds(&c);
		if (conf_settle(&c, &env, &why) == -1)
			free(why);
		else
			CHECK(c.model.provider != NULL);
	}
	conf_fini(&c);
	return 0;
}
