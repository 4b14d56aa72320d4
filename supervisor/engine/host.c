/* Sessions in memory, and the way of their records into the journal. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"
#include "journal.h"
#include "jsonw.h"
#include "log.h"
#include "loop.h"
#include "xalloc.h"

#define MAX_ASKS	200	/* model requests of one turn */
#define MAX_ATTEMPTS	3	/* of one request, across crashes (S4) */

static void
put_row(struct host *h)
{
	struct journal_session row = { .name = session_name(h->session),
	    .cwd = session_cwd(h->session),
	    .mode = mode_name(session_mode(h->session)),
	    .created = h->created, .last = h->last, .open = h->open };

	journal_put_session(h->engine->journal, &row);
}

/* Ids are found again by whoever knows nothing but the id. */
static void
put_id(struct host *h, const struct record *r)
{
	struct journal *j = h->engine->journal;
	const char *name = session_name(h->session);

	if (r->kind == RECORD_ADMITTED)
		journal_put_id(j, 'm', r->admitted.message, name);
	else if (r->kind == RECORD_BEGAN)
		journal_put_id(j, 'u', r->began.turn, name);
	else if (r->kind == RECORD_TASK)
		journal_put_id(j, 't', r->task.task, name);
	else if (r->kind == RECORD_APPROVAL)
		journal_put_id(j, 'a', r->approval.approval, name);
	else if (r->kind == RECORD_CREATED && r->created.depth > 0)
		journal_put_id(j, 'g', record_id(r->created.task, 't'), name);
	else if (r->kind == RECORD_ADOPTED)
		journal_put_id(j, 'g', r->adopted.task, name);
}

static void
on_record(void *arg, const struct record *r)
{
	struct engine *e = arg;
	struct host *h = e->stepping;
	struct buf body = { 0 };

	record_write(&body, r);
	e->seq = journal_append(e->journal, session_name(h->session),
	    record_name(r->kind), r->time, buf_bytes(&body));
	h->last = e->seq;
	put_id(h, r);
	agent_note(h, r);
	buf_fini(&body);
}

static uint64_t
on_number(void *arg, char letter)
{
	struct engine *e = arg;

	return journal_number(e->journal, letter);
}

uint64_t
host_number(struct host *h, char letter)
{
	return journal_number(h->engine->journal, letter);
}

static void
arm(struct host *h)
{
	uint64_t at = session_deadline(h->session);

	if (at == UINT64_MAX)
		alarm_off(h->alarm);
	else
		alarm_at(h->alarm, at);
}

/* How the output of its held tasks stands, before a step that may detach. */
static void
tell_output(struct host *h)
{
	struct engine *e = h->engine;
	struct output o;
	struct event ev;
	struct buf tail = { 0 };
	size_t i;
	struct run *r;

	for (i = 0; i < e->runs.n; i++) {
		r = e->runs.at[i];
		if (r->host != h || !session_task_is_held(h->session, r->id))
			continue;
		buf_reset(&tail);
		compose_tail(&tail, e, r->id, true, &o.out_bytes, &o.err_bytes);
		o.tail = buf_bytes(&tail);
		ev = (struct event){ .kind = EV_OUTPUT, .task = r->id,
		    .output = &o };
		session_step(h->session, &ev, &e->out);
	}
	buf_fini(&tail);
}

static bool
may_detach(const struct event *ev)
{
	return (ev->kind == EV_SAY && ev->mode != MODE_QUEUE &&
	    ev->mode != MODE_ASK && ev->mode != MODE_REJECT) ||
	    ev->kind == EV_INTERRUPT || ev->kind == EV_DETACH ||
	    ev->kind == EV_MOVE || ev->kind == EV_TICK || ev->kind == EV_SEEN;
}

struct out *
host_step(struct host *h, struct event *ev, bool *ok)
{
	struct engine *e = h->engine;
	struct out *out = &e->out;
	size_t i;

	e->stepping = h;
	out->seq = e->seq;
	out->number = on_number;
	out->record = on_record;
	out->arg = e;
	ev->now = loop_now();
	ev->wall = loop_wall();
	if (may_detach(ev))
		tell_output(h);
	buf_reset(&out->receipt);
	*ok = session_step(h->session, ev, out);
	for (i = 0; i < out->neffects; i++)
		deed_effect(h, &out->effects[i]);
	arm(h);
	if (session_is_open(h->session) != h->open ||
	    ev->kind == EV_CREATE) {
		h->open = !h->open;
		if (ev->kind == EV_CREATE)
			h->open = session_is_open(h->session);
		put_row(h);
	}
	return out;
}

