#include "tale.h"

#include <jansson.h>
#include <stdio.h>

#include "text.h"

#define SHOWN_MAX	4000U	/* of one output */
#define TAIL_MAX	2000U

/* All are words; empty: not told. */
struct fact {
	struct bytes	id, tool, state, code, signal, by, why, percent;
	struct bytes	cause;		/* which message it belongs to */
};

static const struct {
	const char	*state, *words;
} states[] = {
	{ "queued", "is queued" },
	{ "starting", "is starting" },
	{ "running", "is running" },
	{ "suspended", "is suspended" },
	{ "stopping", "is being stopped" },
	{ "exited", "exited" },
	{ "signaled", "was killed" },
	{ "timed-out", "timed out" },
	{ "stopped", "was stopped" },
	{ "refused", "was refused" },
	{ "lost", "was lost" },
	{ "cancelled", "was not run" }
};

static void
add_state(struct buf *out, struct bytes state)
{
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (bytes_is(state, states[i].state)) {
			buf_puts(out, states[i].words);
			return;
		}
	}
	buf_puts(out, "says: ");
	buf_add_bytes(out, state);
}

static void
add_if(struct buf *out, const char *before, struct bytes b, const char *after)
{
	if (b.len == 0)
		return;
	buf_puts(out, before);
	buf_add_bytes(out, b);
	buf_puts(out, after);
}

static void
add_fact(struct buf *out, const struct fact *f)
{
	if (f->id.len == 0)
		buf_add_bytes(out, f->tool);
	buf_add_bytes(out, f->id);
	if (f->id.len > 0)
		add_if(out, " (", f->tool, ")");
	buf_putc(out, ' ');
	add_state(out, f->state);
	add_if(out, " with code ", f->code, "");
	add_if(out, " by signal ", f->signal, "");
	add_if(out, " by ", f->by, "");
	add_if(out, ", ", f->percent, " %");
	add_if(out, ", for ", f->cause, "");
	add_if(out, ": ", f->why, "");
	buf_putc(out, '.');
}

static void
add_block(struct buf *out, const char *before, struct bytes text)
{
	if (text_is_blank(text))
		return;
	buf_puts(out, before);
	if (text.len <= SHOWN_MAX)
		buf_add_bytes(out, text);
	else
		text_window(out, (struct bytes){ text.data, SHOWN_MAX / 2 },
		    (struct bytes){ text.data + text.len - SHOWN_MAX / 2,
		    SHOWN_MAX / 2 }, text.len);
	if (out->data[out->len - 1] != '\n')
		buf_putc(out, '\n');
}

static struct bytes
string_of(const json_t *object, const char *key)
{
	const json_t *json = json_object_get(object, key);

	return (struct bytes){ json_string_value(json),
	    json_string_length(json) };
}

struct digits {
	char	text[24];
};

/* A string, or an integer as its digits. */
static struct bytes
word_of(const json_t *object, const char *key, struct digits *room)
{
	const json_t *json = json_object_get(object, key);

	if (!json_is_integer(json))
		return string_of(object, key);
	snprintf(room->text, sizeof(room->text), "%" JSON_INTEGER_FORMAT,
	    json_integer_value(json));
	return bytes_of(room->text);
}

static struct bytes
first_of(struct bytes a, struct bytes b)
{
	return a.len > 0 ? a : b;
}

/* JSON about one task; false: it is about something else. */
static bool
tell_task(struct buf *out, struct bytes tool, const json_t *json)
{
	struct digits code, signal, percent;
	struct fact f = {
		.id = first_of(string_of(json, "task"),
		    string_of(json, "id")),
		.tool = first_of(string_of(json, "tool"), tool),
		.state = first_of(string_of(json, "end"),
		    string_of(json, "state")),
		.code = word_of(json, "code", &code),
		.signal = word_of(json, "signal", &signal),
		.by = string_of(json, "by"),
		.percent = word_of(json, "percent", &percent),
		.why = string_of(json, "why")
	};

	if (f.state.len == 0)
		return false;
	add_fact(out, &f);
	add_if(out, " ", string_of(json, "note"), "");
	buf_putc(out, '\n');
	return true;
}

