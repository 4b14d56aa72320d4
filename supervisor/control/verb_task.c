/* Tasks: listed, stopped, suspended, resumed, fed, waited for, started. */
#include <stdlib.h>
#include <string.h>

#include "jsonw.h"
#include "loop.h"
#include "order.h"
#include "question.h"
#include "xalloc.h"

static void
put_task(struct peer *p, uint64_t request, struct host *h, uint64_t task)
{
	struct buf b = { 0 };

	present_task(&b, h, task);
	answer_item(p, request, buf_bytes(&b));
	buf_fini(&b);
}

static void
list(struct peer *p, const struct frame_tasks *f, struct host *h)
{
	const struct task_facts *k;
	size_t i;

	for (i = 0; (k = session_nth_task(host_session(h), i)) != NULL; i++)
		if (f->all || k->end[0] == '\0')
			put_task(p, f->request, h, k->id);
}

void
verb_tasks(struct peer *p, const struct frame_tasks *f)
{
	struct host *h = NULL;

	if (bytes_is(f->session, "*")) {
		while ((h = host_next(p->desk->engine, h)) != NULL)
			list(p, f, h);
	} else if ((h = verb_host(p, f->request, f->session)) != NULL)
		list(p, f, h);
	else
		return;
	answer_done(p, f->request, 0, "%s", "");
}

/* One verb on one task or on all of a session; its words are the receipt's. */
struct act {
	enum order_kind	 kind;
	const char	*by;
	uint64_t	 grace_us;
	bool		 now;
};

static bool
act_on(struct run *r, const struct act *a)
{
	switch (a->kind) {
	case ORDER_STOP:
		return run_stop(r, a->by, a->grace_us, a->now);
	case ORDER_SUSPEND:
		return run_suspend(r, a->by);
	case ORDER_RESUME:
		return !run_is_over_budget(r) && run_resume(r, a->by);
	case ORDER_NONE:
	case ORDER_INTERRUPT:
		break;
	}
	return false;
}

static struct question *
tasks_question(struct peer *p, uint64_t request, enum order_kind kind)
{
	struct question *q = question_new(p, request, ASKED_TASKS);

	if (q == NULL)
		return NULL;
	q->until = kind == ORDER_SUSPEND ? UNTIL_SUSPENDED :
	    kind == ORDER_RESUME ? UNTIL_RUNNING : UNTIL_ENDED;
	return q;
}

static void
act_on_session(struct question *q, struct host *h, const struct act *a)
{
	const struct task_facts *k;
	struct run *r;
	size_t i;

	for (i = 0; (k = session_nth_task(host_session(h), i)) != NULL; i++) {
		r = run_find(q->peer->desk->engine, k->id);
		if (r != NULL && act_on(r, a))
			question_add_task(q, k->id);
	}
}

static void
act_on_all(struct peer *p, uint64_t request, struct bytes session,
    const struct act *a)
{
	struct host *h = NULL;
	struct question *q;

	if (!bytes_is(session, "*") &&
	    (h = verb_host(p, request, session)) == NULL)
		return;
	if ((q = tasks_question(p, request, a->kind)) == NULL)
		return;
	if (h != NULL)
		act_on_session(q, h, a);
	else
		while ((h = host_next(p->desk->engine, h)) != NULL)
			act_on_session(q, h, a);
}

static const char *
why_not(const struct host *h, const struct run *r, enum order_kind kind)
{
	(void)h;
	if (r == NULL)
		return "it has ended";
	if (kind == ORDER_RESUME && run_is_over_budget(r))
		return "the token budget is used up";
	if (kind == ORDER_SUSPEND)
		return "it cannot be suspended in the state it is in";
	return "it cannot be done in the state it is in";
}

/* C11; false: answered already. */
static bool
is_expected(struct peer *p, uint64_t request, const struct task_facts *f,
    struct bytes expect)
{
	if (expect.len == 0 || bytes_is(expect, f->state))
		return true;
	answer_done(p, request, 75, "t%ju: it is %s, not %.*s",
	    (uintmax_t)f->id, f->state, (int)expect.len, expect.data);
	return false;
}

static void
act_on_one(struct peer *p, uint64_t request, struct bytes id,
    struct bytes expect, const struct act *a)
{
	struct question *q;
	struct host *h;
	struct run *r;
	uint64_t task;

	if ((h = verb_task(p, request, id, &task)) == NULL)
		return;
	r = run_find(p->desk->engine, task);
	if (!is_expected(p, request, session_task(host_session(h), task),
	    expect))
		return;
	if (r == NULL ? a->kind != ORDER_STOP : !act_on(r, a)) {
		answer_done(p, request, 65, "%.*s: %s", (int)id.len, id.data,
		    why_not(h, r, a->kind));
		return;
	}
	if ((q = tasks_question(p, request, a->kind)) != NULL)
		question_add_task(q, task);
}

