#include "value.h"

#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "text.h"

#define EXIT_TIMED_OUT	124	/* as timeout(1) has it */
#define EXIT_REFUSED	126	/* as a shell has it: could not be run */

json_t *
value_parse(struct bytes json)
{
	json_t *o = json_loadb(json.data, json.len, 0,
	    NULL);

	if (json_is_object(o))
		return o;
	json_decref(o);
	return NULL;
}

const char *
value_text(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s == NULL ? "" : s;
}

void
value_add_line(struct buf *b, struct bytes raw)
{
	size_t from = b->len;

	text_clean(b, raw);
	for (; from < b->len; from++)
		if (b->data[from] == '\n' || b->data[from] == '\t')
			b->data[from] = ' ';
}

void
value_add_seconds(struct buf *b, double seconds)
{
	unsigned long s = seconds < 0 ? 0 : (unsigned long)seconds;

	if (seconds < 0.9995)
		buf_printf(b, "%.0f ms", seconds < 0 ? 0 : seconds * 1000);
	else if (seconds < 10)
		buf_printf(b, "%.3g s", seconds);
	else if (s < 60)
		buf_printf(b, "%lu s", s);
	else if (s < 3600)
		buf_printf(b, "%lu min %lu s", s / 60, s % 60);
	else if (s < 86400)
		buf_printf(b, "%lu h %lu min", s / 3600, s / 60 % 60);
	else
		buf_printf(b, "%lu d %lu h", s / 86400, s / 3600 % 24);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
add_time(struct buf *b, const json_t *v)
{
	time_t t = (time_t)json_number_value(v), today = time(NULL);
	struct tm tm, day;
	char s[32];

	localtime_r(&t, &tm);
	localtime_r(&today, &day);
	strftime(s, sizeof(s), tm.tm_year == day.tm_year &&
	    tm.tm_yday == day.tm_yday ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &tm);
	buf_puts(b, s);
}

static void
add_bytes(struct buf *b, const json_t *v)
{
	double n = json_number_value(v);
	const char *unit = "KMGTP";

	if (n < 1024) {
		buf_printf(b, "%.0f", n);
		return;
	}
	for (n /= 1024; n >= 1023.5 && unit[1] != '\0'; n /= 1024)
		unit++;
	buf_printf(b, n < 9.95 ? "%.1f%c" : "%.0f%c", n, *unit);
}

static void	add_plain(struct buf *, const json_t *);

/* An object in a list is a row of its own: u5 streaming, t7 exec kept. */
static void
add_row(struct buf *b, const json_t *o)
{
	const char *key, *blank = "";
	json_t *v;

	json_object_foreach((json_t *)o, key, v) {
		if (json_is_null(v))
			continue;
		buf_puts(b, blank);
		add_plain(b, v);
		blank = " ";
	}
}

static void
add_list(struct buf *b, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			buf_puts(b, ", ");
		if (json_is_object(json_array_get(list, i)))
			add_row(b, json_array_get(list, i));
		else
			add_plain(b, json_array_get(list, i));
	}
	if (json_array_size(list) == 0)
		buf_putc(b, '-');
}

static void
add_dump(struct buf *b, const json_t *v)
{
	char *s = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);

	if (s != NULL)
		value_add_line(b, bytes_of(s));
	free(s);
}

static void
add_plain(struct buf *b, const json_t *v)
{
	if (json_is_string(v))
		value_add_line(b, (struct bytes){ json_string_value(v),
		    json_string_length(v) });
	else if (json_is_boolean(v))
		buf_puts(b, json_is_true(v) ? "yes" : "no");
	else if (json_is_array(v))
		add_list(b, v);
	else
		add_dump(b, v);
}

static void
add_sentence(struct buf *b, const char *text)
{
	const char *end = strstr(text, ". ");

	value_add_line(b, (struct bytes){ text, end == NULL ? strlen(text) :
	    (size_t)(end - text) + 1 });
}

/* now - started_at, or as long as it took; without a start there is no age. */
static void
add_age(struct buf *b, const json_t *o)
{
	const json_t *from = json_object_get(o, "started_at");
	const json_t *to = json_object_get(o, "ended_at");

	if (!json_is_number(from)) {
		buf_putc(b, '-');
		return;
	}
	value_add_seconds(b, (json_is_number(to) ? json_number_value(to) :
	    now()) - json_number_value(from));
}

/* A signal's number: it may come as one, or by name. */
static int
signal_number(const json_t *v)
{
	const char *name = json_string_value(v);

	if (json_is_integer(v))
		return (int)json_integer_value(v);
	if (name == NULL)
		return 0;
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	for (int n = 1; n < NSIG; n++)
		if (sigabbrev_np(n) != NULL &&
		    strcmp(sigabbrev_np(n), name) == 0)
			return n;
	return 0;
}

