/* A call of one of our own tools is carried out (T9). */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"
#include "jsonw.h"
#include "loop.h"
#include "own.h"
#include "xalloc.h"

#define LISTED	50		/* ended tasks that task_list tells of */

/* Where the result goes. */
struct errand {
	struct host	*host;
	uint64_t	 turn;
	const char	*call;
	uint64_t	 consumed;	/* the task whose end it told */
	struct buf	 text;
};

static void
finish(struct errand *x)
{
	struct event ev = { .kind = EV_RESULT, .turn = x->turn,
	    .task = x->consumed, .consume = x->consumed != 0 };

	ev.call = bytes_of(x->call);
	ev.text = buf_bytes(&x->text);
	host_step_quietly(x->host, &ev);
}

static void
fail(struct errand *x, const char *why)
{
	jsonw_open(&x->text, '{');
	jsonw_str(&x->text, "state", "refused");
	jsonw_str(&x->text, "why", why);
	jsonw_close(&x->text, '}');
}

static void
task_list(struct errand *x)
{
	struct session *s = x->host->session;
	const struct task_facts *f;
	size_t i, n = 0;

	while (session_nth_task(s, n) != NULL)
		n++;
	jsonw_open(&x->text, '[');
	for (i = 0; i < n; i++) {
		f = session_nth_task(s, i);
		if (f->end[0] == '\0' || i + LISTED >= n)
			present_task(&x->text, x->host, f->id);
	}
	jsonw_close(&x->text, ']');
}

/* A task of this session; 0: the errand has failed. */
static uint64_t
find(struct errand *x, const char *id)
{
	uint64_t task = record_id(bytes_of(id), 't');

	if (task != 0 && session_task(x->host->session, task) != NULL)
		return task;
	fail(x, "there is no such task in this session");
	return 0;
}

static void
hold(struct errand *x, struct event *ev, uint64_t wait_us)
{
	ev->kind = EV_HOLD;
	ev->turn = x->turn;
	ev->until = loop_now() + wait_us;
	ev->call = bytes_of(x->call);
	host_step_quietly(x->host, ev);
}

void
errand_grew(struct run *r)
{
	struct event ev = { .kind = EV_GREW, .task = r->id, .offset = r->out };

	host_step_quietly(r->host, &ev);
	r->awaited = session_awaits_beyond(r->host->session, r->id);
}

/* Until there is more of its output than it knows, or none to come. */
static bool
wait_for_output(struct errand *x, const struct own *o, struct run *r)
{
	struct event ev = { .tasks = &r->id, .ntasks = 1, .grown = true,
	    .offset = o->offset == UINT64_MAX ? 0 : o->offset };

	if (o->wait_us == 0 || ev.offset < r->out || session_call_has_waited(
	    x->host->session, x->turn, bytes_of(x->call)))
		return false;
	hold(x, &ev, o->wait_us);
	r->awaited = session_awaits_beyond(x->host->session, r->id);
	return true;
}

/* false: it waits, and its result comes later. */
static bool
task_output(struct errand *x, const struct own *o)
{
	const struct task_facts *f;
	uint64_t task = find(x, o->id);
	struct run *r;

	if (task == 0)
		return true;
	f = session_task(x->host->session, task);
	r = run_find(x->host->engine, task);
	if (r != NULL && f->end[0] == '\0' && wait_for_output(x, o, r))
		return false;
	compose_part(&x->text, x->host->engine, task, o->offset);
	compose_state(&x->text, f);
	if (f->end[0] != '\0')
		x->consumed = task;
	return true;
}

static bool
task_wait(struct errand *x, const struct own *o)
{
	struct session *s = x->host->session;
	struct event ev = { .any = !o->for_all };
	const struct task_facts *f;
	uint64_t *tasks = NULL, task;
	size_t i, n = 0;

	for (i = 0; i < o->nids; i++) {
		if (strcmp(o->ids[i], "all") == 0)
			continue;
		if ((task = find(x, o->ids[i])) == 0) {
			free(tasks);
			return true;
		}
		tasks = xreallocarray(tasks, n + 1, sizeof(*tasks));
		tasks[n++] = task;
	}
	for (i = 0; o->all && (f = session_nth_task(s, i)) != NULL; i++) {
		if (f->end[0] != '\0')
			continue;
		tasks = xreallocarray(tasks, n + 1, sizeof(*tasks));
		tasks[n++] = f->id;
	}
	ev.tasks = tasks;
	ev.ntasks = n;
	if (n > 0)
		hold(x, &ev, o->wait_us);
	else
		fail(x, "nothing to wait for");
	free(tasks);
	return n == 0;
}

static void
act(struct errand *x, const struct own *o, uint64_t task)
{
	struct run *r = run_find(x->host->engine, task);
	bool did = false;

	if (r != NULL && o->kind == OWN_TASK_STOP)
		did = run_stop(r, "model", 0, o->now);
	else if (r != NULL && o->kind == OWN_TASK_SUSPEND)
		did = run_suspend(r, "model");
	else if (r != NULL && !run_is_over_budget(r))
		did = run_resume(r, "model");
	jsonw_open(&x->text, '{');
	present_id(&x->text, "task", 't', task);
	jsonw_bool(&x->text, "done", did);
	jsonw_str(&x->text, "state",
	    session_task(x->host->session, task)->state);
	if (r != NULL && o->kind == OWN_TASK_RESUME)
		jsonw_str(&x->text, "why", run_is_over_budget(r) ?
		    "the token budget is used up" : run_why(r));
	jsonw_close(&x->text, '}');
}

