/* Model requests: a turn's items go out, what streams in becomes events. */
#include <stdlib.h>

#include "inner.h"
#include "jsonw.h"
#include "log.h"
#include "toolbox.h"
#include "xalloc.h"

static void
asking_free(struct asking *a)
{
	TAILQ_REMOVE(&a->host->askings, a, link);
	free(a);
}

static void
on_sent(void *arg)
{
	struct asking *a = arg;
	struct engine *e = a->host->engine;

	if (e->observer != NULL)
		e->observer->sent(e->observer_arg, a->host, a->turn);
}

static void
on_text(void *arg, struct bytes text)
{
	struct asking *a = arg;
	struct engine *e = a->host->engine;
	struct event ev = { .kind = EV_TEXT, .turn = a->turn, .text = text };

	host_step_quietly(a->host, &ev);
	if (e->observer == NULL || !a->is_shown)
		return;
	if (a->is_later && text.len > 0)
		e->observer->shown(e->observer_arg, a->host, a->turn,
		    BYTES("\n"));
	a->is_later = a->is_later && text.len == 0;
	e->observer->shown(e->observer_arg, a->host, a->turn, text);
}

static void
on_thought(void *arg, struct bytes text)
{
	(void)arg;
	(void)text;
}

static void
on_call(void *arg, const struct model_call *call)
{
	struct asking *a = arg;
	struct event ev = { .kind = EV_CALL, .turn = a->turn };
	struct lent lent = { .cwd = NULL };

	ev.call = call->id;
	ev.tool = call->name;
	ev.args = call->arguments;
	classify(a->host, a->turn, call, &ev, &lent);
	host_step_quietly(a->host, &ev);
	lent_fini(&lent);
}

static void
on_retry(void *arg, uint64_t wait_us, struct bytes why)
{
	struct asking *a = arg;

	log_info("u%ju: asked again in %.1f s: %.*s", (uintmax_t)a->turn,
	    (double)wait_us / 1e6, (int)why.len, why.data);
}

/* Also of a turn that listens no more: it was used all the same. */
static void
tell_usage(struct host *h, uint64_t turn, const struct model_usage *u)
{
	struct event ev = { .kind = EV_USAGE, .turn = turn, .input = u->input,
	    .cached = u->cached, .output_tokens = u->output };

	if (u->input == 0 && u->output == 0)
		return;
	host_step_quietly(h, &ev);
	budget_use(h, &ev);
}

static void
on_done(void *arg, const struct model_usage *u)
{
	struct asking *a = arg;
	struct host *h = a->host;
	struct event ev = { .kind = EV_ANSWERED, .turn = a->turn };

	asking_free(a);
	tell_usage(h, ev.turn, u);
	host_step_quietly(h, &ev);
}

static void
on_failed(void *arg, const struct model_failure *f)
{
	struct asking *a = arg;
	struct host *h = a->host;
	struct event ev = { .kind = EV_FAILED, .turn = a->turn, .text = f->why,
	    .context = f->kind == MODEL_WHY_CONTEXT };

	log_warnx("u%ju: model: %.*s", (uintmax_t)a->turn, (int)f->why.len,
	    f->why.data);
	asking_free(a);
	tell_usage(h, ev.turn, &f->usage);
	host_step_quietly(h, &ev);
}

static const struct model_ops ops = {
	.sent = on_sent,
	.text = on_text,
	.thought = on_thought,
	.call = on_call,
	.retry = on_retry,
	.done = on_done,
	.failed = on_failed,
};

/*
 * Some servers refuse a transcript that names a tool which is not described,
 * such as one that a reload took away.
 */
static void
describe_missing(const struct host *h, struct buf *tools)
{
	const struct tool *tool;
	const char *name;
	size_t i;

	for (i = 0; (name = session_nth_called(h->session, i)) != NULL; i++) {
		tool = toolbox_find(h->engine->tools, name);
		if (tool != NULL && offer_has(h, tool))
			continue;
		tools->len--;		/* the closing bracket */
		jsonw_open(tools, '{');
		jsonw_str(tools, "type", "function");
		jsonw_key(tools, "function");
		jsonw_open(tools, '{');
		jsonw_str(tools, "name", name);
		jsonw_str(tools, "description", "Not available.");
		jsonw_raw(tools, "parameters",
		    BYTES("{\"type\":\"object\",\"properties\":{}}"));
		jsonw_close(tools, '}');
		jsonw_close(tools, '}');
		jsonw_close(tools, ']');
	}
}

static void
fill(const struct host *h, struct model_request *rq, struct buf *tools,
    struct buf *system)
{
	const struct origin *o = session_origin(h->session);

	offer_put(h, tools, system);
	describe_missing(h, tools);
	rq->system = buf_bytes(system);
	rq->tools = buf_bytes(tools);
	rq->model = *o->model == '\0' ? NULL : o->model;
}

static bool
is_asked(const struct host *h, uint64_t turn)
{
	const struct asking *a;

	TAILQ_FOREACH(a, &h->askings, link)
		if (a->turn == turn)
			return true;
	return false;
}

/* What it said before its last tools: what comes now begins a new one. */
static bool
is_amid_a_line(const struct session *s, uint64_t turn)
{
	struct turn_facts t;
	size_t n;

	if (!session_turn(s, turn, &t) || (n = strlen(t.text)) == 0)
		return false;
	return t.text[n - 1] != '\n';
}

void
asking_start(struct host *h, uint64_t turn)
{
	struct engine *e = h->engine;
	struct model_request rq = { 0 };
	struct turn_facts t;
	struct asking *a;
	struct bytes *items;
	struct buf tools = { 0 }, system = { 0 };

	/* That is asked by the next supervisor (S4), or once it is let go. */
	if (e->closing || h->held || is_asked(h, turn))
		return;
	if ((items = session_items(h->session, turn, &rq.nitems)) == NULL)
		return;
	a = xcalloc(1, sizeof(*a));
	a->host = h;
	a->turn = turn;
	a->is_shown = !session_turn(h->session, turn, &t) ||
	    t.cause != CAUSE_COMPACT;
	a->is_later = a->is_shown && is_amid_a_line(h->session, turn);
	TAILQ_INSERT_TAIL(&h->askings, a, link);
	rq.items = items;
	fill(h, &rq, &tools, &system);
	a->ask = model_ask(e->model, &rq, &ops, a);
	buf_fini(&tools);
	buf_fini(&system);
	free(items);
}

void
asking_cut(struct host *h, uint64_t turn)
{
	struct asking *a, *next;
	struct model_usage used;

	TAILQ_FOREACH_SAFE(a, &h->askings, link, next) {
		if (a->turn != turn)
			continue;
		model_used(a->ask, &used);
		model_cut(a->ask);
		asking_free(a);
		tell_usage(h, turn, &used);
	}
}

void
askings_free(struct host *h)
{
	struct asking *a;

	while ((a = TAILQ_FIRST(&h->askings)) != NULL) {
		model_cut(a->ask);
		asking_free(a);
	}
}

void
host_next_request(struct host *h, struct buf *b)
{
	struct model_request rq = { 0 };
	struct bytes *items = session_next_items(h->session, &rq.nitems);
	struct buf tools = { 0 }, system = { 0 };

	rq.items = items;
	fill(h, &rq, &tools, &system);
	model_render(h->engine->model, &rq, b);
	buf_fini(&tools);
	buf_fini(&system);
	free(items);
}
