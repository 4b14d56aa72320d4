#include "engine.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "inner.h"
#include "journal.h"
#include "log.h"
#include "loop.h"
#include "spool.h"
#include "title.h"
#include "toolbox.h"
#include "xalloc.h"

#define RETRY_US	1000000		/* until a commit is tried again */
#define EXPIRE_US	600000000	/* between two looks at old output */
#define TIDY_US		2000000		/* of quiet, before the log is moved */

static bool
is_urgent(const struct deed *d)
{
	return d->kind == DEED_LIFE && d->life.type != LIFE_FX_SPAWN;
}

static struct deed *
deed_new(struct engine *e)
{
	struct deed *d = xcalloc(1, sizeof(*d));

	TAILQ_INSERT_TAIL(&e->deeds, d, link);
	return d;
}

void
deed_effect(struct host *h, const struct effect *fx)
{
	struct deed *d = deed_new(h->engine);

	d->kind = DEED_EFFECT;
	d->host = h;
	d->fx = *fx;
	if (fx->call.len > 0) {
		d->call = xmemdup(fx->call.data, fx->call.len);
		d->fx.call.data = d->call;
	}
}

void
deed_life(struct run *r, const struct life_effect *fx)
{
	struct deed *d = deed_new(r->engine);

	d->kind = DEED_LIFE;
	d->host = r->host;
	d->run = r->id;
	d->life = *fx;
}

static void
deed_free(struct engine *e, struct deed *d)
{
	TAILQ_REMOVE(&e->deeds, d, link);
	free(d->call);
	free(d);
}

void
deed_look(struct host *h)
{
	struct deed *d;

	if (h->look_due)
		return;
	h->look_due = true;
	d = deed_new(h->engine);
	d->kind = DEED_LOOK;
	d->host = h;
}

void
deeds_forget(struct engine *e, const struct host *h)
{
	struct deed *d, *next;

	TAILQ_FOREACH_SAFE(d, &e->deeds, link, next)
		if (h == NULL || d->host == h)
			deed_free(e, d);
}

static void
carry_out_effect(struct host *h, const struct effect *fx)
{
	struct engine *e = h->engine;
	struct run *r;

	if (e->observer != NULL)
		e->observer->effect(e->observer_arg, h, fx);
	switch (fx->kind) {
	case FX_ASK:
		asking_start(h, fx->turn);
		break;
	case FX_CUT:
		asking_cut(h, fx->turn);
		break;
	case FX_RUN:
		run_begin(h, fx->task);
		break;
	case FX_OWN:
		errand(h, fx->turn, fx->call.data);
		break;
	case FX_STOP:
		if ((r = run_find(e, fx->task)) != NULL)
			run_stop(r, "user", 0, false);
		break;
	case FX_SUSPEND:
		if ((r = run_find(e, fx->task)) != NULL)
			run_suspend(r, "user");
		break;
	case FX_RELEASE:
		if ((r = run_find(e, fx->task)) != NULL)
			run_release(r);
		break;
	case FX_REFUSE:
		if ((r = run_find(e, fx->task)) != NULL)
			run_refuse(r);
		break;
	case FX_ORDER:
		if ((r = run_find(e, fx->task)) != NULL)
			place_change(r);
		break;
	case FX_WATCH:
		if ((r = run_find(e, fx->task)) != NULL)
			heed_watch(r);
		break;
	case FX_ADMITTED:
	case FX_DELIVERED:
	case FX_CANCELLED:
	case FX_FINISHED:
		break;
	}
}

static void
carry_out(struct engine *e, struct deed *d)
{
	struct run *r;

	if (d->kind == DEED_EFFECT)
		carry_out_effect(d->host, &d->fx);
	else if (d->kind == DEED_LOOK && journal_is_dirty(e->journal)) {
		d->host->look_due = false;
		deed_look(d->host);	/* after the commit (C1) */
	} else if (d->kind == DEED_LOOK)
		agent_look(d->host);
	else if ((r = run_find(e, d->run)) != NULL)
		run_deed(r, &d->life);
}

