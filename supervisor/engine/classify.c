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
refuse(struct event *ev, struct lent *l, const char *words)
{
	struct buf *why = &l->why;

	ev->call_kind = CALL_KIND_BAD;
	buf_reset(why);
	jsonw_open(why, '{');
	jsonw_str(why, "state", "refused");
	jsonw_str(why, "why", words);
	jsonw_close(why, '}');
	ev->text = buf_bytes(why);
}

static void
refuse_bad(struct event *ev, struct lent *l, struct bytes bad)
{
	struct buf words = { 0 };
	size_t n = text_prefix(bad, QUOTE);

	buf_printf(&words, "args: not a JSON object: %.*s", (int)n, bad.data);
	refuse(ev, l, words.data);
	buf_fini(&words);
}

static enum cause
cause_of(const struct host *h, uint64_t turn)
{
	struct turn_facts f;

	return session_turn(h->session, turn, &f) ? f.cause : CAUSE_MESSAGE;
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

/* After whom it runs, and how urgent it is; false: it is refused. */
static bool
take_terms(struct host *h, struct event *ev, const struct own *o,
    struct lent *l)
{
	struct wish w = wish_of(o, NULL);
	char *words = NULL;

	if (terms_read(h, &w, &ev->terms, &l->after, &words))
		return true;
	refuse(ev, l, words);
	free(words);
	return false;
}

static void
become_task(struct host *h, struct event *ev, const struct tool *tool,
    const char *cwd, struct lent *l)
{
	static const enum background backgrounds[] = {
		[TOOL_BACKGROUND_AUTO] = BACKGROUND_AUTO,
		[TOOL_BACKGROUND_YES] = BACKGROUND_YES,
		[TOOL_BACKGROUND_NO] = BACKGROUND_NO };

	l->cwd = resolve(h, cwd);
	ev->call_kind = CALL_KIND_TASK;
	ev->task = host_number(h, 't');
	ev->cwd = bytes_of(l->cwd);
	/* A sub-agent is no process, and has no walls of its own. */
	ev->profile = bytes_of(tool_is_agent(tool) ? "" :
	    walls_profile(h, tool));
	ev->background = backgrounds[tool->background];
	ev->wake = WAKE_ALWAYS;
	if (!(ev->confirm = consent_is_needed(h, tool)))
		return;
	consent_put_grant(&l->grant, h, tool);
	ev->grant = buf_bytes(&l->grant);
}

static void
classify_own(struct host *h, bool aside, struct event *ev,
    const struct tool *tool, struct lent *l)
{
	struct own o = { 0 };
	char *words = NULL;

	if (!own_parse(tool->name, ev->args, &o, &words)) {
		refuse(ev, l, words);
		free(words);
		return;
	}
	ev->call_kind = CALL_KIND_OWN;
	if (aside && o.kind != OWN_TASK_LIST && o.kind != OWN_TASK_OUTPUT)
		refuse(ev, l, "a side question can only look");
	else if (o.kind == OWN_AGENT && !agent_may_start(h, &o, &words))
		refuse(ev, l, words);
	else if (o.kind == OWN_AGENT ||
	    (o.kind == OWN_EXEC && take_terms(h, ev, &o, l))) {
		become_task(h, ev, tool, o.cwd, l);
		l->watch = o.watch;
		o.watch = NULL;
		ev->terms.watch = bytes_of(l->watch);
	}
	own_fini(&o);
	free(words);
}

static void
classify_tool(struct host *h, bool aside, struct event *ev,
    const struct tool *tool, struct lent *l)
{
	char *words = NULL;

	if (aside)
		refuse(ev, l, "a side question can only look");
	else if (!args_check(tool, ev->args, &words))
		refuse(ev, l, words);
	else {
		become_task(h, ev, tool, NULL, l);
		ev->terms.watch = bytes_of(tool->watch);
	}
	free(words);
}

void
classify(struct host *h, uint64_t turn, const struct model_call *call,
    struct event *ev, struct lent *l)
{
	char *name = xmemdup(call->name.data, call->name.len);
	const struct tool *tool = toolbox_find(h->engine->tools, name);
	const char *busy = engine_is_busy(h->engine);
	enum cause cause = cause_of(h, turn);
	bool aside = cause == CAUSE_ASIDE;

	free(name);
	if (tool == NULL || !offer_has(h, tool))
		ev->call_kind = CALL_KIND_UNKNOWN;
	else if (cause == CAUSE_COMPACT)
		refuse(ev, l, "only words here");
	else if (call->bad.len > 0)
		refuse_bad(ev, l, call->bad);
	else if (busy != NULL)
		refuse(ev, l, busy);
	else if (strcmp(tool->name, "agent") == 0 && budget_is_spent(h))
		refuse(ev, l, "the token budget of this conversation is used "
		    "up: no sub-agent starts until it is raised");
	else if (tool->path == NULL)
		classify_own(h, aside, ev, tool, l);
	else
		classify_tool(h, aside, ev, tool, l);
}

void
lent_fini(struct lent *l)
{
	buf_fini(&l->why);
	buf_fini(&l->grant);
	buf_fini(&l->after);
	free(l->cwd);
	free(l->watch);
}
