#include <stdlib.h>
#include <unistd.h>

#include "jsonw.h"
#include "output.h"
#include "show.h"
#include "text.h"
#include "verb.h"

enum row { DETACH, AFTER, AFTER_IF, PRIORITY };

static const struct verb_option options[] = {
	{ "detach", 'd', NULL, "print the task's id and return" },
	{ "after", 0, "IDS", "not before these tasks have ended: t3,t4" },
	{ "after-if", 0, "ok|any", "and if they ended with 0 (ok), or anyhow" },
	{ "priority", 0, "low|normal|high", "among those that wait" },
	{ NULL }
};

struct run {
	struct client	*client;
	uint64_t	 request;	/* RUN; 0: it is done */
	uint64_t	 stop;		/* STOP; 0: not asked, or done */
	struct output	 output;	/* id NULL: no task yet */
	struct buf	 task;		/* its newest object */
	unsigned	 ninterrupts;
	bool		 is_left;
	int		 status;
};

static void
follow_output(struct run *r, const char *id)
{
	output_init(&r->output, &r->client->ask, id);
	r->output.wait = true;
	r->output.quiet = r->client->quiet;
	r->output.streams[1].fd = STDERR_FILENO;
	output_start(&r->output, 0);
	output_start(&r->output, 1);
}

static void
on_item(void *arg, const struct frame_item *i)
{
	struct run *r = arg;
	json_t *o;

	if (i->request != r->request || (o = value_parse(i->json)) == NULL)
		return;
	buf_reset(&r->task);
	buf_add_bytes(&r->task, i->json);
	if (r->output.id == NULL && !r->client->json &&
	    r->client->opt[DETACH] == NULL)
		follow_output(r, value_text(o, "id"));
	json_decref(o);
}

static void
on_output(void *arg, const struct frame_output *f)
{
	struct run *r = arg;

	if (r->output.id != NULL)
		output_take(&r->output, f);
}

/* The supervisor's verdict, or else what the task's own end stands for. */
static void
conclude(struct run *r, const struct frame_done *d)
{
	json_t *o = value_parse(buf_bytes(&r->task));
	struct buf line = { 0 };

	r->status = ask_verdict(&r->client->ask, d);
	if (r->status == 0)
		r->status = value_exit_code(o);
	if (o != NULL && d->why.len == 0 && !r->client->quiet &&
	    strcmp(value_text(o, "state"), "ended") == 0 &&
	    strcmp(value_text(o, "end"), "exited") != 0) {
		show_task(&line, o);
		show_error("run: %s", line.data);
	}
	buf_fini(&line);
	json_decref(o);
}

static void
on_done(void *arg, const struct frame_done *d)
{
	struct run *r = arg;

	if (d->request == r->request) {
		r->request = 0;
		conclude(r, d);
	} else if (d->request == r->stop) {
		r->stop = 0;
		ask_verdict(&r->client->ask, d);
	} else if (r->output.id != NULL) {
		/* Of a task that never ran there is nothing to read. */
		output_done(&r->output, d);
	}
}

/* The first Ctrl-C stops the task, the second one leaves it alone. */
static void
on_interrupt(struct run *r)
{
	struct frame f = { .type = FRAME_STOP };
	json_t *o = value_parse(buf_bytes(&r->task));
	const char *id = value_text(o, "id");

	if (++r->ninterrupts == 1 && *id != '\0') {
		f.stop.session = bytes_of(r->client->session);
		f.stop.id = bytes_of(id);
		r->stop = ask_send(&r->client->ask, &f);
	} else {
		if (!r->client->quiet)
			show_error("run: left%s%s", *id == '\0' ? "" : ", "
			    "sigboxd goes on with ", id);
		r->status = ASK_EXIT_LEFT;
		r->is_left = true;
	}
	json_decref(o);
}

static void
wait_for_end(struct run *r)
{
	struct ask *a = &r->client->ask;
	unsigned events;

	while (r->request != 0 || output_is_open(&r->output)) {
		events = ask_wait(a, -1, -1);
		if (events & ASK_SIGNAL)
			on_interrupt(r);
		if (events & ASK_LOST)
			r->status = a->status;
		if (events & ASK_LOST || r->is_left)
			return;
	}
}

static int
pack_args(const struct client *c, struct buf *b)
{
	jsonw_open(b, '[');
	for (int i = 1; i < c->argc; i++) {
		if (!text_is_valid(bytes_of(c->argv[i]))) {
			show_error("run: %s: not valid UTF-8", c->argv[i]);
			return EX_DATAERR;
		}
		jsonw_str(b, NULL, c->argv[i]);
	}
	jsonw_close(b, ']');
	return 0;
}

static void
show_task_object(const struct run *r)
{
	json_t *o = value_parse(buf_bytes(&r->task));

	if (o != NULL && r->client->json) {
		show_line(buf_bytes(&r->task));
	} else if (o != NULL && r->client->opt[DETACH] != NULL) {
		show_line(bytes_of(value_text(o, "id")));
	}
	json_decref(o);
}

static int
run(struct client *c)
{
	static const struct ask_ops ops = { .item = on_item,
	    .output = on_output, .done = on_done };
	struct frame f = { .type = FRAME_RUN };
	struct run r = { .client = c };
	struct buf args = { 0 };
	char *cwd = verb_cwd();

	f.run.session = bytes_of(c->session);
	f.run.cwd = bytes_of(cwd);
	f.run.tool = bytes_of(c->argv[0]);
	f.run.follow = bytes_of(c->opt[DETACH] != NULL ? "admitted" : "ended");
	f.run.after = bytes_of(c->opt[AFTER]);
	f.run.after_if = bytes_of(c->opt[AFTER_IF]);
	f.run.priority = bytes_of(c->opt[PRIORITY]);
	c->ask.ops = &ops;
	c->ask.arg = &r;
	if ((r.status = pack_args(c, &args)) == 0) {
		f.run.args = buf_bytes(&args);
		ask_catch_signals(&c->ask);
		if ((r.request = ask_send(&c->ask, &f)) == 0)
			r.status = c->ask.status;
		wait_for_end(&r);
		show_task_object(&r);
	}
	if (r.output.id != NULL)
		output_fini(&r.output);
	buf_fini(&r.task);
	buf_fini(&args);
	free(cwd);
	return r.status;
}

const struct verb verb_run = {
	.name = "run",
	.operands = "TOOL [--name value]...",
	.about = "run a tool as the model's call would; the exit code is its",
	.options = options,
	.verbatim = true,
	.min = 1,
	.max = -1,
	.run = run,
};
