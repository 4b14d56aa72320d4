/* What a task printed, by absolute offset (T8): one piece a request. */
#include <errno.h>
#include <string.h>

#include "engine.h"
#include "question.h"
#include "spool.h"

static bool
has_ended(struct question *q)
{
	struct engine *e = q->peer->desk->engine;
	struct host *h = host_of(e, 't', q->tasks[0]);
	const struct task_facts *k = h == NULL ? NULL :
	    session_task(host_session(h), q->tasks[0]);

	return k == NULL || k->end[0] != '\0';
}

static void
answer_output(struct question *q, const char *data,
    const struct spool_part *part, bool ended)
{
	struct frame f = { .type = FRAME_OUTPUT };

	f.output.request = q->request;
	f.output.offset = q->since + part->lost;
	f.output.data = (struct bytes){ data, part->len };
	f.output.lost = part->lost;
	f.output.ended = ended && f.output.offset + part->len >= part->size;
	peer_send(q->peer, &f);
	question_done(q, 0, "");
}

void
log_settled(struct question *q)
{
	static char data[1 << 16];
	struct engine *e = q->peer->desk->engine;
	bool ended = has_ended(q);
	struct spool_part part = { 0 };

	if (spool_read(engine_tasks_dir(e), q->tasks[0],
	    q->errors ? SPOOL_ERR : SPOOL_OUT, q->since, data, sizeof(data),
	    &part) == -1) {
		if (errno == ENOENT && !ended && q->wait)
			return;		/* it waits for a place */
		question_done(q, 65, errno == ENOENT ?
		    "there is no output (any more)" : strerror(errno));
		return;
	}
	if (part.len > 0 || part.lost > 0 || ended || !q->wait)
		answer_output(q, data, &part, ended);
}

void
verb_log(struct peer *p, const struct frame_log *f)
{
	struct question *q;
	uint64_t task;

	if (verb_task(p, f->request, f->id, &task) == NULL)
		return;
	if (!bytes_is(f->stream, "out") && !bytes_is(f->stream, "err")) {
		answer_done(p, f->request, 64, "%.*s: out or err",
		    (int)f->stream.len, f->stream.data);
		return;
	}
	if ((q = question_new(p, f->request, ASKED_LOG)) == NULL)
		return;
	question_add_task(q, task);
	q->since = f->since;
	q->errors = bytes_is(f->stream, "err");
	q->wait = f->wait;
}