/* Those that were due when it began; what they lead to comes after a commit. */
static void
carry_out_all(struct engine *e, bool urgent_only)
{
	struct deed *d, *next, *last = TAILQ_LAST(&e->deeds, deeds_head);

	for (d = TAILQ_FIRST(&e->deeds); d != NULL; d = next) {
		next = d == last ? NULL : TAILQ_NEXT(d, link);
		if (urgent_only && !is_urgent(d))
			continue;
		carry_out(e, d);
		deed_free(e, d);
	}
}

/* A full disk refuses new work and still stops tasks (S1). */
static bool
commit(struct engine *e)
{
	bool was_full = e->disk_full;

	if (journal_commit(e->journal) == -1) {
		if (!e->disk_full)
			log_error("journal: %s: no new work until it can be "
			    "written", strerror(errno));
		e->disk_full = true;
		alarm_at(e->retry, loop_now() + RETRY_US);
		return false;
	}
	e->disk_full = journal_is_full(e->journal);
	if (e->disk_full)
		alarm_at(e->retry, loop_now() + RETRY_US);
	if (e->disk_full && !was_full)
		log_error("journal: the disk is full: no new work");
	if (!e->disk_full && was_full)
		log_info("journal: there is room again");
	return true;
}

static void
update_title(struct engine *e)
{
	size_t sessions = 0, agents = e->nagents,
	    runs = e->runs.n - e->npending - agents;
	char more[48] = "";
	struct host *h;

	TAILQ_FOREACH(h, &e->hosts, link)
		sessions++;
	if (sessions == e->shown_sessions && runs == e->shown_runs &&
	    agents == e->shown_agents)
		return;
	if (runs == 0)
		alarm_at(e->tidy, loop_now() + TIDY_US);
	e->shown_sessions = sessions;
	e->shown_runs = runs;
	e->shown_agents = agents;
	if (agents > 0)
		snprintf(more, sizeof(more), ", %zu sub-agent%s", agents,
		    agents == 1 ? "" : "s");
	title_set("supervisor: %zu session%s, %zu task%s running%s", sessions,
	    sessions == 1 ? "" : "s", runs, runs == 1 ? "" : "s", more);
}

static void
check_closed(struct engine *e)
{
	if (!e->closing || e->closed || e->runs.n > e->npending)
		return;
	e->closed = true;
	if (e->observer != NULL)
		e->observer->closed(e->observer_arg);
}

void
engine_after(void *arg)
{
	struct engine *e = arg;

	do {
		if (journal_is_dirty(e->journal) && !commit(e)) {
			carry_out_all(e, true);
			if (e->observer != NULL)
				e->observer->stalled(e->observer_arg);
			return;
		}
		carry_out_all(e, false);
	} while (!TAILQ_EMPTY(&e->deeds) || journal_is_dirty(e->journal));
	if (e->observer != NULL)
		e->observer->settled(e->observer_arg);
	update_title(e);
	check_closed(e);
	if (journal_is_long(e->journal))
		alarm_at(e->tidy, loop_now() + TIDY_US);
}

static void
on_retry(void *arg)
{
	commit(arg);
}

static bool
is_quiet(const struct engine *e)
{
	const struct host *h;

	TAILQ_FOREACH(h, &e->hosts, link)
		if (session_nturns(h->session) > 0)
			return false;
	return true;
}

static void
on_tidy(void *arg)
{
	struct engine *e = arg;

	if (!is_quiet(e)) {
		alarm_at(e->tidy, loop_now() + TIDY_US);
		return;
	}
	if (journal_is_long(e->journal))
		journal_checkpoint(e->journal);
	malloc_trim(0);		/* what a thousand tasks had needed */
}

static bool
is_kept(void *arg, uint64_t task)
{
	return run_find(arg, task) != NULL;
}

