/* Tasks that are not ended: between the pure life of each and its worker. */
#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "inner.h"
#include "log.h"
#include "loop.h"
#include "own.h"
#include "toolbox.h"
#include "xalloc.h"

#define START_US	30000000	/* until a worker must have its tool */
#define SUSPENDED	"it is suspended"	/* on record, of what is queued */

struct run *
run_find(struct engine *e, uint64_t task)
{
	return ids_find(&e->runs, task);
}

static void
run_free(struct run *r)
{
	run_wait_no_more(r);
	ids_remove(&r->engine->runs, r->id);
	child_free(r->child);
	agent_free(r);
	alarm_free(r->alarm);
	heed_fini(r);
	free(r->progress);
	free(r->planted);
	free(r->narrowed);
	free(r);
}

void
runs_free(struct engine *e)
{
	while (e->runs.n > 0)
		run_free(e->runs.at[e->runs.n - 1]);
	ids_fini(&e->runs, free);
}

/* Its session goes, and what waits for consent in it; nothing else is left. */
void
runs_forget(struct engine *e, const struct host *h)
{
	struct run *r;
	size_t i;

	for (i = e->runs.n; i > 0; i--) {
		r = e->runs.at[i - 1];
		if (r->host != h)
			continue;
		admit_remove(e->admit, r->id);
		admit_done(e->admit, r->id);
		run_free(r);
	}
}

/* What its walls cannot promise, where nothing else is to be said. */
static const char *
why_of(const struct run *r)
{
	if (r->life.state == LIFE_QUEUED && r->life.suspending)
		return SUSPENDED;
	if (r->life.why[0] != '\0' || r->life.state != LIFE_RUNNING)
		return r->life.why;
	if (r->narrowed != NULL)
		return r->narrowed;
	return tier_promise(r->profile, r->tier,
	    groups_are_used(r->engine, r->tier));
}

static void
record_state(struct run *r)
{
	struct record_state s = { .state = bytes_of(
	    life_state_name(r->life.state)), .by = bytes_of(r->life.by),
	    .why = bytes_of(why_of(r)), .pid = (uint64_t)r->pid,
	    .init = (uint64_t)r->init, .tool_pid = (uint64_t)r->tool_pid,
	    .boot = bytes_of(""), .landlock = r->landlock,
	    .filter = r->filter };
	struct event ev = { .kind = EV_STATE, .task = r->id, .state = &s };

	s.tier = bytes_of(r->is_walled_in ? tier_name(r->tier) : "");
	s.profile = bytes_of(r->is_walled_in ? profile_name(r->profile) : "");
	host_step_quietly(r->host, &ev);
}

static void
tell_end(struct host *h, const struct record_end *end)
{
	struct engine *e = h->engine;
	struct buf result = { 0 }, tail = { 0 };
	struct output o = { 0 };
	struct event ev = { .kind = EV_ENDED, .task = end->task, .end = end,
	    .output = &o };
	uint64_t bytes;

	ev.failure = !bytes_is(end->end, "exited") || end->code != 0;
	compose_result(&result, e, end);
	compose_tail(&tail, e, end->task, ev.failure, &bytes, &bytes);
	agent_put_place(&result, run_find(e, end->task));
	agent_put_place(&tail, run_find(e, end->task));
	ev.quiet = h->ending;
	ev.text = buf_bytes(&result);
	o.tail = buf_bytes(&tail);
	host_step_quietly(h, &ev);
	buf_fini(&result);
	buf_fini(&tail);
}

static void
record_end(struct run *r)
{
	const struct life *l = &r->life;
	struct record_end end = { .task = r->id,
	    .end = bytes_of(life_end_name(l->end)), .has_code = l->code >= 0,
	    .code = l->code >= 0 ? (uint64_t)l->code : 0,
	    .signal = (uint64_t)l->signal, .by = bytes_of(l->by),
	    .why = bytes_of(l->why), .out_bytes = r->out, .err_bytes = r->err,
	    .out_lost = r->out_lost, .err_lost = r->err_lost };

	log_info("t%ju[%d]: %s%s%s", (uintmax_t)r->id, (int)r->pid,
	    life_end_name(l->end), l->why[0] == '\0' ? "" : ": ", l->why);
	tell_end(r->host, &end);
}

