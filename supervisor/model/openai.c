#include "openai.h"

#include <jansson.h>
#include <stdlib.h>

#include "calls.h"
#include "piece.h"
#include "span.h"
#include "sse.h"
#include "xalloc.h"

/* Integers as reals: else one that is too large would break its chunk. */
#define READ_FLAGS	(JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL)

enum openai_form { FORM_UNKNOWN, FORM_EVENTS, FORM_JSON };

struct openai {
	enum openai_state	 state;
	enum openai_form	 form;
	struct sse		 sse;
	struct buf		 json;		/* all, unless it is events */
	struct calls		 calls;
	struct piece		 text, thought;	/* characters cut in two */
	struct answer		 answer;
	struct model_usage	 usage;
	bool			 has_reason;	/* to finish */
	bool			 said_any;
	size_t			 size;		/* of the answer so far */
	struct bytes		 request;
	uint64_t		 seed;
	struct buf		 fault;
};

/* One JSON of the stream: its text, as a reader has it, and its values. */
struct chunk {
	struct buf	 text;
	bool		 mended;	/* see piece.h */
	json_t		*root;
};

struct openai *
openai_new(struct bytes request, uint64_t seed)
{
	struct openai *o = xcalloc(1, sizeof(*o));

	answer_init(&o->answer);
	o->request = request;
	o->seed = seed;
	return o;
}

void
openai_free(struct openai *o)
{
	if (o == NULL)
		return;
	sse_fini(&o->sse);
	buf_fini(&o->json);
	calls_fini(&o->calls);
	answer_fini(&o->answer);
	buf_fini(&o->fault);
	free(o);
}

struct answer *
openai_answer(struct openai *o)
{
	return &o->answer;
}

const struct model_usage *
openai_usage(const struct openai *o)
{
	return &o->usage;
}

struct bytes
openai_fault(const struct openai *o)
{
	return buf_bytes(&o->fault);
}

static void
fail(struct openai *o, enum openai_state state, struct bytes fault)
{
	if (o->state != OPENAI_OPEN)
		return;
	o->state = state;
	buf_add_bytes(&o->fault, fault);
}

static void
nonsense(struct openai *o, const char *words)
{
	fail(o, OPENAI_NONSENSE, bytes_of(words));
}

static bool
grow(struct openai *o, size_t n)
{
	o->size += n;
	if (o->size > OPENAI_ANSWER_MAX)
		nonsense(o, "an answer without end (over 16 MiB)");
	return o->state == OPENAI_OPEN;
}

static bool
chunk_open(struct chunk *c, struct bytes text)
{
	*c = (struct chunk){ 0 };
	c->root = json_loadb(text.data, text.len, READ_FLAGS, NULL);
	if (c->root != NULL) {
		buf_add_bytes(&c->text, text);
		return true;
	}
	piece_mend(&c->text, text);
	c->mended = true;
	c->root = json_loadb(c->text.data, c->text.len, READ_FLAGS, NULL);
	return c->root != NULL;
}

static void
chunk_close(struct chunk *c)
{
	json_decref(c->root);
	buf_fini(&c->text);
}

static struct bytes
string_of(const json_t *json)
{
	return (struct bytes){ json_string_value(json),
	    json_string_length(json) };
}

/* Adds b as the server meant it. */
static void
restore(const struct chunk *c, struct buf *out, struct bytes b)
{
	if (c->mended)
		piece_restore(out, b);
	else
		buf_add_bytes(out, b);
}

static void
say(struct openai *o, const struct chunk *c, enum answer_kind kind,
    const json_t *json)
{
	struct piece *piece = kind == ANSWER_TEXT ? &o->text : &o->thought;
	struct buf raw = { 0 }, whole = { 0 };

	if (!json_is_string(json) || !grow(o, json_string_length(json)))
		return;
	restore(c, &raw, string_of(json));
	piece_add(piece, &whole, buf_bytes(&raw));
	answer_say(&o->answer, kind, buf_bytes(&whole));
	o->said_any |= whole.len > 0;
	buf_fini(&raw);
	buf_fini(&whole);
}

/* A content in parts: {"type":"text","text":..}, or thoughts likewise. */
static void
say_part(struct openai *o, const struct chunk *c, const json_t *part)
{
	const json_t *inner, *thinking = json_object_get(part, "thinking");
	size_t i;

	if (json_is_string(part))
		say(o, c, ANSWER_TEXT, part);
	say(o, c, ANSWER_TEXT, json_object_get(part, "text"));
	say(o, c, ANSWER_THOUGHT, thinking);
	json_array_foreach(thinking, i, inner)
		say(o, c, ANSWER_THOUGHT, json_object_get(inner, "text"));
}

