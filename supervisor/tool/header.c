#include "header.h"

#include <ctype.h>
#include <stdlib.h>

#include "cursor.h"
#include "declare.h"
#include "meta.h"
#include "text.h"
#include "xalloc.h"

/* Where the comment lines below a tag go. */
enum tail { TAIL_NOWHERE, TAIL_TOOL, TAIL_PARAM };

struct header {
	struct tool		*tool;
	struct tool_note	*error;
	unsigned		 line;
	enum tail		 tail;
};

static bool
bad(struct header *h, const char *what, const char *why)
{
	h->error->line = h->line;
	h->error->text = xasprintf("%s: %s", what, why);
	return false;
}

/* "@option jobs", if it got that far. */
static bool
bad_param(struct header *h, const char *tag, const struct declare *d)
{
	char	*what;

	if (d->name.len == 0)
		return bad(h, tag, d->why);
	what = xasprintf("%s %.*s", tag, (int)d->name.len, d->name.data);
	bad(h, what, d->why);
	free(what);
	return false;
}

static void
warn_ignored(struct header *h, const char *tag, const struct declare *d)
{
	if (d->computed.data != NULL)
		tool_warn(h->tool, h->line, "%s %.*s: `%.*s` is not run, so "
		    "there is no such value", tag, (int)d->name.len,
		    d->name.data, (int)d->computed.len, d->computed.data);
	if (d->binding.data != NULL)
		tool_warn(h->tool, h->line, "%s %.*s: %.*s is ignored", tag,
		    (int)d->name.len, d->name.data, (int)d->binding.len,
		    d->binding.data);
}

static struct tool_param *
take_param(struct header *h, struct bytes b, bool dashed, const char *tag,
    struct declare *d)
{
	struct tool_param	*p;

	if (!declare_read(d, b, dashed) ||
	    (p = declare_add(d, h->tool)) == NULL) {
		bad_param(h, tag, d);
		return NULL;
	}
	warn_ignored(h, tag, d);
	h->tail = TAIL_PARAM;
	return p;
}

static bool
tag_option(struct header *h, struct bytes b)
{
	struct declare		 d;
	struct tool_param	*p = take_param(h, b, true, "@option", &d);

	if (p == NULL)
		return false;
	return declare_value(&d, p) || bad_param(h, "@option", &d);
}

static bool
tag_flag(struct header *h, struct bytes b)
{
	struct declare		 d;
	struct tool_param	*p = take_param(h, b, true, "@flag", &d);

	if (p == NULL)
		return false;
	return declare_flag(&d, p) || bad_param(h, "@flag", &d);
}

static bool
takes_the_rest(const struct tool_param *p)
{
	return p->positional && p->type == TOOL_ARRAY && p->separator == '\0';
}

static bool
tag_arg(struct header *h, struct bytes b)
{
	struct declare		 d;
	struct tool_param	*p;
	size_t			 i;

	for (i = 0; i < h->tool->nparams; i++)
		if (takes_the_rest(&h->tool->params[i]))
			return bad(h, "@arg", "behind one that takes the rest");
	if ((p = take_param(h, b, false, "@arg", &d)) == NULL)
		return false;
	p->positional = true;
	return declare_value(&d, p) || bad_param(h, "@arg", &d);
}

static bool
tag_describe(struct header *h, struct bytes b)
{
	if (h->tool->describe != NULL)
		return bad(h, "@describe", "there are two");
	if (b.len == 0)
		return bad(h, "@describe", "no text");
	h->tool->describe = xmemdup(b.data, b.len);
	h->tail = TAIL_TOOL;
	return true;
}

/* argc gives the script a default itself; nothing here opens the list (B4). */
static bool
tag_env(struct header *h, struct bytes b)
{
	struct declare	 d;

	if (!declare_read(&d, b, false))
		return bad_param(h, "@env", &d);
	warn_ignored(h, "@env", &d);
	if (d.fallback.data == NULL && !d.first)
		tool_warn(h->tool, h->line, "@env %.*s: it comes only if the "
		    "configuration lets it through", (int)d.name.len,
		    d.name.data);
	return true;
}

static bool
is_argcs(struct bytes key)
{
	static const char *const	 keys[] = {
		"version", "author", "dotenv", "require-tools", "man-section",
		"default-subcommand", "inherit-flag-options",
		"combine-shorts", "symbol",
	};
	size_t				 i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (bytes_is(key, keys[i]))
			return true;
	return false;
}

static bool
tag_meta(struct header *h, struct bytes b)
{
	struct bytes	 key = cursor_word(&b);
	const char	*why;
	char		*what;

	switch (meta_set(h->tool, key, b, &why)) {
	case META_SET:
		return true;
	case META_UNKNOWN:
		if (!is_argcs(key))
			tool_warn(h->tool, h->line, "@meta %.*s is unknown",
			    (int)key.len, key.data);
		return true;
	case META_BAD:
		what = xasprintf("@meta %.*s", (int)key.len, key.data);
		bad(h, what, why);
		free(what);
		return false;
	}
	return false;
}

