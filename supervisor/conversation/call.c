#include <stdlib.h>

#include "jsonw.h"
#include "state.h"
#include "xalloc.h"

void
call_fini(struct call *c)
{
	free(c->id);
	free(c->tool);
	free(c->args);
	free(c->result);
	free(c->text);
	free(c->cwd);
	free(c->profile);
	free(c->grant);
	free(c->waits);
	terms_drop(&c->terms);
	*c = (struct call){ 0 };
}

struct call *
call_find(const struct turn *t, struct bytes id)
{
	size_t i;

	for (i = 0; i < t->ncalls; i++)
		if (bytes_is(id, t->calls[i].id))
			return &t->calls[i];
	return NULL;
}

/* The first one wins, whatever races with it (T2): a call is resolved once. */
void
call_resolve(struct step *st, struct turn *t, struct call *c,
    enum call_state state, struct bytes text)
{
	struct record r = { .kind = RECORD_RESULT };
	struct buf b = { 0 };

	if (c->state != CALL_HELD)
		return;
	render_result(&b, c->id, text);
	r.result.turn = t->id;
	r.result.call = bytes_of(c->id);
	r.result.state = bytes_of(call_state_name(state));
	r.result.message = buf_bytes(&b);
	record(st, &r);
	buf_fini(&b);
}

static void
cancel(struct step *st, struct turn *t, struct call *c, const char *because)
{
	struct buf b = { 0 };

	jsonw_open(&b, '{');
	jsonw_str(&b, "state", "cancelled");
	jsonw_str(&b, "because", because);
	jsonw_str(&b, "note", "This call was not run.");
	jsonw_close(&b, '}');
	call_resolve(st, t, c, CALL_CANCELLED, buf_bytes(&b));
	buf_fini(&b);
}

static const char goes_on[] = "Still going on in the background. You will be "
    "told when it ends. Do not poll and do not start it again; you may answer "
    "the user now.";
static const char asks[] = "It has not begun: a person must approve it by its "
    "id, and no text can. You will be told when it ends or is denied. Do not "
    "poll and do not call it again; you may answer the user now.";

/* The placeholder of C5, written once; of a task that was lost on disk, none. */
static void
detach(struct step *st, struct turn *t, struct call *c, const char *because)
{
	const struct task *k = ids_find(&st->s->tasks, c->task);
	const struct approval *a = approval_of(st->s, k);
	bool pending = a != NULL && a->state == APPROVAL_PENDING;
	struct buf b = { 0 };
	char id[24];

	if (k == NULL) {
		cancel(st, t, c, because);
		return;
	}
	snprintf(id, sizeof(id), "t%ju", (uintmax_t)c->task);
	jsonw_open(&b, '{');
	jsonw_str(&b, "task", id);
	jsonw_str(&b, "tool", c->tool);
	jsonw_str(&b, "state", k->facts.state);
	jsonw_u64(&b, "out_bytes", k->out_bytes);
	jsonw_u64(&b, "err_bytes", k->err_bytes);
	jsonw_str(&b, "tail", k->tail == NULL ? "" : k->tail);
	jsonw_str(&b, "because", because);
	jsonw_str(&b, "note", pending ? asks : goes_on);
	jsonw_close(&b, '}');
	call_resolve(st, t, c, CALL_DETACHED, buf_bytes(&b));
	buf_fini(&b);
}

static void
let_go(struct step *st, struct turn *t, struct call *c, const char *because)
{
	if (c->state != CALL_HELD)
		return;
	if (c->task != 0)
		detach(st, t, c, because);
	else if (c->nwaits > 0)
		call_end_wait(st, t, c, because);
	else
		cancel(st, t, c, because);
}

void
calls_detach(struct step *st, struct turn *t, const char *because)
{
	size_t i;

	for (i = 0; i < t->ncalls; i++)
		let_go(st, t, &t->calls[i], because);
}

void
calls_detach_slow(struct step *st, struct turn *t, const char *because)
{
	size_t i;

	for (i = 0; i < t->ncalls; i++)
		if (t->calls[i].task != 0 || call_is_waiting(&t->calls[i]))
			let_go(st, t, &t->calls[i], because);
}

