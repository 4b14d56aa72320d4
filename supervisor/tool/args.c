#include "args.h"

#include <stdlib.h>

#include "check.h"
#include "jsonw.h"
#include "raw.h"
#include "xalloc.h"

/* One parameter's value in this call, or its default. */
struct given {
	json_t		*value;		/* NULL: neither */
	struct bytes	 raw;		/* its text as it was written */
	bool		 fallback;
};

void
args_wrong(char **why, const char *where, const char *what)
{
	char	*raw;

	raw = xasprintf("args: %s%s%s", where == NULL ? "" : where,
	    where == NULL ? "" : ": ", what);
	*why = tool_plain(raw);
	free(raw);
}

static bool
bad(char **why, const char *name, const char *text)
{
	args_wrong(why, name, text);
	return false;
}

/* No argument of a process can hold a NUL. */
static bool
has_nul(const json_t *v)
{
	const char	*key;
	json_t		*each;
	size_t		 i;

	if (json_is_string(v))
		return memchr(json_string_value(v), '\0',
		    json_string_length(v)) != NULL;
	json_array_foreach(v, i, each)
		if (has_nul(each))
			return true;
	json_object_foreach((json_t *)(uintptr_t)v, key, each)
		if (has_nul(each))
			return true;
	return false;
}

/* What no schema can say: the elements are to be told apart again. */
static bool
check_separators(const struct tool *t, const json_t *object, char **why)
{
	const struct tool_param	*p;
	const json_t		*each;
	size_t			 i;

	for (p = t->params; p < t->params + t->nparams; p++) {
		if (p->separator == '\0')
			continue;
		json_array_foreach(json_object_get(object, p->name), i, each)
			if (json_is_string(each) && strchr(
			    json_string_value(each), p->separator) != NULL)
				return bad(why, p->name,
				    "an element has the separator inside");
	}
	return true;
}

/* Nor this: one that is missing would move those behind it. */
static bool
check_positionals(const struct tool *t, const json_t *object, char **why)
{
	const struct tool_param	*p, *missing = NULL;

	for (p = t->params; p < t->params + t->nparams; p++) {
		if (!p->positional)
			continue;
		if (json_object_get(object, p->name) == NULL &&
		    p->fallback == NULL)
			missing = missing == NULL ? p : missing;
		else if (missing != NULL)
			return bad(why, missing->name,
			    "missing, and one behind it is not");
	}
	return true;
}

static bool
check_object(const struct tool *t, const json_t *object, char **why)
{
	struct buf	 b = { 0 };
	json_t		*schema, *each;
	const char	*key;
	bool		 fine;

	json_object_foreach((json_t *)(uintptr_t)object, key, each)
		if (has_nul(each))
			return bad(why, key, "a NUL inside");
	schema = json_loads(t->parameters, 0, NULL);
	if (!(fine = check_value(schema, object, !t->open, &b)))
		bad(why, NULL, b.data);
	json_decref(schema);
	buf_fini(&b);
	return fine && check_separators(t, object, why) &&
	    check_positionals(t, object, why);
}

/* NULL: *why. */
static json_t *
load(const struct tool *t, struct bytes text, char **why)
{
	json_error_t	 e;
	json_t		*object;

	if (text.len > ARGS_MAX) {
		bad(why, NULL, "longer than 1 MiB");
		return NULL;
	}
	object = json_loadb(text.data == NULL ? "" : text.data, text.len,
	    JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);
	if (object == NULL) {
		bad(why, NULL, e.text);
		return NULL;
	}
	if (!json_is_object(object))
		bad(why, NULL, "not a JSON object");
	else if (check_object(t, object, why))
		return object;
	json_decref(object);
	return NULL;
}

bool
args_check(const struct tool *t, struct bytes text, char **why)
{
	json_t	*object = load(t, text, why);

	json_decref(object);
	return object != NULL;
}

/* The text's members come in the object's order, and none is there twice. */
static struct given *
gather(const struct tool *t, const json_t *object, struct bytes text)
{
	struct given	*given = xcalloc(t->nparams + 1, sizeof(*given));
	struct bytes	 key_raw, value_raw;
	const char	*key;
	json_t		*value;
	struct raw	 walk;
	size_t		 i;

	raw_open(&walk, text);
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		if (!raw_next(&walk, &key_raw, &value_raw))
			break;
		for (i = 0; i < t->nparams; i++)
			if (strcmp(t->params[i].name, key) == 0)
				given[i] = (struct given){ json_incref(value),
				    value_raw, false };
	}
	for (i = 0; i < t->nparams; i++) {
		if (given[i].value != NULL || t->params[i].fallback == NULL)
			continue;
		given[i].raw = bytes_of(t->params[i].fallback);
		given[i].fallback = true;
		given[i].value = json_loads(t->params[i].fallback,
		    JSON_DECODE_ANY, NULL);
	}
	return given;
}

static void
release(const struct tool *t, struct given *given)
{
	size_t	 i;

	for (i = 0; i < t->nparams; i++)
		json_decref(given[i].value);
	free(given);
}

/* As one string; an object or a list as its JSON text. */
static struct bytes
as_text(const json_t *v, struct bytes raw)
{
	if (json_is_string(v))
		return (struct bytes){ json_string_value(v),
		    json_string_length(v) };
	return raw;
}

static bool
has_room(const struct buf *b, size_t len)
{
	return len < ARGS_STRING_MAX && b->len + len < ARGS_VECTOR_MAX;
}

static void
put(struct buf *b, struct bytes text)
{
	buf_add_bytes(b, text);
	buf_putc(b, '\0');
}

