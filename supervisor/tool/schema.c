#include "schema.h"

#include <stdlib.h>

#include "check.h"
#include "meta.h"
#include "raw.h"
#include "text.h"
#include "xalloc.h"

static bool
bad(struct tool_note *error, unsigned line, const char *what, const char *why)
{
	char	*raw = xasprintf("%s: %s", what, why);

	error->line = line;
	error->text = tool_plain(raw);
	free(raw);
	return false;
}

static enum tool_type
type_of(const json_t *schema)
{
	static const enum tool_type	 types[] = {
		TOOL_STRING, TOOL_INTEGER, TOOL_NUMBER, TOOL_BOOLEAN,
		TOOL_ARRAY
	};
	const char			*name;
	size_t				 i;

	name = json_string_value(json_object_get(schema, "type"));
	for (i = 0; name != NULL && i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(name, tool_type_name(types[i])) == 0)
			return types[i];
	return TOOL_ANY;
}

static void
set_choices(struct tool_param *p, const json_t *choices)
{
	const json_t	*each;
	size_t		 i;

	json_array_foreach(choices, i, each)
		if (json_is_string(each))
			tool_add_choice(p, bytes_of(json_string_value(each)));
}

static void
set_param(struct tool_param *p, const json_t *schema, struct bytes raw)
{
	const json_t	*items = json_object_get(schema, "items");
	const char	*text;
	struct bytes	 fallback = raw_find(raw, "default");

	p->type = type_of(schema);
	p->items = type_of(items) == TOOL_ARRAY ? TOOL_ANY : type_of(items);
	set_choices(p, json_object_get(p->type == TOOL_ARRAY ? items : schema,
	    "enum"));
	text = json_string_value(json_object_get(schema, "description"));
	if (text != NULL) {
		free(p->describe);
		p->describe = xstrdup(text);
	}
	if (json_object_get(schema, "default") != NULL && fallback.len > 0)
		p->fallback = xmemdup(fallback.data, fallback.len);
}

/* A default that the schema itself refuses would fail each call. */
static bool
check_fallback(const char *key, const json_t *schema, struct tool_note *error)
{
	const json_t	*fallback = json_object_get(schema, "default");
	struct buf	 why = { 0 };
	bool		 fine;

	fine = fallback == NULL || check_value(schema, fallback, false, &why);
	if (!fine)
		bad(error, 0, key, "a default that the schema does not allow");
	buf_fini(&why);
	return fine;
}

static bool
set_params(struct tool *t, const json_t *properties, struct bytes raw,
    struct tool_note *error)
{
	struct tool_param	*p;
	struct bytes		 key_raw, value_raw;
	struct raw		 walk;
	const char		*key;
	json_t			*schema;

	raw_open(&walk, raw);
	json_object_foreach((json_t *)(uintptr_t)properties, key, schema) {
		if (!raw_next(&walk, &key_raw, &value_raw))
			break;
		if (*key == '\0' || strlen(key) > TOOL_NAME_MAX)
			return bad(error, 0, "properties",
			    "a name that is empty or longer than 64 bytes");
		if (!check_fallback(key, schema, error))
			return false;
		p = tool_add_param(t, bytes_of(key), BYTES(""));
		if (p == NULL)
			return bad(error, 0, key, "a name that is taken");
		set_param(p, schema, value_raw);
	}
	return true;
}

static bool
set_required(struct tool *t, const json_t *required, struct tool_note *error)
{
	const json_t	*each;
	const char	*name;
	size_t		 i, k;

	json_array_foreach(required, i, each) {
		if ((name = json_string_value(each)) == NULL)
			return bad(error, 0, "required", "not names");
		for (k = 0; k < t->nparams; k++)
			if (strcmp(t->params[k].name, name) == 0)
				break;
		if (k == t->nparams)
			return bad(error, 0, name,
			    "required, but not among the properties");
		t->params[k].required = true;
		free(t->params[k].fallback);
		t->params[k].fallback = NULL;
	}
	return true;
}

static void
warn_unchecked(void *arg, const char *what)
{
	tool_warn(arg, 0, "%s is not checked", what);
}