bool
calls_own_are_held(const struct turn *t)
{
	const struct call *c;
	size_t i;

	for (i = 0; i < t->ncalls; i++) {
		c = &t->calls[i];
		if (c->state == CALL_HELD && c->task == 0 &&
		    !call_is_waiting(c))
			return true;
	}
	return false;
}

void
calls_detach_auto(struct step *st, struct turn *t, enum background which)
{
	const char *because = which == BACKGROUND_YES ?
	    "this tool runs in the background" : "it takes long";
	size_t i;

	for (i = 0; i < t->ncalls; i++)
		if (t->calls[i].state == CALL_HELD && t->calls[i].task != 0 &&
		    t->calls[i].background == which)
			detach(st, t, &t->calls[i], because);
}

static bool
waits_for(const struct call *c, uint64_t task)
{
	size_t i;

	for (i = 0; call_is_waiting(c) && i < c->nwaits; i++)
		if (c->waits[i] == task)
			return true;
	return false;
}

void
calls_let_go_of(struct step *st, struct turn *t, uint64_t task,
    const char *because)
{
	size_t i;

	for (i = 0; i < t->ncalls; i++)
		if (t->calls[i].task == task || waits_for(&t->calls[i], task))
			let_go(st, t, &t->calls[i], because);
}

void
calls_recover(struct step *st, struct turn *t)
{
	const struct task *k;
	struct call *c;
	size_t i;

	for (i = 0; i < t->ncalls; i++) {
		c = &t->calls[i];
		k = ids_find(&st->s->tasks, c->task);
		if (k != NULL && k->live)
			continue;
		call_resolve(st, t, c, CALL_CANCELLED, bytes_of(
		    "{\"state\":\"cancelled\",\"note\":\"The supervisor "
		    "restarted; whether this was done is not known.\"}"));
	}
}

static void
record_called(struct step *st, struct turn *t, const struct call *c)
{
	struct record r = { .kind = RECORD_CALLED };

	r.called.turn = t->id;
	r.called.call = bytes_of(c->id);
	r.called.tool = bytes_of(c->tool);
	r.called.args = bytes_of(c->args);
	r.called.task = c->kind == CALL_KIND_TASK ? c->task : 0;
	r.called.background = bytes_of(background_name(c->background));
	record(st, &r);
}

/* What waits for a person holds nothing up (C3). */
static void
ask_consent(struct step *st, struct turn *t, const struct call *coming)
{
	struct call *c = call_find(t, bytes_of(coming->id));
	char because[48];

	if (!approval_ask(st, coming))
		return;
	snprintf(because, sizeof(because), "waiting for approval a%ju",
	    (uintmax_t)((const struct task *)ids_find(&st->s->tasks,
	    c->task))->facts.approval);
	detach(st, t, c, because);
}

/* The complete calls of an answer become the turn's. */
static void
begin(struct step *st, struct turn *t, const struct call *coming)
{
	struct call *c;

	switch (coming->kind) {
	case CALL_KIND_TASK:
		task_start(st, t, coming);
		if (coming->confirm)
			ask_consent(st, t, coming);
		break;
	case CALL_KIND_OWN:
		c = call_find(t, bytes_of(coming->id));
		effect(st, &(struct effect){ .kind = FX_OWN, .turn = t->id,
		    .call = bytes_of(c->id) });
		break;
	case CALL_KIND_BAD:
		c = call_find(t, bytes_of(coming->id));
		call_resolve(st, t, c, CALL_ANSWERED, bytes_of(coming->text));
		break;
	case CALL_KIND_UNKNOWN:
		break;
	}
}

/*
 * A transcript that names a tool which is not described is refused by some
 * servers for ever after, so such a call is told in words instead.
 */
void
calls_drop_unknown(struct turn *t)
{
	size_t i, kept = 0;

	for (i = 0; i < t->ncoming; i++) {
		if (t->coming[i].kind != CALL_KIND_UNKNOWN) {
			t->coming[kept++] = t->coming[i];
			continue;
		}
		buf_printf(&t->unknown, "%s%s", t->unknown.len > 0 ? ", " : "",
		    t->coming[i].tool);
		call_fini(&t->coming[i]);
	}
	t->ncoming = kept;
}

