#include "tool.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "jsonw.h"
#include "text.h"
#include "xalloc.h"

struct tool *
tool_new(const char *name)
{
	struct tool	*t = xcalloc(1, sizeof(*t));

	t->name = xstrdup(name);
	t->timeout_us = t->grace_us = t->idle_us = TOOL_UNSAID;
	t->max_output = TOOL_UNSAID;
	return t;
}

static void
free_strings(char **s, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		free(s[i]);
	free(s);
}

static void
param_fini(struct tool_param *p)
{
	free(p->name);
	free(p->flag);
	free(p->variable);
	free(p->describe);
	free(p->fallback);
	free_strings(p->choices, p->nchoices);
}

void
tool_note_fini(struct tool_note *n)
{
	free(n->text);
	n->text = NULL;
}

void
tool_free(struct tool *t)
{
	size_t	 i;

	if (t == NULL)
		return;
	for (i = 0; i < t->nparams; i++)
		param_fini(&t->params[i]);
	for (i = 0; i < t->nwarnings; i++)
		tool_note_fini(&t->warnings[i]);
	free(t->params);
	free(t->warnings);
	free_strings(t->rw, t->nrw);
	free(t->name);
	free(t->path);
	free(t->source);
	free(t->describe);
	free(t->parameters);
	free(t->profile);
	free(t->net);
	free(t->watch);
	free(t);
}

bool
tool_name_is_valid(struct bytes b)
{
	size_t	 i;

	for (i = 0; i < b.len; i++)
		if (!isascii((unsigned char)b.data[i]) ||
		    (!isalnum((unsigned char)b.data[i]) &&
		    b.data[i] != '_' && b.data[i] != '-'))
			return false;
	return b.len > 0 && b.len <= TOOL_NAME_MAX;
}

const char *
tool_type_name(enum tool_type type)
{
	switch (type) {
	case TOOL_STRING:
		return "string";
	case TOOL_INTEGER:
		return "integer";
	case TOOL_NUMBER:
		return "number";
	case TOOL_BOOLEAN:
		return "boolean";
	case TOOL_ARRAY:
		return "array";
	case TOOL_ANY:
		return "any";
	}
	return NULL;
}

/* A CR goes first: in a terminal's text it would wipe out what is before it. */
char *
tool_plain(const char *text)
{
	char		*copy = xstrdup(text), *c;
	struct buf	 b = { 0 };

	for (c = copy; *c != '\0'; c++)
		if (*c == '\r')
			*c = ' ';
	text_clean(&b, bytes_of(copy));
	free(copy);
	return buf_take(&b);
}

/* dryRun, dry_run and dry-run are two words each; what is no word joins. */
static char *
joined(struct bytes name, char joint, bool upper)
{
	struct buf	 b = { 0 };
	size_t		 i;

	for (i = 0; i < name.len; i++) {
		unsigned char	 c = (unsigned char)name.data[i];

		if (i > 0 && isupper(c) &&
		    (islower((unsigned char)name.data[i - 1]) ||
		    isdigit((unsigned char)name.data[i - 1])))
			buf_putc(&b, joint);
		if (!isascii(c) || !isalnum(c))
			buf_putc(&b, joint);
		else
			buf_putc(&b, (char)(upper ? toupper(c) : tolower(c)));
	}
	return buf_take(&b);
}

static char *
kebab_flag(struct bytes name)
{
	char	*kebab = joined(name, '-', false);
	char	*flag = xasprintf("--%s", kebab);

	free(kebab);
	return flag;
}

static bool
is_taken(const struct tool *t, const struct tool_param *p)
{
	size_t	 i;

	for (i = 0; i < t->nparams; i++)
		if (strcmp(t->params[i].name, p->name) == 0 ||
		    strcmp(t->params[i].flag, p->flag) == 0 ||
		    strcmp(t->params[i].variable, p->variable) == 0)
			return true;
	return false;
}

struct tool_param *
tool_add_param(struct tool *t, struct bytes name, struct bytes flag)
{
	struct tool_param	 p = { 0 };

	p.name = xmemdup(name.data, name.len);
	p.flag = flag.len > 0 ? xmemdup(flag.data, flag.len) : kebab_flag(name);
	p.variable = joined(name, '_', true);
	p.describe = xstrdup("");
	if (is_taken(t, &p)) {
		param_fini(&p);
		return NULL;
	}
	t->params = xreallocarray(t->params, t->nparams + 1,
	    sizeof(*t->params));
	t->params[t->nparams] = p;
	return &t->params[t->nparams++];
}

const struct tool_param *
tool_find_param(const struct tool *t, const char *name)
{
	size_t	 i;

	for (i = 0; i < t->nparams; i++)
		if (strcmp(t->params[i].name, name) == 0)
			return &t->params[i];
	return NULL;
}

void
tool_add_choice(struct tool_param *p, struct bytes choice)
{
	p->choices = xreallocarray(p->choices, p->nchoices + 1,
	    sizeof(*p->choices));
	p->choices[p->nchoices++] = xmemdup(choice.data, choice.len);
}

void
tool_warn(struct tool *t, unsigned line, const char *fmt, ...)
{
	char	*text;
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n == -1)
		abort();	/* as any allocation: it does not fail */
	t->warnings = xreallocarray(t->warnings, t->nwarnings + 1,
	    sizeof(*t->warnings));
	t->warnings[t->nwarnings++] = (struct tool_note){ line, text };
}

