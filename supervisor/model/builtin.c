#include "builtin.h"

#include <jansson.h>

#include "calls.h"
#include "command.h"
#include "tale.h"
#include "text.h"

#define EVENT		"task-event"

struct interpreter {
	json_t		*tools;
	const json_t	*calls;		/* our last ones, or NULL */
	struct buf	 words;
	struct calls	 out;
	bool		 is_full;	/* of calls */
	bool		 is_lost;	/* did not understand something */
};

static json_t *
parse(struct bytes b)
{
	return json_loadb(b.data == NULL ? "" : b.data, b.len, JSON_ALLOW_NUL |
	    JSON_DECODE_INT_AS_REAL, NULL);
}

static struct bytes
member(const json_t *object, const char *key)
{
	const json_t *json = json_object_get(object, key);

	return (struct bytes){ json_string_value(json),
	    json_string_length(json) };
}

static bool
has_role(const json_t *item, const char *role)
{
	struct bytes is = member(item, "role");

	return is.data != NULL && bytes_is(is, role);
}

static void
read_line(struct interpreter *in, struct bytes line)
{
	struct call_piece piece = { 0 };
	struct buf arguments = { 0 };

	if (text_is_blank(line))
		return;
	switch (command_read(line, in->tools, &piece.name, &arguments,
	    &in->words)) {
	case COMMAND_CALL:
		piece.arguments = buf_bytes(&arguments);
		in->is_full |= !calls_add(&in->out, &piece);
		break;
	case COMMAND_WORDS:
		break;
	case COMMAND_UNKNOWN:
		in->is_lost = true;
		break;
	}
	buf_fini(&arguments);
}

static void
read_lines(struct interpreter *in, struct bytes text)
{
	const char *end;
	struct bytes line;

	while (text.len > 0) {
		end = memchr(text.data, '\n', text.len);
		line = text;
		if (end != NULL)
			line.len = (size_t)(end - text.data);
		read_line(in, line);
		text.data += line.len;
		text.len -= line.len;
		if (end != NULL) {
			text.data++;
			text.len--;
		}
	}
}

/* <NAME ATTRIBUTES>BODY</NAME>, where NAME has a dash in it. */
struct envelope {
	struct bytes	name, attributes, body;
	size_t		len;		/* all of it */
};

static bool
read_envelope(struct bytes b, struct envelope *e)
{
	const char *close, *end;
	char tag[64];
	size_t n = 1;

	while (n < b.len && ((b.data[n] >= 'a' && b.data[n] <= 'z') ||
	    b.data[n] == '-'))
		n++;
	e->name = (struct bytes){ b.data + 1, n - 1 };
	if (b.data[0] != '<' || n > 32 ||
	    memchr(b.data, '-', n) == NULL ||
	    (close = memchr(b.data, '>', b.len)) == NULL)
		return false;
	tag[0] = '<';
	tag[1] = '/';
	memcpy(tag + 2, e->name.data, e->name.len);
	tag[n + 1] = '>';
	end = memmem(b.data, b.len, tag, n + 2);
	if (end == NULL || end < close)
		return false;
	e->attributes = (struct bytes){ b.data + n,
	    (size_t)(close - b.data) - n };
	e->body = (struct bytes){ close + 1, (size_t)(end - close) - 1 };
	e->len = (size_t)(end - b.data) + n + 2;
	return true;
}

/* Envelopes are ours; what is between them is a person's. */
static void
read_user(struct interpreter *in, struct bytes text)
{
	size_t at = 0, from = 0;
	struct envelope e;
	bool starts = true;

	while (at < text.len) {
		if (starts && read_envelope((struct bytes){ text.data + at,
		    text.len - at }, &e)) {
			read_lines(in, (struct bytes){ text.data + from,
			    at - from });
			if (bytes_is(e.name, EVENT))
				tale_event(&in->words, e.attributes, e.body);
			from = at += e.len;
			continue;
		}
		starts = text.data[at++] == '\n';
	}
	read_lines(in, (struct bytes){ text.data + from, text.len - from });
}

static struct bytes
tool_of(const json_t *calls, struct bytes id)
{
	const json_t *call;
	struct bytes its;
	size_t i;

	json_array_foreach(calls, i, call) {
		its = member(call, "id");
		if (its.len == id.len && id.len > 0 &&
		    memcmp(its.data, id.data, id.len) == 0)
			return member(json_object_get(call, "function"),
			    "name");
	}
	return BYTES("a tool");
}

static void
read_item(struct interpreter *in, struct bytes item)
{
	json_t *json = parse(item);

	if (has_role(json, "tool"))
		tale_result(&in->words, tool_of(in->calls,
		    member(json, "tool_call_id")), member(json, "content"));
	if (has_role(json, "user"))
		read_user(in, member(json, "content"));
	json_decref(json);
}

/* Where what is new begins: behind the last thing that we said. */
static size_t
find_news(const struct model_request *r, json_t **said)
{
	size_t i;

	for (i = r->nitems; i > 0; i--) {
		*said = parse(r->items[i - 1]);
		if (has_role(*said, "assistant"))
			return i;
		json_decref(*said);
	}
	*said = NULL;
	return 0;
}

void
builtin_answer(struct answer *answer, const struct model_request *r,
    uint64_t seed)
{
	struct interpreter in = { .tools = parse(r->tools) };
	json_t *said;
	size_t i = find_news(r, &said);

	in.calls = json_object_get(said, "tool_calls");
	for (; i < r->nitems; i++)
		read_item(&in, r->items[i]);
	if (in.is_full)
		buf_puts(&in.words, "Too many commands at once.\n");
	if (in.is_lost)
		buf_puts(&in.words, COMMAND_NO_AI);
	while (in.words.len > 0 && in.words.data[in.words.len - 1] == '\n')
		in.words.len--;
	if (in.words.len == 0 && in.out.ncalls == 0)
		buf_puts(&in.words, "Noted.");
	answer_say(answer, ANSWER_TEXT, buf_bytes(&in.words));
	calls_finish(&in.out, false, seed, BYTES(""), answer);
	buf_fini(&in.words);
	json_decref(said);
	json_decref(in.tools);
}
