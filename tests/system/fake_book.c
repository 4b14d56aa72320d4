#include "fake_book.h"

#include <err.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fake_script.h"

#define HINT_MAX	120

struct entry {
	char	*user;
	bool	 cut;
};

struct book {
	char		*folder;
	struct entry	*entries;
	uint64_t	 n, limit;
	json_t		*released, *held, *seen; /* sets */
};

static uint64_t
clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t
book_now(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

struct book *
book_open(const char *folder)
{
	struct book *b = calloc(1, sizeof(*b));

	if (b == NULL)
		abort();
	b->folder = strdup(folder);
	b->released = json_object();
	b->held = json_object();
	b->seen = json_object();
	return b;
}

void
book_close(struct book *b)
{
	uint64_t i;

	for (i = 0; i < b->n; i++)
		free(b->entries[i].user);
	json_decref(b->released);
	json_decref(b->held);
	json_decref(b->seen);
	free(b->entries);
	free(b->folder);
	free(b);
}

/* One write each, so that a reader sees whole lines. */
static void
store(const struct book *b, const char *name, int flags, struct body what)
{
	char *path;
	int fd;

	if (asprintf(&path, "%s/%s", b->folder, name) == -1)
		abort();
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags,
	    0644)) == -1 ||
	    write(fd, what.data, what.len) != (ssize_t)what.len)
		err(71, "%s", path);
	close(fd);
	free(path);
}

static void	note(const struct book *, const char *, const char *, ...)
		    __attribute__((format(printf, 3, 4)));

static void
note(const struct book *b, const char *name, const char *fmt, ...)
{
	va_list ap;
	char *line;
	int n;

	va_start(ap, fmt);
	if ((n = vasprintf(&line, fmt, ap)) == -1)
		abort();
	va_end(ap);
	store(b, name, O_APPEND, (struct body){ line, (size_t)n });
	free(line);
}

static char *
hint_of(const struct script *s)
{
	size_t n = s == NULL ? 0 : strnlen(s->first, HINT_MAX);
	json_t *hint;
	char *text;

	while (n > 0 && s->first[n] != '\0' && (s->first[n] & 0xc0) == 0x80)
		n--;
	hint = json_stringn(s == NULL ? "" : s->first, n);
	text = json_dumps(hint, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
	json_decref(hint);
	return text;
}

uint64_t
book_add(struct book *b, struct body body, uint64_t first_us,
    const struct script *s, const char *why)
{
	uint64_t last_us = book_now(), real = clock_us(CLOCK_REALTIME);
	char name[32], *hint = hint_of(s);

	b->entries = reallocarray(b->entries, b->n + 1, sizeof(*b->entries));
	if (b->entries == NULL)
		abort();
	b->entries[b->n++] = (struct entry){
	    .user = strdup(s == NULL ? "" : s->user) };
	snprintf(name, sizeof(name), "%06ju.json", (uintmax_t)b->n);
	store(b, name, O_TRUNC, body);
	if (why != NULL)
		note(b, "refused", "%ju %s\n", (uintmax_t)b->n, why);
	note(b, "log", "%ju %ju %ju %ju %s %s\n", (uintmax_t)b->n,
	    (uintmax_t)first_us, (uintmax_t)last_us, (uintmax_t)real,
	    why == NULL ? "ok" : "refused", hint);
	free(hint);
	return b->n;
}

void
book_cut(struct book *b, uint64_t n)
{
	b->entries[n - 1].cut = true;
	note(b, "cut", "%ju %ju\n", (uintmax_t)n, (uintmax_t)book_now());
}

bool
book_is_cut(const struct book *b, uint64_t n)
{
	return n >= 1 && n <= b->n && b->entries[n - 1].cut;
}

uint64_t
book_count(const struct book *b)
{
	return b->n;
}

uint64_t
book_find(const struct book *b, uint64_t from, const char *text)
{
	uint64_t i;

	for (i = from > 0 ? from - 1 : 0; i < b->n; i++)
		if (strstr(b->entries[i].user, text) != NULL)
			return i + 1;
	return 0;
}

void
book_release(struct book *b, const char *name)
{
	json_object_set(b->released, name, json_true());
}

bool
book_is_released(const struct book *b, const char *name)
{
	return json_object_get(b->released, name) != NULL;
}

void
book_hold(struct book *b, const char *name)
{
	json_object_set(b->held, name, json_true());
}

bool
book_is_held(const struct book *b, const char *name)
{
	return json_object_get(b->held, name) != NULL;
}

bool
book_is_first(struct book *b, const char *text)
{
	bool first = json_object_get(b->seen, text) == NULL;

	json_object_set(b->seen, text, json_true());
	return first;
}

void
book_set_limit(struct book *b, uint64_t limit)
{
	b->limit = limit;
}

uint64_t
book_limit(const struct book *b)
{
	return b->limit;
}
