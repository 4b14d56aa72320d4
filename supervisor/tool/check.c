#include "check.h"

/* Where in the value we are; key NULL: at an index of an array. */
struct place {
	const struct place	*up;
	const char		*key;
	size_t			 index;
};

static bool	check(const json_t *, const json_t *, const struct place *,
		    bool, struct buf *);

static void
put_place(struct buf *b, const struct place *p)
{
	if (p == NULL)
		return;
	put_place(b, p->up);
	if (p->key == NULL)
		buf_printf(b, "[%zu]", p->index);
	else
		buf_printf(b, "%s%s", p->up == NULL ? "" : ".", p->key);
}

static bool
wrong(struct buf *why, const struct place *p, const char *what)
{
	put_place(why, p);
	if (p != NULL)
		buf_puts(why, ": ");
	buf_puts(why, what);
	return false;
}

static bool
is_type(const char *type, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return strcmp(type, "object") == 0;
	case JSON_ARRAY:
		return strcmp(type, "array") == 0;
	case JSON_STRING:
		return strcmp(type, "string") == 0;
	case JSON_INTEGER:
		return strcmp(type, "integer") == 0 ||
		    strcmp(type, "number") == 0;
	case JSON_REAL:
		return strcmp(type, "number") == 0;
	case JSON_TRUE:
	case JSON_FALSE:
		return strcmp(type, "boolean") == 0;
	case JSON_NULL:
		return strcmp(type, "null") == 0;
	}
	return false;
}

static bool
check_type(const json_t *type, const json_t *v, const struct place *p,
    struct buf *why)
{
	const json_t	*each;
	size_t		 i;

	if (json_is_string(type)) {
		const char	*name = json_string_value(type);

		if (is_type(name, v))
			return true;
		wrong(why, p, "not ");
		buf_printf(why, "%s %s", strchr("aeiou", *name) == NULL ? "a" :
		    "an", name);
		return false;
	}
	if (!json_is_array(type))
		return true;
	json_array_foreach(type, i, each)
		if (json_is_string(each) && is_type(json_string_value(each), v))
			return true;
	return wrong(why, p, "of a type that it cannot have");
}

static void
put_choice(struct buf *b, const json_t *v)
{
	char	*text;

	if (json_is_string(v)) {
		buf_puts(b, json_string_value(v));
		return;
	}
	if ((text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT)) != NULL)
		buf_puts(b, text);
	free(text);
}

static bool
check_enum(const json_t *choices, const json_t *v, const struct place *p,
    struct buf *why)
{
	const json_t	*each;
	size_t		 i;

	if (!json_is_array(choices))
		return true;
	json_array_foreach(choices, i, each)
		if (json_equal(each, v))
			return true;
	wrong(why, p, "not one of ");
	json_array_foreach(choices, i, each) {
		buf_puts(why, i == 0 ? "" : ", ");
		put_choice(why, each);
	}
	return false;
}

static bool
check_const(const json_t *only, const json_t *v, const struct place *p,
    struct buf *why)
{
	if (only == NULL || json_equal(only, v))
		return true;
	wrong(why, p, "not ");
	put_choice(why, only);
	return false;
}

/* In characters, as JSON Schema counts a string. */
static size_t
count_chars(const json_t *s)
{
	const char	*p = json_string_value(s);
	size_t		 i, n = 0;

	for (i = 0; i < json_string_length(s); i++)
		n += ((unsigned char)p[i] & 0xc0) != 0x80;
	return n;
}

/* One row for each keyword that bounds a number made of the value. */
enum measure { OF_NUMBER, OF_STRING, OF_ARRAY };

static const struct limit {
	const char	*key;
	enum measure	 of;
	bool		 upper, open;
	const char	*words;
} limits[] = {
	{ "minimum", OF_NUMBER, false, false, "less than" },
	{ "exclusiveMinimum", OF_NUMBER, false, true, "not greater than" },
	{ "maximum", OF_NUMBER, true, false, "greater than" },
	{ "exclusiveMaximum", OF_NUMBER, true, true, "not less than" },
	{ "minLength", OF_STRING, false, false, "shorter than" },
	{ "maxLength", OF_STRING, true, false, "longer than" },
	{ "minItems", OF_ARRAY, false, false, "with fewer items than" },
	{ "maxItems", OF_ARRAY, true, false, "with more items than" },
};

static bool
measure(enum measure of, const json_t *v, double *n)
{
	switch (of) {
	case OF_NUMBER:
		*n = json_number_value(v);
		return json_is_number(v);
	case OF_STRING:
		*n = json_is_string(v) ? (double)count_chars(v) : 0;
		return json_is_string(v);
	case OF_ARRAY:
		*n = (double)json_array_size(v);
		return json_is_array(v);
	}
	return false;
}

static bool
is_within(const struct limit *l, double n, double bound)
{
	if (l->upper)
		return l->open ? n < bound : n <= bound;
	return l->open ? n > bound : n >= bound;
}