static bool
tag_command(struct header *h, struct bytes b)
{
	(void)b;
	tool_warn(h->tool, h->line, "@cmd and @alias are ignored: one file is "
	    "one tool");
	return true;
}

static bool
tag_nothing(struct header *h, struct bytes b)
{
	(void)h;
	(void)b;
	return true;
}

static const struct {
	const char	*name;
	bool		(*take)(struct header *, struct bytes);
} tags[] = {
	{ "@describe", tag_describe },
	{ "@option", tag_option },
	{ "@flag", tag_flag },
	{ "@arg", tag_arg },
	{ "@env", tag_env },
	{ "@meta", tag_meta },
	{ "@cmd", tag_command },
	{ "@alias", tag_command },
	{ "@version", tag_nothing },
	{ "@author", tag_nothing },
};

static bool
take_tag(struct header *h, struct bytes b)
{
	struct bytes	 word = cursor_word(&b);
	size_t		 i;

	cursor_blanks(&b);
	h->tail = TAIL_NOWHERE;
	for (i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (bytes_is(word, tags[i].name))
			return tags[i].take(h, b);
	tool_warn(h->tool, h->line, "%.*s is unknown", (int)word.len,
	    word.data);
	return true;
}

static void
append(char **text, struct bytes b)
{
	struct buf	 out = { 0 };

	buf_puts(&out, *text);
	if (out.len > 0)
		buf_putc(&out, '\n');
	buf_add_bytes(&out, b);
	free(*text);
	*text = buf_take(&out);
}

/* What is said to shellcheck is not said to a model. */
static void
take_tail(struct header *h, struct bytes b)
{
	struct tool	*t = h->tool;

	if (b.len > 10 && memcmp(b.data, "shellcheck", 10) == 0)
		return;
	if (h->tail == TAIL_TOOL)
		append(&t->describe, b);
	else if (h->tail == TAIL_PARAM)
		append(&t->params[t->nparams - 1].describe, b);
}

static bool
is_text(struct bytes b)
{
	size_t	 i;

	for (i = 0; i < b.len; i++)
		if (((unsigned char)b.data[i] < ' ' && b.data[i] != '\t') ||
		    b.data[i] == '\177')
			return false;
	return text_is_valid(b);
}

static bool
take_comment(struct header *h, struct bytes b)
{
	struct bytes	 tag;
	bool		 is_tag;

	cursor_drop(&b, 1);
	tag = b;
	cursor_blanks(&tag);
	is_tag = tag.len > 1 && *tag.data == '@' &&
	    isalpha((unsigned char)tag.data[1]);
	if (!is_tag && h->tail == TAIL_NOWHERE)
		return true;
	if (!is_text(b))
		return bad(h, "header", "not plain text in UTF-8");
	if (is_tag)
		return take_tag(h, tag);
	if (cursor_at(b, ' '))
		cursor_drop(&b, 1);
	take_tail(h, b);
	return true;
}

static bool
take_line(struct header *h, struct bytes b)
{
	if (b.len == 0) {
		h->tail = TAIL_NOWHERE;
		return true;
	}
	if (h->line == 1 && b.len > 1 && b.data[1] == '!')
		return true;
	return take_comment(h, b);
}

static struct bytes
next_line(struct bytes *text)
{
	struct bytes	 line;

	if (!cursor_until(text, '\n', &line)) {
		line = *text;
		cursor_drop(text, text->len);
	}
	cursor_blanks(&line);
	while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]) != NULL)
		line.len--;
	return line;
}

/* A line that the limit cuts is not there at all. */
static struct bytes
within_limit(struct bytes text)
{
	if (text.len <= HEADER_BYTES)
		return text;
	for (text.len = HEADER_BYTES; text.len > 0; text.len--)
		if (text.data[text.len - 1] == '\n')
			break;
	return text;
}

static void
trim_end(char *text)
{
	size_t	 len = strlen(text);

	while (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
}

bool
header_parse(struct tool *t, struct bytes text, struct tool_note *error)
{
	struct header	 h = { t, error, 0, TAIL_NOWHERE };
	struct bytes	 line;
	size_t		 i;

	text = within_limit(text);
	while (text.len > 0 && h.line < HEADER_LINES) {
		line = next_line(&text);
		h.line++;
		if (line.len > 0 && *line.data != '#')
			break;
		if (!take_line(&h, line))
			return false;
	}
	h.line = 0;
	if (t->describe == NULL)
		return bad(&h, "header", "no @describe");
	trim_end(t->describe);
	for (i = 0; i < t->nparams; i++)
		trim_end(t->params[i].describe);
	tool_render(t);
	return true;
}
