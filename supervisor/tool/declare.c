#include "declare.h"

#include <ctype.h>
#include <stdlib.h>

#include "cursor.h"
#include "jsonw.h"
#include "xalloc.h"

static bool
bad(struct declare *d, const char *why)
{
	d->why = why;
	return false;
}

/* [-s] --name, or -s alone. */
static bool
read_dashes(struct declare *d, struct bytes *b)
{
	struct bytes	 rest;

	if (b->len > 2 && *b->data == '-' &&
	    isalnum((unsigned char)b->data[1])) {
		rest = (struct bytes){ b->data + 2, b->len - 2 };
		cursor_blanks(&rest);
		if (rest.data > b->data + 2 && rest.len > 2 &&
		    memcmp(rest.data, "--", 2) == 0) {
			d->letter = b->data[1];
			*b = rest;
		}
	}
	d->dashes = b->len > 2 && memcmp(b->data, "--", 2) == 0;
	if (!cursor_at(*b, '-'))
		return bad(d, "no --name");
	cursor_drop(b, d->dashes ? 2 : 1);
	return true;
}

static bool
read_name(struct declare *d, struct bytes *b, bool dashed)
{
	if (dashed && !read_dashes(d, b))
		return false;
	d->name = cursor_name(b);
	if (d->name.len == 0 || !isalnum((unsigned char)*d->name.data)) {
		d->name.len = 0;
		return bad(d, dashed ? "no --name" : "no name");
	}
	if (dashed && !d->dashes && d->name.len > 1)
		return bad(d, "a long name with one dash");
	return d->name.len <= TOOL_NAME_MAX ||
	    bad(d, "a name longer than 64 bytes");
}

/* ~ takes the rest of the line in argc; here as an array does. */
static void
read_mod(struct declare *d, struct bytes *b)
{
	if (b->len == 0 || strchr("!*+~", *b->data) == NULL)
		return;
	d->mod = *b->data == '~' ? '*' : *b->data;
	cursor_drop(b, 1);
	if (d->mod == '!' || b->len == 0 || strchr(",:@|/", *b->data) == NULL)
		return;
	d->separator = *b->data;
	cursor_drop(b, 1);
}

static bool
read_computed(struct declare *d, struct bytes *b)
{
	cursor_drop(b, 1);
	return cursor_until(b, '`', &d->computed) ||
	    bad(d, "a ` that does not end");
}

static bool
read_default(struct declare *d, struct bytes *b)
{
	char	 quote;

	cursor_drop(b, 1);
	if (cursor_at(*b, '`'))
		return read_computed(d, b);
	if (cursor_at(*b, '"') || cursor_at(*b, '\'')) {
		quote = *b->data;
		cursor_drop(b, 1);
		return cursor_until(b, quote, &d->fallback) ||
		    bad(d, "a default whose quote does not end");
	}
	d->fallback = cursor_word(b);
	return d->fallback.len > 0 || bad(d, "an empty default");
}

static bool
read_choices(struct declare *d, struct bytes *b)
{
	cursor_drop(b, 1);
	if (b->len > 1 && memcmp(b->data, "?`", 2) == 0)
		cursor_drop(b, 1);
	if (cursor_at(*b, '`')) {
		if (!read_computed(d, b))
			return false;
		if (!cursor_at(*b, ']'))
			return bad(d, "a [ that does not end");
		cursor_drop(b, 1);
		return true;
	}
	if (cursor_at(*b, '=')) {
		d->first = true;
		cursor_drop(b, 1);
	}
	return cursor_until(b, ']', &d->choices) ||
	    bad(d, "a [ that does not end");
}

/* <FILE> <FILE>: only the first counts; a < that does not end is text. */
static void
read_notations(struct declare *d, struct bytes *b)
{
	struct bytes	 rest, notation;

	cursor_blanks(b);
	while (cursor_at(*b, '<')) {
		rest = (struct bytes){ b->data + 1, b->len - 1 };
		if (!cursor_until(&rest, '>', &notation))
			break;
		if (d->notation.data == NULL)
			d->notation = notation;
		*b = rest;
		cursor_blanks(b);
	}
	if (cursor_at(*b, '$')) {
		d->binding = cursor_word(b);
		cursor_blanks(b);
	}
}

bool
declare_read(struct declare *d, struct bytes line, bool dashed)
{
	memset(d, 0, sizeof(*d));
	if (!read_name(d, &line, dashed))
		return false;
	read_mod(d, &line);
	if (cursor_at(line, '=') && !read_default(d, &line))
		return false;
	if (cursor_at(line, '[') && !read_choices(d, &line))
		return false;
	if (line.len > 0 && *line.data != ' ' && *line.data != '\t')
		return bad(d, "behind the name stands neither a modifier, nor "
		    "a default, nor choices");
	read_notations(d, &line);
	d->text = line;
	return true;
}