void
host_step_quietly(struct host *h, struct event *ev)
{
	bool ok;

	host_step(h, ev, &ok);
}

static void
on_alarm(void *arg)
{
	struct event ev = { .kind = EV_TICK };
	struct host *h = arg;

	host_step_quietly(h, &ev);
	if (h->agent != 0)
		deed_look(h);		/* a wake may be called off */
}

static struct session_limits
limits(const struct engine *e, const struct host *h)
{
	const struct conf_session *c = &e->conf.session;

	return (struct session_limits){
		.max_turns = (unsigned)c->max_turns,
		.max_asides = (unsigned)c->max_turns,
		.detach_after = c->detach_after,
		.wakes_per_hour = (unsigned)c->wakes_per_hour,
		.max_asks = MAX_ASKS, .max_attempts = MAX_ATTEMPTS,
		.spent = h->spent, .context = c->context };
}

void
host_limit(struct host *h)
{
	struct session_limits l = limits(h->engine, h);

	session_limit(h->session, &l);
}

void
hosts_limit(struct engine *e)
{
	struct host *h;

	TAILQ_FOREACH(h, &e->hosts, link)
		host_limit(h);
	budgets_look(e);
}

struct host *
host_new(struct engine *e, const char *name)
{
	struct host *h = xcalloc(1, sizeof(*h));
	struct session_limits l = limits(e, h);

	h->engine = e;
	h->session = session_new(name, &l);
	h->alarm = alarm_new(e->w.loop, on_alarm, h);
	TAILQ_INIT(&h->askings);
	TAILQ_INSERT_TAIL(&e->hosts, h, link);
	return h;
}

static void
host_free(struct host *h)
{
	askings_free(h);
	TAILQ_REMOVE(&h->engine->hosts, h, link);
	alarm_free(h->alarm);
	session_free(h->session);
	free(h);
}

static bool
on_row(void *arg, const struct journal_record *row)
{
	struct host *h = arg;
	struct record r;

	if (!record_read(&r, row->kind, row->body)) {
		log_warnx("journal: record %" PRIu64 ": not understood",
		    row->seq);
		return true;
	}
	r.seq = h->last = row->seq;
	r.time = row->time;
	if (r.kind == RECORD_CREATED) {
		h->created = row->time;
		folder_owned(&h->folder, r.created.owner);
	}
	if (!session_apply(h->session, &r))
		log_warnx("journal: record %" PRIu64 ": out of place",
		    row->seq);
	record_done(&r);
	return true;
}

/*
 * By the task, since a name is given again when its session was deleted; and
 * one depth above it, whatever a journal claims: so there is no circle.
 */
bool
host_is_below(const struct host *h, const struct host *up)
{
	const struct origin *o = session_origin(h->session);

	return session_origin(up->session)->depth + 1 == o->depth &&
	    strcmp(o->parent, host_name(up)) == 0 &&
	    session_task(up->session, o->task) != NULL;
}

static struct host *
parent_of(const struct host *h)
{
	const struct origin *o = session_origin(h->session);
	struct host *up = o->depth == 0 ? NULL :
	    host_find(h->engine, o->parent);

	return up != NULL && host_is_below(h, up) ? up : NULL;
}

static struct host *
load(struct engine *e, const char *name)
{
	struct host *h = host_new(e, name);

	if (journal_read(e->journal, name, 0, on_row, h) == -1 ||
	    !session_exists(h->session)) {
		log_warnx("session %s: not readable", name);
		host_free(h);
		return NULL;
	}
	h->open = session_is_open(h->session);
	h->parent = parent_of(h);
	budget_look(h);
	return h;
}

