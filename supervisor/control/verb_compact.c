/* Long conversations: summed up, or gone on with in another session. */
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "jsonw.h"
#include "question.h"
#include "xalloc.h"

#define NAME_MAX_LEN	64
#define FORKS		1000	/* of one session, before one must name them */

/* The turn that sums up; 0: there is none. */
static uint64_t
turn_at_work(const struct session *s)
{
	struct turn_facts t;
	size_t i;

	for (i = 0; session_nth_active(s, i, &t); i++)
		if (t.cause == CAUSE_COMPACT)
			return t.id;
	return 0;
}

void
verb_compact(struct peer *p, const struct frame_compact *f)
{
	struct event ev = { .kind = EV_COMPACT };
	struct host *h = verb_host(p, f->request, f->session);
	struct question *q;
	bool ok = false;

	if (h == NULL || verb_busy(p, f->request))
		return;
	if (turn_at_work(host_session(h)) != 0) {
		answer_done(p, f->request, 75, "%s: it is being compacted",
		    host_name(h));
		return;
	}
	if ((q = question_new(p, f->request, ASKED_COMPACT)) == NULL)
		return;
	free(q->session);
	q->session = xstrdup(host_name(h));
	q->items = session_seen(host_session(h), &q->bytes);
	host_step(h, &ev, &ok);
	q->turn = turn_at_work(host_session(h));
	if (!ok) {
		question_free(q);
		answer_done(p, f->request, 65,
		    "%s: there is too little to compact", host_name(h));
	}
}

static void
answer_end(struct question *q, struct host *h, const struct turn_facts *t,
    const char *outcome)
{
	struct buf b = { 0 };
	size_t items, bytes;

	items = session_seen(host_session(h), &bytes);
	jsonw_open(&b, '{');
	jsonw_str(&b, "session", q->session);
	present_id(&b, "turn", 'u', t->id);
	jsonw_str(&b, "outcome", outcome);
	jsonw_u64(&b, "items_before", q->items);
	jsonw_u64(&b, "items_after", items);
	jsonw_u64(&b, "bytes_before", q->bytes);
	jsonw_u64(&b, "bytes_after", bytes);
	jsonw_str(&b, "why", t->why);
	jsonw_close(&b, '}');
	answer_item(q->peer, q->request, buf_bytes(&b));
	buf_fini(&b);
}

void
compact_effect(struct question *q, struct host *h, const struct effect *fx)
{
	struct turn_facts t = { 0 };
	struct item_facts head;
	bool made;

	if (fx->kind != FX_FINISHED || fx->turn != q->turn ||
	    strcmp(q->session, host_name(h)) != 0)
		return;
	session_turn(host_session(h), fx->turn, &t);
	made = session_nth_seen(host_session(h), 0, &head) && head.head &&
	    head.turn == q->turn;
	answer_end(q, h, &t, t.outcome == OUTCOME_ANSWERED ? "compacted" :
	    made ? "shortened" : outcome_name(t.outcome));
	question_done(q, made ? 0 : 75, made ? "" : t.why);
}

/* Also of a session that is not committed yet. */
static bool
is_taken(struct engine *e, const char *name)
{
	struct host *h = NULL;

	while ((h = host_next(e, h)) != NULL)
		if (strcmp(host_name(h), name) == 0)
			return true;
	return journal_has_session(engine_journal(e), name);
}

/* The name of the fork; NULL: answered already. */
static char *
name_of(struct peer *p, const struct frame_fork *f, const struct host *from)
{
	struct engine *e = p->desk->engine;
	char *name;
	size_t i;

	if (f->name.len > 0) {
		name = xmemdup(f->name.data, f->name.len);
		if (verb_is_name(f->name) && !is_taken(e, name))
			return name;
		answer_done(p, f->request, 65, "%s: %s", name,
		    verb_is_name(f->name) ? "there is such a session already" :
		    "not a session's name");
		free(name);
		return NULL;
	}
	for (i = 2; i < FORKS; i++) {
		name = xasprintf("%s-%zu", host_name(from), i);
		if (strlen(name) <= NAME_MAX_LEN && !is_taken(e, name))
			return name;
		free(name);
	}
	answer_done(p, f->request, 65, "%s: the fork needs a name",
	    host_name(from));
	return NULL;
}

void
verb_fork(struct peer *p, const struct frame_fork *f)
{
	struct host *from = verb_host(p, f->request, f->session), *h;
	struct buf b = { 0 };
	size_t items, bytes;
	char *name;

	if (from == NULL || verb_busy(p, f->request) ||
	    (name = name_of(p, f, from)) == NULL)
		return;
	h = host_fork(from, name);
	items = session_seen(host_session(h), &bytes);
	jsonw_open(&b, '{');
	jsonw_str(&b, "session", name);
	jsonw_str(&b, "origin", host_name(from));
	jsonw_u64(&b, "items", items);
	jsonw_u64(&b, "bytes", bytes);
	jsonw_close(&b, '}');
	answer_item(p, f->request, buf_bytes(&b));
	answer_done(p, f->request, 0, "%s", "");
	buf_fini(&b);
	free(name);
}
