#include "chat.h"

enum row { MODE };

static const struct verb_option options[] = {
	{ "mode", 'm', VERB_MODES, "how messages are taken" },
	{ NULL }
};

static int
run(struct client *c)
{
	return chat_run(c, c->opt[MODE] == NULL ? "" : c->opt[MODE]);
}

const struct verb verb_chat = {
	.name = "chat",
	.operands = "",
	.about = "talk; what no verb means",
	.options = options,
	.run = run,
};