static void
act_on_all(struct errand *x, const struct own *o)
{
	const struct task_facts *f;
	uint64_t task;
	size_t i;

	jsonw_open(&x->text, '[');
	for (i = 0; i < o->nids; i++) {
		if (strcmp(o->ids[i], "all") == 0)
			continue;
		if ((task = find(x, o->ids[i])) != 0)
			act(x, o, task);
	}
	for (i = 0; o->all; i++) {
		if ((f = session_nth_task(x->host->session, i)) == NULL)
			break;
		if (f->end[0] == '\0')
			act(x, o, f->id);
	}
	jsonw_close(&x->text, ']');
}

static void
fail_ended(struct errand *x, const struct task_facts *f)
{
	struct buf state = { 0 };
	char *why;

	compose_state(&state, f);
	why = xasprintf("it has ended: %s", state.data);
	fail(x, why);
	free(why);
	buf_fini(&state);
}

static void
task_input(struct errand *x, const struct own *o)
{
	uint64_t task = find(x, o->id);
	struct run *r = run_find(x->host->engine, task);
	struct bytes text = { o->text, o->text_len };

	if (task == 0)
		return;
	if (r == NULL)
		fail_ended(x, session_task(x->host->session, task));
	else if (!run_input(r, text, o->eof))
		fail(x, "it takes no input: it does not read while it runs, or "
		    "too much waits already");
	else
		buf_puts(&x->text, "{\"state\":\"sent\"}");
}

static void
task_move(struct errand *x, const struct own *o)
{
	struct wish w = wish_of(o, NULL);
	uint64_t task = find(x, o->id);
	char *why = NULL;

	if (task == 0)
		return;
	if (host_move(x->host, task, &w, "model", &why))
		present_task(&x->text, x->host, task);
	else
		fail(x, why);
	free(why);
}

static void
say(struct errand *x, const struct own *o, struct host *agent)
{
	struct event ev = { .kind = EV_SAY, .mode = MODE_STEER };
	const struct out *out;
	bool ok;

	if (o->mode != NULL)
		mode_parse(bytes_of(o->mode), &ev.mode);
	ev.message = host_number(agent, 'm');
	ev.text = (struct bytes){ o->text, o->text_len };
	out = host_step(agent, &ev, &ok);
	if (!ok) {
		fail(x, "it was not taken");
		return;
	}
	jsonw_open(&x->text, '{');
	jsonw_str(&x->text, "state", "sent");
	present_id(&x->text, "message", 'm', out->message);
	jsonw_str(&x->text, "session", host_name(agent));
	jsonw_close(&x->text, '}');
}

static void
agent_send(struct errand *x, const struct own *o)
{
	uint64_t task = find(x, o->id);
	struct run *r = run_find(x->host->engine, task);
	struct host *agent = r == NULL ? NULL : agent_host(r);
	const struct task_facts *f;
	char *why;

	if (task == 0)
		return;
	f = session_task(x->host->session, task);
	if (f->end[0] != '\0') {
		why = xasprintf("it has ended: %s", f->end);
		fail(x, why);
		free(why);
	} else if (agent == NULL)
		fail(x, "it is no sub-agent that has begun");
	else if (agent->ending)
		fail(x, "it is being stopped");
	else
		say(x, o, agent);
}

static void
task_watch(struct errand *x, const struct own *o)
{
	uint64_t task = find(x, o->id);
	char *why = NULL;

	if (task == 0)
		return;
	if (!run_watch(x->host, task, bytes_of(o->watch), "model", &why)) {
		fail(x, why);
		free(why);
		return;
	}
	jsonw_open(&x->text, '{');
	present_id(&x->text, "task", 't', task);
	jsonw_str(&x->text, "state", "watched");
	jsonw_str(&x->text, "note", "You will be told when a line matches. Do "
	    "not poll for it.");
	jsonw_close(&x->text, '}');
}

/* false: the result comes later. */
static bool
carry_out(struct errand *x, const struct own *o)
{
	switch (o->kind) {
	case OWN_TASK_LIST:
		task_list(x);
		return true;
	case OWN_TASK_OUTPUT:
		return task_output(x, o);
	case OWN_TASK_WAIT:
		return task_wait(x, o);
	case OWN_TASK_STOP:
	case OWN_TASK_SUSPEND:
	case OWN_TASK_RESUME:
		act_on_all(x, o);
		return true;
	case OWN_TASK_INPUT:
		task_input(x, o);
		return true;
	case OWN_TASK_MOVE:
		task_move(x, o);
		return true;
	case OWN_AGENT_SEND:
		agent_send(x, o);
		return true;
	case OWN_TASK_WATCH:
		task_watch(x, o);
		return true;
	case OWN_EXEC:
	case OWN_AGENT:
		break;
	}
	fail(x, "that is a task");
	return true;
}

void
errand(struct host *h, uint64_t turn, const char *call)
{
	struct errand x = { .host = h, .turn = turn, .call = call };
	const char *tool, *args;
	struct own o = { 0 };
	char *why = NULL;
	bool now = true;

	/* What was let go meanwhile is not done behind anybody's back. */
	if (!session_held_call(h->session, turn, bytes_of(call), &tool, &args))
		return;
	if (own_parse(tool, bytes_of(args), &o, &why))
		now = carry_out(&x, &o);
	else
		fail(&x, why);
	if (now)
		finish(&x);
	own_fini(&o);
	free(why);
	buf_fini(&x.text);
}
