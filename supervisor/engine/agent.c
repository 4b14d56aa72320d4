/*
 * A sub-agent (T10): a task that is no process but a session of its own. Its
 * life is that of every task; what a worker says of a tool is told here of the
 * session, which is looked at after each commit that has changed it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "inner.h"
#include "journal.h"
#include "log.h"
#include "loop.h"
#include "own.h"
#include "spool.h"
#include "toolbox.h"
#include "xalloc.h"

bool
run_is_agent(const struct run *r)
{
	return strcmp(session_task(r->host->session, r->id)->tool,
	    own_name(OWN_AGENT)) == 0;
}

struct host *
agent_host(const struct run *r)
{
	return r->agent == NULL ? NULL : r->agent->host;
}

/* Never more than the parent may itself. */
static bool
tools_are_offered(const struct host *h, const char *names, char **why)
{
	const struct tool *tool;
	char *copy = xstrdup(names), *rest = copy, *name;
	bool fine = true;

	while (fine && (name = strsep(&rest, " ")) != NULL) {
		tool = toolbox_find(h->engine->tools, name);
		fine = tool != NULL && offer_has(h, tool);
		if (!fine)
			*why = xasprintf("tools: there is no tool named %s",
			    name);
	}
	free(copy);
	return fine;
}

/* What it was told of its tools is never told otherwise (C4). */
static bool
may_go_on(const struct host *h, struct host *child, const struct own *o,
    char **why)
{
	const struct origin *is = session_origin(child->session);

	if (!host_is_below(child, h))
		*why = xasprintf("session: %s is no sub-agent of this "
		    "conversation", o->session);
	else if (child->agent != 0)
		*why = xasprintf("session: %s is still at work, as t%ju; "
		    "agent_send speaks to it", o->session,
		    (uintmax_t)child->agent);
	else if ((o->tools != NULL && strcmp(o->tools, is->tools) != 0) ||
	    (o->model != NULL && strcmp(o->model, is->model) != 0))
		*why = xasprintf("session: %s keeps the tools and the model "
		    "that it was made with", o->session);
	else
		return true;
	return false;
}

/*
 * At the limit the call is refused and does not wait: those at work may wait
 * for sub-agents of their own, and then nobody would ever make room.
 */
bool
agent_may_start(struct host *h, const struct own *o, char **why)
{
	const struct engine *e = h->engine;
	struct host *child = o->session == NULL ? NULL :
	    host_find(h->engine, o->session);

	if (session_origin(h->session)->depth >= SESSION_DEPTH)
		*why = xasprintf("sub-agents may be %d deep, and you are",
		    SESSION_DEPTH);
	else if (o->session != NULL && child == NULL &&
	    room_is_users(e, o->session))
		*why = xasprintf("session: %s is a name that a user may speak "
		    "to; say another one", o->session);
	else if (e->nagents >= e->conf.tasks.max_agents)
		*why = xasprintf("%zu sub-agents are at work, and no more may "
		    "be (max_agents)", e->nagents);
	else
		return (child == NULL || may_go_on(h, child, o, why)) &&
		    (o->tools == NULL || tools_are_offered(h, o->tools, why));
	return false;
}

static void
on_alarm(void *arg)
{
	agent_check(arg);
}

/* The run is that session from now on. false: *why. */
static bool
attach(struct run *r, struct host *child, char **why)
{
	struct agent *a = xcalloc(1, sizeof(*a));

	if (spool_make(r->engine->tasks_dir, r->id, &a->out_fd,
	    &a->err_fd) == -1) {
		*why = xasprintf("%s: %s", r->engine->tasks_dir,
		    strerror(errno));
		free(a);
		return false;
	}
	a->host = child;
	a->alarm = alarm_new(r->engine->w.loop, on_alarm, r);
	r->agent = a;
	r->engine->nagents++;
	child->agent = r->id;
	return true;
}

void
agent_free(struct run *r)
{
	struct agent *a = r->agent;

	if (a == NULL)
		return;
	a->host->agent = 0;
	r->engine->nagents--;
	fd_close(&a->out_fd);
	fd_close(&a->err_fd);
	alarm_free(a->alarm);
	buf_fini(&a->lines);
	free(a);
	r->agent = NULL;
}

/* What was not asked meanwhile, a side question, is asked now. */
void
agent_leave(struct run *r)
{
	struct event ev = { .kind = EV_REASK };
	struct host *h = agent_host(r);
	bool was_held;

	if (h == NULL)
		return;
	was_held = h->held;
	h->agent = 0;
	h->held = h->ending = false;
	if (was_held)
		host_step_quietly(h, &ev);
}