static void
say_content(struct openai *o, const struct chunk *c, const json_t *content)
{
	const json_t *part;
	size_t i;

	say(o, c, ANSWER_TEXT, content);
	json_array_foreach(content, i, part)
		say_part(o, c, part);
}

/* Some send it under both names. */
static void
say_reasoning(struct openai *o, const struct chunk *c, const json_t *delta)
{
	const json_t *json = json_object_get(delta, "reasoning_content");

	if (json_string_length(json) == 0)
		json = json_object_get(delta, "reasoning");
	say(o, c, ANSWER_THOUGHT, json);
}

static void
add_call(struct openai *o, const struct chunk *c, struct call_piece *piece,
    const json_t *function, struct bytes span)
{
	const json_t *arguments = json_object_get(function, "arguments");
	struct buf name = { 0 }, text = { 0 };

	piece->is_object = json_is_object(arguments);
	restore(c, &name, string_of(json_object_get(function, "name")));
	restore(c, &text, piece->is_object ?
	    span_member(span, "arguments") : string_of(arguments));
	piece->name = buf_bytes(&name);
	piece->arguments = buf_bytes(&text);
	if (grow(o, name.len + text.len) && !calls_add(&o->calls, piece))
		nonsense(o, "calls without end (over 256)");
	buf_fini(&name);
	buf_fini(&text);
}

static void
add_calls(struct openai *o, const struct chunk *c, const json_t *delta,
    struct bytes span)
{
	struct bytes list = span_member(span, "tool_calls");
	struct call_piece piece;
	const json_t *call, *index;
	size_t i;

	json_array_foreach(json_object_get(delta, "tool_calls"), i, call) {
		index = json_object_get(call, "index");
		piece = (struct call_piece){
			.has_index = json_is_number(index),
			.index = json_number_value(index),
			.id = string_of(json_object_get(call, "id"))
		};
		add_call(o, c, &piece, json_object_get(call, "function"),
		    span_member(span_element(list, i), "function"));
	}
	if (json_is_object(call = json_object_get(delta, "function_call"))) {
		piece = (struct call_piece){ .has_index = true };
		add_call(o, c, &piece, call,
		    span_member(span, "function_call"));
	}
}

static void
take_reason(struct openai *o, const json_t *json)
{
	const char *reason = json_string_value(json);

	if (reason == NULL || *reason == '\0')
		return;
	o->has_reason = true;
	if (strcmp(reason, "length") == 0)
		o->usage.cut_off = true;
	if (strcmp(reason, "content_filter") == 0 && !o->said_any)
		fail(o, OPENAI_ERROR, BYTES("{\"error\":{\"code\":400,"
		    "\"message\":\"the server's content filter\"}}"));
}

static void
take_choice(struct openai *o, const struct chunk *c, const json_t *choice,
    struct bytes span)
{
	const char *key = "delta";
	const json_t *delta = json_object_get(choice, key);

	if (!json_is_object(delta))
		delta = json_object_get(choice, key = "message");
	say_reasoning(o, c, delta);
	say_content(o, c, json_object_get(delta, "content"));
	say(o, c, ANSWER_TEXT, json_object_get(delta, "refusal"));
	add_calls(o, c, delta, span_member(span, key));
	take_reason(o, json_object_get(choice, "finish_reason"));
}

static uint64_t
count_of(const json_t *object, const char *key)
{
	double n = json_number_value(json_object_get(object, key));

	return n > 0 && n < 1e15 ? (uint64_t)n : 0;
}

static void
take_usage(struct openai *o, const json_t *usage)
{
	struct model_usage *u = &o->usage;

	if (!json_is_object(usage))
		return;
	u->input = count_of(usage, "prompt_tokens");
	u->output = count_of(usage, "completion_tokens");
	u->cached = count_of(json_object_get(usage, "prompt_tokens_details"),
	    "cached_tokens");
	if (u->cached == 0)
		u->cached = count_of(usage, "prompt_cache_hit_tokens");
}

static bool
is_error(const json_t *root)
{
	const json_t *error = json_object_get(root, "error");
	const char *object =
	    json_string_value(json_object_get(root, "object"));

	if (error != NULL && !json_is_null(error))
		return true;
	return object != NULL && strcmp(object, "error") == 0;
}

