/* Sessions: sessions, new, transcript, export, delete. */
#include <errno.h>
#include <stdlib.h>

#include "show.h"
#include "verb.h"
#include "xalloc.h"

static const struct show_column sessions_columns[] = {
	{ "name", "SESSION", VALUE_PLAIN },
	{ "mode", "MODE", VALUE_PLAIN },
	{ "turns", "TURNS", VALUE_PLAIN },
	{ "tasks", "TASKS", VALUE_PLAIN },
	{ "tokens", "TOKENS", VALUE_TOKENS },
	{ "parent", "PARENT", VALUE_PLAIN },
	{ "task", "TASK", VALUE_PLAIN },
	{ "created", "CREATED", VALUE_TIME },
	{ "cwd", "FOLDER", VALUE_PLAIN },
	{ NULL }
};

static int
run_sessions(struct client *c)
{
	struct frame f = { .type = FRAME_SESSIONS };

	return verb_ask(c, &f, sessions_columns);
}

const struct verb verb_sessions = {
	.name = "sessions",
	.operands = "",
	.about = "list the sessions",
	.run = run_sessions,
};

enum new_row { CWD, MODE };

static const struct verb_option new_options[] = {
	{ "cwd", 'C', "FOLDER", "where its tools start, if not here" },
	{ "mode", 'm', VERB_MODES,
	    "how its messages are taken" },
	{ NULL }
};

static int
run_new(struct client *c)
{
	struct frame f = { .type = FRAME_CREATE };
	char *cwd = c->opt[CWD] == NULL ? verb_cwd() :
	    realpath(c->opt[CWD], NULL);
	int status;

	if (cwd == NULL) {
		show_error("new: %s: %s", c->opt[CWD], strerror(errno));
		return EX_DATAERR;
	}
	f.create.session = bytes_of(c->argv[0]);
	f.create.cwd = bytes_of(cwd);
	f.create.mode = bytes_of(c->opt[MODE]);
	status = verb_order(c, &f);
	free(cwd);
	return status;
}

const struct verb verb_new = {
	.name = "new",
	.operands = "NAME",
	.about = "make a session",
	.options = new_options,
	.min = 1,
	.max = 1,
	.run = run_new,
};

enum transcript_row { REQUEST };

static const struct verb_option transcript_options[] = {
	{ "request", 'r', NULL, "the exact request that the model would get" },
	{ NULL }
};

/* The session by its name, as these verbs take it, or by -s. */
static struct bytes
named(const struct client *c)
{
	return bytes_of(c->argc > 0 ? c->argv[0] : c->session);
}

static void
show_calls(struct buf *b, const json_t *calls)
{
	size_t i;
	json_t *call;

	json_array_foreach(calls, i, call) {
		buf_puts(b, "    -> ");
		if (json_is_object(call) &&
		    json_object_get(call, "name") != NULL) {
			value_add(b, call, "name", VALUE_PLAIN);
			buf_putc(b, ' ');
			value_add(b, call, "arguments", VALUE_PLAIN);
		} else {
			json_t *o = json_pack("{sO}", "call", call);

			value_add(b, o, "call", VALUE_PLAIN);
			json_decref(o);
		}
		buf_putc(b, '\n');
	}
}

/* A speaker's line, then the words as they are. */
static void
on_entry(void *arg, const struct frame_item *i)
{
	json_t *o = value_parse(i->json);
	struct buf b = { 0 };

	(void)arg;
	if (o == NULL)
		return;
	value_add(&b, o, "seq", VALUE_PLAIN);
	buf_putc(&b, ' ');
	value_add(&b, o, "role", VALUE_PLAIN);
	if (*value_text(o, "turn") != '\0') {
		buf_printf(&b, " (");
		value_add(&b, o, "turn", VALUE_PLAIN);
		buf_putc(&b, ')');
	}
	if (json_is_true(json_object_get(o, "head")))
		buf_puts(&b, " for those above");
	if (json_is_true(json_object_get(o, "compacted")))
		buf_puts(&b, ", compacted");
	if (*value_text(o, "result_of") != '\0') {
		buf_puts(&b, " result of ");
		value_add(&b, o, "result_of", VALUE_PLAIN);
	}
	buf_puts(&b, ":\n");
	show_bytes(buf_bytes(&b));
	buf_reset(&b);
	buf_puts(&b, value_text(o, "text"));
	if (b.len > 0)
		buf_putc(&b, '\n');
	show_text(buf_bytes(&b));
	buf_reset(&b);
	show_calls(&b, json_object_get(o, "calls"));
	buf_putc(&b, '\n');
	show_bytes(buf_bytes(&b));
	buf_fini(&b);
	json_decref(o);
}

static void
on_verbatim(void *arg, const struct frame_item *i)
{
	(void)arg;
	show_line(i->json);
}

static int
run_transcript(struct client *c)
{
	static const struct ask_ops entry = { .item = on_entry },
	    verbatim = { .item = on_verbatim };
	struct frame f = { .type = FRAME_TRANSCRIPT };

	f.transcript.session = named(c);
	f.transcript.as_request = c->opt[REQUEST] != NULL;
	return ask_do(&c->ask, &f, c->json || f.transcript.as_request ?
	    &verbatim : &entry, c);
}

const struct verb verb_transcript = {
	.name = "transcript",
	.operands = "[SESSION]",
	.about = "print a conversation",
	.options = transcript_options,
	.max = 1,
	.run = run_transcript,
};

static int
run_export(struct client *c)
{
	static const struct ask_ops verbatim = { .item = on_verbatim };
	struct frame f = { .type = FRAME_EVENTS };

	f.events.session = named(c);
	return ask_do(&c->ask, &f, &verbatim, c);
}

const struct verb verb_export = {
	.name = "export",
	.operands = "[SESSION]",
	.about = "print all that is recorded of a session, as JSON lines",
	.max = 1,
	.run = run_export,
};

static int
run_delete(struct client *c)
{
	struct frame f = { .type = FRAME_DELETE };

	f.delete.session = bytes_of(c->argv[0]);
	return verb_order(c, &f);
}

const struct verb verb_delete = {
	.name = "delete",
	.operands = "SESSION",
	.about = "forget a session",
	.min = 1,
	.max = 1,
	.run = run_delete,
};
