#include "words.h"

#include <jansson.h>
#include <stdlib.h>

#include "args.h"
#include "jsonw.h"
#include "text.h"
#include "xalloc.h"

struct words {
	const struct tool	*tool;
	struct buf		*values;	/* JSON, per parameter */
	char			**why;
};

static bool
bad(const struct words *w, const char *name, const char *text)
{
	args_wrong(w->why, name, text);
	return false;
}

static const struct tool_param *
find(const struct tool *t, const char *word, size_t len)
{
	const struct tool_param	*p;
	struct bytes		 b = { word, len };

	for (p = t->params; p < t->params + t->nparams; p++) {
		if (bytes_is(b, p->flag))
			return p;
		if (len == 2 && p->letter != '\0' && word[1] == p->letter)
			return p;
		if (len > 2 && word[1] == '-' &&
		    bytes_is((struct bytes){ word + 2, len - 2 }, p->name))
			return p;
	}
	return NULL;
}

static bool
surplus(const struct words *w, const char *word)
{
	const struct tool	*t = w->tool;
	struct buf		 b = { 0 };
	size_t			 i;

	buf_puts(&b, "no such argument");
	for (i = 0; i < t->nparams; i++)
		buf_printf(&b, "%s%s", i == 0 ? "; there are " : ", ",
		    t->params[i].flag);
	bad(w, word, b.data);
	buf_fini(&b);
	return false;
}

/* Does the word say, as JSON, a value of this type? */
static bool
is_bare(enum tool_type type, const char *word)
{
	json_t	*v;
	bool	 is = false;

	if (type == TOOL_STRING)
		return false;
	if ((v = json_loads(word, JSON_DECODE_ANY, NULL)) == NULL)
		return false;
	if (type == TOOL_INTEGER || type == TOOL_NUMBER)
		is = json_is_number(v);
	else if (type == TOOL_BOOLEAN)
		is = json_is_boolean(v);
	else
		is = type == TOOL_ANY;
	json_decref(v);
	return is;
}

/* A word that is of the wrong type is a string: the check will say so. */
static void
put_scalar(struct buf *b, enum tool_type type, const char *word)
{
	if (is_bare(type, word))
		buf_puts(b, word);
	else {
		buf_putc(b, '"');
		jsonw_escape(b, bytes_of(word));
		buf_putc(b, '"');
	}
}

/* An array's value is kept without its brackets. */
static void
put_element(struct buf *b, const struct tool_param *p, const char *word)
{
	if (b->len > 0)
		buf_putc(b, ',');
	put_scalar(b, p->items, word);
}

static void
put_elements(struct buf *b, const struct tool_param *p, const char *word)
{
	char	*copy = xstrdup(word), *rest = copy, *end;

	while (p->separator != '\0' &&
	    (end = strchr(rest, p->separator)) != NULL) {
		*end = '\0';
		put_element(b, p, rest);
		rest = end + 1;
	}
	put_element(b, p, rest);
	free(copy);
}

static bool
set(const struct words *w, const struct tool_param *p, const char *word)
{
	struct buf	*b = &w->values[p - w->tool->params];

	if (!text_is_valid(bytes_of(word)))
		return bad(w, p->name, "not UTF-8");
	if (p->type == TOOL_ARRAY) {
		put_elements(b, p, word);
		return true;
	}
	if (b->len > 0)
		return bad(w, p->name, "said twice");
	put_scalar(b, p->type, word);
	return true;
}

/* --name=value, --name value, or a flag. *at moves over what was used. */
static bool
take_option(const struct words *w, const char *const *words, size_t n,
    size_t *at)
{
	const char		*word = words[*at];
	size_t			 len = strcspn(word, "=");
	const struct tool_param	*p = find(w->tool, word, len);

	if (p == NULL)
		return surplus(w, word);
	if (word[len] == '=')
		return set(w, p, word + len + 1);
	if (p->type == TOOL_BOOLEAN)
		return set(w, p, "true");
	if (*at + 1 == n)
		return bad(w, p->name, "no value");
	return set(w, p, words[++*at]);
}

/* The first that has no value yet; a list without separator takes the rest. */
static bool
take_positional(const struct words *w, const char *word)
{
	const struct tool	*t = w->tool;
	const struct tool_param	*p;
	size_t			 i;

	for (i = 0; i < t->nparams; i++) {
		p = &t->params[i];
		if (p->positional && (w->values[i].len == 0 ||
		    (p->type == TOOL_ARRAY && p->separator == '\0')))
			return set(w, p, word);
	}
	return surplus(w, word);
}

static bool
take(const struct words *w, const char *const *words, size_t n)
{
	bool	 bare = false;
	size_t	 i;

	for (i = 0; i < n; i++) {
		if (!bare && strcmp(words[i], "--") == 0)
			bare = true;
		else if (!bare && words[i][0] == '-' && words[i][1] != '\0') {
			if (!take_option(w, words, n, &i))
				return false;
		} else if (!take_positional(w, words[i]))
			return false;
	}
	return true;
}

static void
put_object(const struct words *w, struct buf *object)
{
	const struct tool	*t = w->tool;
	struct buf		 list = { 0 };
	size_t			 i;

	jsonw_open(object, '{');
	for (i = 0; i < t->nparams; i++) {
		if (w->values[i].len == 0)
			continue;
		if (t->params[i].type == TOOL_ARRAY) {
			buf_printf(&list, "[%s]", w->values[i].data);
			jsonw_raw(object, t->params[i].name, buf_bytes(&list));
			buf_reset(&list);
		} else
			jsonw_raw(object, t->params[i].name,
			    buf_bytes(&w->values[i]));
	}
	jsonw_close(object, '}');
	buf_fini(&list);
}

bool
words_object(const struct tool *t, const char *const *words, size_t n,
    struct buf *object, char **why)
{
	struct words	 w = { t, NULL, why };
	bool		 fine;
	size_t		 i;

	w.values = xcalloc(t->nparams + 1, sizeof(*w.values));
	if ((fine = take(&w, words, n)))
		put_object(&w, object);
	for (i = 0; i < t->nparams; i++)
		buf_fini(&w.values[i]);
	free(w.values);
	return fine;
}

static bool
from_array(const struct tool *t, const json_t *array, struct buf *object,
    char **why)
{
	size_t		  n = json_array_size(array), i;
	const char	**words = xcalloc(n + 1, sizeof(*words));
	const json_t	 *each;
	bool		  fine = true;

	json_array_foreach(array, i, each)
		fine &= (words[i] = json_string_value(each)) != NULL;
	if (!fine)
		args_wrong(why, NULL, "an array of other things than words");
	else
		fine = words_object(t, words, n, object, why);
	free(words);
	return fine;
}

bool
words_from_run(const struct tool *t, struct bytes json, struct buf *object,
    char **why)
{
	json_error_t	 e;
	json_t		*v;
	bool		 fine = true;

	if (text_is_blank(json)) {
		buf_puts(object, "{}");
		return true;
	}
	v = json_loadb(json.data, json.len, 0, &e);
	if (v == NULL) {
		args_wrong(why, NULL, e.text);
		return false;
	}
	if (json_is_array(v))
		fine = from_array(t, v, object, why);
	else
		buf_add_bytes(object, json);
	json_decref(v);
	return fine;
}
