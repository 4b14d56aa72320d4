/*
 * Tokens that a session and its sub-agents used, and how many they may use.
 * Beyond them nothing starts by itself; whoever speaks is answered (C3).
 */
#include <stdlib.h>
#include <string.h>

#include "inner.h"
#include "jsonw.h"
#include "log.h"

#define BY	"budget"

/* 0: none. What is said of all is not said of sub-agents once more. */
static uint64_t
limit(const struct engine *e, const char *session, const struct host *h)
{
	uint64_t n = conf_room(&e->conf, session)->budget;

	if (n != CONF_UNSAID)
		return n;
	return h != NULL && h->parent != NULL ? 0 : e->conf.session.budget;
}

static bool
is_below(const struct host *h, const struct host *top)
{
	while (h != NULL && h != top)
		h = h->parent;
	return h != NULL;
}

static uint64_t
tokens(const struct host *h)
{
	struct usage_facts u;

	session_usage_tree(h->session, &u);
	return u.input < INT64_MAX - u.output ? u.input + u.output : INT64_MAX;
}

static bool
is_over(const struct host *h)
{
	uint64_t most = limit(h->engine, host_name(h), h);

	return most > 0 && tokens(h) >= most;
}

/* By its own budget, or that of one above it. */
bool
budget_is_spent(const struct host *h)
{
	while (h != NULL && !is_over(h))
		h = h->parent;
	return h != NULL;
}

bool
run_is_over_budget(const struct run *r)
{
	return r->host->spent && run_is_agent(r);
}

void
budget_join(struct run *r)
{
	if (run_is_over_budget(r))
		run_suspend(r, BY);
}

/* What runs of its sub-agents waits for the budget, or goes on. */
static void
hold_agents(struct host *h)
{
	struct engine *e = h->engine;
	struct run *r;
	size_t i;

	for (i = 0; i < e->runs.n; i++) {
		r = e->runs.at[i];
		if (r->host != h || !run_is_agent(r))
			continue;
		if (h->spent && r->life.state != LIFE_SUSPENDED &&
		    !r->life.suspending)
			run_suspend(r, BY);
		else if (h->spent || strcmp(r->life.by, BY) != 0)
			continue;
		else if (h->held && !h->ending)
			r->held = true;		/* with the one above it */
		else
			run_resume(r, BY);
	}
}

static void
look(struct host *h)
{
	struct event ev = { .kind = EV_TICK };

	if (budget_is_spent(h) == h->spent)
		return;
	h->spent = !h->spent;
	if (h->spent)
		log_warnx("session %s: the token budget is used up: no wakes, "
		    "no sub-agents", session_name(h->session));
	else
		log_info("session %s: there are tokens again",
		    session_name(h->session));
	host_limit(h);
	hold_agents(h);
	if (!h->spent)
		host_step_quietly(h, &ev);	/* what waited may wake */
}

static const struct host *
top_of(const struct host *h)
{
	while (h->parent != NULL)
		h = h->parent;
	return h;
}

void
budget_look(const struct host *about)
{
	const struct host *top = top_of(about);
	struct host *h;

	if (!engine_has_budget(about->engine))
		return;		/* what a reload ends, budgets_look() does */
	TAILQ_FOREACH(h, &about->engine->hosts, link)
		if (is_below(h, top))
			look(h);
}

void
budget_use(struct host *h, const struct event *used)
{
	struct event ev = { .kind = EV_USAGE, .input = used->input,
	    .cached = used->cached, .output_tokens = used->output_tokens };
	struct host *up;

	for (up = h->parent; up != NULL; up = up->parent)
		host_step_quietly(up, &ev);
	budget_look(h);
}

void
budgets_look(struct engine *e)
{
	struct host *h;

	TAILQ_FOREACH(h, &e->hosts, link)
		look(h);
}

void
budgets_recover(struct engine *e)
{
	struct host *h;

	TAILQ_FOREACH(h, &e->hosts, link)
		hold_agents(h);
}

bool
engine_has_budget(const struct engine *e)
{
	const struct conf *c = &e->conf;
	size_t i;

	for (i = 0; i < c->nrooms; i++)
		if (c->rooms[i].said.budget != CONF_UNSAID &&
		    c->rooms[i].said.budget > 0)
			return true;
	return c->session.budget > 0;
}

bool
host_is_over_budget(const struct host *h)
{
	return h->spent;
}

void
present_usage(struct buf *b, const struct usage_facts *u)
{
	present_number(b, "requests", u != NULL, u == NULL ? 0 : u->requests);
	present_number(b, "input_tokens", u != NULL, u == NULL ? 0 : u->input);
	present_number(b, "cached_tokens", u != NULL, u == NULL ? 0 : u->cached);
	present_number(b, "output_tokens", u != NULL, u == NULL ? 0 : u->output);
}

void
present_budget(struct buf *b, const struct engine *e, const struct host *h,
    const char *name)
{
	uint64_t most = limit(e, name, h);
	struct usage_facts u;

	if (h != NULL)
		session_usage(h->session, &u);
	present_usage(b, h == NULL ? NULL : &u);
	present_number(b, "tokens", h != NULL, h == NULL ? 0 : tokens(h));
	present_number(b, "budget", most > 0, most);
	jsonw_bool(b, "over_budget", h != NULL && h->spent);
	present_number(b, "events", h != NULL, h == NULL ? 0 :
	    session_npending(h->session));
}