static char *
name_for(const struct run *r, const struct own *o)
{
	struct engine *e = r->engine;
	char *name;

	if (o->session != NULL)
		return xstrdup(o->session);
	name = xasprintf("%s.t%ju", host_name(r->host), (uintmax_t)r->id);
	if (strlen(name) <= OWN_SESSION_MAX && host_find(e, name) == NULL)
		return name;
	free(name);
	return xasprintf("agent.t%ju", (uintmax_t)r->id);
}

static struct host *
bear(struct run *r, const struct own *o, const char *name)
{
	const struct origin *of = session_origin(r->host->session);
	struct origin is = { .parent = host_name(r->host), .task = r->id,
	    .depth = of->depth + 1,
	    .tools = o->tools != NULL ? o->tools : of->tools,
	    .model = o->model != NULL ? o->model : of->model };
	struct buf room = { 0 };
	struct host *h;

	rooms_put(&room, r->host);
	is.room = room.data;
	h = host_bear(r->host, name, &is);
	buf_fini(&room);
	return h;
}

/* A new session, or one that goes on; NULL: *why. */
static struct host *
settle(struct run *r, const struct own *o, char **why)
{
	struct event ev = { .kind = EV_ADOPT, .task = r->id };
	struct host *child = host_of(r->engine, 'g', r->id);
	char *name;

	if (child != NULL)	/* it was made before a restart */
		return child;
	name = name_for(r, o);
	child = host_find(r->engine, name);
	if (child == NULL)
		child = bear(r, o, name);
	else if (o->session != NULL)
		host_step_quietly(child, &ev);
	else {
		*why = xasprintf("%s: there is a session of that name", name);
		child = NULL;
	}
	free(name);
	return child;
}

/* With a key, so that it is said once, however often that is tried (C2). */
static bool
say_task(const struct run *r, const struct own *o, char **why)
{
	struct event ev = { .kind = EV_SAY, .mode = MODE_NOW };
	struct host *h = r->agent->host;
	char key[24];
	bool ok;

	snprintf(key, sizeof(key), "t%ju", (uintmax_t)r->id);
	ev.key = bytes_of(key);
	ev.text = (struct bytes){ o->text, o->text_len };
	ev.message = host_number(h, 'm');
	host_step(h, &ev, &ok);
	if (!ok)
		*why = xstrdup("task: it says nothing");
	return ok;
}

static bool
begin(struct run *r, const struct own *o, char **why)
{
	struct life_event running = { .type = LIFE_EV_RUNNING };
	struct host *child = settle(r, o, why);

	if (child == NULL || !attach(r, child, why) || !say_task(r, o, why))
		return false;
	run_feed(r, &running);
	deed_look(child);
	return true;
}

bool
agent_start(struct run *r, const struct task_facts *f, const struct tool *tool,
    char **why)
{
	struct own o = { 0 };
	bool ok = consent_holds(r->host, f, tool, why) &&
	    own_parse(f->tool, bytes_of(f->args), &o, why) &&
	    agent_may_start(r->host, &o, why) && begin(r, &o, why);

	own_fini(&o);
	return ok;
}

bool
agent_deed(struct run *r, const struct life_effect *fx)
{
	if (fx->type != LIFE_FX_TERM && fx->type != LIFE_FX_KILL &&
	    fx->type != LIFE_FX_FREEZE && fx->type != LIFE_FX_THAW)
		return false;
	if (!run_is_agent(r))
		return false;
	if (r->agent == NULL)
		return true;
	if (fx->type == LIFE_FX_FREEZE)
		agent_hold(r);
	else if (fx->type == LIFE_FX_THAW)
		agent_let_go(r);
	else
		agent_end(r, fx->type == LIFE_FX_KILL);
	return true;
}

void
agent_put_place(struct buf *b, const struct run *r)
{
	if (r == NULL || r->agent == NULL)
		return;
	if (b->len > 0 && b->data[b->len - 1] != '\n')
		buf_putc(b, '\n');
	buf_printf(b, "[session %s; all of the answer: %s/tasks/t%ju/out]",
	    host_name(r->agent->host), r->engine->tasks_dir,
	    (uintmax_t)r->id);
}

/* Of its turns for this task: the last that ended, the last that answered. */
static void
find_last(const struct session *s, struct turn_facts *last,
    struct turn_facts *answered)
{
	size_t i = session_origin(s)->nturns;
	struct turn_facts t;

	for (; session_nth_turn(s, i, &t); i++) {
		if (t.apart || t.outcome == OUTCOME_NONE)
			continue;
		if (t.ended_at >= last->ended_at)
			*last = t;
		if (t.outcome == OUTCOME_ANSWERED &&
		    t.ended_at >= answered->ended_at)
			*answered = t;
	}
}