/* What the life leaves is done after the commit, in its order (C1). */
void
run_feed(struct run *r, struct life_event *ev)
{
	struct life_out out;
	size_t i;

	ev->now = loop_now();
	if (!life_step(&r->life, ev, &out))
		return;
	for (i = 0; i < out.n; i++) {
		if (out.fx[i].type == LIFE_FX_STATE)
			record_state(r);
		else if (out.fx[i].type == LIFE_FX_END) {
			heed_end(r);
			record_end(r);
		}
		if (out.fx[i].type != LIFE_FX_STATE)
			deed_life(r, &out.fx[i]);
	}
	place_follow(r);
	heed_state(r);
}

static void
on_alarm(void *arg)
{
	struct life_event ev = { .type = LIFE_EV_TICK };

	run_feed(arg, &ev);
}

static void
start(struct run *r)
{
	struct life_event refused = { .type = LIFE_EV_REFUSED },
	    gone = { .type = LIFE_EV_GONE };
	char *why = NULL;

	if (r->life.state != LIFE_STARTING) {	/* it was stopped meanwhile */
		gone.code = -1;
		run_feed(r, &gone);
		return;
	}
	if (spawn(r, &why))
		return;
	log_warnx("t%ju: not started: %s", (uintmax_t)r->id, why);
	refused.step = bytes_of("spawn");
	refused.why = bytes_of(why);
	run_feed(r, &refused);
	run_feed(r, &gone);
	free(why);
}

/* It has ended and that is on record: the place is free. */
static void
leave(struct run *r)
{
	struct engine *e = r->engine;
	bool ok = r->life.end == LIFE_END_EXITED && r->life.code == 0;
	uint64_t id = r->id;

	agent_leave(r);
	run_free(r);
	place_leave(e, id, ok);
}

void
run_deed(struct run *r, const struct life_effect *fx)
{
	if (agent_deed(r, fx))
		return;
	switch (fx->type) {
	case LIFE_FX_SPAWN:
		start(r);
		break;
	case LIFE_FX_TERM:
		child_term(r->child);
		break;
	case LIFE_FX_KILL:
		if (r->child != NULL)
			child_kill(r->child);
		break;
	case LIFE_FX_FREEZE:
		child_suspend(r->child);
		break;
	case LIFE_FX_THAW:
		child_resume(r->child);
		break;
	case LIFE_FX_ALARM:
		if (fx->at == 0)
			alarm_off(r->alarm);
		else
			alarm_at(r->alarm, fx->at);
		break;
	case LIFE_FX_END:
		leave(r);
		break;
	case LIFE_FX_STATE:
	case LIFE_NEFFECTS:
		break;
	}
}

void
runs_admit(struct engine *e)
{
	struct run *r;
	uint64_t id;

	if (e->probe.state != PROBE_DONE)
		return;
	while ((id = admit_next(e->admit)) != 0)
		if ((r = run_find(e, id)) != NULL)
			place_give(r);
}

static uint64_t
exec_timeout(const struct task_facts *f, uint64_t otherwise)
{
	struct own o = { 0 };
	uint64_t timeout = otherwise;
	char *why = NULL;

	if (own_parse(f->tool, bytes_of(f->args), &o, &why) &&
	    o.timeout_us != TOOL_UNSAID)
		timeout = o.timeout_us;
	own_fini(&o);
	free(why);
	return timeout;
}

static void
rules(const struct engine *e, const struct task_facts *f, struct life_rules *to)
{
	const struct tool *t = toolbox_find(e->tools, f->tool);
	const struct conf_tasks *c = &e->conf.tasks;

	*to = (struct life_rules){ .start = START_US, .timeout = c->timeout,
	    .grace = c->grace };
	if (t == NULL)
		return;		/* spawn() refuses it */
	if (t->timeout_us != TOOL_UNSAID)
		to->timeout = t->timeout_us;
	if (t->grace_us != TOOL_UNSAID)
		to->grace = t->grace_us;
	if (t->idle_us != TOOL_UNSAID)
		to->idle = t->idle_us;
	to->linger = t->linger;
	if (t->path == NULL)
		to->timeout = exec_timeout(f, to->timeout);
}

static struct run *
run_new(struct host *h, uint64_t task)
{
	struct engine *e = h->engine;
	const struct task_facts *f = session_task(h->session, task);
	struct life_rules lr;
	struct run *r = xcalloc(1, sizeof(*r));

	r->id = task;
	r->engine = e;
	r->host = h;
	r->percent = 101;
	r->awaited = UINT64_MAX;
	r->progress = xstrdup("");
	if (f->turn == 0) {
		folder_owned(&r->folder, bytes_of(f->owner));
		folder_remember(&r->folder, f->cwd);
	}
	r->alarm = alarm_new(e->w.loop, on_alarm, r);
	rules(e, f, &lr);
	life_init(&r->life, &lr);
	heed_init(r);
	ids_add(&e->runs, r);
	return r;
}