static void
tell_output(struct buf *out, const json_t *json)
{
	static const char *const keys[] = { "tail", "output", "out", "err" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		add_block(out, "", string_of(json, keys[i]));
}

/* A list of tasks, bare or as a member; false: it is none. */
static bool
tell_list(struct buf *out, const json_t *json)
{
	const json_t *list = json_is_array(json) ? json :
	    json_object_get(json, "tasks"), *task;
	size_t i;

	if (!json_is_array(list))
		return false;
	json_array_foreach(list, i, task)
		if (!json_is_string(json_object_get(task, "state")))
			return false;
	if (json_array_size(list) == 0)
		buf_puts(out, "There are no tasks.\n");
	json_array_foreach(list, i, task) {
		tell_task(out, BYTES("task"), task);
		tell_output(out, task);
	}
	return true;
}

void
tale_result(struct buf *out, struct bytes tool, struct bytes content)
{
	json_t *json = json_loadb(content.data == NULL ? "" : content.data,
	    content.len, JSON_ALLOW_NUL, NULL);

	if (tell_task(out, tool, json)) {
		tell_output(out, json);
	} else if (!tell_list(out, json)) {
		buf_add_bytes(out, tool);
		if (text_is_blank(content))
			buf_puts(out, " came back with nothing.\n");
		add_block(out, ":\n", content);
	}
	json_decref(json);
}

static void
unescape(struct buf *out, struct bytes b)
{
	static const struct {
		const char	*name;
		char		 c;
	} entities[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }
	};
	size_t at = 0, i, n;

	while (at < b.len) {
		for (i = 0; i < 4; i++) {
			n = strlen(entities[i].name);
			if (b.len - at >= n &&
			    memcmp(b.data + at, entities[i].name, n) == 0)
				break;
		}
		if (i < 4)
			at += strlen(entities[i].name);
		buf_putc(out, i < 4 ? entities[i].c : b.data[at++]);
	}
}

/* Takes name="value" off *b. */
static bool
take_attribute(struct bytes *b, struct bytes *name, struct bytes *value)
{
	const char *end = b->data + b->len, *at = b->data, *quote;

	while (at < end && (*at == ' ' || *at == '\n'))
		at++;
	name->data = at;
	if (at == end || (at = memchr(at, '=', (size_t)(end - at))) == NULL)
		return false;
	name->len = (size_t)(at - name->data);
	if (++at == end || *at != '"')
		return false;
	value->data = ++at;
	if ((quote = memchr(at, '"', (size_t)(end - at))) == NULL)
		return false;
	value->len = (size_t)(quote - at);
	*b = (struct bytes){ quote + 1, (size_t)(end - quote - 1) };
	return true;
}

static void
set_fact(struct fact *f, struct bytes name, struct bytes value)
{
	struct {
		const char	*name;
		struct bytes	*word;
	} words[] = {
		{ "id", &f->id }, { "tool", &f->tool },
		{ "state", &f->state }, { "code", &f->code },
		{ "signal", &f->signal }, { "by", &f->by },
		{ "why", &f->why }, { "percent", &f->percent },
		{ "for", &f->cause }
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (bytes_is(name, words[i].name))
			*words[i].word = value;
}

void
tale_event(struct buf *out, struct bytes attributes, struct bytes body)
{
	struct buf plain = { 0 }, sentence = { 0 };
	struct bytes name, value, tail;
	struct fact f = { .state = BYTES("an event") };

	while (take_attribute(&attributes, &name, &value))
		set_fact(&f, name, value);
	add_fact(&sentence, &f);
	unescape(out, buf_bytes(&sentence));
	buf_putc(out, '\n');
	unescape(&plain, body);
	tail = buf_bytes(&plain);
	tail.data += text_suffix(buf_bytes(&plain), TAIL_MAX);
	tail.len -= (size_t)(tail.data - plain.data);
	add_block(out, "It printed:\n", tail);
	buf_fini(&plain);
	buf_fini(&sentence);
}
