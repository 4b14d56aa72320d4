#include <stdlib.h>

#include "state.h"
#include "xalloc.h"

static void
record_task(struct step *st, struct record_task task, const struct terms *terms)
{
	struct record r = { .kind = RECORD_TASK };

	r.task = task;
	r.task.after = terms->after;
	r.task.condition = bytes_of(condition_name(terms->condition));
	r.task.priority = bytes_of(priority_name(terms->priority));
	r.task.watch = terms->watch;
	record(st, &r);
	effect(st, &(struct effect){ .kind = FX_RUN, .task = task.task });
}

void
task_start(struct step *st, struct turn *t, const struct call *c)
{
	record_task(st, (struct record_task){ .task = c->task, .turn = t->id,
	    .message = t->nroots > 0 ? t->roots[0] : 0,
	    .tool = bytes_of(c->tool), .args = bytes_of(c->args),
	    .cwd = bytes_of(c->cwd), .profile = bytes_of(c->profile),
	    .wake = bytes_of(wake_name(c->wake)) }, &c->terms);
}

bool
on_task(struct step *st)
{
	const struct event *ev = st->ev;

	record_task(st, (struct record_task){ .task = ev->task,
	    .tool = ev->tool, .args = ev->args, .cwd = ev->cwd,
	    .profile = ev->profile, .owner = ev->owner,
	    .wake = bytes_of(wake_name(ev->wake)) },
	    &ev->terms);
	return true;
}

struct task *
task_live(const struct step *st)
{
	struct task *k = ids_find(&st->s->tasks, st->ev->task);

	return k != NULL && k->live ? k : NULL;
}

bool
on_state(struct step *st)
{
	struct record r = { .kind = RECORD_STATE };

	if (task_live(st) == NULL)
		return refuse(st, REFUSAL_GONE);
	if (approval_forbids(st->s, task_live(st), st->ev->state->state))
		return refuse(st, REFUSAL_BAD);
	r.state = *st->ev->state;
	r.state.task = st->ev->task;
	record(st, &r);
	return true;
}

/* Not a fact for the journal: the spool has the bytes themselves. */
bool
on_output(struct step *st)
{
	struct task *k = task_live(st);

	if (k == NULL)
		return refuse(st, REFUSAL_GONE);
	k->out_bytes = st->ev->output->out_bytes;
	k->err_bytes = st->ev->output->err_bytes;
	free(k->tail);
	k->tail = xmemdup(st->ev->output->tail.data, st->ev->output->tail.len);
	return true;
}

void
task_fini(struct task *k)
{
	free((char *)(uintptr_t)k->facts.call);
	free((char *)(uintptr_t)k->facts.tool);
	free((char *)(uintptr_t)k->facts.args);
	free((char *)(uintptr_t)k->facts.cwd);
	free((char *)(uintptr_t)k->facts.profile);
	free((char *)(uintptr_t)k->facts.owner);
	free((char *)(uintptr_t)k->facts.tier);
	free((char *)(uintptr_t)k->facts.state);
	free((char *)(uintptr_t)k->facts.end);
	free((char *)(uintptr_t)k->facts.by);
	free((char *)(uintptr_t)k->facts.why);
	terms_drop(&k->facts.terms);
	task_drop_watches(k);
	free(k->tail);
	free(k->roots);
}

static void
set(const char **to, struct bytes text)
{
	free((char *)(uintptr_t)*to);
	*to = xmemdup(text.data, text.len);
}

/* An older journal is silent of them. */
static struct terms
terms_of(const struct record_task *r)
{
	struct terms t = { .after = r->after, .watch = r->watch };

	condition_parse(r->condition, &t.condition);
	priority_parse(r->priority, &t.priority);
	return terms_keep(&t);
}

void
apply_task(struct session *s, const struct record *r)
{
	struct task *k = xcalloc(1, sizeof(*k));
	struct turn *t = turn_find(s, r->task.turn);
	size_t i;

	k->id = k->facts.id = r->task.task;
	k->facts.turn = r->task.turn;
	k->facts.message = r->task.message;
	k->facts.created_at = r->time;
	wake_parse(r->task.wake, &k->facts.wake);
	k->facts.terms = terms_of(&r->task);
	k->facts.rank = ++s->last_rank;
	if (r->task.watch.len > 0)
		task_add_watch(k, r->task.watch);
	set(&k->facts.tool, r->task.tool);
	set(&k->facts.args, r->task.args);
	set(&k->facts.cwd, r->task.cwd);
	set(&k->facts.profile, r->task.profile);
	set(&k->facts.owner, r->task.owner);
	set(&k->facts.state, bytes_of("queued"));
	set(&k->facts.end, bytes_of(""));
	set(&k->facts.by, bytes_of(""));
	set(&k->facts.why, bytes_of(""));
	set(&k->facts.tier, bytes_of(""));
	k->live = true;
	s->nlive++;
	TAILQ_INSERT_TAIL(&s->live, k, link);
	ids_add(&s->tasks, k);
	if (t == NULL)
		return;
	append_id(&t->tasks, &t->ntasks, k->id);
	for (i = 0; i < t->nroots; i++)
		append_id(&k->roots, &k->nroots, t->roots[i]);
}

void
apply_state(struct session *s, const struct record *r)
{
	struct task *k = ids_find(&s->tasks, r->state.task);

	if (k == NULL || !k->live)
		return;
	set(&k->facts.state, r->state.state);
	set(&k->facts.by, r->state.by);
	set(&k->facts.why, r->state.why);
	set(&k->facts.tier, r->state.tier);
	k->facts.pid = r->state.pid;
	k->facts.init = r->state.init;
	k->facts.tool_pid = r->state.tool_pid;
	k->facts.landlock = r->state.landlock;
	k->facts.filter = r->state.filter;
	if (r->state.profile.len > 0)
		set(&k->facts.profile, r->state.profile);
	if (k->facts.started_at == 0 && (r->state.pid != 0 ||
	    bytes_is(r->state.state, "running")))
		k->facts.started_at = r->time;
}

void
apply_end(struct session *s, const struct record *r)
{
	struct task *k = ids_find(&s->tasks, r->end.task);

	if (k == NULL || !k->live)
		return;
	set(&k->facts.state, bytes_of("ended"));
	set(&k->facts.end, r->end.end);
	set(&k->facts.by, r->end.by);
	set(&k->facts.why, r->end.why);
	k->facts.has_code = r->end.has_code;
	k->facts.code = r->end.code;
	k->facts.signal = r->end.signal;
	k->facts.out_bytes = r->end.out_bytes;
	k->facts.err_bytes = r->end.err_bytes;
	k->facts.out_lost = r->end.out_lost;
	k->facts.err_lost = r->end.err_lost;
	k->facts.ended_at = r->time;
	k->live = false;
	s->nlive--;
	TAILQ_REMOVE(&s->live, k, link);
	free(k->tail);
	k->tail = NULL;
}