static bool
check_limits(const json_t *schema, const json_t *v, const struct place *p,
    struct buf *why)
{
	const struct limit	*l;
	const json_t		*bound;
	double			 n;

	for (l = limits; l < limits + sizeof(limits) / sizeof(*limits); l++) {
		bound = json_object_get(schema, l->key);
		if (!json_is_number(bound) || !measure(l->of, v, &n) ||
		    is_within(l, n, json_number_value(bound)))
			continue;
		wrong(why, p, l->words);
		buf_putc(why, ' ');
		put_choice(why, bound);
		return false;
	}
	return true;
}

static bool
check_required(const json_t *schema, const json_t *v, const struct place *p,
    struct buf *why)
{
	const json_t	*name;
	size_t		 i;

	json_array_foreach(json_object_get(schema, "required"), i, name) {
		const char	*key = json_string_value(name);

		if (key != NULL && json_object_get(v, key) == NULL)
			return wrong(why, &(struct place){ p, key, 0 },
			    "missing");
	}
	return true;
}

static bool
surplus(const json_t *properties, const struct place *p, struct buf *why)
{
	const char	*key, *comma = "";
	json_t		*each;

	wrong(why, p, "no such argument");
	if (json_object_size(properties) == 0)
		return false;
	buf_puts(why, "; there are ");
	json_object_foreach((json_t *)(uintptr_t)properties, key, each) {
		buf_printf(why, "%s%s", comma, key);
		comma = ", ";
	}
	return false;
}

static bool
check_members(const json_t *schema, const json_t *v, const struct place *p,
    bool strict, struct buf *why)
{
	const json_t	*properties = json_object_get(schema, "properties");
	const json_t	*more = json_object_get(schema, "additionalProperties");
	const json_t	*its;
	const char	*key;
	json_t		*each;

	json_object_foreach((json_t *)(uintptr_t)v, key, each) {
		struct place	 at = { p, key, 0 };

		if ((its = json_object_get(properties, key)) == NULL) {
			if (json_is_false(more) || (more == NULL && strict))
				return surplus(properties, &at, why);
			its = more;
		}
		if (!check(its, each, &at, false, why))
			return false;
	}
	return check_required(schema, v, p, why);
}

static bool
check_items(const json_t *schema, const json_t *v, const struct place *p,
    struct buf *why)
{
	const json_t	*items = json_object_get(schema, "items"), *each;
	size_t		 i;

	json_array_foreach(v, i, each)
		if (!check(items, each, &(struct place){ p, NULL, i }, false,
		    why))
			return false;
	return true;
}

/* What is no object (true, or nothing) allows everything, but for false. */
static bool
check(const json_t *schema, const json_t *v, const struct place *p,
    bool strict, struct buf *why)
{
	if (json_is_false(schema))
		return wrong(why, p, "not allowed");
	if (!json_is_object(schema))
		return true;
	return check_type(json_object_get(schema, "type"), v, p, why) &&
	    check_enum(json_object_get(schema, "enum"), v, p, why) &&
	    check_const(json_object_get(schema, "const"), v, p, why) &&
	    check_limits(schema, v, p, why) &&
	    (!json_is_object(v) || check_members(schema, v, p, strict, why)) &&
	    (!json_is_array(v) || check_items(schema, v, p, why));
}

bool
check_value(const json_t *schema, const json_t *value, bool strict,
    struct buf *why)
{
	return check(schema, value, NULL, strict, why);
}

static bool
is_known(const char *key)
{
	static const char *const	 known[] = {
		"type", "enum", "const", "properties", "required",
		"additionalProperties", "items", "title", "description",
		"default", "examples", "deprecated", "readOnly", "writeOnly",
		"$schema", "$id", "$comment",
	};
	size_t				 i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(key, known[i]) == 0)
			return true;
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		if (strcmp(key, limits[i].key) == 0)
			return true;
	return false;
}

struct visit {
	void	(*each)(void *, const char *);
	void	*arg;
};

static void
visit(const struct visit *to, const json_t *schema, const struct place *p)
{
	struct buf	 b = { 0 };
	const char	*key;
	json_t		*its;

	if (!json_is_object(schema))
		return;
	json_object_foreach((json_t *)(uintptr_t)schema, key, its) {
		if (is_known(key))
			continue;
		wrong(&b, p, key);
		to->each(to->arg, b.data);
		buf_reset(&b);
	}
	buf_fini(&b);
	json_object_foreach(json_object_get(schema, "properties"), key, its)
		visit(to, its, &(struct place){ p, key, 0 });
	visit(to, json_object_get(schema, "items"), p);
	visit(to, json_object_get(schema, "additionalProperties"), p);
}

void
check_unknown(const json_t *schema, void (*each)(void *, const char *),
    void *arg)
{
	visit(&(struct visit){ each, arg }, schema, NULL);
}