static bool
set_schema(struct tool *t, const json_t *schema, struct bytes raw,
    struct tool_note *error)
{
	const json_t	*properties = json_object_get(schema, "properties");
	const json_t	*more = json_object_get(schema, "additionalProperties");
	const char	*type = json_string_value(json_object_get(schema,
			    "type"));
	struct buf	 b = { 0 };

	if (!json_is_object(schema) || (type != NULL &&
	    strcmp(type, "object") != 0))
		return bad(error, 0, "schema", "not of an object");
	if (properties != NULL && !json_is_object(properties))
		return bad(error, 0, "properties", "not an object");
	if (!set_params(t, properties, raw_find(raw, "properties"), error) ||
	    !set_required(t, json_object_get(schema, "required"), error))
		return false;
	t->open = json_is_true(more) || json_is_object(more);
	check_unknown(schema, warn_unchecked, t);
	raw_compact(&b, raw);
	t->parameters = buf_take(&b);
	return true;
}

static char *
value_text(const json_t *v)
{
	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	return json_dumps(v, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
}

static bool
set_meta(struct tool *t, const char *key, const json_t *v,
    struct tool_note *error)
{
	char		*text = value_text(v);
	const char	*why;
	bool		 fine = false;

	switch (meta_set(t, bytes_of(key), bytes_of(text), &why)) {
	case META_SET:
		fine = true;
		break;
	case META_UNKNOWN:
		tool_warn(t, 0, "meta: %s is unknown", key);
		fine = true;
		break;
	case META_BAD:
		bad(error, 0, key, why);
		break;
	}
	free(text);
	return fine;
}

/* A list, of paths say, is each of its elements. */
static bool
set_metas(struct tool *t, const json_t *meta, struct tool_note *error)
{
	const char	*key;
	json_t		*v, *each;
	size_t		 i;

	json_object_foreach((json_t *)(uintptr_t)meta, key, v) {
		if (!json_is_array(v)) {
			if (!set_meta(t, key, v, error))
				return false;
			continue;
		}
		json_array_foreach(v, i, each)
			if (!set_meta(t, key, each, error))
				return false;
	}
	return true;
}

static const char *
schema_key(const char *key)
{
	static const char *const	 keys[] = {
		"inputSchema", "parameters", "input_schema"
	};
	size_t				 i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(key, keys[i]) == 0)
			return keys[i];
	return NULL;
}

static bool
is_silent(const char *key)
{
	static const char *const	 keys[] = {
		"name", "title", "description", "annotations", "outputSchema",
		"meta", "_meta", "execution"
	};
	size_t				 i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

static bool
take_root(struct tool *t, const json_t *root, struct bytes text,
    struct tool_note *error)
{
	const char	*key, *found, *schema = NULL, *describe;
	json_t		*v;

	json_object_foreach((json_t *)(uintptr_t)root, key, v) {
		if ((found = schema_key(key)) == NULL && !is_silent(key))
			tool_warn(t, 0, "%s is unknown", key);
		if (found != NULL && schema != NULL)
			return bad(error, 0, found, "there are two schemas");
		schema = found != NULL ? found : schema;
	}
	describe = json_string_value(json_object_get(root, "description"));
	if (describe == NULL || text_is_blank(bytes_of(describe)))
		return bad(error, 0, "description", "none");
	t->describe = xstrdup(describe);
	if (!set_metas(t, json_object_get(root, "meta"), error))
		return false;
	if (schema != NULL)
		return set_schema(t, json_object_get(root, schema),
		    raw_find(text, schema), error);
	tool_render(t);
	return true;
}

bool
schema_parse(struct tool *t, struct bytes text, struct tool_note *error)
{
	json_error_t	 e;
	json_t		*root;
	bool		 fine;

	if (text.len > SCHEMA_BYTES)
		return bad(error, 0, "schema", "longer than 262144 bytes");
	root = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &e);
	if (root == NULL)
		return bad(error, e.line > 0 ? (unsigned)e.line : 0, "schema",
		    e.text);
	fine = json_is_object(root) ? take_root(t, root, text, error) :
	    bad(error, 1, "schema", "not an object");
	json_decref(root);
	return fine;
}