static void
act(struct peer *p, uint64_t request, struct bytes session, struct bytes id,
    struct bytes expect, const struct act *a)
{
	if (bytes_is(id, "all"))
		act_on_all(p, request, session, a);
	else
		act_on_one(p, request, id, expect, a);
}

void
verb_stop(struct peer *p, const struct frame_stop *f)
{
	struct act a = { .kind = ORDER_STOP, .by = "user",
	    .grace_us = f->grace_ms * 1000, .now = f->now };

	act(p, f->request, f->session, f->id, f->expect, &a);
}

void
verb_suspend(struct peer *p, const struct frame_suspend *f)
{
	struct act a = { .kind = ORDER_SUSPEND, .by = "user" };

	act(p, f->request, f->session, f->id, f->expect, &a);
}

void
verb_resume(struct peer *p, const struct frame_resume *f)
{
	struct act a = { .kind = ORDER_RESUME, .by = "user" };

	act(p, f->request, f->session, f->id, f->expect, &a);
}

void
verb_feed(struct peer *p, const struct frame_feed *f)
{
	struct host *h;
	struct run *r;
	uint64_t task;

	if ((h = verb_task(p, f->request, f->id, &task)) == NULL)
		return;
	r = run_find(p->desk->engine, task);
	if (r == NULL)
		answer_done(p, f->request, 65, "%.*s: it has ended (%s)",
		    (int)f->id.len, f->id.data,
		    session_task(host_session(h), task)->end);
	else if (!run_input(r, f->data, f->eof))
		answer_done(p, f->request, 75, "%.*s: it takes no input now",
		    (int)f->id.len, f->id.data);
	else
		answer_done(p, f->request, 0, "%s", "");
}

/* Ids by blanks; false: answered already. */
static bool
read_ids(struct question *q, struct bytes ids)
{
	struct bytes id;
	uint64_t task;
	size_t n;

	while (ids.len > 0) {
		for (n = 0; n < ids.len && ids.data[n] != ' '; n++)
			;
		id = (struct bytes){ ids.data, n };
		ids.data += n < ids.len ? n + 1 : n;
		ids.len -= n < ids.len ? n + 1 : n;
		if (n == 0)
			continue;
		if (verb_task(q->peer, q->request, id, &task) == NULL)
			return false;
		question_add_task(q, task);
	}
	return true;
}

void
verb_wait(struct peer *p, const struct frame_wait *f)
{
	struct question *q = question_new(p, f->request, ASKED_TASKS);

	if (q == NULL)
		return;
	if (!read_ids(q, f->ids)) {
		question_free(q);
		return;
	}
	if (f->timeout_ms > 0)
		alarm_at(q->alarm, loop_now() + f->timeout_ms * 1000);
}

void
verb_run(struct peer *p, const struct frame_run *f)
{
	struct wish w = { .after = f->after, .condition = f->after_if,
	    .priority = f->priority };
	struct host *h;
	struct question *q;
	char *name, *cwd, *why = NULL;
	uint64_t task;

	if (verb_busy(p, f->request) || (h = verb_host_make(p, f->request,
	    f->session, f->cwd, bytes_of(""))) == NULL)
		return;
	name = xmemdup(f->tool.data, f->tool.len);
	cwd = f->cwd.len > 0 ? xmemdup(f->cwd.data, f->cwd.len) :
	    xstrdup(session_cwd(host_session(h)));
	task = run_start(h, name, f->args, cwd, &w, &why);
	if (task == 0)
		answer_done(p, f->request, 65, "%s", why);
	else {
		put_task(p, f->request, h, task);
		if (bytes_is(f->follow, "admitted"))
			answer_done(p, f->request, 0, "%s", "");
		else if ((q = question_new(p, f->request, ASKED_TASKS)) != NULL)
			question_add_task(q, task);
	}
	free(name);
	free(cwd);
	free(why);
}

void
verb_move(struct peer *p, const struct frame_move *f)
{
	struct wish w = { .after = f->after, .condition = f->after_if,
	    .priority = f->priority, .place = f->place };
	char *why = NULL;
	struct question *q;
	struct host *h;
	uint64_t task;

	if ((h = verb_task(p, f->request, f->id, &task)) == NULL ||
	    !is_expected(p, f->request, session_task(host_session(h), task),
	    f->expect))
		return;
	if (host_move(h, task, &w, "user", &why)) {
		/* It waits for something else only once that is on record. */
		if ((q = question_new(p, f->request, ASKED_TASKS)) != NULL) {
			question_add_task(q, task);
			q->until = UNTIL_MOVED;
		}
	} else
		answer_done(p, f->request, 65, "%.*s: %s", (int)f->id.len,
		    f->id.data, why);
	free(why);
}

