#include "calls.h"

#include <jansson.h>
#include <stdlib.h>

#include "text.h"
#include "xalloc.h"

#define ID_LEN		9
#define ID_MAX		128
#define NAME_MAX_LEN	64

struct call_parts {
	bool		has_index;
	double		index;
	struct buf	id, name, arguments;
};

void
calls_fini(struct calls *c)
{
	size_t i;

	for (i = 0; i < c->ncalls; i++) {
		buf_fini(&c->list[i].id);
		buf_fini(&c->list[i].name);
		buf_fini(&c->list[i].arguments);
	}
	free(c->list);
	*c = (struct calls){ 0 };
}

static bool
same(const struct buf *a, struct bytes b)
{
	return a->len == b.len &&
	    (b.len == 0 || memcmp(a->data, b.data, b.len) == 0);
}

static bool
is_object(struct bytes text)
{
	json_t *json;
	bool yes;

	json = json_loadb(text.data == NULL ? "" : text.data, text.len,
	    JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
	yes = json_is_object(json);
	json_decref(json);
	return yes;
}

/*
 * Several calls may come under one index: Ollama numbers each of them 0. An
 * id of its own tells them apart; where there are no ids, a second whole set
 * of arguments or a name that comes after arguments does.
 */
static bool
is_another(const struct call_parts *p, const struct call_piece *new)
{
	bool has_arguments = p->arguments.len > 0;

	if (new->id.len > 0 && p->id.len > 0)
		return !same(&p->id, new->id);
	if (new->name.len == 0 || !has_arguments)
		return new->is_object && has_arguments;
	if (new->id.len > 0 || new->is_object || !same(&p->name, new->name))
		return true;
	return new->arguments.len > 0 && new->arguments.data[0] == '{' &&
	    is_object(buf_bytes(&p->arguments));
}

/* Without an index, a name or an id of its own opens a call. */
static bool
is_continued(const struct call_parts *p, const struct call_piece *new)
{
	if (new->id.len > 0)
		return same(&p->id, new->id);
	return new->name.len == 0;
}

static struct call_parts *
find(struct calls *c, const struct call_piece *new)
{
	struct call_parts *p;
	size_t i;

	if (!new->has_index) {
		p = c->ncalls == 0 ? NULL : &c->list[c->ncalls - 1];
		return p != NULL && is_continued(p, new) ? p : NULL;
	}
	for (i = c->ncalls; i > 0; i--) {
		p = &c->list[i - 1];
		if (p->has_index && p->index == new->index)
			return is_another(p, new) ? NULL : p;
	}
	return NULL;
}

static struct call_parts *
open_call(struct calls *c, const struct call_piece *new)
{
	struct call_parts *p;

	if (c->ncalls == CALLS_MAX)
		return NULL;
	c->list = xreallocarray(c->list, c->ncalls + 1, sizeof(*c->list));
	p = &c->list[c->ncalls++];
	*p = (struct call_parts){ new->has_index, new->index };
	return p;
}

bool
calls_add(struct calls *c, const struct call_piece *new)
{
	struct call_parts *p;

	if ((p = find(c, new)) == NULL && (p = open_call(c, new)) == NULL)
		return false;
	if (p->id.len == 0)
		buf_add_bytes(&p->id, new->id);
	/* A name is whole, in pieces, or said again each time. */
	if (!same(&p->name, new->name))
		buf_add_bytes(&p->name, new->name);
	buf_add_bytes(&p->arguments, new->arguments);
	return true;
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Servers refuse other names, also in what they themselves once said. */
static void
make_name_legal(struct buf *name)
{
	size_t i;

	if (name->len == 0)
		buf_puts(name, "unnamed");
	if (name->len > NAME_MAX_LEN)
		name->len = NAME_MAX_LEN;
	for (i = 0; i < name->len; i++)
		if (!is_word(name->data[i]))
			name->data[i] = '_';
}

static bool
is_id_legal(const struct buf *id)
{
	size_t i;

	for (i = 0; i < id->len; i++)
		if (id->data[i] <= ' ' || id->data[i] > '~' ||
		    id->data[i] == '"' || id->data[i] == '\\')
			return false;
	return id->len > 0 && id->len <= ID_MAX;
}

/*
 * In quotes, as a value of the request has it. What a person or a tool wrote
 * stands there with its quotes escaped, so it does not match.
 */
static bool
is_in_request(const struct buf *id, struct bytes request)
{
	char quoted[ID_MAX + 2];

	if (request.len == 0)
		return false;
	quoted[0] = '"';
	memcpy(quoted + 1, id->data, id->len);
	quoted[id->len + 1] = '"';
	return memmem(request.data, request.len, quoted, id->len + 2) != NULL;
}

static bool
is_id_taken(const struct calls *c, size_t i, struct bytes request)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (same(&c->list[j].id, buf_bytes(&c->list[i].id)))
			return true;
	return is_in_request(&c->list[i].id, request);
}

/* splitmix64 */
static uint64_t
step(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Nine of [A-Za-z0-9]: some validators take no other form. */
static void
make_id(struct buf *id, uint64_t *seed)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789";
	uint64_t value = step(seed);
	int i;

	buf_reset(id);
	for (i = 0; i < ID_LEN; i++, value /= 62)
		buf_putc(id, letters[value % 62]);
}

/* Some servers say nothing, or null, where a tool takes no arguments. */
static bool
is_nothing(struct bytes arguments)
{
	return text_is_blank(arguments) || bytes_is(arguments, "null");
}

static void
finish_call(struct call_parts *p, struct answer *out)
{
	struct model_call call = { .arguments = buf_bytes(&p->arguments) };
	struct buf bad = { 0 };

	make_name_legal(&p->name);
	call.id = buf_bytes(&p->id);
	call.name = buf_bytes(&p->name);
	if (!is_object(call.arguments)) {
		if (!is_nothing(call.arguments))
			text_clean(&bad, call.arguments);
		call.arguments = BYTES("{}");
	}
	call.bad = buf_bytes(&bad);
	answer_call(out, &call);
	buf_fini(&bad);
}

void
calls_finish(struct calls *c, bool cut, uint64_t seed, struct bytes request,
    struct answer *out)
{
	struct call_parts *p;
	size_t n = c->ncalls, i;

	if (cut && n > 0 && !is_object(buf_bytes(&c->list[n - 1].arguments)))
		n--;
	for (i = 0; i < n; i++) {
		p = &c->list[i];
		if (!is_id_legal(&p->id))
			make_id(&p->id, &seed);
		while (is_id_taken(c, i, request))
			make_id(&p->id, &seed);
		finish_call(p, out);
	}
	calls_fini(c);
}
