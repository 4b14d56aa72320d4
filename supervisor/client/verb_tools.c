#include "show.h"
#include "verb.h"

enum row { CHECK };

static const struct verb_option options[] = {
	{ "check", 'c', NULL, "say of each file why it is no tool" },
	{ NULL }
};

static const struct show_column columns[] = {
	{ "name", "TOOL", VALUE_PLAIN },
	{ "describe", "DESCRIPTION", VALUE_SENTENCE },
	{ NULL }
};

static int
run(struct client *c)
{
	struct frame f = { .type = FRAME_TOOLS };

	f.tools.check = c->opt[CHECK] != NULL;
	return verb_ask(c, &f, f.tools.check ? NULL : columns);
}

const struct verb verb_tools = {
	.name = "tools",
	.operands = "",
	.about = "list the tools",
	.options = options,
	.run = run,
};