/* dry-run is dry_run in JSON; on argv it stays as it was written. */
struct tool_param *
declare_add(struct declare *d, struct tool *t)
{
	struct tool_param	*p;
	char			*name, *flag, *c;

	name = xmemdup(d->name.data, d->name.len);
	flag = xasprintf("%s%s", d->dashes || d->name.len > 1 ? "--" : "-",
	    name);
	for (c = name; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	p = tool_add_param(t, bytes_of(name), bytes_of(flag));
	free(name);
	free(flag);
	if (p == NULL) {
		d->why = "a name that is taken";
		return NULL;
	}
	free(p->describe);
	p->describe = xmemdup(d->text.data, d->text.len);
	p->letter = d->letter;
	return p;
}

bool
declare_flag(struct declare *d, struct tool_param *p)
{
	if (d->mod == '!' || d->mod == '+' || d->fallback.data != NULL ||
	    d->choices.data != NULL || d->computed.data != NULL)
		return bad(d, "a flag is there or not and has no value");
	p->type = TOOL_BOOLEAN;
	p->bare = true;
	return true;
}

static enum tool_type
type_of(const struct declare *d)
{
	if (d->choices.data != NULL || d->notation.data == NULL)
		return TOOL_STRING;
	if (bytes_is(d->notation, "INT"))
		return TOOL_INTEGER;
	return bytes_is(d->notation, "NUM") ? TOOL_NUMBER : TOOL_STRING;
}

static bool
is_choice(const struct tool_param *p, struct bytes b)
{
	size_t	 i;

	for (i = 0; i < p->nchoices; i++)
		if (bytes_is(b, p->choices[i]))
			return true;
	return false;
}

static bool
set_choices(struct declare *d, struct tool_param *p)
{
	struct bytes	 rest = d->choices, choice;
	bool		 more = true;

	while (more) {
		if (!(more = cursor_until(&rest, '|', &choice)))
			choice = rest;
		if (choice.len == 0)
			return bad(d, "an empty choice");
		if (is_choice(p, choice))
			return bad(d, "a choice that is there twice");
		tool_add_choice(p, choice);
	}
	return true;
}

/* As JSON has them: no plus, no leading zero, no bare point. */
static bool
is_number(struct bytes b, bool integer)
{
	size_t	 digits = 0;

	if (cursor_at(b, '-'))
		cursor_drop(&b, 1);
	if (b.len > 1 && *b.data == '0' && b.data[1] != '.')
		return false;
	for (; b.len > 0 && isdigit((unsigned char)*b.data); digits++)
		cursor_drop(&b, 1);
	if (integer || digits == 0 || b.len == 0)
		return digits > 0 && b.len == 0;
	if (!cursor_at(b, '.') || b.len == 1)
		return false;
	for (cursor_drop(&b, 1); b.len > 0; cursor_drop(&b, 1))
		if (!isdigit((unsigned char)*b.data))
			return false;
	return true;
}

static bool
put_default(struct declare *d, struct buf *out, const struct tool_param *p,
    struct bytes b)
{
	if (p->nchoices > 0 && !is_choice(p, b))
		return bad(d, "a default that is not among the choices");
	if (p->items == TOOL_STRING) {
		buf_putc(out, '"');
		jsonw_escape(out, b);
		buf_putc(out, '"');
		return true;
	}
	if (!is_number(b, p->items == TOOL_INTEGER))
		return bad(d, p->items == TOOL_INTEGER ?
		    "a default that is not an integer" :
		    "a default that is not a number");
	buf_add_bytes(out, b);
	return true;
}

/* An array's default has pieces if it has a separator, else one. */
static bool
put_defaults(struct declare *d, struct buf *out, const struct tool_param *p,
    struct bytes b)
{
	struct bytes	 piece;

	if (p->type != TOOL_ARRAY)
		return put_default(d, out, p, b);
	buf_putc(out, '[');
	while (p->separator != '\0' && cursor_until(&b, p->separator, &piece)) {
		if (!put_default(d, out, p, piece))
			return false;
		buf_putc(out, ',');
	}
	if (!put_default(d, out, p, b))
		return false;
	buf_putc(out, ']');
	return true;
}

static bool
set_default(struct declare *d, struct tool_param *p, struct bytes b)
{
	struct buf	 out = { 0 };

	if (p->required)
		return bad(d, "both required and with a default");
	if (!put_defaults(d, &out, p, b)) {
		buf_fini(&out);
		return false;
	}
	p->fallback = buf_take(&out);
	return true;
}

bool
declare_value(struct declare *d, struct tool_param *p)
{
	p->required = d->mod == '!' || d->mod == '+';
	p->separator = d->separator;
	p->items = type_of(d);
	p->type = d->mod == '*' || d->mod == '+' ? TOOL_ARRAY : p->items;
	if (d->choices.data != NULL && !set_choices(d, p))
		return false;
	if (d->first)
		return set_default(d, p, bytes_of(p->choices[0]));
	return d->fallback.data == NULL || set_default(d, p, d->fallback);
}
