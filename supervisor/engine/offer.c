/* What a session's model is told: its tools, and what it is (T10). */
#include <string.h>

#include "inner.h"
#include "jsonw.h"
#include "own.h"
#include "text.h"
#include "toolbox.h"

static const char sub_agent[] =
    "You are a sub-agent: another agent gave you the first message as a task, "
    "and no person may be reading. Work by yourself until it is done. Your "
    "last answer is the result that the other agent gets, so let it say all "
    "that was asked for. You have finished when you have answered and none of "
    "your tasks goes on; stop those that are of no more use.";

bool
tool_is_agent(const struct tool *tool)
{
	return tool->path == NULL &&
	    strcmp(tool->name, own_name(OWN_AGENT)) == 0;
}

/* Whoever may start a task may look after it. */
bool
offer_has(const struct host *h, const struct tool *tool)
{
	if (tool->path == NULL && strncmp(tool->name, "task_", 5) == 0)
		return true;
	return session_may_call(h->session, tool->name);
}

static void
put_tools(const struct host *h, struct buf *b)
{
	const struct toolbox *box = h->engine->tools;
	size_t i;

	jsonw_open(b, '[');
	for (i = 0; i < toolbox_count(box); i++)
		if (offer_has(h, toolbox_at(box, i)))
			tool_request(toolbox_at(box, i), b);
	jsonw_close(b, ']');
}

void
offer_put(const struct host *h, struct buf *tools, struct buf *system)
{
	const struct engine *e = h->engine;

	buf_puts(system, e->system);
	/* A fork of a sub-agent's has no more tools than that. */
	if (*session_origin(h->session)->tools == '\0' &&
	    session_origin(h->session)->depth == 0)
		buf_add_bytes(tools, buf_bytes(&e->tools_json));
	else
		put_tools(h, tools);
	if (session_origin(h->session)->depth == 0)
		return;
	if (!text_is_blank(bytes_of(e->system)))
		buf_puts(system, "\n\n");
	buf_puts(system, sub_agent);
}
