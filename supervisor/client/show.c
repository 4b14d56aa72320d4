#include "show.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "text.h"
#include "xalloc.h"

const struct show_column show_tasks[] = {
	{ "id", "ID", VALUE_PLAIN },
	{ "session", "SESSION", VALUE_PLAIN },
	{ "tool", "TOOL", VALUE_PLAIN },
	{ "state", "STATE", VALUE_STATE },
	{ "pid", "PID", VALUE_PLAIN },
	{ "started_at", "AGE", VALUE_AGE },
	{ "progress", "PROGRESS", VALUE_PROGRESS },
	{ NULL }
};

const struct show_column show_approvals[] = {
	{ "id", "ID", VALUE_PLAIN },
	{ "task", "TASK", VALUE_PLAIN },
	{ "session", "SESSION", VALUE_PLAIN },
	{ "tool", "TOOL", VALUE_PLAIN },
	{ "profile", "PROFILE", VALUE_PLAIN },
	{ "state", "STATE", VALUE_PLAIN },
	{ "cwd", "FOLDER", VALUE_PLAIN },
	{ "args", "ARGUMENTS", VALUE_PLAIN },
	{ NULL }
};

/* The line on stdout that is not finished. */
static bool is_open;

void
show_bytes(struct bytes b)
{
	if (b.len == 0)
		return;
	fwrite(b.data, 1, b.len, stdout);
	is_open = b.data[b.len - 1] != '\n';
}

void
show_line(struct bytes b)
{
	show_bytes(b);
	show_bytes(BYTES("\n"));
}

void
show_at_start(void)
{
	is_open = false;
}

void
show_end_line(void)
{
	if (is_open)
		show_bytes(BYTES("\n"));
}

void
show_error(const char *fmt, ...)
{
	struct buf clean = { 0 };
	char *raw = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&raw, fmt, ap) == -1)
		raw = NULL;
	va_end(ap);
	buf_puts(&clean, "sigbox: ");
	value_add_line(&clean, bytes_of(raw));
	buf_putc(&clean, '\n');
	/* Behind what is on stdout, and not on its line: both may be one. */
	if (show_is_terminal())
		show_end_line();
	show_flush();
	fwrite(clean.data, 1, clean.len, stderr);
	buf_fini(&clean);
	free(raw);
}

