#include "feed.h"

#include <inttypes.h>

static void
note_item(struct buf *text, struct buf *rest, const struct answer_item *item)
{
	switch (item->kind) {
	case ANSWER_TEXT:
		buf_add_bytes(text, item->text);
		break;
	case ANSWER_THOUGHT:
		buf_puts(rest, "(");
		buf_add_bytes(rest, item->text);
		buf_puts(rest, ")");
		break;
	case ANSWER_CALL:
		buf_puts(rest, "\ncall ");
		buf_add_bytes(rest, item->call.id);
		buf_puts(rest, " ");
		buf_add_bytes(rest, item->call.name);
		buf_puts(rest, " ");
		buf_add_bytes(rest, item->call.arguments);
		if (item->call.bad.len > 0)
			buf_puts(rest, " bad ");
		buf_add_bytes(rest, item->call.bad);
		break;
	}
}

static void
note_end(struct buf *out, struct openai *o)
{
	static const char *const names[] = { "open", "done", "error",
	    "nonsense", "cut" };
	const struct model_usage *u = openai_usage(o);
	enum openai_state state = openai_end(o);

	buf_printf(out, "\n%s%s", names[state], u->cut_off ? " short" : "");
	if (u->input > 0)
		buf_printf(out, " %" PRIu64 "/%" PRIu64 "/%" PRIu64, u->input,
		    u->cached, u->output);
	if (state != OPENAI_DONE && state != OPENAI_CUT) {
		buf_puts(out, " ");
		buf_add_bytes(out, openai_fault(o));
	}
}

static void
drain(struct openai *o, struct buf *text, struct buf *rest)
{
	struct answer_item item;

	while (answer_next(openai_answer(o), &item))
		note_item(text, rest, &item);
}

/* Thoughts come in as many pieces as the stream did: (a)(b) is (ab). */
static void
join_thoughts(struct buf *out, struct bytes rest)
{
	size_t i;

	for (i = 0; i < rest.len; i++) {
		if (i + 1 < rest.len && rest.data[i] == ')' &&
		    rest.data[i + 1] == '(')
			i++;
		else
			buf_putc(out, rest.data[i]);
	}
}

void
feed_note(struct buf *out, struct bytes stream, struct bytes request,
    size_t first, size_t step)
{
	struct openai *o = openai_new(request, 1);
	struct buf rest = { 0 }, end = { 0 };
	size_t n = first;

	for (; stream.len > 0; stream.data += n, stream.len -= n, n = step) {
		if (n > stream.len)
			n = stream.len;
		if (openai_feed(o, (struct bytes){ stream.data, n }) !=
		    OPENAI_OPEN)
			break;
		drain(o, out, &rest);
	}
	note_end(&end, o);
	drain(o, out, &rest);
	join_thoughts(out, buf_bytes(&rest));
	buf_add_bytes(out, buf_bytes(&end));
	buf_fini(&rest);
	buf_fini(&end);
	openai_free(o);
}