/* The elements in one string. */
static void
join(struct buf *b, const json_t *list, struct bytes raw, char separator)
{
	struct bytes	 key, value;
	struct raw	 walk;
	json_t		*each;
	size_t		 i;

	raw_open(&walk, raw);
	json_array_foreach(list, i, each) {
		if (!raw_next(&walk, &key, &value))
			break;
		if (i > 0)
			buf_putc(b, separator);
		buf_add_bytes(b, as_text(each, value));
	}
}

/* flag and value, or for a positional the value alone. false: too big. */
static bool
put_value(struct buf *argv, const struct tool_param *p, struct bytes text)
{
	size_t	 flag = p->positional ? 0 : strlen(p->flag) + 1;

	if (!has_room(argv, text.len) || !has_room(argv, flag + text.len))
		return false;
	if (!p->positional)
		put(argv, bytes_of(p->flag));
	put(argv, text);
	return true;
}

/* All of a list, or nothing of it. */
static bool
put_list(struct buf *argv, const struct tool_param *p, const struct given *g)
{
	struct bytes	 key, value;
	struct raw	 walk;
	json_t		*each;
	size_t		 i, start = argv->len;

	raw_open(&walk, g->raw);
	json_array_foreach(g->value, i, each) {
		if (!raw_next(&walk, &key, &value))
			break;
		if (!put_value(argv, p, as_text(each, value))) {
			argv->len = start;
			return false;
		}
	}
	return true;
}

static bool
put_joined(struct buf *argv, const struct tool_param *p, const struct given *g)
{
	struct buf	 b = { 0 };
	bool		 fits;

	join(&b, g->value, g->raw, p->separator);
	fits = json_array_size(g->value) == 0 ||
	    put_value(argv, p, buf_bytes(&b));
	buf_fini(&b);
	return fits;
}

/* false: too big, and nothing was put. */
static bool
put_param(struct buf *argv, const struct tool_param *p, const struct given *g)
{
	if (json_is_null(g->value) || json_is_false(g->value))
		return true;
	if (json_is_array(g->value) && p->type == TOOL_ARRAY)
		return p->separator != '\0' ? put_joined(argv, p, g) :
		    put_list(argv, p, g);
	if (!json_is_true(g->value))
		return put_value(argv, p, as_text(g->value, g->raw));
	if (!has_room(argv, strlen(p->flag) + 1))
		return false;
	put(argv, bytes_of(p->flag));
	return true;
}

static void
put_options(const struct tool *t, const struct given *given, struct buf *argv)
{
	size_t	 i;

	for (i = 0; i < t->nparams; i++)
		if (!t->params[i].positional && given[i].value != NULL)
			put_param(argv, &t->params[i], &given[i]);
}

/* One that is too big keeps those behind it off, or they would move up. */
static void
put_positionals(const struct tool *t, const struct given *given,
    struct buf *argv)
{
	bool	 any = false;
	size_t	 i;

	for (i = 0; i < t->nparams; i++) {
		if (!t->params[i].positional || given[i].value == NULL)
			continue;
		if (!any)
			put(argv, BYTES("--"));
		any = true;
		if (!put_param(argv, &t->params[i], &given[i]))
			break;
	}
}

static void
put_variable(struct buf *env, const struct tool_param *p, struct bytes text)
{
	size_t	 name = sizeof("SIGBOX_ARG_=") - 1 + strlen(p->variable);

	if (!has_room(env, text.len) || !has_room(env, name + text.len))
		return;
	buf_printf(env, "SIGBOX_ARG_%s=", p->variable);
	put(env, text);
}

/* A flag that was not given is false, so that `set -u` has nothing to say. */
static void
put_env(const struct tool *t, const struct given *given, struct buf *env)
{
	const struct tool_param	*p;
	size_t			 i;

	for (i = 0; i < t->nparams; i++) {
		const json_t	*v = given[i].value;

		p = &t->params[i];
		if (v == NULL && p->bare)
			put_variable(env, p, BYTES("false"));
		if (v == NULL || json_is_array(v) || json_is_object(v) ||
		    json_is_null(v))
			continue;
		put_variable(env, p, as_text(v, given[i].raw));
	}
}

static void
trim_end(struct bytes *b)
{
	while (b->len > 0 && strchr(" \t\r\n", b->data[b->len - 1]) != NULL)
		b->len--;
}

/* The object's own bytes, and in front of its last brace what it left out. */
static void
put_input(const struct tool *t, const struct given *given, struct bytes text,
    struct buf *input)
{
	struct buf	 line = { 0 };
	size_t		 i;

	trim_end(&text);
	if (memchr(text.data, '\n', text.len) != NULL) {
		raw_compact(&line, text);	/* it is to be one line */
		text = buf_bytes(&line);
	}
	text.len--;
	trim_end(&text);
	buf_add_bytes(input, text);
	for (i = 0; i < t->nparams; i++)
		if (given[i].fallback)
			jsonw_raw(input, t->params[i].name, given[i].raw);
	buf_puts(input, "}\n");
	buf_fini(&line);
}

void
args_fini(struct args *a)
{
	buf_fini(&a->argv);
	buf_fini(&a->env);
	buf_fini(&a->input);
}

bool
args_make(const struct tool *t, struct bytes text, struct args *a, char **why)
{
	struct given	*given;
	json_t		*object;

	if ((object = load(t, text, why)) == NULL)
		return false;
	given = gather(t, object, text);
	put(&a->argv, bytes_of(t->path));
	put_options(t, given, &a->argv);
	put_positionals(t, given, &a->argv);
	put_env(t, given, &a->env);
	put_input(t, given, text, &a->input);
	release(t, given);
	json_decref(object);
	return true;
}
