/* What happens in the session while one talks. */
#include "chat.h"

#include <stdlib.h>

#include "xalloc.h"

/* What the record of an end does not repeat. */
struct chat_task {
	char			*id;
	char			*tool;
	double			 started;	/* 0: not yet, or before us */
	uint64_t		 since;		/* where it was learned */
	uint64_t		 following;	/* a sub-agent: its session */
	bool			 is_asked;	/* below one: its approval */
	TAILQ_ENTRY(chat_task)	 link;
};

static struct chat_task *
find(struct chat *c, const char *id)
{
	struct chat_task *t;

	TAILQ_FOREACH(t, &c->tasks, link)
		if (strcmp(t->id, id) == 0)
			return t;
	return NULL;
}

static void
forget(struct chat *c, struct chat_task *t)
{
	if (t == NULL)
		return;
	TAILQ_REMOVE(&c->tasks, t, link);
	free(t->id);
	free(t->tool);
	free(t);
}

void
chat_forget_tasks(struct chat *c)
{
	while (!TAILQ_EMPTY(&c->tasks))
		forget(c, TAILQ_FIRST(&c->tasks));
}

static double
number(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static void
learn(struct chat *c, const char *id, const json_t *o)
{
	struct chat_task *t = find(c, id);

	if (t != NULL || *id == '\0')
		return;
	t = xcalloc(1, sizeof(*t));
	t->id = xstrdup(id);
	t->tool = xstrdup(value_text(o, "tool"));
	t->started = number(o, "started_at");
	t->since = (uint64_t)number(o, "seq");
	TAILQ_INSERT_TAIL(&c->tasks, t, link);
}

static void
add_name(struct buf *b, const char *id, const struct chat_task *t)
{
	value_add_line(b, bytes_of(id));
	if (t != NULL && *t->tool != '\0') {
		buf_putc(b, ' ');
		value_add_line(b, bytes_of(t->tool));
	}
}

/* [t7 exec exited 0 after 12 s] */
static void
remark(struct chat *c, const char *id, const json_t *o)
{
	const struct chat_task *t = find(c, id);
	const char *why = value_text(o, "why");
	struct buf b = { 0 };

	add_name(&b, id, t);
	buf_putc(&b, ' ');
	value_add(&b, o, "state", VALUE_STATE);
	if (*value_text(o, "end") != '\0' && t != NULL && t->started > 0) {
		buf_puts(&b, " after ");
		value_add_seconds(&b, number(o, "time") - t->started);
	}
	if (*why != '\0') {
		buf_puts(&b, ": ");
		value_add_line(&b, bytes_of(why));
	}
	chat_remark(c, "%s", b.data);
	buf_fini(&b);
}

static void	follow_below(struct chat *, struct question *, const json_t *);

/* Its session has a name once it runs, which the record does not tell. */
static void
look_below(struct chat *c, const struct chat_task *t)
{
	static const struct chat_answer answer = { .item = follow_below,
	    .is_background = true, .is_silent = true };
	struct frame f = { .type = FRAME_SHOW };

	if (t == NULL || strcmp(t->tool, "agent") != 0 ||
	    t->following != 0)
		return;
	f.show.id = bytes_of(t->id);
	chat_ask(c, &f, &answer);
}

static void
on_state(struct chat *c, const char *id, const json_t *o)
{
	const char *state = value_text(o, "state");
	struct chat_task *t = find(c, id);

	if (strcmp(state, "running") == 0 && t != NULL && t->started == 0)
		t->started = number(o, "time");
	if (strcmp(state, "starting") != 0 && strcmp(state, "ended") != 0)
		remark(c, id, o);
	if (strcmp(state, "running") == 0)
		look_below(c, t);
}

static void	on_below(struct chat *, struct question *, const json_t *);

/* What a sub-agent asks consent for is asked here, too. */
static void
follow_below(struct chat *c, struct question *q, const json_t *task)
{
	static const struct chat_answer answer = { .item = on_below,
	    .is_background = true, .is_silent = true };
	const char *session = value_text(task, "agent");
	struct chat_task *t = find(c, value_text(task, "id"));
	struct frame f = { .type = FRAME_EVENTS };

	(void)q;
	if (*session == '\0' || t == NULL || t->following != 0)
		return;
	f.events.session = bytes_of(session);
	f.events.since = t->since;
	f.events.follow = true;
	if ((q = chat_ask(c, &f, &answer)) != NULL)
		t->following = q->request;
}

static void
on_task_end(struct chat *c, const char *id)
{
	static const struct chat_answer none = { .is_background = true,
	    .is_silent = true };
	struct chat_task *t = find(c, id);
	struct frame f = { .type = FRAME_CANCEL };

	if (t != NULL && t->following != 0) {
		f.cancel.which = t->following;
		chat_ask(c, &f, &none);
	}
	forget(c, t);
}

/* [t7 serve printed what is watched for] */
static void
on_event(struct chat *c, const char *id, const json_t *o)
{
	static const char *const words[][2] = {
		{ "seen", "printed what is watched for" },
		{ "prompt", "waits for input" },
		{ "silent", "has been silent for long, and does nothing" },
	};
	struct buf b = { 0 };
	size_t i;

	add_name(&b, id, find(c, id));
	for (i = 0; i < 3; i++)
		if (strcmp(value_text(o, "about"), words[i][0]) == 0)
			chat_remark(c, "%s %s", b.data, words[i][1]);
	buf_fini(&b);
}

/* [a5 exec (t7) waits for consent: {"command":...} in ...; /approve a5 ...] */
static void
on_approval(struct chat *c, const char *id, const json_t *o)
{
	struct buf b = { 0 };

	value_add_line(&b, bytes_of(id));
	buf_putc(&b, ' ');
	value_add(&b, o, "tool", VALUE_PLAIN);
	buf_puts(&b, " (");
	value_add(&b, o, "task", VALUE_PLAIN);
	buf_puts(&b, ") waits for consent: ");
	value_add(&b, o, "args", VALUE_PLAIN);
	buf_puts(&b, " in ");
	value_add(&b, o, "cwd", VALUE_PLAIN);
	buf_puts(&b, ", profile ");
	value_add(&b, o, "profile", VALUE_PLAIN);
	chat_remark(c, "%s; /approve %s or /deny %s", b.data, id, id);
	buf_fini(&b);
}

static void
on_answer(struct chat *c, const json_t *o)
{
	struct buf b = { 0 };

	value_add(&b, o, "approval", VALUE_PLAIN);
	buf_putc(&b, ' ');
	value_add(&b, o, "state", VALUE_PLAIN);
	buf_puts(&b, " by ");
	value_add(&b, o, "by", VALUE_PLAIN);
	if (*value_text(o, "why") != '\0') {
		buf_puts(&b, ": ");
		value_add(&b, o, "why", VALUE_PLAIN);
	}
	chat_remark(c, "%s", b.data);
	buf_fini(&b);
}

static void
learn_all(struct chat *c, const json_t *snapshot)
{
	struct chat_task *t;
	json_t *task;
	size_t i;

	json_array_foreach(json_object_get(snapshot, "tasks"), i, task) {
		learn(c, value_text(task, "id"), task);
		if ((t = find(c, value_text(task, "id"))) != NULL &&
		    t->since == 0)
			t->since = (uint64_t)number(snapshot, "seq");
		follow_below(c, NULL, task);
	}
}

static void
on_snapshot(struct chat *c, const json_t *o)
{
	json_t *a;
	size_t i;

	learn_all(c, o);
	json_array_foreach(json_object_get(o, "approvals"), i, a)
		on_approval(c, value_text(a, "id"), a);
}

/* In the snapshot, and again as a record. */
static void
ask_once(struct chat *c, const char *id, const json_t *o)
{
	struct chat_task *t;

	learn(c, value_text(o, "task"), o);
	if ((t = find(c, value_text(o, "task"))) == NULL || t->is_asked)
		return;
	t->is_asked = true;
	on_approval(c, id, o);
}

/* In the session of a sub-agent. */
static void
on_below(struct chat *c, struct question *q, const json_t *o)
{
	const char *kind = value_text(o, "kind");
	const char *task = value_text(o, "task");
	json_t *a;
	size_t i;

	(void)q;
	if (strcmp(kind, "snapshot") == 0) {
		learn_all(c, o);
		json_array_foreach(json_object_get(o, "approvals"), i, a)
			ask_once(c, value_text(a, "id"), a);
	} else if (strcmp(kind, "task") == 0)
		learn(c, task, o);
	else if (strcmp(kind, "state") == 0 &&
	    strcmp(value_text(o, "state"), "running") == 0)
		look_below(c, find(c, task));
	else if (strcmp(kind, "end") == 0)
		on_task_end(c, task);
	else if (strcmp(kind, "approval") == 0)
		ask_once(c, value_text(o, "approval"), o);
	else if (strcmp(kind, "answer") == 0)
		on_answer(c, o);
}

static void
on_record(struct chat *c, struct question *q, const json_t *o)
{
	const char *kind = value_text(o, "kind");
	const char *task = value_text(o, "task");

	(void)q;
	if (strcmp(kind, "snapshot") == 0)
		on_snapshot(c, o);
	else if (strcmp(kind, "task") == 0)
		learn(c, task, o);
	else if (strcmp(kind, "state") == 0)
		on_state(c, task, o);
	else if (strcmp(kind, "end") == 0) {
		remark(c, task, o);
		on_task_end(c, task);
	} else if (strcmp(kind, "event") == 0)
		on_event(c, task, o);
	else if (strcmp(kind, "approval") == 0)
		on_approval(c, value_text(o, "approval"), o);
	else if (strcmp(kind, "answer") == 0)
		on_answer(c, o);
	else if (strcmp(kind, "finished") == 0)
		screen_hush(&c->screen, bytes_of(value_text(o, "turn")));
}

static void
on_end(struct chat *c, struct question *q, int status)
{
	(void)q;
	(void)status;
	c->is_live = false;
}

void
chat_follow_since(struct chat *c, uint64_t seq)
{
	static const struct chat_answer answer = { .item = on_record,
	    .done = on_end, .is_background = true, .is_silent = true };
	struct frame f = { .type = FRAME_EVENTS };

	f.events.session = bytes_of(c->client->session);
	f.events.since = seq;
	f.events.follow = true;
	f.events.text = true;
	c->is_live = chat_ask(c, &f, &answer) != NULL;
}

static void
on_session(struct chat *c, struct question *q, const json_t *o)
{
	(void)q;
	if (!c->is_live && strcmp(value_text(o, "name"), c->session) == 0)
		chat_follow_since(c, (uint64_t)number(o, "last"));
}

/*
 * From now on, not from the beginning: the list of sessions tells the newest
 * record. A session that is not there yet is followed from its first message.
 */
void
chat_follow(struct chat *c)
{
	static const struct chat_answer answer = { .item = on_session,
	    .is_background = true };
	struct frame f = { .type = FRAME_SESSIONS };

	if (!c->client->json)
		chat_ask(c, &f, &answer);
}