/* What tasks printed goes by age and total size (T8), a little at a time. */
static void
on_expire(void *arg)
{
	struct engine *e = arg;
	struct spool_limit limit = { .now = loop_wall() / 1000000,
	    .max_age = e->conf.tasks.keep_for / 1000000,
	    .max_bytes = e->conf.tasks.keep_total, .keep = is_kept, .arg = e };
	int removed = spool_expire(e->tasks_dir, &limit);

	if (removed == -1)
		log_warn("%s: old output", e->tasks_dir);
	alarm_at(e->expire, loop_now() + (removed > 0 ? TIDY_US : EXPIRE_US));
}

struct engine *
engine_new(const struct engine_world *w, int *code, char **why)
{
	struct engine *e = xcalloc(1, sizeof(*e));
	const char *words = NULL;

	e->w = *w;
	TAILQ_INIT(&e->hosts);
	TAILQ_INIT(&e->deeds);
	e->tasks_dir = xstrdup(w->state);
	*code = 78;
	conf_init(&e->conf);
	if (!engine_reload(e, why))
		goto fail;
	*code = 71;
	if ((e->journal = journal_open(w->state, &words)) == NULL) {
		*why = xasprintf("journal: %s: %s", w->state, words);
		goto fail;
	}
	if ((e->shop = shop_new(w->loop, w->worker, why)) == NULL)
		goto fail;
	groups_open(e);
	e->seq = journal_last(e->journal);
	e->retry = alarm_new(w->loop, on_retry, e);
	e->tidy = alarm_new(w->loop, on_tidy, e);
	e->expire = alarm_new(w->loop, on_expire, e);
	alarm_at(e->expire, loop_now() + EXPIRE_US);
	hosts_recover(e);
	probe_start(e);
	return e;
fail:
	engine_free(e);
	return NULL;
}

void
engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	probe_fini(e);
	deeds_forget(e, NULL);
	runs_free(e);
	hosts_free(e);
	models_free(e);
	if (e->tools != NULL)
		toolbox_free(e->tools);
	admit_free(e->admit);
	if (e->shop != NULL)
		shop_free(e->shop);
	groups_close(e);
	journal_close(e->journal);
	alarm_free(e->retry);
	alarm_free(e->tidy);
	alarm_free(e->expire);
	buf_fini(&e->tools_json);
	out_fini(&e->out);
	conf_fini(&e->conf);
	users_free(e);
	hidden_free(e);
	canaries_free(e);
	free(e->system);
	free(e->tasks_dir);
	free(e);
}

void
engine_observe(struct engine *e, const struct engine_observer *o, void *arg)
{
	e->observer = o;
	e->observer_arg = arg;
}

void
engine_close(struct engine *e, bool now)
{
	struct run *r;
	size_t i;

	e->closing = true;
	for (i = 0; i < e->runs.n; i++) {
		r = e->runs.at[i];
		if (!r->pending)	/* it outlives us on record */
			run_stop(r, "shutdown", 0, now);
	}
	if (now)
		e->closed = true;
}

bool
engine_is_closing(const struct engine *e)
{
	return e->closing;
}

const char *
engine_is_busy(const struct engine *e)
{
	if (e->closing)
		return "the supervisor is shutting down";
	if (e->disk_full)
		return "the disk is full";
	return NULL;
}

const struct conf *
engine_conf(const struct engine *e)
{
	return &e->conf;
}

struct toolbox *
engine_tools(const struct engine *e)
{
	return e->tools;
}

struct model *
engine_model(const struct engine *e)
{
	return e->model;
}

struct journal *
engine_journal(const struct engine *e)
{
	return e->journal;
}

const char *
engine_tasks_dir(const struct engine *e)
{
	return e->tasks_dir;
}

size_t
engine_nruns(const struct engine *e)
{
	return e->runs.n;
}

size_t
engine_nagents(const struct engine *e)
{
	return e->nagents;
}

size_t
engine_nqueued(const struct engine *e)
{
	return admit_waiting(e->admit) + e->npending;
}
