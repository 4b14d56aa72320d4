#include "pattern.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "xalloc.h"

#define SIZE_MAX_	1024	/* of what it becomes, in elements */
#define MEMORY		16384	/* bytes of lines, see pattern_matches() */
#define HOW		(REG_EXTENDED | REG_NOSUB | REG_NEWLINE)

struct pattern {
	char	*text;
	regex_t	 regex;
	size_t	 seen;		/* bytes since it was compiled */
};

/*
 * A look at the text that never costs more than its length. To compile it can
 * cost more than there is time, so whoever serves others does not.
 */
struct reader {
	struct bytes	 left;
	const char	*why;		/* NULL: fine so far */
	bool		 is_void;	/* the last part may match nothing */
};

static bool
is_next(const struct reader *r, char c)
{
	return r->left.len > 0 && *r->left.data == c;
}

static bool
take(struct reader *r, char c)
{
	if (!is_next(r, c))
		return false;
	r->left.data++;
	r->left.len--;
	return true;
}

static char
next(struct reader *r)
{
	r->left.len--;
	return *r->left.data++;
}

static size_t
wrong(struct reader *r, const char *why)
{
	if (r->why == NULL)
		r->why = why;
	r->left.len = 0;
	return 0;
}

/* Behind [: comes the name of a class of characters. */
static void
take_class(struct reader *r)
{
	static const char *const names[] = { "alnum", "alpha", "blank",
	    "cntrl", "digit", "graph", "lower", "print", "punct", "space",
	    "upper", "xdigit" };
	size_t i, n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i]);
		if (r->left.len < n + 2 ||
		    memcmp(r->left.data, names[i], n) != 0 ||
		    memcmp(r->left.data + n, ":]", 2) != 0)
			continue;
		r->left.data += n + 2;
		r->left.len -= n + 2;
		return;
	}
	wrong(r, "there is no class of that name, as in [[:digit:]]");
}

/* The end of a range; the - is taken. */
static void
take_end(struct reader *r, char from)
{
	char to;

	if (r->left.len == 0 || is_next(r, '[')) {
		wrong(r, "a range has no end");
		return;
	}
	to = next(r);
	if ((unsigned char)to >= 0x80)
		wrong(r, "only ASCII can stand between [ and ]");
	else if (to < from)
		wrong(r, "a range goes backwards");
}

static bool
is_range(const struct reader *r)
{
	return is_next(r, '-') && r->left.len > 1 && r->left.data[1] != ']';
}

static void
element(struct reader *r)
{
	char c = next(r);

	if ((unsigned char)c >= 0x80)
		wrong(r, "only ASCII can stand between [ and ]");
	else if (c == '[' && (is_next(r, '=') || is_next(r, '.')))
		wrong(r, "it has a [= or a [.");
	else if (c == '[' && take(r, ':'))
		take_class(r);
	else if (is_range(r) && take(r, '-'))
		take_end(r, c);
}

static size_t
bracket(struct reader *r)
{
	bool first = true;

	take(r, '^');
	for (; first || !is_next(r, ']'); first = false) {
		if (r->left.len == 0)
			return wrong(r, "a [ has no ]");
		element(r);
	}
	next(r);
	return 1;
}

static size_t	alternatives(struct reader *, bool inside);

static size_t
group(struct reader *r)
{
	size_t size = alternatives(r, true);

	return take(r, ')') ? size + 1 : wrong(r, "a ( has no )");
}

static size_t
escape(struct reader *r)
{
	char c;

	if (r->left.len == 0)
		return wrong(r, "nothing follows the last \\");
	c = next(r);
	if (c >= '1' && c <= '9')
		return wrong(r, "it refers back, with \\1 or the like");
	r->is_void = strchr("<>bB`'", c) != NULL;
	return 1;
}

