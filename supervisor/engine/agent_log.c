/* What a sub-agent does, for people: a line each in err, and its progress. */
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "inner.h"
#include "journal.h"
#include "log.h"
#include "text.h"
#include "xalloc.h"

#define LINE	240		/* bytes of a text that are quoted */

/* Of the first line that says something. */
static struct bytes
first_line(struct bytes text, size_t max)
{
	while (text.len > 0 && (*text.data == '\n' || *text.data == ' ')) {
		text.data++;
		text.len--;
	}
	text.len = text_prefix(text, max);
	if (text.len > 0 && memchr(text.data, '\n', text.len) != NULL)
		text.len = (size_t)((const char *)memchr(text.data, '\n',
		    text.len) - text.data);
	return text;
}

static void
remember(struct agent *a, struct bytes what)
{
	struct bytes line = first_line(what, sizeof(a->last) - 1);

	memcpy(a->last, line.data, line.len);
	a->last[line.len] = '\0';
}

static void
note_turn(struct agent *a, const struct record_finished *r)
{
	struct turn_facts t;
	struct bytes line;

	if (!session_turn(a->host->session, r->turn, &t) ||
	    t.apart)
		return;
	line = first_line(r->why.len > 0 ? r->why : bytes_of(t.text), LINE);
	buf_printf(&a->lines, "u%ju %.*s%s%.*s\n", (uintmax_t)r->turn,
	    (int)r->outcome.len, r->outcome.data, line.len > 0 ? ": " : "",
	    (int)line.len, line.data);
	if (t.text[0] != '\0')
		remember(a, bytes_of(t.text));
}

static void
note_end(struct agent *a, const struct record_end *r)
{
	const struct task_facts *k = session_task(a->host->session, r->task);

	buf_printf(&a->lines, "t%ju %s %.*s", (uintmax_t)r->task,
	    k == NULL ? "" : k->tool, (int)r->end.len, r->end.data);
	if (r->has_code)
		buf_printf(&a->lines, " with code %ju", (uintmax_t)r->code);
	if (r->signal != 0)
		buf_printf(&a->lines, " by signal %ju", (uintmax_t)r->signal);
	buf_putc(&a->lines, '\n');
}

static void
note(struct agent *a, const struct record *r)
{
	switch ((unsigned)r->kind) {
	case RECORD_CALLED:
		remember(a, r->called.tool);
		break;
	case RECORD_TASK:
		buf_printf(&a->lines, "t%ju %.*s\n", (uintmax_t)r->task.task,
		    (int)r->task.tool.len, r->task.tool.data);
		break;
	case RECORD_END:
		note_end(a, &r->end);
		break;
	case RECORD_FINISHED:
		note_turn(a, &r->finished);
		break;
	}
}

void
agent_note(struct host *h, const struct record *r)
{
	struct run *run;

	if (h->agent == 0)
		return;
	if ((run = run_find(h->engine, h->agent)) != NULL &&
	    run->agent != NULL)
		note(run->agent, r);
	deed_look(h);
}

struct reading {
	struct run	*run;
	bool		 begun;		/* this task of the session's */
};

static bool
on_row(void *arg, const struct journal_record *row)
{
	struct reading *to = arg;
	struct record r;

	if (!record_read(&r, row->kind, row->body))
		return true;
	if (r.kind == RECORD_CREATED)
		to->begun = record_id(r.created.task, 't') == to->run->id;
	else if (r.kind == RECORD_ADOPTED)
		to->begun = r.adopted.task == to->run->id;
	if (to->begun)
		note(to->run->agent, &r);
	record_done(&r);
	return true;
}

void
agent_read_log(struct run *r)
{
	struct reading to = { .run = r };

	journal_read(r->engine->journal, host_name(r->agent->host), 0, on_row,
	    &to);
}

/* The one that it waits for; 0: none. */
static uint64_t
pending(const struct session *s)
{
	struct approval_facts a;
	size_t i;

	for (i = 0; session_nth_approval(s, i, &a); i++)
		if (a.state == APPROVAL_PENDING)
			return a.id;
	return 0;
}

static void
show_progress(struct run *r)
{
	const struct session *s = r->agent->host->session;
	size_t i, n = 0, tasks = session_nlive(s);
	uint64_t approval = pending(s);
	struct turn_facts t;

	for (i = session_origin(s)->nturns; session_nth_turn(s, i, &t); i++)
		n += !t.apart;
	free(r->progress);
	if (approval != 0)
		r->progress = xasprintf("turn %zu, waiting for approval a%ju",
		    n, (uintmax_t)approval);
	else
		r->progress = xasprintf("turn %zu, %zu task%s%s%s", n, tasks,
		    tasks == 1 ? "" : "s", r->agent->last[0] == '\0' ? "" :
		    ", last: ", r->agent->last);
}

void
agent_show(struct run *r)
{
	struct life_event grew = { .type = LIFE_EV_GREW };
	struct agent *a = r->agent;

	if (a->lines.len > 0 &&
	    fd_write_all(a->err_fd, a->lines.data, a->lines.len) == -1)
		log_warn("t%ju: its log", (uintmax_t)r->id);
	r->err += a->lines.len;
	buf_reset(&a->lines);
	show_progress(r);
	run_feed(r, &grew);
}