static bool
is_there(struct question *q, uint64_t task)
{
	struct engine *e = q->peer->desk->engine;
	struct run *r = run_find(e, task);
	const struct life *l;

	if (q->until == UNTIL_MOVED)
		return true;
	if (r == NULL) {
		struct host *h = host_of(e, 't', task);
		const struct task_facts *k = h == NULL ? NULL :
		    session_task(host_session(h), task);

		/* Of a task that is not started yet there is no run. */
		return k == NULL || k->end[0] != '\0';
	}
	l = run_life(r);
	switch (q->until) {
	case UNTIL_ENDED:
		return l->unkillable;
	case UNTIL_SUSPENDED:
		/* It is, or the word was taken back, or it does not begin. */
		return !l->suspending || l->state == LIFE_QUEUED;
	case UNTIL_RUNNING:
		/* Suspended and in no line: somebody took the word back. */
		if (l->state == LIFE_SUSPENDED)
			return !run_returns(r);
		return (l->state == LIFE_RUNNING || l->state == LIFE_QUEUED) &&
		    !l->suspending;
	case UNTIL_MOVED:
		return true;
	}
	return true;
}

/* Who has ended stays so, and is looked up in the journal but once. */
static void
pass_ended(struct question *q)
{
	struct engine *e = q->peer->desk->engine;

	while (q->nended < q->ntasks &&
	    run_find(e, q->tasks[q->nended]) == NULL &&
	    is_there(q, q->tasks[q->nended]))
		q->nended++;
}

void
tasks_settled(struct question *q)
{
	struct host *h;
	size_t i;

	pass_ended(q);
	for (i = q->nended; i < q->ntasks; i++)
		if (!is_there(q, q->tasks[i]))
			return;
	for (i = 0; i < q->ntasks; i++)
		if ((h = host_of(q->peer->desk->engine, 't',
		    q->tasks[i])) != NULL)
			put_task(q->peer, q->request, h, q->tasks[i]);
	question_done(q, 0, "");
}

static const char *
did(enum order_kind kind)
{
	switch (kind) {
	case ORDER_STOP:
		return "is being stopped";
	case ORDER_SUSPEND:
		return "is being suspended";
	case ORDER_RESUME:
		return "goes on";
	case ORDER_NONE:
	case ORDER_INTERRUPT:
		break;
	}
	return "was kept";
}

static void
order_task(struct host *h, struct engine *e, const struct order *o,
    uint64_t task, struct buf *receipt)
{
	struct act a = { .kind = o->kind, .by = "user" };
	const struct task_facts *k = session_task(host_session(h), task);
	struct run *r = run_find(e, task);

	if (r == NULL)
		buf_printf(receipt, "t%ju %s has ended: %s\n", (uintmax_t)task,
		    k->tool, k->end);
	else
		buf_printf(receipt, "t%ju %s %s\n", (uintmax_t)task, k->tool,
		    o->kind == ORDER_INTERRUPT || act_on(r, &a) ?
		    did(o->kind) : why_not(h, r, o->kind));
}

static void
order_turns(struct host *h, struct buf *receipt)
{
	struct event ev = { .kind = EV_INTERRUPT, .tools = KEEP_KEEP };
	struct turn_facts t;
	size_t i;
	bool ok;

	for (i = 0; session_nth_active(host_session(h), i, &t); i++)
		buf_printf(receipt, "u%ju was %s and is cut\n",
		    (uintmax_t)t.id, t.state);
	host_step(h, &ev, &ok);
}

/* It acts at once; false: the receipt says why not. */
bool
verb_order_act(struct host *h, struct engine *e, const struct order *o,
    struct buf *receipt)
{
	struct session *s = host_session(h);
	const struct task_facts *k;
	size_t i;

	if (!o->all && session_task(s, o->task) == NULL) {
		buf_printf(receipt, "t%ju: no such task in this session",
		    (uintmax_t)o->task);
		return false;
	}
	if (o->turns)
		order_turns(h, receipt);
	if (!o->all)
		order_task(h, e, o, o->task, receipt);
	for (i = 0; o->all && (k = session_nth_task(s, i)) != NULL; i++)
		if (k->end[0] == '\0')
			order_task(h, e, o, k->id, receipt);
	if (receipt->len == 0)
		buf_puts(receipt, "nothing was running\n");
	return true;
}