void
run_begin(struct host *h, uint64_t task)
{
	struct run *r = run_new(h, task);

	budget_join(r);
	run_wait(r);
	agent_join(h, r);
}

/* Of a supervisor that died without a word (T11). */
static void
lose(struct host *h, const struct task_facts *f)
{
	struct record_end end = { .task = f->id, .end = bytes_of("lost"),
	    .by = bytes_of(""), .why = bytes_of("the supervisor restarted; "
	    "nothing of it runs any more, and it was not started again") };
	struct buf text = { 0 };

	compose_tail(&text, h->engine, f->id, true, &end.out_bytes,
	    &end.err_bytes);
	buf_fini(&text);
	log_info("t%ju: lost with the last supervisor", (uintmax_t)f->id);
	tell_end(h, &end);
}

/* As it is on record. */
static void
suspend_again(struct run *r, const struct task_facts *f)
{
	struct life_event ev = { .type = LIFE_EV_SUSPEND, .now = loop_now(),
	    .by = bytes_of(f->by) };
	struct life_out out;

	life_step(&r->life, &ev, &out);
}

void
run_recover(struct host *h, const struct task_facts *f)
{
	bool is_agent = strcmp(f->tool, own_name(OWN_AGENT)) == 0;
	struct run *r;

	/* A process comes after `starting` is on record. */
	if (task_is_queued(f)) {
		r = run_new(h, f->id);
		if (strcmp(f->why, SUSPENDED) == 0)
			suspend_again(r, f);
		run_wait(r);
		agent_join(h, r);
	} else if (!is_agent)
		lose(h, f);
	else if (r = run_new(h, f->id), !agent_recover(r, f)) {
		if (strcmp(f->state, "stopping") == 0)
			run_stop(r, f->by, 0, true);
		else
			run_wait(r);
	}
}

const struct life *
run_life(const struct run *r)
{
	return &r->life;
}

unsigned
run_percent(const struct run *r)
{
	return r->percent;
}

const char *
run_progress(const struct run *r)
{
	return r->progress;
}

void
run_bytes(const struct run *r, uint64_t *out, uint64_t *err)
{
	*out = r->out;
	*err = r->err;
}

/* Good until the next call. */
const char *
run_why(const struct run *r)
{
	static char why[256];

	if (place_why(r, why, sizeof(why)))
		return why;
	if (r->life.state != LIFE_QUEUED)
		return why_of(r);
	if (r->pending) {
		snprintf(why, sizeof(why), "waiting for approval a%ju",
		    (uintmax_t)session_task(r->host->session, r->id)->approval);
		return why;
	}
	if (r->parked)
		return r->life.suspending ? SUSPENDED :
		    "its sub-agent is suspended";
	if (r->engine->probe.state != PROBE_DONE)
		return "the supervisor looks what this machine offers";
	admit_why(r->engine->admit, r->id, why, sizeof(why));
	return why;
}

pid_t
run_pid(const struct run *r)
{
	return r->pid;
}

static bool
ask_life(struct run *r, struct life_event *ev)
{
	struct life_out out;
	struct life probe = r->life;

	ev->now = loop_now();
	if (!life_step(&probe, ev, &out))
		return false;
	run_feed(r, ev);
	return true;
}

bool
run_stop(struct run *r, const char *by, uint64_t grace_us, bool now)
{
	struct life_event ev = { .type = LIFE_EV_STOP, .grace = grace_us,
	    .at_once = now };

	ev.by = bytes_of(by);
	return ask_life(r, &ev);
}

bool
run_suspend(struct run *r, const char *by)
{
	struct life_event ev = { .type = LIFE_EV_SUSPEND };

	admit_stay(r->engine->admit, r->id);
	ev.by = bytes_of(by);
	r->held = false;
	if (!ask_life(r, &ev))
		return false;
	place_park(r);		/* one that is queued does not begin */
	return true;
}

bool
run_resume(struct run *r, const char *by)
{
	struct life_event ev = { .type = LIFE_EV_RESUME };

	r->held = false;
	if (place_return(r, by))
		return true;
	ev.by = bytes_of(by);
	if (!ask_life(r, &ev))
		return false;
	place_unpark(r);
	return true;
}

bool
run_input(struct run *r, struct bytes data, bool eof)
{
	return r->child != NULL && child_input(r->child, data, eof);
}
