#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_answer.h"
#include "fake_script.h"

#define FILL_PIECE	16384

struct writer {
	const struct script	*s;
	struct answer		*a;
	uint32_t		 salt;
	char			*pending;	/* of the stream, not yet cut up */
	size_t			 npending;
};

static struct step *
add_step(struct answer *a, enum step_kind kind)
{
	a->steps = reallocarray(a->steps, a->n + 1, sizeof(*a->steps));
	if (a->steps == NULL)
		abort();
	a->steps[a->n] = (struct step){ .kind = kind };
	return &a->steps[a->n++];
}

static void
add_bytes(struct answer *a, char *data, size_t len)
{
	struct step *step = add_step(a, STEP_BYTES);

	step->data = data;
	step->len = len;
}

static void
add_hold(struct answer *a, const char *name)
{
	if (name != NULL)
		add_step(a, STEP_HOLD)->data = strdup(name);
}

static void
add_chunk(struct writer *w, const char *data, size_t len)
{
	char *chunk;
	size_t size;
	FILE *f = open_memstream(&chunk, &size);

	if (f == NULL)
		abort();
	fprintf(f, "%zx\r\n", len);
	fwrite(data, 1, len, f);
	fputs("\r\n", f);
	fclose(f);
	add_bytes(w->a, chunk, size);
	if (w->s->slow > 0)
		add_step(w->a, STEP_PAUSE)->ms = w->s->slow;
}

static void
flush(struct writer *w)
{
	size_t at, n, max = w->s->pieces > 0 ? w->s->pieces : w->npending;

	for (at = 0; at < w->npending; at += n) {
		n = w->npending - at < max ? w->npending - at : max;
		add_chunk(w, w->pending + at, n);
	}
	free(w->pending);
	w->pending = NULL;
	w->npending = 0;
}

static void
put_line(struct writer *w, const char *data)
{
	const char *end = w->s->crlf ? "\r\n\r\n" : "\n\n";
	char *all;
	int n;

	n = asprintf(&all, "%.*sdata: %s%s", (int)w->npending,
	    w->pending == NULL ? "" : w->pending, data, end);
	if (n == -1)
		abort();
	free(w->pending);
	w->pending = all;
	w->npending = (size_t)n;
	if (w->s->pieces == 0)
		flush(w);
}

static void
put_json(struct writer *w, json_t *chunk)
{
	char *text = json_dumps(chunk, JSON_COMPACT);

	if (text == NULL)
		abort();
	put_line(w, text);
	free(text);
	json_decref(chunk);
}

/* delta is taken; finish may be NULL. */
static void
put_delta(struct writer *w, json_t *delta, const char *finish)
{
	put_json(w, json_pack("{s:s, s:s, s:i, s:s, s:[{s:i, s:o, s:s?}]}",
	    "id", "chatcmpl-1", "object", "chat.completion.chunk",
	    "created", 1, "model", "fake",
	    "choices", "index", 0, "delta", delta, "finish_reason", finish));
}

static size_t
piece_of(const char *s, size_t len, size_t want)
{
	size_t n = want < len ? want : len;

	while (n > 0 && n < len && (s[n] & 0xc0) == 0x80)
		n--;
	return n == 0 ? len : n;
}

static void
put_text(struct writer *w, const char *s, size_t len, size_t want)
{
	size_t n;

	for (; len > 0; s += n, len -= n) {
		n = piece_of(s, len, want);
		put_delta(w, json_pack("{s:s%}", "content", s, n), NULL);
	}
}

static void
put_fill(struct writer *w)
{
	char *x = malloc(w->s->fill);
	size_t i;

	if (x == NULL)
		abort();
	for (i = 0; i < w->s->fill; i++)
		x[i] = i % 64 == 63 ? '\n' : 'x';
	put_text(w, x, w->s->fill, FILL_PIECE);
	free(x);
}

