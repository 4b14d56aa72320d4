/* What is watched for in the output, and how the task stands. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "text.h"
#include "work.h"
#include "xalloc.h"

#define PAST	(64U << 10)	/* of each stream, looked at by one more */

static uint64_t
clock_of_cost(bool cpu)
{
	struct timespec ts;

	if (!cpu)
		return clock_now();
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void
on_out(void *arg, struct bytes s)
{
	watch_feed(arg, WATCH_OUT, s);
}

static void
on_err(void *arg, struct bytes s)
{
	watch_feed(arg, WATCH_ERR, s);
}

/* From now on output costs something. */
static void
tap(struct work *w)
{
	w->watch.clock = clock_of_cost;
	w->out.tap = on_out;
	w->err.tap = on_err;
	w->out.tap_arg = w->err.tap_arg = &w->watch;
}

void
seen_start(struct work *w, struct bytes patterns)
{
	size_t n;

	for (; patterns.len > 0; patterns.data += n + 1,
	    patterns.len -= n + 1) {
		n = strnlen(patterns.data, patterns.len - 1);
		if (watch_add(&w->watch, (struct bytes){ patterns.data, n }))
			tap(w);
	}
}

/* At most n last bytes of a spool; *from: where they begin. */
static size_t
read_last(const struct pump *p, char *data, size_t n, uint64_t *from)
{
	ssize_t got;

	*from = p->total > n ? p->total - n : 0;
	if (p->lost > 0 && *from < p->head + p->lost)
		*from = p->head + p->lost;
	got = pread(p->spool, data, (size_t)(p->total - *from), (off_t)*from);
	return got < 0 ? 0 : (size_t)got;
}

static void
look_back(struct work *w, const struct pump *p, unsigned stream)
{
	char *data = xmalloc(PAST + 1), *at = data;
	uint64_t from;
	size_t n = read_last(p, data, PAST + 1, &from);
	bool whole = from == 0;

	/* One byte more, to know whether the first line is a whole one. */
	if (!whole && n > 0 && *at == '\n') {
		whole = true;
		at++;
		n--;
	}
	watch_past(&w->watch, stream, (struct bytes){ at, n }, whole);
	free(data);
}

void
seen_match(struct work *w, const struct frame_match *f)
{
	if (!watch_add(&w->watch, f->pattern))
		return;		/* sigboxd sends none such */
	tap(w);
	if (f->past) {
		look_back(w, &w->out, WATCH_OUT);
		look_back(w, &w->err, WATCH_ERR);
	}
}

static void
tell(struct work *w, uint64_t now)
{
	struct watch_report r;

	while (watch_take(&w->watch, now, &r))
		line_say(w, &(struct frame){ .type = FRAME_SEEN,
		    .seen = { .watch = r.watch, .count = r.count,
		    .line = r.line } });
}

/* Who does not listen hears the sum later. */
void
seen_tell(struct work *w)
{
	uint64_t due = seen_due(w), now;

	if (due != 0 && (now = clock_now()) >= due)
		tell(w, now);
}

uint64_t
seen_due(const struct work *w)
{
	return wire_pending(&w->wire).len > 0 ? 0 : watch_due(&w->watch);
}

void
seen_end(struct work *w)
{
	watch_end(&w->watch, WATCH_OUT);
	watch_end(&w->watch, WATCH_ERR);
	tell(w, UINT64_MAX);
}

/* What stands behind the last end of a line, clean; or nothing. */
static void
last_line(const struct pump *p, struct buf *clean)
{
	char data[PATTERN_LINE];
	const char *end;
	uint64_t from;
	size_t n = read_last(p, data, sizeof(data), &from);
	struct bytes raw = { data, n };

	if ((end = memrchr(data, '\n', n)) != NULL) {
		raw.data = end + 1;
		raw.len = (size_t)(data + n - raw.data);
	}
	buf_reset(clean);
	/* Behind a CR the next one would overwrite it: it asks nothing. */
	if (raw.len > 0 && raw.data[raw.len - 1] != '\r')
		text_clean(clean, raw);
	buf_drop(clean, text_suffix(buf_bytes(clean), WATCH_SHOWN));
}

static uint64_t
changed_at(const struct pump *p)
{
	struct stat st;

	if (p->total == 0 || fstat(p->spool, &st) == -1)
		return 0;
	return (uint64_t)st.st_mtim.tv_sec * 1000000 +
	    (uint64_t)st.st_mtim.tv_nsec / 1000;
}

/* Of two such lines the newer one; of one stream alone, that. */
static void
find_partial(const struct work *w, struct buf *line)
{
	bool err_first = changed_at(&w->err) > changed_at(&w->out);

	last_line(err_first ? &w->err : &w->out, line);
	if (text_is_blank(buf_bytes(line)))
		last_line(err_first ? &w->out : &w->err, line);
	if (text_is_blank(buf_bytes(line)))
		buf_reset(line);
}

void
seen_gauged(struct work *w, uint64_t cpu_us)
{
	struct buf line = { 0 };

	find_partial(w, &line);
	line_say(w, &(struct frame){ .type = FRAME_GAUGED,
	    .gauged = { .cpu_us = cpu_us, .partial = line.len > 0,
	    .line = buf_bytes(&line) } });
	buf_fini(&line);
}