static void
add_state(struct buf *b, const json_t *o)
{
	const char *end = value_text(o, "end");
	const json_t *code = json_object_get(o, "code");
	int n = signal_number(json_object_get(o, "signal"));

	if (*end == '\0') {
		add_plain(b, json_object_get(o, "state"));
		return;
	}
	value_add_line(b, bytes_of(end));
	if (strcmp(end, "exited") == 0 && json_is_integer(code))
		buf_printf(b, " %lld", json_integer_value(code));
	else if (strcmp(end, "signaled") == 0 && sigabbrev_np(n) != NULL)
		buf_printf(b, " %s", sigabbrev_np(n));
}

static void
add_progress(struct buf *b, const json_t *o)
{
	const json_t *percent = json_object_get(o, "percent");
	const char *text = value_text(o, "progress");
	const char *state = value_text(o, "state");

	/* What stands still says what it waits for, what never ran why. */
	if (*text == '\0' && !json_is_number(percent) &&
	    (strcmp(state, "queued") == 0 || strcmp(state, "suspended") == 0 ||
	    strcmp(value_text(o, "end"), "refused") == 0))
		text = value_text(o, "why");
	if (json_is_number(percent))
		buf_printf(b, "%.0f%%%s", json_number_value(percent),
		    *text == '\0' ? "" : " ");
	else if (*text == '\0')
		buf_putc(b, '-');
	value_add_line(b, bytes_of(text));
}

static void
add_tokens(struct buf *b, const json_t *o)
{
	const json_t *tokens = json_object_get(o, "tokens");
	const json_t *budget = json_object_get(o, "budget");

	if (json_is_integer(tokens))
		add_plain(b, tokens);
	else
		buf_putc(b, '-');
	if (json_is_integer(budget))
		buf_printf(b, " of %lld", json_integer_value(budget));
	if (json_is_true(json_object_get(o, "over_budget")))
		buf_puts(b, ", used up");
}

static void
add_number(struct buf *b, const json_t *v, enum value_as as)
{
	switch (as) {
	case VALUE_TIME:
		add_time(b, v);
		break;
	case VALUE_BYTES:
		add_bytes(b, v);
		break;
	case VALUE_PERCENT:
		buf_printf(b, "%.0f%%", json_number_value(v));
		break;
	case VALUE_SPAN:
		value_add_seconds(b, json_number_value(v) / 1e6);
		break;
	case VALUE_PLAIN:
	case VALUE_SENTENCE:
	case VALUE_AGE:
	case VALUE_STATE:
	case VALUE_PROGRESS:
	case VALUE_TOKENS:
		add_plain(b, v);
		break;
	}
}

void
value_add(struct buf *b, const json_t *object, const char *key,
    enum value_as as)
{
	const json_t *v = json_object_get(object, key);

	if (as == VALUE_AGE)
		add_age(b, object);
	else if (as == VALUE_STATE)
		add_state(b, object);
	else if (as == VALUE_PROGRESS)
		add_progress(b, object);
	else if (as == VALUE_TOKENS)
		add_tokens(b, object);
	else if (v == NULL || json_is_null(v))
		buf_putc(b, '-');
	else if (json_is_number(v))
		add_number(b, v, as);
	else if (as == VALUE_SENTENCE)
		add_sentence(b, value_text(object, key));
	else
		add_plain(b, v);
}

static bool
ends_in(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

enum value_as
value_guess(const char *key)
{
	if (ends_in(key, "_at") || strcmp(key, "time") == 0 ||
	    strcmp(key, "created") == 0)
		return VALUE_TIME;
	if (ends_in(key, "_bytes"))
		return VALUE_BYTES;
	if (ends_in(key, "_us"))
		return VALUE_SPAN;
	if (strcmp(key, "percent") == 0)
		return VALUE_PERCENT;
	return VALUE_PLAIN;
}

static bool
begins_with(const char *s, const char *word)
{
	return strncmp(s, word, strlen(word)) == 0;
}

int
value_exit_code(const json_t *task)
{
	const char *end = value_text(task, "end");
	int code = (int)json_integer_value(json_object_get(task, "code"));
	int n = signal_number(json_object_get(task, "signal"));

	if (strcmp(value_text(task, "state"), "ended") != 0)
		return 0;
	if (begins_with(end, "exited"))
		return code;
	if (begins_with(end, "timed-out"))
		return EXIT_TIMED_OUT;
	if (begins_with(end, "refused"))
		return EXIT_REFUSED;
	if (begins_with(end, "lost"))
		return EX_TEMPFAIL;
	if (n == 0 && code == 0)	/* stopped, and left in good order */
		n = SIGTERM;
	return n > 0 ? 128 + n : code;
}