static void
put_texts(struct writer *w)
{
	const struct script *s = w->s;
	size_t len = strlen(s->text);

	if (s->think != NULL)
		put_delta(w, json_pack("{s:s}", "reasoning_content", s->think),
		    NULL);
	if (s->null)
		put_delta(w, json_pack("{s:n, s:n}", "content", "tool_calls"),
		    NULL);
	if (s->cut || s->length)
		len = piece_of(s->text, len, len / 2);
	put_text(w, s->text, len, len < 3 ? len : (len + 2) / 3);
	if (s->fill > 0)
		put_fill(w);
}

static void
put_call_part(struct writer *w, json_t *call)
{
	put_delta(w, json_pack("{s:[o]}", "tool_calls", call), NULL);
}

static json_t *
arguments_of(const struct script *s, const struct script_call *c)
{
	if (s->argsobject)
		return json_loads(c->arguments, 0, NULL);
	if (s->badargs)
		return json_string("{\"command\": oops");
	return json_string(c->arguments);
}

/* All of a call in one delta, as those servers do that are not OpenAI. */
static void
put_whole_call(struct writer *w, size_t i)
{
	const struct script_call *c = &w->s->calls[i];
	json_t *call, *f;
	char id[32];

	f = json_pack("{s:s}", "name", c->name);
	if (!w->s->noargs)
		json_object_set_new(f, "arguments", arguments_of(w->s, c));
	call = json_pack("{s:s, s:o}", "type", "function", "function", f);
	snprintf(id, sizeof(id), w->s->ollama ? "call_%zu" : "c%zu%08x", i,
	    w->salt);
	if (!w->s->noid)
		json_object_set_new(call, "id", json_string(id));
	json_object_set_new(call, "index",
	    json_integer(w->s->ollama ? 0 : (json_int_t)i));
	put_call_part(w, call);
}

static void
put_call_in_parts(struct writer *w, size_t i)
{
	const struct script_call *c = &w->s->calls[i];
	size_t len = strlen(c->arguments);
	size_t half = piece_of(c->arguments, len, (len + 1) / 2);
	char id[32];

	snprintf(id, sizeof(id), "c%zu%08x", i, w->salt);
	put_call_part(w, json_pack("{s:i, s:s, s:s, s:{s:s, s:s}}",
	    "index", (int)i, "id", id, "type", "function",
	    "function", "name", c->name, "arguments", ""));
	put_call_part(w, json_pack("{s:i, s:{s:s%}}", "index", (int)i,
	    "function", "arguments", c->arguments, half));
	if (i + 1 == w->s->ncalls && w->s->holdcall != NULL) {
		flush(w);
		add_hold(w->a, w->s->holdcall);
	}
	if (i + 1 == w->s->ncalls && (w->s->cutcall || w->s->length))
		return;
	put_call_part(w, json_pack("{s:i, s:{s:s}}", "index", (int)i,
	    "function", "arguments", c->arguments + half));
}

static void
put_calls(struct writer *w)
{
	const struct script *s = w->s;
	size_t i;

	for (i = 0; i < s->ncalls; i++)
		if (s->ollama || s->noid || s->argsobject || s->badargs ||
		    s->noargs)
			put_whole_call(w, i);
		else
			put_call_in_parts(w, i);
}

static void
put_error(struct writer *w)
{
	put_json(w, json_pack("{s:{s:s, s:s}}", "error", "message",
	    "the fake model broke", "type", "server_error"));
}

static void
put_usage(struct writer *w, int output)
{
	int input = w->s->usage > 0 ? (int)w->s->usage : 9;
	json_t *usage = json_pack("{s:i, s:i, s:i}", "prompt_tokens", input,
	    "completion_tokens", output, "total_tokens", input + output);

	if (w->s->cached > 0)
		json_object_set_new(usage, "prompt_tokens_details",
		    json_pack("{s:i}", "cached_tokens", (int)w->s->cached));
	put_json(w, json_pack("{s:s, s:s, s:[], s:o}", "id", "chatcmpl-1",
	    "object", "chat.completion.chunk", "choices", "usage", usage));
}

static void
put_end(struct writer *w)
{
	const struct script *s = w->s;
	const char *finish = s->finish != NULL ? s->finish :
	    s->length ? "length" : s->ncalls > 0 ? "tool_calls" : "stop";

	if (s->nofinish)
		return;
	put_delta(w, json_object(), finish);
	put_usage(w, s->output > 0 ? (int)s->output : 5);
	put_line(w, "[DONE]");
}

