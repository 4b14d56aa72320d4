#include "invoke.h"

#include <stdlib.h>

#include "jsonw.h"
#include "split.h"
#include "xalloc.h"

struct given {
	const char	*key;		/* a property's name */
	const char	*value;
};

struct invocation {
	const char	*tool;
	json_t		*properties;
	struct given	*given;
	size_t		 ngiven;
	struct buf	*words;		/* what is wrong */
};

const json_t *
invoke_find(const json_t *tools, struct bytes name)
{
	const json_t *tool, *function;
	const char *s;
	size_t i;

	json_array_foreach(tools, i, tool) {
		function = json_object_get(tool, "function");
		s = json_string_value(json_object_get(function, "name"));
		if (s != NULL && bytes_is(name, s))
			return function;
	}
	return NULL;
}

/* Of a list of types, the first that is not null; a string if none is told. */
static const char *
type_of(const json_t *schema)
{
	const json_t *type = json_object_get(schema, "type"), *one;
	size_t i;

	json_array_foreach(type, i, one)
		if (json_is_string(one) &&
		    strcmp(json_string_value(one), "null") != 0)
			return json_string_value(one);
	return json_is_string(type) ? json_string_value(type) : "string";
}

static bool
has_type(const json_t *schema, const char *type)
{
	return strcmp(type_of(schema), type) == 0;
}

static bool
is_given(const struct invocation *v, const char *key)
{
	size_t i;

	for (i = 0; i < v->ngiven; i++)
		if (strcmp(v->given[i].key, key) == 0)
			return true;
	return false;
}

static void
give(struct invocation *v, const char *key, const char *value)
{
	v->given = xreallocarray(v->given, v->ngiven + 1, sizeof(*v->given));
	v->given[v->ngiven++] = (struct given){ key, value };
}

/* As it is written, or with - for _, as tools see it on their command line. */
static const char *
find_property(const struct invocation *v, const char *name, size_t len)
{
	const char *key;
	json_t *schema;
	size_t i;

	json_object_foreach(v->properties, key, schema) {
		for (i = 0; i < len && (key[i] == name[i] ||
		    (key[i] == '_' && name[i] == '-')); i++)
			;
		if (i == len && key[i] == '\0')
			return key;
	}
	return NULL;
}

static const char *
next_positional(const struct invocation *v)
{
	const char *key;
	json_t *schema;

	json_object_foreach(v->properties, key, schema)
		if (!has_type(schema, "boolean") &&
		    (!is_given(v, key) || has_type(schema, "array")))
			return key;
	return NULL;
}

/* Takes word i, and the next one if that is its value; false: it is wrong. */
static bool
take_option(struct invocation *v, const struct split *w, size_t *i)
{
	const char *name = w->list[*i] + 2, *equals = strchr(name, '='), *key;
	size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);

	if ((key = find_property(v, name, len)) == NULL) {
		buf_printf(v->words, "%s has no option --%.*s.\n", v->tool,
		    (int)len, name);
		return false;
	}
	if (equals != NULL) {
		give(v, key, equals + 1);
	} else if (has_type(json_object_get(v->properties, key), "boolean")) {
		give(v, key, "true");
	} else if (*i + 1 < w->nwords) {
		give(v, key, w->list[++*i]);
	} else {
		buf_printf(v->words, "--%.*s of %s wants a value.\n",
		    (int)len, name, v->tool);
		return false;
	}
	return true;
}

static bool
take_words(struct invocation *v, const struct split *w)
{
	bool options = true;
	const char *key;
	size_t i;

	for (i = 0; i < w->nwords; i++) {
		if (options && strcmp(w->list[i], "--") == 0) {
			options = false;
		} else if (options && strncmp(w->list[i], "--", 2) == 0) {
			if (!take_option(v, w, &i))
				return false;
		} else if ((key = next_positional(v)) != NULL) {
			give(v, key, w->list[i]);
		} else {
			buf_printf(v->words, "%s takes no value %s.\n",
			    v->tool, w->list[i]);
			return false;
		}
	}
	return true;
}

static json_t *
parse(struct bytes text)
{
	return json_loadb(text.data, text.len, JSON_DECODE_ANY |
	    JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
}

/* Whether text is JSON of that type, so that its very bytes will do. */
static bool
is_json(const char *text, const char *type)
{
	json_t *json = parse(bytes_of(text));
	bool is;

	if (strcmp(type, "object") == 0)
		is = json_is_object(json);
	else if (strcmp(type, "boolean") == 0)
		is = json_is_boolean(json);
	else
		is = json_is_number(json);
	json_decref(json);
	return is;
}

static bool
add_value(struct invocation *v, struct buf *out, const struct given *g,
    const json_t *schema)
{
	const char *type = type_of(schema);

	if (strcmp(type, "string") == 0) {
		jsonw_text(out, NULL, bytes_of(g->value));
		return true;
	}
	if (is_json(g->value, type)) {
		jsonw_raw(out, NULL, bytes_of(g->value));
		return true;
	}
	buf_printf(v->words, "%s of %s wants a value of type %s, not %s.\n",
	    g->key, v->tool, type, g->value);
	return false;
}

static bool
add_array(struct invocation *v, struct buf *out, const char *key,
    const json_t *schema)
{
	const json_t *items = json_object_get(schema, "items");
	size_t i;

	jsonw_open(out, '[');
	for (i = 0; i < v->ngiven; i++)
		if (strcmp(v->given[i].key, key) == 0 &&
		    !add_value(v, out, &v->given[i], items))
			return false;
	jsonw_close(out, ']');
	return true;
}

static const struct given *
last_given(const struct invocation *v, const char *key)
{
	const struct given *last = NULL;
	size_t i;

	for (i = 0; i < v->ngiven; i++)
		if (strcmp(v->given[i].key, key) == 0)
			last = &v->given[i];
	return last;
}

static bool
add_object(struct invocation *v, struct buf *out)
{
	const char *key;
	json_t *schema;
	bool ok = true;

	buf_putc(out, '{');
	json_object_foreach(v->properties, key, schema) {
		if (!ok || !is_given(v, key))
			continue;
		jsonw_key(out, key);
		if (has_type(schema, "array"))
			ok = add_array(v, out, key, schema);
		else
			ok = add_value(v, out, last_given(v, key), schema);
	}
	buf_putc(out, '}');
	return ok;
}

static bool
read_json(struct bytes rest, struct buf *arguments, struct buf *words)
{
	json_t *json = parse(rest);
	bool ok = json_is_object(json);

	json_decref(json);
	if (ok)
		buf_add_bytes(arguments, rest);
	else
		buf_puts(words, "The arguments are not a JSON object.\n");
	return ok;
}

bool
invoke_read(const json_t *function, struct bytes rest, struct buf *arguments,
    struct buf *words)
{
	struct invocation v = { .words = words };
	struct split w;
	bool ok;

	if (rest.len > 0 && rest.data[0] == '{')
		return read_json(rest, arguments, words);
	v.tool = json_string_value(json_object_get(function, "name"));
	v.properties = json_object_get(json_object_get(function,
	    "parameters"), "properties");
	if (!split_line(&w, rest)) {
		buf_puts(words, "A quote is not closed.\n");
		return false;
	}
	ok = take_words(&v, &w) && add_object(&v, arguments);
	free(v.given);
	split_fini(&w);
	return ok;
}