void
show_flush(void)
{
	int error;

	if (fflush(stdout) == 0)
		return;
	error = errno;
	if (error == EPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	fprintf(stderr, "sigbox: stdout: %s\n", strerror(error));
	_exit(EX_IOERR);
}

bool
show_is_terminal(void)
{
	static int is = -1;

	if (is == -1)
		is = isatty(STDOUT_FILENO);
	return is == 1;
}

bool
show_has_colour(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return show_is_terminal() && (no == NULL || *no == '\0') &&
	    term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

void
show_to(int fd, struct bytes raw)
{
	struct buf clean = { 0 };

	if (isatty(fd)) {
		text_clean(&clean, raw);
		raw = buf_bytes(&clean);
	}
	if (fd == STDOUT_FILENO)
		show_bytes(raw);
	else if (raw.len > 0)
		fwrite(raw.data, 1, raw.len, stderr);
	buf_fini(&clean);
}

void
show_text(struct bytes raw)
{
	show_to(STDOUT_FILENO, raw);
}

void
show_init(struct show *s, const struct show_column *columns, bool json)
{
	*s = (struct show){ .columns = columns, .json = json };
}

static void
add_row(struct show *s, const json_t *o)
{
	const struct show_column *c;

	for (c = s->columns; c->key != NULL; c++) {
		struct buf b = { 0 };

		value_add(&b, o, c->key, c->as);
		s->cells = xreallocarray(s->cells, s->ncells + 1,
		    sizeof(*s->cells));
		s->cells[s->ncells++] = buf_take(&b);
	}
	s->nrows++;
}

/* B1: what runs without a sandbox is to be seen. */
static void
print_key(const char *key, size_t width, const char *words)
{
	bool red = show_has_colour() && strcmp(key, "profile") == 0 &&
	    strcmp(words, "none") == 0;

	printf("%s%*s  %s%s%s\n", key, (int)(width - strlen(key)), "",
	    red ? "\033[31m" : "", words, red ? "\033[m" : "");
}

static void
print_keys(const json_t *o, bool first)
{
	size_t width = 0;
	const char *key;
	json_t *v;

	if (!first)
		putchar('\n');
	json_object_foreach((json_t *)o, key, v)
		if (strlen(key) > width)
			width = strlen(key);
	json_object_foreach((json_t *)o, key, v) {
		struct buf b = { 0 };
		char *words;

		if (json_is_null(v))
			continue;
		value_add(&b, o, key, value_guess(key));
		words = buf_take(&b);
		print_key(key, width, *words == '\0' ? "-" : words);
		free(words);
	}
}

void
show_object(struct show *s, const json_t *o)
{
	if (s->columns != NULL)
		add_row(s, o);
	else
		print_keys(o, s->nrows++ == 0);
}

void
show_item(struct show *s, struct bytes json)
{
	json_t *o;

	if (s->json) {
		show_line(json);
		return;
	}
	if ((o = value_parse(json)) != NULL)
		show_object(s, o);
	json_decref(o);
}

/* Characters, as far as a column needs to know. */
static size_t
width_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void
print_cell(const char *s, size_t width, bool last)
{
	fputs(s, stdout);
	if (last)
		putchar('\n');
	else
		printf("%*s", (int)(width - width_of(s) + 2), "");
}

static void
print_columns(const struct show *s, const size_t *width, size_t n)
{
	bool bold = show_has_colour();

	if (bold)
		fputs("\033[1m", stdout);
	for (size_t i = 0; i < n; i++)
		print_cell(s->columns[i].heading, width[i], i + 1 == n);
	if (bold)
		fputs("\033[m", stdout);
	for (size_t i = 0; i < s->ncells; i++)
		print_cell(s->cells[i], width[i % n], (i + 1) % n == 0);
}

void
show_end(struct show *s)
{
	size_t *width = NULL, n = 0;

	if (s->columns == NULL || s->nrows == 0)
		return;
	while (s->columns[n].key != NULL)
		n++;
	width = xcalloc(n, sizeof(*width));
	for (size_t i = 0; i < n; i++)
		width[i] = width_of(s->columns[i].heading);
	for (size_t i = 0; i < s->ncells; i++)
		if (width_of(s->cells[i]) > width[i % n])
			width[i % n] = width_of(s->cells[i]);
	print_columns(s, width, n);
	for (size_t i = 0; i < s->ncells; i++)
		free(s->cells[i]);
	free(s->cells);
	free(width);
	show_init(s, s->columns, s->json);
}

void
show_task(struct buf *b, const json_t *task)
{
	const char *why = value_text(task, "why");

	value_add(b, task, "id", VALUE_PLAIN);
	buf_putc(b, ' ');
	value_add(b, task, "tool", VALUE_PLAIN);
	buf_puts(b, ": ");
	value_add(b, task, "state", VALUE_STATE);
	if (json_is_number(json_object_get(task, "started_at"))) {
		buf_puts(b, ", ");
		value_add(b, task, "started_at", VALUE_AGE);
	}
	if (*why != '\0') {
		buf_puts(b, ", ");
		value_add_line(b, bytes_of(why));
	}
}

void
show_approval(struct buf *b, const json_t *approval)
{
	const char *by = value_text(approval, "by");
	const char *why = value_text(approval, "why");

	value_add(b, approval, "id", VALUE_PLAIN);
	buf_putc(b, ' ');
	value_add(b, approval, "tool", VALUE_PLAIN);
	buf_puts(b, " (");
	value_add(b, approval, "task", VALUE_PLAIN);
	buf_puts(b, "): ");
	value_add(b, approval, "state", VALUE_PLAIN);
	if (*by != '\0') {
		buf_puts(b, " by ");
		value_add_line(b, bytes_of(by));
	}
	if (*why != '\0') {
		buf_puts(b, ": ");
		value_add_line(b, bytes_of(why));
	}
}