/* A character beyond ASCII is several bytes, of which a * would mean one. */
static size_t
atom(struct reader *r, bool *is_wide)
{
	char c = next(r);

	*is_wide = (unsigned char)c >= 0x80;
	r->is_void = c == '^' || c == '$';
	switch (c) {
	case '(':
		return group(r);
	case '[':
		return bracket(r);
	case '\\':
		return escape(r);
	case '{':
		return wrong(r, "it has a {; write \\{ for the brace itself");
	case '*': case '+': case '?':
		return wrong(r, "nothing stands before a *, + or ?");
	}
	return 1;
}

static bool
is_repeated(const struct reader *r)
{
	return is_next(r, '*') || is_next(r, '+') || is_next(r, '?');
}

/*
 * What a + repeats is there twice when it is compiled. And two ways through one
 * part that match nothing are for libc two for each of the parts behind it.
 */
static size_t
piece(struct reader *r)
{
	char how;
	bool is_anchor = is_next(r, '^') || is_next(r, '$'), is_wide;
	size_t size = atom(r, &is_wide);

	if (is_anchor && is_repeated(r))
		return wrong(r, "nothing stands before a *, + or ?");
	if (is_wide && is_repeated(r))
		return wrong(r, "a character beyond ASCII is repeated only in "
		    "( )");
	while (is_repeated(r)) {
		how = next(r);
		if (how == '?' && r->is_void)
			return wrong(r, "a ? follows what may match nothing");
		r->is_void |= how != '+';
		size = how == '+' ? 2 * size + 1 : size + 1;
		if (size > SIZE_MAX_)
			return wrong(r, "it repeats what is repeated, too "
			    "often");
	}
	return size;
}

/* One of them, up to a | or the end. */
static size_t
branch(struct reader *r, bool inside)
{
	bool is_void = true, is_empty = true;
	size_t size = 0;

	while (r->left.len > 0 && !is_next(r, '|') &&
	    !(inside && is_next(r, ')'))) {
		if (is_next(r, ')'))
			return wrong(r, "a ) has no (");
		size += piece(r);
		is_void &= r->is_void;
		is_empty = false;
	}
	r->is_void = is_void;
	return is_empty ? wrong(r, "a part of it is empty") : size;
}

static size_t
alternatives(struct reader *r, bool inside)
{
	size_t size = branch(r, inside), nvoid = r->is_void;

	while (take(r, '|')) {
		size += branch(r, inside);
		nvoid += r->is_void;
	}
	if (nvoid > 1)
		return wrong(r, "two alternatives may match nothing");
	r->is_void = nvoid > 0;
	return size;
}

static bool
has_control(struct bytes b)
{
	size_t i;

	for (i = 0; i < b.len; i++)
		if (((unsigned char)b.data[i] < ' ' && b.data[i] != '\t') ||
		    b.data[i] == 0x7f)
			return true;
	return false;
}

const char *
pattern_check(struct bytes b)
{
	struct reader r = { .left = b };

	if (b.len == 0)
		return "it is empty";
	if (b.len > PATTERN_MAX)
		return "it is longer than 256 bytes";
	if (!text_is_valid(b) || has_control(b))
		return "it is not one line of text";
	if (alternatives(&r, false) > SIZE_MAX_)
		return "it repeats what is repeated, too often";
	return r.why;
}

struct pattern *
pattern_new(struct bytes b)
{
	struct pattern *p = xcalloc(1, sizeof(*p));

	p->text = xmemdup(b.data, b.len);
	if (regcomp(&p->regex, p->text, HOW) == 0)
		return p;
	free(p->text);
	free(p);
	return NULL;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	regfree(&p->regex);
	free(p->text);
	free(p);
}

/*
 * libc remembers each state that a line has led it to, for ever; some patterns
 * have more of them than there is memory.
 */
static void
forget(struct pattern *p)
{
	regfree(&p->regex);
	if (regcomp(&p->regex, p->text, HOW) != 0)
		abort();	/* it was compiled before */
	p->seen = 0;
}

bool
pattern_matches(struct pattern *p, const char *line)
{
	p->seen += strlen(line);
	if (p->seen > MEMORY)
		forget(p);
	return regexec(&p->regex, line, 0, NULL, 0) == 0;
}
