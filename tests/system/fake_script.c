#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_script.h"

static const struct {
	const char	*name;
	size_t		 at;
} flags[] = {
#define FLAG(name)	{ #name, offsetof(struct script, name) }
	FLAG(cut), FLAG(cutcall), FLAG(counts), FLAG(once), FLAG(html), FLAG(unary),
	FLAG(null), FLAG(crlf), FLAG(nofinish), FLAG(length), FLAG(ollama),
	FLAG(noid), FLAG(argsobject), FLAG(badargs), FLAG(noargs),
#undef FLAG
}, words[] = {
#define WORD(name)	{ #name, offsetof(struct script, name) }
	WORD(mute), WORD(hold), WORD(holdcall), WORD(think), WORD(finish),
#undef WORD
}, numbers[] = {
#define NUMBER(name)	{ #name, offsetof(struct script, name) }
	NUMBER(slow), NUMBER(pieces), NUMBER(fill), NUMBER(context),
#undef NUMBER
};

#define LENGTH(a)	(sizeof(a) / sizeof((a)[0]))

static char *
copy(const char *s, size_t len)
{
	char *d = strndup(s, len);

	if (d == NULL)
		abort();
	return d;
}

static void
replace(char **old, char *new)
{
	free(*old);
	*old = new;
}

static void
add(char **text, const char *s, size_t len)
{
	char *d;

	if (asprintf(&d, "%s%s%.*s", *text, **text == '\0' ? "" : "\n",
	    (int)len, s) == -1)
		abort();
	replace(text, d);
}

static const char *
content_of(const json_t *message)
{
	const char *s = json_string_value(json_object_get(message, "content"));

	return s == NULL ? "" : s;
}

static bool
has_role(const json_t *message, const char *role)
{
	const char *s = json_string_value(json_object_get(message, "role"));

	return s != NULL && strcmp(s, role) == 0;
}

/* The first envelope in s and where it ends; NULL: none. */
static const char *
envelope(const char *s, const char **end)
{
	static const char *const open[] = { "<task-event", "<session-note" };
	static const char *const close[] = { "</task-event>",
	    "</session-note>" };
	const char *at, *to, *first = NULL;
	size_t i;

	for (i = 0; i < LENGTH(open); i++)
		if ((at = strstr(s, open[i])) != NULL &&
		    (to = strstr(at, close[i])) != NULL &&
		    (first == NULL || at < first)) {
			first = at;
			*end = to + strlen(close[i]);
		}
	return first;
}

/* What is in an envelope is not a person's word. */
static char *
without_envelopes(const char *s)
{
	char *left = copy("", 0);
	const char *from, *to = s;
	size_t len;

	while ((from = envelope(s, &to)) != NULL) {
		s += strspn(s, "\n ");
		len = from > s ? (size_t)(from - s) : 0;
		while (len > 0 && s[len - 1] == '\n')
			len--;
		if (len > 0)
			add(&left, s, len);
		s = to;
	}
	s += strspn(s, "\n ");
	if (*s != '\0')
		add(&left, s, strlen(s));
	return left;
}

static char *
attribute(const char *from, const char *name)
{
	const char *end = strchr(from, '>');
	const char *at = strstr(from, name);

	if (at == NULL || end == NULL || at > end)
		return copy("?", 1);
	at += strlen(name);
	return copy(at, strcspn(at, "\""));
}

static char *
note_of(const char *s)
{
	char *text = copy("", 0), *id, *state, *more;

	for (; (s = strstr(s, "<task-event")) != NULL; s++) {
		id = attribute(s, " id=\"");
		state = attribute(s, " state=\"");
		if (asprintf(&more, "%s%s%s %s", text,
		    *text == '\0' ? "noted: " : ", ", id, state) == -1)
			abort();
		replace(&text, more);
		free(id);
		free(state);
	}
	if (*text == '\0')
		replace(&text, copy("noted", 5));
	return text;
}

