#include "conf.h"

#include <stdlib.h>

#include "buf.h"
#include "text.h"
#include "value.h"
#include "xalloc.h"

#define SHOWN	64			/* bytes of a bad value in an error */
#define NAME_MAX_	64		/* bytes of a session's name */
#define MODEL	"gpt-4o-mini"		/* where nobody names one */

struct key {
	const char		*name;
	enum value_type		 type;
	size_t			 offset;	/* in its section's struct */
	const char		*fallback;
	const char		*words;
};

#define SECTION(section)	static const struct key section##_keys[] = {
#define KEY(section, key, TYPE, fallback, words) \
	{ #key, VALUE_##TYPE, offsetof(struct conf_##section, key), \
	    fallback, words },
#define END(section)		{ NULL } };
#include "conf.def"
#undef SECTION
#undef KEY
#undef END

static const struct section {
	const char		*name;
	const struct key	*keys;
	size_t			 offset;	/* in struct conf */
} sections[] = {
	{ "model", model_keys, offsetof(struct conf, model) },
	{ "session", session_keys, offsetof(struct conf, session) },
	{ "tasks", tasks_keys, offsetof(struct conf, tasks) },
	{ "sandbox", sandbox_keys, offsetof(struct conf, sandbox) },
	{ "log", log_keys, offsetof(struct conf, log) },
};

#define NSECTIONS	(sizeof(sections) / sizeof(sections[0]))

/* Where a text is being read: what an error needs, and what a key goes into. */
struct reader {
	struct conf		*conf;
	const char		*file;
	unsigned		 line;
	const struct key	*keys;	/* of the section; NULL: none yet */
	char			*base;	/* its struct */
	const char		*section;
	char			**why;
};

static void
reset(const struct key *keys, char *base)
{
	const struct key *k;

	for (k = keys; k->name != NULL; k++)
		value_reset(k->type, base + k->offset, k->fallback);
}

static void
release(const struct key *keys, char *base)
{
	const struct key *k;

	for (k = keys; k->name != NULL; k++)
		value_fini(k->type, base + k->offset);
}

void
conf_init(struct conf *c)
{
	size_t i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < NSECTIONS; i++)
		reset(sections[i].keys, (char *)c + sections[i].offset);
}

void
conf_fini(struct conf *c)
{
	size_t i;

	for (i = 0; i < NSECTIONS; i++)
		release(sections[i].keys, (char *)c + sections[i].offset);
	for (i = 0; i < c->ntools; i++) {
		release(tool_keys, (char *)&c->tools[i].said);
		free(c->tools[i].name);
	}
	for (i = 0; i < c->nrooms; i++) {
		release(room_keys, (char *)&c->rooms[i].said);
		free(c->rooms[i].name);
	}
	free(c->tools);
	free(c->rooms);
	if (c->key != NULL)
		explicit_bzero(c->key, strlen(c->key));
	free(c->key);
	free(c->notice);
	memset(c, 0, sizeof(*c));
}

/* what is taken over. */
static int
refuse(const struct reader *r, char *what)
{
	*r->why = xasprintf("%s:%u: %s", r->file, r->line, what);
	free(what);
	return -1;
}

static int
shown(struct bytes b)
{
	return (int)text_prefix(b, SHOWN);
}

static struct conf_tool *
have_tool(struct conf *c, struct bytes name)
{
	struct conf_named_tool *n;
	size_t i;

	for (i = 0; i < c->ntools; i++)
		if (bytes_is(name, c->tools[i].name))
			return &c->tools[i].said;
	c->tools = xreallocarray(c->tools, c->ntools + 1, sizeof(*c->tools));
	n = &c->tools[c->ntools++];
	memset(n, 0, sizeof(*n));
	n->name = xmemdup(name.data, name.len);
	reset(tool_keys, (char *)&n->said);
	return &n->said;
}

static struct conf_room *
have_room(struct conf *c, struct bytes name)
{
	struct conf_named_room *n;
	size_t i;

	for (i = 0; i < c->nrooms; i++)
		if (bytes_is(name, c->rooms[i].name))
			return &c->rooms[i].said;
	c->rooms = xreallocarray(c->rooms, c->nrooms + 1, sizeof(*c->rooms));
	n = &c->rooms[c->nrooms++];
	memset(n, 0, sizeof(*n));
	n->name = xmemdup(name.data, name.len);
	reset(room_keys, (char *)&n->said);
	return &n->said;
}