void
calls_begin(struct step *st, struct turn *t, bool run)
{
	struct call *coming = t->coming;
	size_t i, n = t->ncoming;

	t->coming = NULL;
	t->ncoming = 0;
	for (i = 0; i < n; i++) {
		if (!run)
			coming[i].kind = CALL_KIND_OWN;	/* it has no task */
		record_called(st, t, &coming[i]);
	}
	for (i = 0; run && i < n; i++)
		begin(st, t, &coming[i]);
	for (i = 0; i < n; i++)
		call_fini(&coming[i]);
	free(coming);
}

static void
remember_name(struct session *s, const char *tool)
{
	size_t i;

	for (i = 0; i < s->ncalled; i++)
		if (strcmp(s->called[i], tool) == 0)
			return;
	s->called = xreallocarray(s->called, s->ncalled + 1,
	    sizeof(*s->called));
	s->called[s->ncalled++] = xstrdup(tool);
}

static void
remember_id(struct session *s, const char *id)
{
	char *copy;

	if (keys_find(&s->calls, bytes_of(id)) != NULL)
		return;
	copy = xstrdup(id);
	keys_add(&s->calls, copy, copy);
}

void
call_remember(struct session *s, const char *tool, const char *id)
{
	if (id != NULL)
		remember_id(s, id);
	if (tool != NULL)
		remember_name(s, tool);
}

/* Whether a call has that id, or one that a model is still making. */
static bool
is_taken(const struct session *s, struct bytes id)
{
	const struct turn *t;
	size_t i;

	if (keys_find(&s->calls, id) != NULL)
		return true;
	TAILQ_FOREACH(t, &s->active, link)
		for (i = 0; i < t->ncoming; i++)
			if (bytes_is(id, t->coming[i].id))
				return true;
	return false;
}

/*
 * Ids must differ in all of a transcript, and turns side by side know nothing
 * of each other's. Some servers take nine letters or digits and nothing else.
 */
char *
call_new_id(const struct session *s, struct bytes wanted)
{
	char *id = xmemdup(wanted.data, wanted.len);
	uint64_t n = s->calls.n;

	while (*id == '\0' || is_taken(s, bytes_of(id))) {
		free(id);
		id = xasprintf("call%05ju", (uintmax_t)++n);
	}
	return id;
}

void
apply_called(struct session *s, const struct record *r)
{
	struct turn *t = turn_find(s, r->called.turn);
	struct call c = { .state = CALL_HELD };

	if (t == NULL || !background_parse(r->called.background, &c.background))
		return;
	c.id = xmemdup(r->called.call.data, r->called.call.len);
	c.tool = xmemdup(r->called.tool.data, r->called.tool.len);
	c.args = xmemdup(r->called.args.data, r->called.args.len);
	c.task = r->called.task;
	remember_id(s, c.id);
	t->calls = xreallocarray(t->calls, t->ncalls + 1, sizeof(c));
	t->calls[t->ncalls++] = c;
	t->state = TURN_HOLDING;
	remember_name(s, c.tool);
}

/* All results are there: they become items, in call order (C5). */
static void
flush(struct turn *t)
{
	struct item item;
	size_t i;

	for (i = 0; i < t->ncalls; i++) {
		item = (struct item){ .seq = t->calls[i].seq, .turn = t->id,
		    .role = ROLE_TOOL, .json = t->calls[i].result };
		item.len = strlen(item.json);
		t->calls[i].result = NULL;
		block_add(&t->block, &item);
	}
}

void
apply_result(struct session *s, const struct record *r)
{
	struct turn *t = turn_find(s, r->result.turn);
	struct call *c = t == NULL ? NULL : call_find(t, r->result.call);

	if (c == NULL || c->state != CALL_HELD ||
	    !call_state_parse(r->result.state, &c->state))
		return;
	c->result = xmemdup(r->result.message.data, r->result.message.len);
	c->seq = r->seq;
	if (++t->resolved == t->ncalls)
		flush(t);
}