/* All that it said. */
static void
put_all(struct buf *b, const struct session *s)
{
	size_t i = session_origin(s)->nturns;
	struct turn_facts t;

	for (; session_nth_turn(s, i, &t); i++)
		if (!t.apart && t.text[0] != '\0')
			buf_printf(b, "%s\n", t.text);
}

static void
write_result(struct run *r, const struct turn_facts *answered)
{
	struct agent *a = r->agent;
	struct buf b = { 0 };

	if (answered->id != 0 && !a->host->ending)
		buf_printf(&b, "%s\n", answered->text);
	else
		put_all(&b, a->host->session);
	if (b.len > 0 && fd_write_all(a->out_fd, b.data, b.len) == -1)
		log_warn("t%ju: its result", (uintmax_t)r->id);
	r->out = b.len;
	buf_fini(&b);
}

/* Nothing of it is left to be done. */
static void
finish(struct run *r)
{
	struct life_event exited = { .type = LIFE_EV_EXITED },
	    gone = { .type = LIFE_EV_GONE, .clean = true };
	const struct session *s = r->agent->host->session;
	struct turn_facts last = { 0 }, answered = { 0 };
	struct buf why = { 0 };

	find_last(s, &last, &answered);
	write_result(r, &answered);
	if (r->agent->host->ending)
		gone.code = -1;
	else if (last.outcome != OUTCOME_ANSWERED || session_nwakers(s) > 0)
		exited.code = gone.code = 1;
	if (gone.code == 1 && last.outcome == OUTCOME_ANSWERED)
		buf_printf(&why, "it was not told of %zu events: there were no "
		    "more wakes or tokens for it", session_nwakers(s));
	else if (gone.code == 1)
		buf_printf(&why, "its last turn is %s%s%s",
		    outcome_name(last.outcome),
		    last.why == NULL || last.why[0] == '\0' ? "" : ": ",
		    last.why == NULL ? "" : last.why);
	gone.why = buf_bytes(&why);
	if (gone.code != -1)
		run_feed(r, &exited);
	run_feed(r, &gone);
	buf_fini(&why);
}

void
agent_look(struct host *h)
{
	struct run *r = h->agent == 0 ? NULL : run_find(h->engine, h->agent);

	h->look_due = false;
	if (r == NULL || r->agent == NULL || r->life.state == LIFE_ENDED)
		return;
	agent_show(r);
	agent_check(r);
	if ((!h->held || h->ending) && r->life.state != LIFE_ENDED &&
	    session_is_idle(h->session))
		finish(r);
}

/* As it was; nothing of this is news, and no crash may come in between. */
static void
live_again(struct run *r, const struct task_facts *f)
{
	static const enum life_event_type so_far[] = { LIFE_EV_PLACE,
	    LIFE_EV_RUNNING, LIFE_EV_SUSPEND, LIFE_EV_SUSPENDED };
	struct life_event ev = { .now = loop_now(), .by = bytes_of(f->by),
	    .complete = true };
	struct life_out out;
	size_t i, j, n = r->agent->pause == PAUSE_DONE ? 4 : 2;

	for (i = 0; i < n; i++) {
		ev.type = so_far[i];
		life_step(&r->life, &ev, &out);
		for (j = 0; j < out.n; j++)
			if (out.fx[j].type == LIFE_FX_ALARM)
				deed_life(r, &out.fx[j]);
	}
}

bool
agent_recover(struct run *r, const struct task_facts *f)
{
	struct host *child = host_of(r->engine, 'g', r->id);
	uint64_t above = session_origin(r->host->session)->task;
	char *why = NULL;
	size_t i;

	if (child == NULL)
		return false;
	if (!attach(r, child, &why)) {
		log_warnx("t%ju: %s", (uintmax_t)r->id, why);
		free(why);
		return false;
	}
	agent_read_log(r);
	/* Before anything is asked again, or wakes it. */
	child->ending = strcmp(f->state, "stopping") == 0;
	child->held = child->ending || strcmp(f->state, "suspended") == 0;
	if (child->held && !child->ending)
		r->agent->pause = PAUSE_DONE;
	live_again(r, f);
	r->held = above != 0 && record_id(bytes_of(f->by), 't') == above;
	for (i = 0; i < r->engine->runs.n; i++)
		agent_join(child, r->engine->runs.at[i]);
	deed_look(child);
	if (child->ending)
		run_stop(r, f->by, 0, false);
	return true;
}
