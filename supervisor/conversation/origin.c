/* A user's session, or a sub-agent's: what it may, and when it is done (T10). */
#include <stdio.h>
#include <stdlib.h>

#include "state.h"
#include "xalloc.h"

void
origin_init(struct origin *o)
{
	*o = (struct origin){ .parent = xstrdup(""), .tools = xstrdup(""),
	    .model = xstrdup(""), .room = xstrdup("") };
}

void
origin_fini(struct origin *o)
{
	free((char *)(uintptr_t)o->parent);
	free((char *)(uintptr_t)o->tools);
	free((char *)(uintptr_t)o->model);
	free((char *)(uintptr_t)o->room);
}

bool
on_create(struct step *st)
{
	const struct origin *o = st->ev->origin;
	struct record r = { .kind = RECORD_CREATED };
	char task[24] = "";

	if (st->s->created)
		return refuse(st, REFUSAL_BAD);
	r.created.cwd = st->ev->cwd;
	r.created.owner = st->ev->owner;
	r.created.forked = st->ev->forked;
	r.created.called = st->ev->called;
	r.created.mode = bytes_of(mode_name(st->ev->mode));
	if (o != NULL) {
		snprintf(task, sizeof(task), "t%ju", (uintmax_t)o->task);
		r.created.parent = bytes_of(o->parent);
		r.created.task = bytes_of(task);
		r.created.depth = o->depth;
		r.created.tools = bytes_of(o->tools);
		r.created.model = bytes_of(o->model);
		r.created.room = bytes_of(o->room);
	}
	record(st, &r);
	return true;
}

bool
on_adopt(struct step *st)
{
	struct record r = { .kind = RECORD_ADOPTED };

	if (st->s->origin.depth == 0)
		return refuse(st, REFUSAL_BAD);
	r.adopted.task = st->ev->task;
	r.adopted.parent = bytes_of(st->s->origin.parent);
	record(st, &r);
	return true;
}

void
apply_created(struct session *s, const struct record *r)
{
	const struct record_created *c = &r->created;

	s->created = true;
	free(s->cwd);
	s->cwd = xmemdup(c->cwd.data, c->cwd.len);
	mode_parse(c->mode, &s->mode);
	origin_fini(&s->origin);
	s->origin = (struct origin){
	    .parent = xmemdup(c->parent.data, c->parent.len),
	    .tools = xmemdup(c->tools.data, c->tools.len),
	    .model = xmemdup(c->model.data, c->model.len),
	    .room = xmemdup(c->room.data, c->room.len),
	    .task = record_id(c->task, 't'), .depth = (unsigned)c->depth };
	fork_begin(s, r);
}

void
apply_adopted(struct session *s, const struct record *r)
{
	s->origin.task = r->adopted.task;
	s->origin.nturns = s->turns.n;
	s->origin.ntasks = s->tasks.n;
}

const struct origin *
session_origin(const struct session *s)
{
	return &s->origin;
}

bool
session_is_idle(const struct session *s)
{
	return s->nactive == 0 && s->nlive == 0 &&
	    TAILQ_EMPTY(&s->waiting) && s->wake_at == UINT64_MAX;
}

/* As one of the names by blanks. */
static bool
is_named(const char *names, struct bytes name)
{
	size_t len;

	for (; *names != '\0'; names += len) {
		names += strspn(names, " ");
		len = strcspn(names, " ");
		if (len == name.len && memcmp(names, name.data, len) == 0)
			return true;
	}
	return false;
}

/* There are no agents below the third (T10). */
bool
session_may_call(const struct session *s, const char *tool)
{
	bool agents = strncmp(tool, "agent", 5) == 0 &&
	    (tool[5] == '\0' || strcmp(tool, "agent_send") == 0);

	if (agents && s->origin.depth >= SESSION_DEPTH)
		return false;
	return s->origin.tools[0] == '\0' || is_named(s->origin.tools,
	    agents ? BYTES("agent") : bytes_of(tool));
}
