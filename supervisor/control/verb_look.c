/* Looking: one thing, the sessions, a transcript, the tools, the supervisor. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"
#include "jsonw.h"
#include "loop.h"
#include "model.h"
#include "question.h"
#include "toolbox.h"
#include "xalloc.h"

static void
show_message(struct peer *p, uint64_t request, struct host *h, uint64_t id)
{
	struct message_facts m;
	struct buf b = { 0 };

	if (!session_message(host_session(h), id, &m))
		return;
	jsonw_open(&b, '{');
	present_id(&b, "message", 'm', m.id);
	jsonw_str(&b, "session", host_name(h));
	jsonw_u64(&b, "seq", m.seq);
	jsonw_str(&b, "state", m.state);
	jsonw_str(&b, "mode", mode_name(m.mode));
	present_id(&b, "turn", 'u', m.turn);
	jsonw_str(&b, "key", m.key[0] == '\0' ? NULL : m.key);
	jsonw_str(&b, "text", m.text);
	jsonw_close(&b, '}');
	answer_item(p, request, buf_bytes(&b));
	buf_fini(&b);
}

static void
put_turn_tasks(struct buf *b, const struct session *s, uint64_t turn)
{
	const uint64_t *tasks;
	size_t i, n;

	jsonw_key(b, "tasks");
	jsonw_open(b, '[');
	tasks = session_turn_tasks(s, turn, &n);
	for (i = 0; i < n; i++)
		present_id(b, NULL, 't', tasks[i]);
	jsonw_close(b, ']');
}

static void
show_turn(struct peer *p, uint64_t request, struct host *h, uint64_t id)
{
	struct turn_facts t;
	struct buf b = { 0 };

	if (!session_turn(host_session(h), id, &t))
		return;
	jsonw_open(&b, '{');
	present_id(&b, "turn", 'u', t.id);
	jsonw_str(&b, "session", host_name(h));
	jsonw_str(&b, "state", t.state);
	jsonw_str(&b, "cause", cause_name(t.cause));
	present_id(&b, "message", 'm', t.message);
	jsonw_str(&b, "outcome", t.outcome == OUTCOME_NONE ? NULL :
	    outcome_name(t.outcome));
	jsonw_str(&b, "why", t.why);
	jsonw_str(&b, "text", t.text);
	put_turn_tasks(&b, host_session(h), id);
	jsonw_time(&b, "began_at", t.began_at);
	jsonw_time(&b, "ended_at", t.ended_at);
	jsonw_u64(&b, "requests", t.requests);
	jsonw_u64(&b, "input_tokens", t.input);
	jsonw_u64(&b, "cached_tokens", t.cached);
	jsonw_u64(&b, "output_tokens", t.output);
	jsonw_close(&b, '}');
	answer_item(p, request, buf_bytes(&b));
	buf_fini(&b);
}

static void
show_task(struct peer *p, uint64_t request, struct host *h, uint64_t id)
{
	struct buf b = { 0 };

	if (session_task(host_session(h), id) == NULL)
		return;
	present_task(&b, h, id);
	answer_item(p, request, buf_bytes(&b));
	buf_fini(&b);
}

static void
show_approval(struct peer *p, uint64_t request, struct host *h, uint64_t id)
{
	struct approval_facts a;
	struct buf b = { 0 };

	if (!session_approval(host_session(h), id, &a))
		return;
	present_approval(&b, h, &a);
	answer_item(p, request, buf_bytes(&b));
	buf_fini(&b);
}

static bool
put_session(void *arg, const struct journal_session *row)
{
	struct frame_sessions *f = ((void **)arg)[0];
	struct peer *p = ((void **)arg)[1];
	const char *only = ((void **)arg)[2];
	struct engine *e = p->desk->engine;
	struct host *h = NULL;
	struct buf b = { 0 };

	if (only != NULL && strcmp(only, row->name) != 0)
		return true;
	while ((h = host_next(e, h)) != NULL)
		if (strcmp(host_name(h), row->name) == 0)
			break;
	jsonw_open(&b, '{');
	jsonw_str(&b, "name", row->name);
	jsonw_str(&b, "cwd", row->cwd);
	jsonw_str(&b, "mode", row->mode);
	jsonw_u64(&b, "turns", h == NULL ? 0 : session_nturns(host_session(h)));
	jsonw_u64(&b, "tasks", h == NULL ? 0 : session_nlive(host_session(h)));
	present_origin(&b, e, row->name);
	jsonw_u64(&b, "last", row->last);
	jsonw_time(&b, "created", row->created);
	present_budget(&b, e, h, row->name);
	jsonw_close(&b, '}');
	answer_item(p, f->request, buf_bytes(&b));
	buf_fini(&b);
	return true;
}

static void
show_session(struct peer *p, const struct frame_show *f)
{
	struct host *h = verb_host(p, f->request, f->id);
	struct frame_sessions all = { .request = f->request };
	void *arg[3] = { &all, p, NULL };

	if (h == NULL)
		return;
	arg[2] = (void *)(uintptr_t)host_name(h);
	journal_sessions(engine_journal(p->desk->engine), put_session, arg);
	answer_done(p, f->request, 0, "%s", "");
}

void
verb_show(struct peer *p, const struct frame_show *f)
{
	static const struct {
		char	letter;
		void	(*show)(struct peer *, uint64_t, struct host *, uint64_t);
	} things[] = {
		{ 't', show_task }, { 'm', show_message }, { 'u', show_turn },
		{ 'a', show_approval },
	};
	struct host *h;
	uint64_t id;
	size_t i;

	for (i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		if ((id = record_id(f->id, things[i].letter)) == 0)
			continue;
		h = host_of(p->desk->engine, things[i].letter, id);
		if (h == NULL)
			break;
		things[i].show(p, f->request, h, id);
		answer_done(p, f->request, 0, "%s", "");
		return;
	}
	if (i < sizeof(things) / sizeof(things[0]))
		answer_done(p, f->request, 65, "%.*s: no such thing",
		    (int)f->id.len, f->id.data);
	else
		show_session(p, f);
}

void
verb_sessions(struct peer *p, const struct frame_sessions *f)
{
	struct frame_sessions copy = *f;
	void *arg[3] = { &copy, p, NULL };

	journal_sessions(engine_journal(p->desk->engine), put_session, arg);
	answer_done(p, f->request, 0, "%s", "");
}

void
verb_create(struct peer *p, const struct frame_create *f)
{
	if (verb_busy(p, f->request))
		return;
	if (verb_host_make(p, f->request, f->session, f->cwd, f->mode) != NULL)
		answer_done(p, f->request, 0, "%s", "");
}

/* What only waits for consent is no work, and goes with its session. */
static bool
is_at_work(const struct session *s)
{
	const struct task_facts *k;
	size_t i;

	if (session_nturns(s) > 0)
		return true;
	for (i = 0; (k = session_nth_task(s, i)) != NULL; i++)
		if (k->end[0] == '\0' && !session_task_is_pending(s, k->id))
			return true;
	return false;
}

