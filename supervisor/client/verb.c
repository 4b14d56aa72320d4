#include "verb.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "show.h"
#include "xalloc.h"

int
verb_usage(const struct client *c, const char *fmt, ...)
{
	bool is_verb = strcmp(c->ask.verb, "sigbox") != 0;
	char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) == -1)
		what = NULL;
	va_end(ap);
	show_error("%s%s%s (sigbox help%s%s)", is_verb ? c->ask.verb : "",
	    is_verb ? ": " : "", what == NULL ? "" : what,
	    is_verb ? " " : "", is_verb ? c->ask.verb : "");
	free(what);
	return EX_USAGE;
}

bool
verb_seconds(const char *s, uint64_t *ms)
{
	char *end;
	double d;

	errno = 0;
	d = strtod(s, &end);
	if (end == s || *end != '\0' || errno != 0 || !(d >= 0 && d <= 1e9))
		return false;
	*ms = (uint64_t)(d * 1000 + 0.5);
	return true;
}

bool
verb_number(const char *s, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(s, &end, 10);
	return *s >= '0' && *s <= '9' && *end == '\0' && errno == 0;
}

bool
verb_stdin(const struct client *c, struct buf *b, size_t max)
{
	ssize_t n;

	while ((n = read(STDIN_FILENO, buf_room(b, 65536), 65536)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			show_error("%s: stdin: %s", c->ask.verb,
			    strerror(errno));
			return false;
		}
		b->len += (size_t)n;
		if (b->len > max) {
			show_error("%s: stdin: longer than %zu bytes",
			    c->ask.verb, max);
			return false;
		}
	}
	return true;
}

char *
verb_cwd(void)
{
	char *cwd = getcwd(NULL, 0);

	return cwd == NULL ? xstrdup("") : cwd;
}

static void
on_item(void *arg, const struct frame_item *i)
{
	show_item(arg, i->json);
}

int
verb_ask(struct client *c, struct frame *f, const struct show_column *columns)
{
	static const struct ask_ops ops = { .item = on_item };
	struct show s;
	int status;

	show_init(&s, columns, c->json);
	status = ask_do(&c->ask, f, &ops, &s);
	show_end(&s);
	return status;
}

int
verb_order(struct client *c, struct frame *f)
{
	static const struct ask_ops ops = { .item = on_item },
	    deaf = { .item = NULL };
	struct show s;

	show_init(&s, NULL, true);
	return ask_do(&c->ask, f, c->json ? &ops : &deaf, &s);
}