static void
render_type(struct buf *b, enum tool_type type, const struct tool_param *p)
{
	size_t	 i;

	if (type != TOOL_ANY)
		jsonw_str(b, "type", tool_type_name(type));
	if (p->nchoices == 0 || type == TOOL_ARRAY)
		return;
	jsonw_key(b, "enum");
	jsonw_open(b, '[');
	for (i = 0; i < p->nchoices; i++)
		jsonw_str(b, NULL, p->choices[i]);
	jsonw_close(b, ']');
}

static void
render_param(struct buf *b, const struct tool_param *p)
{
	jsonw_key(b, p->name);
	jsonw_open(b, '{');
	render_type(b, p->type, p);
	if (*p->describe != '\0')
		jsonw_str(b, "description", p->describe);
	if (p->type == TOOL_ARRAY) {
		jsonw_key(b, "items");
		jsonw_open(b, '{');
		render_type(b, p->items, p);
		jsonw_close(b, '}');
		if (p->required)
			jsonw_u64(b, "minItems", 1);
	}
	if (p->fallback != NULL)
		jsonw_raw(b, "default", bytes_of(p->fallback));
	jsonw_close(b, '}');
}

void
tool_render(struct tool *t)
{
	struct buf	 b = { 0 };
	size_t		 i;

	jsonw_open(&b, '{');
	jsonw_str(&b, "type", "object");
	jsonw_key(&b, "properties");
	jsonw_open(&b, '{');
	for (i = 0; i < t->nparams; i++)
		render_param(&b, &t->params[i]);
	jsonw_close(&b, '}');
	jsonw_key(&b, "required");
	jsonw_open(&b, '[');
	for (i = 0; i < t->nparams; i++)
		if (t->params[i].required)
			jsonw_str(&b, NULL, t->params[i].name);
	jsonw_close(&b, ']');
	jsonw_close(&b, '}');
	free(t->parameters);
	t->parameters = buf_take(&b);
}

/* Seconds, as short as they can be said. */
static void
json_seconds(struct buf *b, const char *key, uint64_t us)
{
	char	 text[40];
	int	 n;

	if (us == TOOL_UNSAID) {
		jsonw_null(b, key);
		return;
	}
	if (us % 1000000 == 0) {
		jsonw_u64(b, key, us / 1000000);
		return;
	}
	n = snprintf(text, sizeof(text), "%llu.%06llu",
	    (unsigned long long)(us / 1000000),
	    (unsigned long long)(us % 1000000));
	while (text[n - 1] == '0')
		n--;
	jsonw_raw(b, key, (struct bytes){ text, (size_t)n });
}

static const char *
background_name(enum tool_background background)
{
	switch (background) {
	case TOOL_BACKGROUND_AUTO:
		return "auto";
	case TOOL_BACKGROUND_YES:
		return "yes";
	case TOOL_BACKGROUND_NO:
		return "no";
	}
	return NULL;
}

static void
json_meta(const struct tool *t, struct buf *b)
{
	size_t	 i;

	jsonw_str(b, "profile", t->profile);
	jsonw_str(b, "background", background_name(t->background));
	json_seconds(b, "timeout", t->timeout_us);
	json_seconds(b, "grace", t->grace_us);
	jsonw_bool(b, "confirm", t->confirm);
	jsonw_str(b, "net", t->net);
	json_seconds(b, "idle", t->idle_us);
	jsonw_bool(b, "linger", t->linger);
	jsonw_str(b, "watch", t->watch);
	jsonw_str(b, "stdin", t->stream ? "stream" : "json");
	if (t->max_output == TOOL_UNSAID)
		jsonw_null(b, "max_output");
	else
		jsonw_u64(b, "max_output", t->max_output);
	jsonw_key(b, "rw");
	jsonw_open(b, '[');
	for (i = 0; i < t->nrw; i++)
		jsonw_str(b, NULL, t->rw[i]);
	jsonw_close(b, ']');
}

void
tool_json(const struct tool *t, struct buf *b)
{
	size_t	 i;

	jsonw_open(b, '{');
	jsonw_str(b, "name", t->name);
	jsonw_str(b, "describe", t->describe);
	jsonw_str(b, "path", t->path);
	json_meta(t, b);
	jsonw_raw(b, "parameters", bytes_of(t->parameters));
	jsonw_key(b, "warnings");
	jsonw_open(b, '[');
	for (i = 0; i < t->nwarnings; i++) {
		jsonw_open(b, '{');
		jsonw_u64(b, "line", t->warnings[i].line);
		jsonw_str(b, "text", t->warnings[i].text);
		jsonw_close(b, '}');
	}
	jsonw_close(b, ']');
	jsonw_close(b, '}');
}

void
tool_request(const struct tool *t, struct buf *b)
{
	jsonw_open(b, '{');
	jsonw_str(b, "type", "function");
	jsonw_key(b, "function");
	jsonw_open(b, '{');
	jsonw_str(b, "name", t->name);
	jsonw_str(b, "description", t->describe);
	jsonw_raw(b, "parameters", bytes_of(t->parameters));
	jsonw_close(b, '}');
	jsonw_close(b, '}');
}