static size_t
first_chars(const char *s, size_t max)
{
	size_t n = strnlen(s, max);

	while (n > 0 && s[n] != '\0' && (s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static char *
results_of(const json_t *messages, size_t from)
{
	char *text = copy("results:", 8), *more;
	const json_t *m;
	const char *s;
	size_t i;

	for (i = from; i < json_array_size(messages); i++) {
		m = json_array_get(messages, i);
		if (!has_role(m, "tool"))
			continue;
		s = content_of(m);
		if (asprintf(&more, "%s%s %s -> %.*s", text,
		    strcmp(text, "results:") == 0 ? "" : " |",
		    json_string_value(json_object_get(m, "tool_call_id")),
		    (int)first_chars(s, 200), s) == -1)
			abort();
		replace(&text, more);
	}
	return text;
}

static void
read_call(struct script *s, const char *rest, size_t len)
{
	struct script_call *c = &s->calls[s->ncalls];
	size_t name = strcspn(rest, " \n");

	if (s->ncalls == SCRIPT_CALLS)
		return;
	if (name > len)
		name = len;
	c->name = copy(rest, name);
	if (name < len)
		name++;
	c->arguments = name < len ? copy(rest + name, len - name) :
	    copy("{}", 2);
	s->ncalls++;
}

static void
read_status(struct script *s, const char *rest)
{
	char *end;

	s->status = strtoul(rest, &end, 10);
	if (*end == ' ')
		replace(&s->retry_after, copy(end + 1,
		    strcspn(end + 1, "\n")));
}

static void
read_usage(struct script *s, const char *rest)
{
	char *end;

	s->usage = strtoul(rest, &end, 10);
	s->cached = strtoul(end, &end, 10);
	s->output = strtoul(end, NULL, 10);
}

static bool
read_directive(struct script *s, const char *name, const char *rest)
{
	size_t i, len = strlen(rest);

	for (i = 0; i < LENGTH(flags); i++)
		if (strcmp(name, flags[i].name) == 0)
			return *(bool *)((char *)s + flags[i].at) = true;
	for (i = 0; i < LENGTH(words); i++)
		if (strcmp(name, words[i].name) == 0) {
			replace((char **)((char *)s + words[i].at),
			    copy(rest, len));
			return true;
		}
	for (i = 0; i < LENGTH(numbers); i++)
		if (strcmp(name, numbers[i].name) == 0) {
			*(uint64_t *)((char *)s + numbers[i].at) =
			    strtoul(rest, NULL, 10);
			return true;
		}
	if (strcmp(name, "call") == 0)
		read_call(s, rest, len);
	else if (strcmp(name, "status") == 0)
		read_status(s, rest);
	else if (strcmp(name, "usage") == 0)
		read_usage(s, rest);
	else if (strcmp(name, "error") == 0) {
		s->error = strcmp(rest, "late") != 0;
		s->late = !s->error;
	} else
		return strcmp(name, "summary") == 0;
	return true;
}

static void
read_line(struct script *s, const char *line)
{
	size_t name = line[0] == '@' ? strcspn(line + 1, " ") : 0;
	char *directive = copy(line + 1, name);
	const char *rest = line + 1 + name;
	bool known;

	known = name > 0 && read_directive(s, directive,
	    rest + (*rest == ' '));
	if (!known)
		add(&s->text, line, strlen(line));
	free(directive);
}

/* The lines of one round; false if the script has no such round. */
static bool
read_round(struct script *s, char *script, size_t round)
{
	char *line, *at = script;
	size_t now = 0;

	while ((line = strsep(&at, "\n")) != NULL) {
		if (strcmp(line, "@then") == 0 ||
		    strncmp(line, "@then ", 6) == 0) {
			now++;
			line += line[5] == ' ' ? 6 : 5;
		}
		if (now == round && *line != '\0')
			read_line(s, line);
	}
	return now >= round;
}

static size_t
last_user(const json_t *messages)
{
	size_t i = json_array_size(messages);

	while (i > 0 && !has_role(json_array_get(messages, i - 1), "user"))
		i--;
	return i;		/* the one behind it */
}

static void
answer_results(struct script *s, const json_t *messages, size_t from)
{
	replace(&s->text, results_of(messages, from));
}

static void
answer_echo(struct script *s)
{
	char *echo;

	if (asprintf(&echo, "echo: %s", s->text) == -1)
		abort();
	replace(&s->text, echo);
}

static void
read_rounds(struct script *s, const json_t *messages, size_t from)
{
	char *script = without_envelopes(s->user);
	size_t i, round = 0, results = from;

	for (i = from; i < json_array_size(messages); i++)
		if (json_object_get(json_array_get(messages, i),
		    "tool_calls") != NULL) {
			round++;
			results = i;
		}
	if (*script == '\0')
		replace(&s->text, note_of(s->user));
	else
		read_round(s, script, round);
	if (round > 0 && s->ncalls == 0 && *s->text == '\0')
		answer_results(s, messages, results);
	else if (round == 0 && s->ncalls == 0 && *script != '\0')
		answer_echo(s);
	free(script);
}

static bool
asks_for_summary(const char *user)
{
	return strstr(user, "This conversation gets too long for you") !=
	    NULL;
}

/* Its lines were said before, by whom the summary is about. */
static void
read_summary(struct script *s, const json_t *messages)
{
	static const char word[] = "@summary ";
	char *said, *at, *line;
	const json_t *m;
	size_t i;

	json_array_foreach(messages, i, m) {
		if (!has_role(m, "user"))
			continue;
		at = said = without_envelopes(content_of(m));
		while ((line = strsep(&at, "\n")) != NULL)
			if (strncmp(line, word, strlen(word)) == 0)
				read_line(s, line + strlen(word));
		free(said);
	}
	if (*s->text == '\0' && s->ncalls == 0)
		replace(&s->text, copy("A summary.", 10));
}

struct script *
script_read(const json_t *request)
{
	const json_t *messages = json_object_get(request, "messages");
	size_t i = 0, n = last_user(messages);
	struct script *s;

	if (n == 0)
		return NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		abort();
	while (!has_role(json_array_get(messages, i), "user"))
		i++;
	s->first = strdup(content_of(json_array_get(messages, i)));
	s->user = strdup(content_of(json_array_get(messages, n - 1)));
	s->text = strdup("");
	if (asks_for_summary(s->user))
		read_summary(s, messages);
	else
		read_rounds(s, messages, n);
	return s;
}

void
script_heal(struct script *s)
{
	s->status = 0;
	s->cut = s->cutcall = s->error = s->late = false;
	s->html = s->nofinish = s->length = false;
}

void
script_free(struct script *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->ncalls; i++) {
		free(s->calls[i].name);
		free(s->calls[i].arguments);
	}
	for (i = 0; i < LENGTH(words); i++)
		free(*(char **)((char *)s + words[i].at));
	free(s->retry_after);
	free(s->first);
	free(s->user);
	free(s->text);
	free(s);
}