void
verb_delete(struct peer *p, const struct frame_delete *f)
{
	struct host *h = verb_host(p, f->request, f->session);

	if (h == NULL)
		return;
	if (host_agent(h) != 0)
		answer_done(p, f->request, 65, "%s: it is a sub-agent at work, "
		    "t%ju; stop that first", host_name(h),
		    (uintmax_t)host_agent(h));
	else if (is_at_work(host_session(h)))
		answer_done(p, f->request, 75, "%s: turns or tasks of it are "
		    "still at work", host_name(h));
	else {
		host_delete(h);
		answer_done(p, f->request, 0, "%s", "");
	}
}

static void
put_call(struct buf *b, json_t *call)
{
	json_t *f = json_object_get(call, "function");

	jsonw_open(b, '{');
	jsonw_str(b, "id", json_string_value(json_object_get(call, "id")));
	jsonw_str(b, "name", json_string_value(json_object_get(f, "name")));
	jsonw_raw(b, "arguments", bytes_of(json_string_value(
	    json_object_get(f, "arguments"))));
	jsonw_close(b, '}');
}

static void
put_item(struct buf *b, const struct item_facts *f)
{
	json_t *o = json_loadb(f->json.data, f->json.len, 0, NULL), *call;
	size_t i;

	jsonw_open(b, '{');
	jsonw_u64(b, "seq", f->seq);
	present_id(b, "turn", 'u', f->turn);
	jsonw_str(b, "role", role_name(f->role));
	jsonw_str(b, "text", json_string_value(json_object_get(o, "content")));
	jsonw_key(b, "calls");
	jsonw_open(b, '[');
	json_array_foreach(json_object_get(o, "tool_calls"), i, call)
		put_call(b, call);
	jsonw_close(b, ']');
	jsonw_str(b, "result_of",
	    json_string_value(json_object_get(o, "tool_call_id")));
	jsonw_bool(b, "compacted", f->compacted);
	jsonw_bool(b, "head", f->head);
	jsonw_close(b, '}');
	json_decref(o);
}

