/* The journal, live (E4): first how things stand, then each record. */
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "jsonw.h"
#include "question.h"
#include "xalloc.h"

/* {"seq":..,"time":..,"session":..,"kind":..., and the record's own fields} */
static void
present_record(struct buf *b, const struct journal_record *r)
{
	jsonw_open(b, '{');
	jsonw_u64(b, "seq", r->seq);
	jsonw_time(b, "time", r->time);
	jsonw_text(b, "session", r->session);
	jsonw_text(b, "kind", r->kind);
	if (r->body.len > 2) {
		buf_putc(b, ',');
		buf_add(b, r->body.data + 1, r->body.len - 2);
	}
	jsonw_close(b, '}');
}

static bool
on_row(void *arg, const struct journal_record *r)
{
	struct question *q = arg;
	struct buf b = { 0 };

	present_record(&b, r);
	answer_item(q->peer, q->request, buf_bytes(&b));
	buf_fini(&b);
	q->since = r->seq;
	return peer_waiting(q->peer) < PEER_QUEUE;
}

/*
 * From the journal, not from memory: who reads slowly costs nothing, and who
 * comes late or twice misses nothing.
 */
void
events_settled(struct question *q)
{
	struct journal *j = engine_journal(q->peer->desk->engine);

	if (q->next == journal_last(j) && q->live)
		return;
	if (peer_waiting(q->peer) >= PEER_QUEUE)
		return;
	journal_read(j, q->session[0] == '\0' ? NULL : q->session, q->since,
	    on_row, q);
	q->paused = peer_waiting(q->peer) >= PEER_QUEUE;
	if (q->paused)
		return;
	q->next = journal_last(j);
	if (!q->live)
		question_done(q, 0, "");
}

void
events_shown(struct question *q, struct host *h, uint64_t turn,
    struct bytes text)
{
	if (q->live && q->text && (q->session[0] == '\0' ||
	    strcmp(q->session, host_name(h)) == 0))
		answer_shown(q, h, turn, text);
}

static void
put_tasks(struct buf *b, struct host *h)
{
	const struct task_facts *k;
	size_t i;

	for (i = 0; (k = session_nth_task(host_session(h), i)) != NULL; i++)
		if (k->end[0] == '\0')
			present_task(b, h, k->id);
}

static void
put_turns(struct buf *b, struct host *h)
{
	struct turn_facts t;
	size_t i;

	for (i = 0; session_nth_active(host_session(h), i, &t); i++) {
		jsonw_open(b, '{');
		present_id(b, "turn", 'u', t.id);
		jsonw_str(b, "session", host_name(h));
		jsonw_str(b, "state", t.state);
		present_id(b, "message", 'm', t.message);
		jsonw_close(b, '}');
	}
}

static void
put_queue(struct buf *b, struct host *h)
{
	struct message_facts m;
	size_t i;

	for (i = 0; session_nth_waiting(host_session(h), i, &m); i++)
		present_id(b, NULL, 'm', m.id);
}

static void
put_approvals(struct buf *b, struct host *h)
{
	struct approval_facts a;
	size_t i;

	for (i = 0; session_nth_approval(host_session(h), i, &a); i++)
		if (a.state == APPROVAL_PENDING)
			present_approval(b, h, &a);
}

static void
each_host(struct question *q, struct buf *b,
    void (*put)(struct buf *, struct host *))
{
	struct engine *e = q->peer->desk->engine;
	struct host *h = NULL;

	jsonw_open(b, '[');
	if (q->session[0] != '\0') {
		if ((h = host_find(e, q->session)) != NULL)
			put(b, h);
	} else
		while ((h = host_next(e, h)) != NULL)
			put(b, h);
	jsonw_close(b, ']');
}

static void
snapshot(struct question *q)
{
	struct buf b = { 0 };

	jsonw_open(&b, '{');
	jsonw_u64(&b, "seq", q->since);	/* the records behind it follow */
	jsonw_str(&b, "session", q->session[0] == '\0' ? NULL : q->session);
	jsonw_str(&b, "kind", "snapshot");
	jsonw_key(&b, "tasks");
	each_host(q, &b, put_tasks);
	jsonw_key(&b, "turns");
	each_host(q, &b, put_turns);
	jsonw_key(&b, "queue");
	each_host(q, &b, put_queue);
	jsonw_key(&b, "approvals");
	each_host(q, &b, put_approvals);
	jsonw_close(&b, '}');
	answer_item(q->peer, q->request, buf_bytes(&b));
	buf_fini(&b);
}

/* A session may be followed before its first message makes it. */
void
verb_events(struct peer *p, const struct frame_events *f)
{
	struct bytes name = f->session.len > 0 ? f->session : bytes_of("main");
	struct question *q;

	if (bytes_is(name, "*"))
		name.len = 0;
	else if ((!f->follow || !verb_is_name(name)) &&
	    verb_host(p, f->request, name) == NULL)
		return;
	if ((q = question_new(p, f->request, ASKED_EVENTS)) == NULL)
		return;
	free(q->session);
	q->session = xmemdup(name.data, name.len);
	q->since = f->since;
	q->next = UINT64_MAX;
	q->live = f->follow;
	q->text = f->text;
	if (q->live)
		snapshot(q);
}