static void
put_stream(struct writer *w)
{
	const struct script *s = w->s;

	put_delta(w, json_pack("{s:s, s:s}", "role", "assistant", "content",
	    ""), NULL);
	if (s->error) {
		put_error(w);
		return;
	}
	put_texts(w);
	if (s->counts)
		put_usage(w, 1);
	flush(w);
	add_hold(w->a, s->hold);
	if (s->cut)
		return;
	if (s->late) {
		put_error(w);
		return;
	}
	put_calls(w);
	if (!s->cutcall)
		put_end(w);
}

static void
make_stream(struct writer *w)
{
	add_bytes(w->a, strdup("HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/event-stream\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n"), 0);
	w->a->steps[w->a->n - 1].len = strlen(w->a->steps[w->a->n - 1].data);
	put_stream(w);
	flush(w);
	if (w->s->cut || w->s->cutcall)
		add_step(w->a, STEP_CLOSE);
	else
		add_bytes(w->a, strdup("0\r\n\r\n"), 5);
}

static void
make_plain(struct answer *a, unsigned status, const char *type,
    const char *retry_after, const char *text)
{
	char *all;
	int n;

	n = asprintf(&all, "HTTP/1.1 %u Fake\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\n%s%s%s\r\n%s", status, type, strlen(text),
	    retry_after == NULL ? "" : "Retry-After: ",
	    retry_after == NULL ? "" : retry_after,
	    retry_after == NULL ? "" : "\r\n", text);
	if (n == -1)
		abort();
	add_bytes(a, all, (size_t)n);
}

static json_t *
whole_calls(const struct writer *w)
{
	json_t *list = json_array();
	char id[32];
	size_t i;

	for (i = 0; i < w->s->ncalls; i++) {
		snprintf(id, sizeof(id), "c%zu%08x", i, w->salt);
		json_array_append_new(list, json_pack(
		    "{s:s, s:s, s:{s:s, s:s}}", "id", id, "type", "function",
		    "function", "name", w->s->calls[i].name, "arguments",
		    w->s->calls[i].arguments));
	}
	return list;
}

static void
make_unary(struct writer *w)
{
	json_t *message = json_pack("{s:s, s:s}", "role", "assistant",
	    "content", w->s->text);
	json_t *root;
	char *text;

	if (w->s->ncalls > 0)
		json_object_set_new(message, "tool_calls", whole_calls(w));
	root = json_pack("{s:s, s:[{s:i, s:o, s:s}]}", "object",
	    "chat.completion", "choices", "index", 0, "message", message,
	    "finish_reason", w->s->ncalls > 0 ? "tool_calls" : "stop");
	if ((text = json_dumps(root, JSON_COMPACT)) == NULL)
		abort();
	make_plain(w->a, 200, "application/json", NULL, text);
	free(text);
	json_decref(root);
}

struct answer *
answer_error(unsigned status, const char *retry_after, const char *message)
{
	struct answer *a = calloc(1, sizeof(*a));
	json_t *root = json_pack("{s:{s:s, s:s, s:n, s:n}}", "error",
	    "message", message, "type", "fake_error", "param", "code");
	char *text = json_dumps(root, JSON_COMPACT);

	if (a == NULL || text == NULL)
		abort();
	make_plain(a, status, "application/json", retry_after, text);
	free(text);
	json_decref(root);
	return a;
}

struct answer *
answer_make(const struct script *s, uint32_t salt)
{
	struct writer w = { .s = s, .salt = salt };

	if ((w.a = calloc(1, sizeof(*w.a))) == NULL)
		abort();
	add_hold(w.a, s->mute);
	if (s->html)
		make_plain(w.a, s->status > 0 ? (unsigned)s->status : 200,
		    "text/html", NULL, "<!DOCTYPE html><html><body><h1>502 "
		    "Bad Gateway</h1></body></html>\n");
	else if (s->unary)
		make_unary(&w);
	else
		make_stream(&w);
	return w.a;
}

void
answer_free(struct answer *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++)
		free(a->steps[i].data);
	free(a->steps);
	free(a);
}
