#include "output.h"
#include "show.h"
#include "verb.h"

enum row { FOLLOW, OUT, ERR, SINCE };

static const struct verb_option options[] = {
	{ "follow", 'f', NULL, "go on until the task ends" },
	{ "out", 'o', NULL, "only what went to stdout" },
	{ "err", 'e', NULL, "only what went to stderr" },
	{ "since", 0, "BYTE", "from this offset on" },
	{ NULL }
};

struct log {
	struct client	*client;
	struct output	 output;
	bool		 wants[2];
	int		 status;
};

/* Both at once, or one after the other. */
static bool
start_next(struct log *l)
{
	for (int i = 0; i < 2; i++) {
		if (!l->wants[i])
			continue;
		l->wants[i] = false;
		if (!output_start(&l->output, i))
			return false;
		if (!l->output.wait)
			break;
	}
	return true;
}

static void
on_output(void *arg, const struct frame_output *f)
{
	struct log *l = arg;

	output_take(&l->output, f);
}

static void
on_done(void *arg, const struct frame_done *d)
{
	struct log *l = arg;

	if (d->status != 0 && l->status == 0)
		l->status = ask_verdict(&l->client->ask, d);
	output_done(&l->output, d);
	if (l->status == 0 && !output_is_open(&l->output))
		start_next(l);
}

static int
run(struct client *c)
{
	static const struct ask_ops ops = { .output = on_output,
	    .done = on_done };
	struct log l = { .client = c };
	uint64_t since = 0;

	if (c->opt[SINCE] != NULL && !verb_number(c->opt[SINCE], &since))
		return verb_usage(c, "--since %s: not a number", c->opt[SINCE]);
	output_init(&l.output, &c->ask, c->argv[0]);
	l.output.wait = c->opt[FOLLOW] != NULL;
	l.output.json = c->json;
	l.output.quiet = c->quiet;
	for (int i = 0; i < 2; i++) {
		l.output.streams[i].since = since;
		l.wants[i] = c->opt[i == 0 ? ERR : OUT] == NULL ||
		    c->opt[i == 0 ? OUT : ERR] != NULL;
	}
	c->ask.ops = &ops;
	c->ask.arg = &l;
	if (!start_next(&l))
		l.status = c->ask.status;
	while (l.status == 0 && output_is_open(&l.output))
		if (ask_wait(&c->ask, -1, -1) & ASK_LOST)
			l.status = c->ask.status;
	output_fini(&l.output);
	return l.status;
}

const struct verb verb_log = {
	.name = "log",
	.operands = "ID",
	.about = "print what a task printed",
	.options = options,
	.min = 1,
	.max = 1,
	.run = run,
};
