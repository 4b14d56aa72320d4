/* Requests for consent: approvals, approve, deny. */
#include "show.h"
#include "verb.h"

static const struct verb_option approvals_options[] = {
	{ "all", 'a', NULL, "also those that are answered" },
	{ NULL }
};

/* Whoever is asked need not know where: of every session, unless one is said. */
static int
run_approvals(struct client *c)
{
	struct frame f = { .type = FRAME_APPROVALS };

	f.approvals.session = bytes_of(*c->session == '\0' ? "*" : c->session);
	f.approvals.all = c->opt[0] != NULL;
	return verb_ask(c, &f, show_approvals);
}

const struct verb verb_approvals = {
	.name = "approvals",
	.operands = "",
	.about = "list the calls that wait for a person's consent",
	.options = approvals_options,
	.run = run_approvals,
};

enum answer_row { ALWAYS, REASON };

static const struct verb_option answer_options[] = {
	{ "always", 0, NULL, "and all that is alike, in this session" },
	{ "reason", 'r', "TEXT", "that is recorded, and told to the model" },
	{ NULL }
};

static void
on_item(void *arg, const struct frame_item *i)
{
	const struct client *c = arg;
	struct buf line = { 0 };
	json_t *o = NULL;

	if (c->json)
		show_line(i->json);
	else if (!c->quiet && (o = value_parse(i->json)) != NULL) {
		show_approval(&line, o);
		show_line(buf_bytes(&line));
	}
	buf_fini(&line);
	json_decref(o);
}

static int
answer(struct client *c, bool approve)
{
	static const struct ask_ops ops = { .item = on_item };
	struct frame f = { .type = FRAME_ANSWER };
	int status = 0, one;

	f.answer.approve = approve;
	f.answer.always = c->opt[ALWAYS] != NULL;
	f.answer.reason = bytes_of(c->opt[REASON]);
	for (int i = 0; i < c->argc; i++) {
		f.answer.id = bytes_of(c->argv[i]);
		if ((one = ask_do(&c->ask, &f, &ops, c)) != 0 && status == 0)
			status = one;
	}
	return status;
}

static int
run_approve(struct client *c)
{
	return answer(c, true);
}

const struct verb verb_approve = {
	.name = "approve",
	.operands = "ID...",
	.about = "let calls begin that wait for consent",
	.options = answer_options,
	.min = 1,
	.max = -1,
	.run = run_approve,
};

static int
run_deny(struct client *c)
{
	return answer(c, false);
}

const struct verb verb_deny = {
	.name = "deny",
	.operands = "ID...",
	.about = "let them end without having begun",
	.options = answer_options,
	.min = 1,
	.max = -1,
	.run = run_deny,
};