void
transcript_settled(struct question *q)
{
	struct host *h = host_find(q->peer->desk->engine, q->session);
	struct item_facts f;
	struct buf b = { 0 };

	while (h != NULL && peer_waiting(q->peer) < PEER_QUEUE) {
		if (!session_nth_item(host_session(h), q->next, &f)) {
			question_done(q, 0, "");
			break;
		}
		q->next++;
		buf_reset(&b);
		put_item(&b, &f);
		answer_item(q->peer, q->request, buf_bytes(&b));
	}
	if (h == NULL)
		question_done(q, 65, "it was deleted");
	buf_fini(&b);
}

void
verb_transcript(struct peer *p, const struct frame_transcript *f)
{
	struct host *h = verb_host(p, f->request, f->session);
	struct question *q;
	struct buf b = { 0 };

	if (h == NULL)
		return;
	if (f->as_request) {
		host_next_request(h, &b);
		if (b.len > (4U << 20))
			answer_done(p, f->request, 65, "the request is longer "
			    "than 4 MiB");
		else {
			answer_item(p, f->request, buf_bytes(&b));
			answer_done(p, f->request, 0, "%s", "");
		}
		buf_fini(&b);
	} else if ((q = question_new(p, f->request, ASKED_TRANSCRIPT)) != NULL) {
		free(q->session);
		q->session = xstrdup(host_name(h));
	}
}

static bool
put_problems(struct peer *p, uint64_t request, const struct toolbox *tools)
{
	struct toolbox_problem problem;
	struct buf b = { 0 };
	bool refused = false;
	size_t i;

	for (i = 0; i < toolbox_nproblems(tools); i++) {
		problem = toolbox_problem(tools, i);
		refused |= problem.refused;
		buf_reset(&b);
		toolbox_problem_json(&problem, &b);
		answer_item(p, request, buf_bytes(&b));
	}
	buf_fini(&b);
	return refused;
}

void
verb_tools(struct peer *p, const struct frame_tools *f)
{
	const struct toolbox *tools = engine_tools(p->desk->engine);
	struct buf b = { 0 };
	size_t i;

	if (f->check) {
		if (put_problems(p, f->request, tools))
			answer_done(p, f->request, 65, "some files are no tools");
		else
			answer_done(p, f->request, 0, "%s", "");
		return;
	}
	for (i = 0; i < toolbox_count(tools); i++) {
		buf_reset(&b);
		tool_json(toolbox_at(tools, i), &b);
		answer_item(p, f->request, buf_bytes(&b));
	}
	buf_fini(&b);
	answer_done(p, f->request, 0, "%s", "");
}

static void
put_usage(struct buf *b, struct engine *e)
{
	struct usage_facts sum = { 0 }, u;
	struct host *h = NULL;

	while ((h = host_next(e, h)) != NULL) {
		session_usage(host_session(h), &u);
		sum.requests += u.requests;
		sum.input += u.input;
		sum.cached += u.cached;
		sum.output += u.output;
	}
	present_usage(b, &sum);
	jsonw_key(b, "over_budget");
	jsonw_open(b, '[');
	while ((h = host_next(e, h)) != NULL)
		if (host_is_over_budget(h))
			jsonw_str(b, NULL, host_name(h));
	jsonw_close(b, ']');
}

void
verb_status(struct peer *p, const struct frame_status *f)
{
	struct engine *e = p->desk->engine;
	struct host *h = NULL;
	struct buf b = { 0 };
	size_t sessions = 0, turns = 0;

	while ((h = host_next(e, h)) != NULL) {
		sessions++;
		turns += session_nturns(host_session(h));
	}
	jsonw_open(&b, '{');
	jsonw_str(&b, "version", SIGBOX_VERSION);
	jsonw_u64(&b, "pid", (uint64_t)getpid());
	jsonw_time(&b, "started_at", p->desk->started_at);
	jsonw_u64(&b, "sessions", sessions);
	jsonw_u64(&b, "turns", turns);
	jsonw_u64(&b, "tasks", engine_nruns(e) - engine_nqueued(e) -
	    engine_nagents(e));
	jsonw_u64(&b, "agents", engine_nagents(e));
	jsonw_u64(&b, "queued", engine_nqueued(e));
	jsonw_str(&b, "tier", engine_tier(e));
	jsonw_str(&b, "model", model_name(engine_model(e)));
	jsonw_str(&b, "busy", engine_is_busy(e));
	put_usage(&b, e);
	jsonw_close(&b, '}');
	answer_item(p, f->request, buf_bytes(&b));
	buf_fini(&b);
	answer_done(p, f->request, 0, "%s", "");
}