struct host *
host_find(struct engine *e, const char *name)
{
	struct host *h;

	TAILQ_FOREACH(h, &e->hosts, link)
		if (strcmp(session_name(h->session), name) == 0)
			return h;
	if (!journal_has_session(e->journal, name))
		return NULL;
	return load(e, name);
}

void
host_create(struct host *h, struct event *ev)
{
	char owner[FOLDER_OWNER];

	ev->kind = EV_CREATE;
	ev->owner = folder_owner(&h->folder, owner);
	h->created = loop_wall();
	host_step_quietly(h, ev);
	log_info("session %s: made in %s", host_name(h),
	    session_cwd(h->session));
}

struct host *
host_make(struct engine *e, const char *name, const char *cwd, enum mode mode)
{
	struct host *h = host_new(e, name);
	char *real = folder_real(cwd);
	struct event ev = { .mode = mode, .cwd = bytes_of(real) };

	folder_remember(&h->folder, real);
	host_create(h, &ev);
	free(real);
	return h;
}

struct host *
host_bear(struct host *parent, const char *name, const struct origin *origin)
{
	struct host *h = host_new(parent->engine, name);
	struct event ev = { .mode = session_mode(parent->session),
	    .cwd = bytes_of(session_cwd(parent->session)), .origin = origin };

	h->folder = parent->folder;
	h->parent = parent;
	host_create(h, &ev);
	return h;
}

struct host *
host_of(struct engine *e, char letter, uint64_t id)
{
	char *name = journal_find_id(e->journal, letter, id);
	struct host *h = name == NULL ? NULL : host_find(e, name);

	free(name);
	return h;
}

struct host *
host_next(struct engine *e, struct host *h)
{
	return h == NULL ? TAILQ_FIRST(&e->hosts) : TAILQ_NEXT(h, link);
}

void
host_delete(struct host *h)
{
	struct engine *e = h->engine;
	struct host *below;

	journal_delete_session(e->journal, session_name(h->session));
	log_info("session %s: deleted", session_name(h->session));
	deeds_forget(e, h);
	runs_forget(e, h);
	TAILQ_FOREACH(below, &e->hosts, link)
		if (below->parent == h)
			below->parent = NULL;
	host_free(h);
}

uint64_t
host_agent(const struct host *h)
{
	return h->agent;
}

struct session *
host_session(struct host *h)
{
	return h->session;
}

const char *
host_name(const struct host *h)
{
	return session_name(h->session);
}

void
hosts_free(struct engine *e)
{
	struct host *h;

	while ((h = TAILQ_FIRST(&e->hosts)) != NULL)
		host_free(h);
}

/*
 * Those that ran before those that did not: whoever was to run after one that
 * is lost finds that it ended.
 */
static void
recover_tasks(struct host *h, bool queued)
{
	const struct task_facts *f;
	size_t i;

	for (i = 0; (f = session_nth_task(h->session, i)) != NULL; i++)
		if (f->end[0] == '\0' && task_is_queued(f) == queued)
			run_recover(h, f);
}

/*
 * After a crash (T11, S4): what ran is lost, what had not begun is in line
 * again, what was asked is asked again; of a suspended sub-agent when it is
 * resumed.
 */
static void
recover_turns(struct host *h)
{
	struct event ev = { .kind = EV_RECOVER, .quiet = h->held };

	host_step_quietly(h, &ev);
}

struct names {
	char	**at;
	size_t	  n;
};

static bool
on_session(void *arg, const struct journal_session *row)
{
	struct names *l = arg;

	if (row->open) {
		l->at = xreallocarray(l->at, l->n + 1, sizeof(*l->at));
		l->at[l->n++] = xstrdup(row->name);
	}
	return true;
}

void
hosts_recover(struct engine *e)
{
	struct names open = { 0 };
	struct host *h;
	size_t i;

	journal_sessions(e->journal, on_session, &open);
	for (i = 0; i < open.n; i++)
		if ((h = host_find(e, open.at[i])) != NULL) {
			recover_tasks(h, false);
			recover_tasks(h, true);
		}
	budgets_recover(e);
	for (i = 0; i < open.n; i++) {
		if ((h = host_find(e, open.at[i])) != NULL)
			recover_turns(h);
		free(open.at[i]);
	}
	free(open.at);
}