static bool
is_tool_name(struct bytes b)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	size_t i;

	for (i = 0; i < b.len; i++)
		if (strchr(allowed, b.data[i]) == NULL)
			return false;
	return b.len > 0 && b.len <= 64;
}

static int
enter_tool(struct reader *r, struct bytes name)
{
	if (!is_tool_name(name))
		return refuse(r, xasprintf("[tool %.*s]: not a tool's name",
		    shown(name), name.data));
	r->section = "tool";
	r->keys = tool_keys;
	r->base = (char *)have_tool(r->conf, name);
	return 0;
}

static int
enter_room(struct reader *r, struct bytes name)
{
	if (name.len > NAME_MAX_)
		return refuse(r, xasprintf("[session %.*s]: not a session's "
		    "name", shown(name), name.data));
	r->section = "session NAME";
	r->keys = room_keys;
	r->base = (char *)have_room(r->conf, name);
	return 0;
}

/* What is behind a word and a blank; empty: it is not such. */
static struct bytes
named(struct bytes section, const char *word)
{
	size_t n = strlen(word);

	if (section.len <= n || memcmp(section.data, word, n) != 0)
		return (struct bytes){ NULL, 0 };
	return value_trim((struct bytes){ section.data + n, section.len - n });
}

static int
enter(struct reader *r, struct bytes line)
{
	struct bytes name = { line.data + 1, line.len - 2 };
	size_t i;

	if (line.data[line.len - 1] != ']')
		return refuse(r, xstrdup("a section without its ]"));
	name = value_trim(name);
	if (named(name, "tool ").len > 0)
		return enter_tool(r, named(name, "tool "));
	if (named(name, "session ").len > 0)
		return enter_room(r, named(name, "session "));
	for (i = 0; i < NSECTIONS; i++)
		if (bytes_is(name, sections[i].name)) {
			r->section = sections[i].name;
			r->keys = sections[i].keys;
			r->base = (char *)r->conf + sections[i].offset;
			return 0;
		}
	return refuse(r, xasprintf("[%.*s]: no such section", shown(name),
	    name.data));
}

static const struct key *
find_key(const struct key *k, struct bytes name)
{
	for (; k->name != NULL; k++)
		if (bytes_is(name, k->name))
			return k;
	return NULL;
}

static int
assign(struct reader *r, struct bytes name, struct bytes value)
{
	const struct key *k;
	char *why;
	int rc;

	if (r->keys == NULL)
		return refuse(r, xasprintf("%.*s: outside of any section",
		    shown(name), name.data));
	if ((k = find_key(r->keys, name)) == NULL)
		return refuse(r, xasprintf("%.*s: no such key in [%s]",
		    shown(name), name.data, r->section));
	if (value.len == 0) {
		value_reset(k->type, r->base + k->offset, k->fallback);
		return 0;
	}
	why = value_set(k->type, r->base + k->offset, value, k->words);
	if (why == NULL)
		return 0;
	rc = refuse(r, xasprintf("%s: %s: %.*s", k->name, why, shown(value),
	    value.data));
	free(why);
	return rc;
}

static int
take_line(struct reader *r, struct bytes line)
{
	const char *equals;
	size_t len;

	line = value_trim(line);
	if (!text_is_valid(line))
		return refuse(r, xstrdup("not valid UTF-8"));
	if (line.len == 0)
		return 0;
	if (line.data[0] == '[')
		return enter(r, line);
	if ((equals = memchr(line.data, '=', line.len)) == NULL)
		return refuse(r, xasprintf("neither [section] nor key = value"
		    ": %.*s", shown(line), line.data));
	len = (size_t)(equals - line.data);
	return assign(r, value_trim((struct bytes){ line.data, len }),
	    value_trim((struct bytes){ equals + 1, line.len - len - 1 }));
}

static struct bytes
cut_line(struct bytes *rest)
{
	const char *end = memchr(rest->data, '\n', rest->len);
	struct bytes line = { rest->data, rest->len };

	if (end != NULL)
		line.len = (size_t)(end - rest->data);
	rest->data += line.len + (end != NULL);
	rest->len -= line.len + (end != NULL);
	return line;
}

