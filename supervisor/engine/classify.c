/* What a call of the model's is: a task to run, one of our own, or nonsense. */
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "inner.h"
#include "jsonw.h"
#include "own.h"
#include "text.h"
#include "toolbox.h"
#include "xalloc.h"

#define QUOTE	400		/* bytes of what came instead of arguments */

static void
refuse(struct event *ev, struct buf *why, const char *words)
{
	ev->call_kind = CALL_KIND_BAD;
	buf_reset(why);
	jsonw_open(why, '{');
	jsonw_str(why, "state", "refused");
	jsonw_str(why, "why", words);
	jsonw_close(why, '}');
}

static void
refuse_bad(struct event *ev, struct buf *why, struct bytes bad)
{
	struct buf words = { 0 };
	size_t n = text_prefix(bad, QUOTE);

	buf_printf(&words, "args: not a JSON object: %.*s", (int)n, bad.data);
	refuse(ev, why, words.data);
	buf_fini(&words);
}

static bool
is_aside(const struct host *h, uint64_t turn)
{
	struct turn_facts f;

	return session_turn(h->session, turn, &f) && f.cause == CAUSE_ASIDE;
}

/* A folder that the call names counts from the session's. */
static char *
resolve(const struct host *h, const char *cwd)
{
	if (cwd == NULL || *cwd == '\0')
		return xstrdup(session_cwd(h->session));
	if (*cwd == '/')
		return xstrdup(cwd);
	return xasprintf("%s/%s", session_cwd(h->session), cwd);
}

static void
become_task(struct host *h, struct event *ev, const struct tool *tool,
    const char *cwd, char **resolved)
{
	static const enum background backgrounds[] = {
		[TOOL_BACKGROUND_AUTO] = BACKGROUND_AUTO,
		[TOOL_BACKGROUND_YES] = BACKGROUND_YES,
		[TOOL_BACKGROUND_NO] = BACKGROUND_NO };

	*resolved = resolve(h, cwd);
	ev->call_kind = CALL_KIND_TASK;
	ev->task = host_number(h, 't');
	ev->cwd = bytes_of(*resolved);
	ev->profile = bytes_of(walls_profile(h, tool));
	ev->background = backgrounds[tool->background];
	ev->wake = WAKE_ALWAYS;
}

static void
classify_own(struct host *h, bool aside, struct event *ev,
    const struct tool *tool, struct buf *why, char **cwd)
{
	struct own o = { 0 };
	char *words = NULL;

	if (!own_parse(tool->name, ev->args, &o, &words)) {
		refuse(ev, why, words);
		free(words);
		return;
	}
	ev->call_kind = CALL_KIND_OWN;
	if (aside && o.kind != OWN_TASK_LIST && o.kind != OWN_TASK_OUTPUT)
		refuse(ev, why, "a side question can only look");
	else if (o.kind == OWN_EXEC)
		become_task(h, ev, tool, o.cwd, cwd);
	own_fini(&o);
}

static void
classify_tool(struct host *h, bool aside, struct event *ev,
    const struct tool *tool, struct buf *why, char **cwd)
{
	char *words = NULL;

	if (aside)
		refuse(ev, why, "a side question can only look");
	else if (tool->confirm)
		refuse(ev, why, "this tool wants a person's consent, and this "
		    "version cannot ask for it");
	else if (!args_check(tool, ev->args, &words))
		refuse(ev, why, words);
	else
		become_task(h, ev, tool, NULL, cwd);
	free(words);
}

/*
 * Fills in what the call is. why: the result of one that is refused; cwd: what
 * ev borrows from, the caller's to free.
 */
void
classify(struct host *h, uint64_t turn, const struct model_call *call,
    struct event *ev, struct buf *why, char **cwd)
{
	char *name = xmemdup(call->name.data, call->name.len);
	const struct tool *tool = toolbox_find(h->engine->tools, name);
	const char *busy = engine_is_busy(h->engine);
	bool aside = is_aside(h, turn);

	free(name);
	if (tool == NULL)
		ev->call_kind = CALL_KIND_UNKNOWN;
	else if (call->bad.len > 0)
		refuse_bad(ev, why, call->bad);
	else if (busy != NULL)
		refuse(ev, why, busy);
	else if (tool->path == NULL)
		classify_own(h, aside, ev, tool, why, cwd);
	else
		classify_tool(h, aside, ev, tool, why, cwd);
}
