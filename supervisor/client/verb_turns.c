/* Hands on the conversation: interrupt, detach, queue. */
#include <stdio.h>

#include "show.h"
#include "verb.h"

enum interrupt_row { TOOLS, EXPECT };

static const struct verb_option interrupt_options[] = {
	{ "tools", 't', "keep|suspend|stop", "what becomes of the tasks" },
	{ "expect", 0, "TURN", "only if this turn is active" },
	{ NULL }
};

static int
run_interrupt(struct client *c)
{
	struct frame f = { .type = FRAME_INTERRUPT };

	f.interrupt.session = bytes_of(c->session);
	f.interrupt.tools = bytes_of(c->opt[TOOLS]);
	f.interrupt.expect = bytes_of(c->opt[EXPECT]);
	return verb_ask(c, &f, NULL);
}

const struct verb verb_interrupt = {
	.name = "interrupt",
	.operands = "",
	.about = "cut the replies that stream",
	.options = interrupt_options,
	.run = run_interrupt,
};

enum { DETACH_EXPECT };

static const struct verb_option detach_options[] = {
	{ "expect", 0, "TURN", "only if this turn is active" },
	{ NULL }
};

static int
run_detach(struct client *c)
{
	struct frame f = { .type = FRAME_DETACH };

	f.detach.session = bytes_of(c->session);
	f.detach.expect = bytes_of(c->opt[DETACH_EXPECT]);
	return verb_order(c, &f);
}

const struct verb verb_detach = {
	.name = "detach",
	.operands = "",
	.about = "let go of the tasks that hold the turn",
	.options = detach_options,
	.run = run_detach,
};

enum queue_row { MODE };

static const struct verb_option queue_options[] = {
	{ "mode", 'm', VERB_MODES,
	    "edit, move: how the message is taken then" },
	{ NULL }
};

static const struct show_column queue_columns[] = {
	{ "position", "POSITION", VALUE_PLAIN },
	{ "message", "MESSAGE", VALUE_PLAIN },
	{ "mode", "MODE", VALUE_PLAIN },
	{ "text", "TEXT", VALUE_PLAIN },
	{ NULL }
};

/* With a mode the rest may stay as it is: no text, position 0. */
static bool
has_operands(const struct client *c, const char *op)
{
	if (strcmp(op, "edit") == 0 || strcmp(op, "move") == 0)
		return c->argc == 3 || (c->argc == 2 && c->opt[MODE] != NULL);
	return c->argc == 2 && c->opt[MODE] == NULL &&
	    strcmp(op, "cancel") == 0;
}

static int
run_queue(struct client *c)
{
	struct frame f = { .type = FRAME_QUEUE };
	const char *op = c->argc == 0 ? "list" : c->argv[0];

	f.queue.session = bytes_of(c->session);
	f.queue.op = bytes_of(op);
	f.queue.mode = bytes_of(c->opt[MODE]);
	if (strcmp(op, "list") == 0 && c->argc <= 1)
		return verb_ask(c, &f, queue_columns);
	if (c->argc < 2)
		return verb_usage(c, "%s: which message?", op);
	if (!has_operands(c, op))
		return verb_usage(c, "%s: not like this", op);
	f.queue.message = bytes_of(c->argv[1]);
	if (strcmp(op, "edit") == 0)
		f.queue.text = bytes_of(c->argc == 3 ? c->argv[2] : NULL);
	else if (c->argc == 3 && !verb_number(c->argv[2], &f.queue.position))
		return verb_usage(c, "%s: not a position", c->argv[2]);
	return verb_order(c, &f);
}

const struct verb verb_queue = {
	.name = "queue",
	.operands = "[list | edit ID [TEXT] | move ID [POSITION] | cancel ID]",
	.about = "list and change the messages that wait",
	.options = queue_options,
	.max = 3,
	.run = run_queue,
};