static void
take_chunk(struct openai *o, const struct chunk *c)
{
	struct bytes list = span_member(buf_bytes(&c->text), "choices");
	const json_t *choice;
	size_t i;

	if (is_error(c->root)) {
		fail(o, OPENAI_ERROR, buf_bytes(&c->text));
		return;
	}
	json_array_foreach(json_object_get(c->root, "choices"), i, choice)
		if (json_number_value(json_object_get(choice, "index")) < 1)
			take_choice(o, c, choice, span_element(list, i));
	take_usage(o, json_object_get(c->root, "usage"));
}

static void
end_piece(struct openai *o, struct piece *piece, enum answer_kind kind)
{
	struct buf rest = { 0 };

	piece_end(piece, &rest);
	answer_say(&o->answer, kind, buf_bytes(&rest));
	buf_fini(&rest);
}

static void
finish(struct openai *o)
{
	if (o->state != OPENAI_OPEN)
		return;
	end_piece(o, &o->thought, ANSWER_THOUGHT);
	end_piece(o, &o->text, ANSWER_TEXT);
	calls_finish(&o->calls, o->usage.cut_off, o->seed, o->request,
	    &o->answer);
	o->state = OPENAI_DONE;
}

static bool
is_blank(struct bytes b)
{
	while (b.len > 0 && strchr(" \t\r\n", b.data[b.len - 1]) != NULL)
		b.len--;
	return b.len == 0;
}

static bool
take_json(struct openai *o, struct bytes text)
{
	struct chunk c;
	bool ok;

	if ((ok = chunk_open(&c, text)))
		take_chunk(o, &c);
	chunk_close(&c);
	return ok;
}

static bool
take_event(struct openai *o, const struct sse_event *ev)
{
	if (is_blank(ev->data))
		return true;
	if (bytes_is(ev->data, "[DONE]")) {
		finish(o);
		return true;
	}
	if (bytes_is(ev->name, "error")) {
		fail(o, OPENAI_ERROR, ev->data);
		return true;
	}
	return take_json(o, ev->data);
}

static void
feed_events(struct openai *o, struct bytes b)
{
	enum sse_status status = SSE_MORE;
	struct sse_event ev;

	sse_feed(&o->sse, b);
	while (o->state == OPENAI_OPEN &&
	    (status = sse_next(&o->sse, &ev)) == SSE_EVENT)
		if (!take_event(o, &ev))
			nonsense(o, "broken JSON in the stream");
	if (status == SSE_TOO_LONG)
		nonsense(o, "a line or an event without end");
}

/*
 * The first byte that says anything tells, not the Content-Type, which is
 * wrong as often as the body. No line of events begins with a brace.
 */
static void
find_form(struct openai *o)
{
	struct bytes b = buf_bytes(&o->json);

	while (b.len > 0 && strchr(" \t\r\n", *b.data) != NULL) {
		b.data++;
		b.len--;
	}
	if (b.len == 0)
		return;
	o->form = *b.data == '{' ? FORM_JSON : FORM_EVENTS;
	if (*b.data == '<')
		nonsense(o, "a page of HTML, not an answer");
	else if (o->form == FORM_EVENTS)
		feed_events(o, buf_bytes(&o->json));
}

enum openai_state
openai_feed(struct openai *o, struct bytes b)
{
	if (o->form == FORM_EVENTS) {
		feed_events(o, b);
		return o->state;
	}
	buf_add_bytes(&o->json, b);
	if (o->json.len > OPENAI_ANSWER_MAX)
		nonsense(o, "an answer without end (over 16 MiB)");
	else if (o->form == FORM_UNKNOWN)
		find_form(o);
	return o->state;
}

/* An answer that is no stream is whole when its JSON is. */
static void
end_json(struct openai *o)
{
	if (!take_json(o, buf_bytes(&o->json)))
		nonsense(o, "broken JSON");
	else if (o->state == OPENAI_OPEN && !o->said_any &&
	    o->calls.ncalls == 0 && !o->has_reason)
		nonsense(o, "JSON that is no answer");
	finish(o);
}

enum openai_state
openai_end(struct openai *o)
{
	struct sse_event ev;

	if (o->state == OPENAI_OPEN && o->form == FORM_JSON)
		end_json(o);
	/* What is not whole was cut; that is told by what is missing. */
	if (o->state == OPENAI_OPEN && sse_rest(&o->sse, &ev))
		(void)take_event(o, &ev);
	if (o->has_reason)
		finish(o);
	fail(o, OPENAI_CUT, BYTES("the stream ended before the answer did"));
	return o->state;
}