/*
 * A line, and while it ends with a backslash the next one behind a blank.
 * Comments are no part of it, nor do they go on. Returns how many it took.
 */
static unsigned
join_lines(struct bytes *rest, struct buf *joined)
{
	struct bytes line;
	unsigned n = 0;
	bool more = true;
	char last;

	buf_reset(joined);
	while (more && rest->len > 0) {
		line = value_trim(cut_line(rest));
		n++;
		last = line.len == 0 ? '\0' : line.data[line.len - 1];
		if (line.len > 0 && strchr("#;", line.data[0]) != NULL)
			more = n > 1;
		else {
			more = last == '\\';
			buf_add(joined, line.data, line.len - more);
			if (more)
				buf_putc(joined, ' ');
		}
	}
	return n;
}

int
conf_parse(struct conf *c, const char *file, struct bytes text, char **why)
{
	struct reader r = { .conf = c, .file = file, .line = 1, .why = why };
	struct buf joined = { 0 };
	unsigned nlines;
	int rc = 0;

	while (rc == 0 && text.len > 0) {
		nlines = join_lines(&text, &joined);
		rc = take_line(&r, buf_bytes(&joined));
		r.line += nlines;
	}
	buf_fini(&joined);
	return rc;
}

static char *
copy(const char *s)
{
	return s == NULL ? NULL : xstrdup(s);
}

/* What a file says is never overruled. */
static void
fill(char **at, const char *s)
{
	if (*at == NULL)
		*at = copy(s);
}

/* No file named a provider. */
static void
decide(struct conf *c, const struct conf_env *env)
{
	struct conf_model *m = &c->model;

	if (m->base_url == NULL && m->key_file == NULL &&
	    env->base_url == NULL && env->key == NULL) {
		fill(&m->provider, "builtin");
		if (env->anthropic)
			c->notice = xstrdup("ANTHROPIC_API_KEY: provider "
			    "anthropic is not in this version: "
			    "builtin answers");
		return;
	}
	fill(&m->provider, "openai");
	fill(&m->base_url, env->base_url);
	fill(&m->model, env->model);
}

static void
complete_openai(struct conf *c, const struct conf_env *env)
{
	struct conf_model *m = &c->model;

	fill(&m->base_url, "https://api.openai.com/v1");
	if (m->model == NULL)
		c->notice = xstrdup("no model is named: asking for " MODEL);
	fill(&m->model, MODEL);
	if (m->key_file == NULL)
		fill(&c->key, env->key);
}

int
conf_settle(struct conf *c, const struct conf_env *env, char **why)
{
	struct conf_model *m = &c->model;

	if (m->provider == NULL)
		decide(c, env);
	if (strcmp(m->provider, "anthropic") == 0)
		*why = xstrdup("[model] provider: anthropic is not in this "
		    "version");
	else if (c->session.system != NULL && c->session.system_file != NULL)
		*why = xstrdup("[session] system, system_file: one of the two, "
		    "please");
	else {
		if (strcmp(m->provider, "openai") == 0)
			complete_openai(c, env);
		return 0;
	}
	return -1;
}

enum log_level
conf_level(const struct conf *c)
{
	static const char *const words[] = {
		[LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARN] = "warn",
		[LOG_LEVEL_INFO] = "info", [LOG_LEVEL_DEBUG] = "debug"
	};
	unsigned level = LOG_LEVEL_ERROR;

	while (strcmp(words[level], c->log.level) != 0)
		level++;
	return (enum log_level)level;
}

const struct conf_tool *
conf_tool(const struct conf *c, const char *name)
{
	static const struct conf_tool unsaid = {
		.timeout = CONF_UNSAID, .grace = CONF_UNSAID
	};
	size_t i;

	for (i = 0; i < c->ntools; i++)
		if (strcmp(c->tools[i].name, name) == 0)
			return &c->tools[i].said;
	return &unsaid;
}

const struct conf_room *
conf_room(const struct conf *c, const char *session)
{
	static const struct conf_room unsaid = { .budget = CONF_UNSAID };
	size_t i;

	for (i = 0; i < c->nrooms; i++)
		if (strcmp(c->rooms[i].name, session) == 0)
			return &c->rooms[i].said;
	return &unsaid;
}
