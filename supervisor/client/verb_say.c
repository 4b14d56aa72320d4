#include <stdlib.h>
#include <unistd.h>

#include "show.h"
#include "text.h"
#include "verb.h"
#include "xalloc.h"

#define TEXT_MAX	(1U << 20)	/* of a message */

enum row { MODE, TOOLS, KEY, EXPECT, DETACH, WAIT };

static const struct verb_option options[] = {
	{ "mode", 'm', VERB_MODES,
	    "how the message is taken, if not as the session does" },
	{ "tools", 0, "keep|suspend|stop", "mode interrupt: what of the tasks" },
	{ "key", 'k', "KEY", "the same key again gives the first answer" },
	{ "expect", 0, "TURN", "only if this turn is active" },
	{ "detach", 'd', NULL, "print the message's id and return" },
	{ "wait", 'w', NULL, "also print what its tasks lead to" },
	{ NULL }
};

/* One message on its way. The turn's text comes in pieces, then as a whole. */
struct say {
	const struct client	*client;
	struct buf		 turn;		/* whose text was last shown */
	bool			 was_shown;
	char			*message;	/* its id; NULL: not admitted */
};

static void
show_piece(struct say *s, struct bytes text)
{
	show_text(text);
	if (text.len > 0)
		s->was_shown = true;
}

static void
on_shown(void *arg, const struct frame_shown *f)
{
	struct say *s = arg;

	if (s->client->json)
		return;
	if (s->turn.len > 0 && !bytes_is(f->turn, s->turn.data))
		show_end_line();
	buf_reset(&s->turn);
	buf_add_bytes(&s->turn, f->turn);
	show_piece(s, f->text);
}

static void
show_remarks(const struct say *s, const json_t *o, const char *kind)
{
	const char *outcome = value_text(o, "outcome");
	struct buf b = { 0 };

	if (s->client->quiet)
		return;
	if (strcmp(kind, "admitted") == 0 && isatty(STDERR_FILENO) &&
	    json_integer_value(json_object_get(o, "position")) > 0) {
		value_add(&b, o, "position", VALUE_PLAIN);
		show_error("say: %s waits, position %s",
		    value_text(o, "message"), b.data);
	} else if (strcmp(outcome, "detached") == 0) {
		value_add(&b, o, "tasks", VALUE_PLAIN);
		show_error("say: the turn let go of %s; a later turn tells "
		    "what comes of it", b.data);
	}
	buf_fini(&b);
}

/* A turn is over: its text, unless it was shown while it came. */
static void
show_result(struct say *s, const json_t *o)
{
	if (!s->was_shown)
		show_piece(s, bytes_of(value_text(o, "text")));
	show_end_line();
	s->was_shown = false;
}

static void
on_item(void *arg, const struct frame_item *i)
{
	struct say *s = arg;
	json_t *o = value_parse(i->json);
	const char *kind = value_text(o, "kind");
	bool is_admitted = strcmp(kind, "admitted") == 0;
	bool is_detached = s->client->opt[DETACH] != NULL;

	if (is_admitted == is_detached && s->client->json)
		show_line(i->json);
	else if (is_admitted && is_detached)
		show_line(bytes_of(value_text(o, "message")));
	else if (!is_admitted && !s->client->json)
		show_result(s, o);
	if (is_admitted && s->message == NULL)
		s->message = xstrdup(value_text(o, "message"));
	if (o != NULL)
		show_remarks(s, o, kind);
	json_decref(o);
}

static int
read_text(const struct client *c, struct buf *text)
{
	if (c->argc == 1 && strcmp(c->argv[0], "-") == 0) {
		if (!verb_stdin(c, text, TEXT_MAX))
			return EX_DATAERR;
		while (text->len > 0 && text->data[text->len - 1] == '\n')
			text->len--;
	} else {
		for (int i = 0; i < c->argc; i++) {
			if (i > 0)
				buf_putc(text, ' ');
			buf_puts(text, c->argv[i]);
		}
	}
	if (text_is_valid(buf_bytes(text)) && text_is_blank(buf_bytes(text))) {
		show_error("say: text: empty");
		return EX_DATAERR;
	}
	return 0;
}

static void
fill(struct frame *f, const struct client *c, const char *cwd)
{
	f->say = (struct frame_say){
		.session = bytes_of(c->session),
		.cwd = bytes_of(cwd),
		.mode = bytes_of(c->opt[MODE]),
		.tools = bytes_of(c->opt[TOOLS]),
		.key = bytes_of(c->opt[KEY]),
		.expect = bytes_of(c->opt[EXPECT]),
		.follow = bytes_of(c->opt[DETACH] != NULL ? "admitted" :
		    c->opt[WAIT] != NULL ? "settled" : "answered"),
	};
}

static int
run(struct client *c)
{
	static const struct ask_ops ops = { .item = on_item,
	    .shown = on_shown };
	struct frame f = { .type = FRAME_SAY };
	struct say s = { .client = c };
	struct buf text = { 0 };
	char *cwd = verb_cwd();
	int status;

	if (c->opt[DETACH] != NULL && c->opt[WAIT] != NULL) {
		status = verb_usage(c, "--detach or --wait, not both");
	} else if ((status = read_text(c, &text)) == 0) {
		fill(&f, c, cwd);
		f.say.text = buf_bytes(&text);
		ask_catch_signals(&c->ask);
		status = ask_do(&c->ask, &f, &ops, &s);
		show_end_line();
		if (c->ask.was_left && !c->quiet)
			show_error("say: left, sigboxd goes on with %s",
			    s.message == NULL ? "it" : s.message);
	}
	free(s.message);
	buf_fini(&s.turn);
	buf_fini(&text);
	free(cwd);
	return status;
}

const struct verb verb_say = {
	.name = "say",
	.operands = "TEXT|-",
	.about = "send one message and print the answer",
	.options = options,
	.min = 1,
	.max = -1,
	.run = run,
};
