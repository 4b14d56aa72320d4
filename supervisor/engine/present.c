/* Tasks as --json shows them: the keys are a contract. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"
#include "journal.h"
#include "jsonw.h"
#include "own.h"

void
present_id(struct buf *b, const char *key, char letter, uint64_t id)
{
	char text[24];

	if (id == 0) {
		jsonw_null(b, key);
		return;
	}
	snprintf(text, sizeof(text), "%c%" PRIu64, letter, id);
	jsonw_str(b, key, text);
}

void
present_number(struct buf *b, const char *key, bool is, uint64_t n)
{
	if (is)
		jsonw_u64(b, key, n);
	else
		jsonw_null(b, key);
}

static void
present_progress(struct buf *b, const struct run *r)
{
	bool said = r != NULL && run_percent(r) <= 100;

	present_number(b, "percent", said, said ? run_percent(r) : 0);
	jsonw_str(b, "progress", r == NULL ? "" : run_progress(r));
}

static void
put_filter(struct buf *b, uint64_t filter)
{
	char text[20];

	snprintf(text, sizeof(text), "%016" PRIx64, filter);
	jsonw_str(b, "filter", filter == 0 ? NULL : text);
}

/* How it is to be run, or was: after which others, and how urgent. */
static void
present_terms(struct buf *b, const struct terms *t)
{
	struct bytes after = t->after;
	uint64_t id;

	jsonw_str(b, "priority", priority_name(t->priority));
	jsonw_key(b, "after");
	jsonw_open(b, '[');
	while ((id = terms_next(&after)) != 0)
		present_id(b, NULL, 't', id);
	jsonw_close(b, ']');
	jsonw_str(b, "after_if", condition_name(t->condition));
}

/* The session of a sub-agent, also of one that has ended. */
static void
put_agent(struct buf *b, const struct host *h, uint64_t task)
{
	char *name = NULL;

	if (strcmp(session_task(h->session, task)->tool, "agent") == 0)
		name = journal_find_id(h->engine->journal, 'g', task);
	jsonw_str(b, "agent", name);
	free(name);
}

struct birth {
	char	 parent[OWN_SESSION_MAX + 1];
	uint64_t task;
};

/* Of a session that is not in memory, its first record tells. */
static bool
on_first(void *arg, const struct journal_record *row)
{
	struct birth *to = arg;
	struct record r;

	if (!record_read(&r, row->kind, row->body))
		return false;
	if (r.kind == RECORD_CREATED && r.created.parent.len > 0) {
		snprintf(to->parent, sizeof(to->parent), "%.*s",
		    (int)r.created.parent.len, r.created.parent.data);
		to->task = record_id(r.created.task, 't');
	}
	record_done(&r);
	return false;
}

void
present_origin(struct buf *b, struct engine *e, const char *name)
{
	struct birth is = { .parent = "" };
	const struct origin *o = NULL;
	struct host *h = NULL;

	while (o == NULL && (h = host_next(e, h)) != NULL)
		if (strcmp(host_name(h), name) == 0)
			o = session_origin(h->session);
	if (o == NULL)
		journal_read(e->journal, name, 0, on_first, &is);
	else {
		snprintf(is.parent, sizeof(is.parent), "%s", o->parent);
		is.task = o->task;
	}
	jsonw_str(b, "parent", is.parent[0] == '\0' ? NULL : is.parent);
	present_id(b, "task", 't', is.task);
}

static void
put_watches(struct buf *b, const struct task_facts *f)
{
	size_t i;

	jsonw_key(b, "watch");
	jsonw_open(b, '[');
	for (i = 0; i < f->nwatches; i++)
		jsonw_str(b, NULL, f->watches[i]);
	jsonw_close(b, ']');
}

static const char *
why(const struct task_facts *f, const struct run *r)
{
	if (r == NULL)
		return f->why;
	return run_why(r);
}

void
present_task(struct buf *b, struct host *h, uint64_t task)
{
	const struct task_facts *f = session_task(host_session(h), task);
	struct run *r = run_find(h->engine, task);
	uint64_t out = f->out_bytes, err = f->err_bytes;

	if (r != NULL)
		run_bytes(r, &out, &err);
	jsonw_open(b, '{');
	present_id(b, "id", 't', f->id);
	jsonw_str(b, "session", host_name(h));
	present_id(b, "turn", 'u', f->turn);
	present_id(b, "message", 'm', f->message);
	present_id(b, "approval", 'a', f->approval);
	jsonw_str(b, "tool", f->tool);
	jsonw_raw(b, "args", bytes_of(f->args));
	jsonw_str(b, "state", f->state);
	jsonw_str(b, "end", f->end[0] == '\0' ? NULL : f->end);
	present_number(b, "code", f->has_code, f->code);
	present_number(b, "signal", f->signal != 0, f->signal);
	present_number(b, "pid", f->pid != 0, f->pid);
	present_number(b, "pgid", f->pid != 0, f->pid);
	present_number(b, "init", f->init != 0, f->init);
	present_number(b, "tool_pid", f->tool_pid != 0, f->tool_pid);
	present_progress(b, r);
	jsonw_u64(b, "out_bytes", out);
	jsonw_u64(b, "err_bytes", err);
	jsonw_time(b, "created_at", f->created_at);
	jsonw_time(b, "started_at", f->started_at);
	jsonw_time(b, "ended_at", f->ended_at);
	jsonw_str(b, "tier", f->tier);
	jsonw_str(b, "profile", f->profile);
	present_number(b, "landlock", f->landlock != 0, f->landlock);
	put_filter(b, f->filter);
	jsonw_str(b, "cwd", f->cwd);
	present_terms(b, &f->terms);
	put_watches(b, f);
	jsonw_str(b, "by", f->by);
	jsonw_str(b, "why", why(f, r));
	put_agent(b, h, task);
	jsonw_close(b, '}');
}

void
present_approval(struct buf *b, struct host *h, const struct approval_facts *a)
{
	const struct task_facts *f = session_task(host_session(h), a->task);

	jsonw_open(b, '{');
	present_id(b, "id", 'a', a->id);
	present_id(b, "task", 't', a->task);
	jsonw_str(b, "session", host_name(h));
	jsonw_str(b, "tool", f->tool);
	jsonw_raw(b, "args", bytes_of(f->args));
	jsonw_str(b, "cwd", f->cwd);
	jsonw_str(b, "profile", a->profile);
	jsonw_str(b, "state", approval_state_name(a->state));
	jsonw_raw(b, "grant", bytes_of(a->grant));
	jsonw_str(b, "by", a->by);
	jsonw_str(b, "why", a->why);
	jsonw_bool(b, "always", a->always);
	jsonw_time(b, "asked_at", a->asked_at);
	jsonw_time(b, "answered_at", a->answered_at);
	jsonw_close(b, '}');
}
