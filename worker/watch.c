#include "watch.h"

#include <string.h>

#include "text.h"

#define EVERY	1000000U	/* us, from one report to the next */

/* A line that takes longer than these is slow; LONG: no look at CPU is spared. */
#define SLOW		2000U	/* us */
#define SLOW_BYTE	20U	/* us */
#define LONG		256U	/* bytes */
#define SLOW_MAX	1000000U	/* us of CPU, all slow lines together */

/* Whom a line is for. */
struct range {
	size_t	from, to;
};

bool
watch_add(struct watch *w, struct bytes pattern)
{
	struct pattern *p;

	if (w->n == WATCH_MAX)
		return false;
	p = pattern_new(pattern);
	/* Others are known by their numbers, so it has one, too. */
	w->one[w->n++] = (struct watch_one){ .pattern = p,
	    .given_up = p == NULL };
	return true;
}

static void
count(struct watch_one *o, struct bytes line)
{
	o->count++;
	o->len = text_prefix(line, WATCH_SHOWN);
	memcpy(o->line, line.data, o->len);
}

static uint64_t
read_clock(const struct watch *w, bool cpu)
{
	return w->clock == NULL ? 0 : w->clock(cpu);
}

/*
 * The CPU's clock is a system call, which short lines are spared until one of
 * them looks slow. Meanwhile nobody hears the supervisor.
 */
static bool
matches(struct watch *w, struct watch_one *o, struct bytes line)
{
	bool cpu = o->is_slow || line.len >= LONG, is;
	uint64_t from = read_clock(w, cpu), cost;

	is = pattern_matches(o->pattern, line.data);
	cost = read_clock(w, cpu) - from;
	if (cost <= SLOW + line.len * SLOW_BYTE)
		return is;
	o->is_slow = true;
	if (!cpu)
		return is;
	o->cost += cost;
	w->cost += cost;
	o->given_up = w->cost > SLOW_MAX;
	if (o->given_up)
		w->cost -= o->cost;	/* the others' is theirs */
	return is;
}

static void
match_one(struct watch *w, struct watch_one *o, struct bytes line)
{
	if (o->given_up)
		return;
	if (matches(w, o, line))
		count(o, line);
	if (o->given_up)
		count(o, bytes_of(WATCH_GIVEN_UP));
}

static void
match(struct watch *w, struct range r, struct bytes raw)
{
	struct bytes line;
	size_t i;

	buf_reset(&w->clean);
	text_clean(&w->clean, raw);
	w->clean.len = text_prefix(buf_bytes(&w->clean), PATTERN_LINE);
	buf_putc(&w->clean, '\0');
	line = (struct bytes){ w->clean.data, w->clean.len - 1 };
	for (i = r.from; i < r.to; i++)
		match_one(w, &w->one[i], line);
}

static void
keep(struct watch_line *l, struct bytes s)
{
	size_t n = PATTERN_LINE - l->len;

	if (n > s.len)
		n = s.len;
	memcpy(l->data + l->len, s.data, n);
	l->len += n;
}

static void
end_line(struct watch *w, struct watch_line *l, struct range r)
{
	if (!l->is_tail)
		match(w, r, (struct bytes){ l->data, l->len });
	l->len = 0;
	l->is_tail = false;
}

/* Most lines come whole, and are looked at where they are. */
static void
take_line(struct watch *w, struct watch_line *l, struct range r,
    struct bytes s)
{
	if (l->len == 0 && !l->is_tail) {
		if (s.len > PATTERN_LINE)
			s.len = PATTERN_LINE;
		match(w, r, s);
		return;
	}
	keep(l, s);
	end_line(w, l, r);
}

static void
feed(struct watch *w, struct watch_line *l, struct range r, struct bytes s)
{
	const char *end;
	size_t n;

	while (s.len > 0 && (end = memchr(s.data, '\n', s.len)) != NULL) {
		n = (size_t)(end - s.data);
		take_line(w, l, r, (struct bytes){ s.data, n });
		s.data += n + 1;
		s.len -= n + 1;
	}
	keep(l, s);
}

/* The first one brings the beginning of the line that others go on with. */
void
watch_past(struct watch *w, unsigned stream, struct bytes s, bool whole)
{
	struct watch_line other, *l = w->n == 1 ? &w->lines[stream] : &other;

	l->len = 0;
	l->is_tail = !whole;
	feed(w, l, (struct range){ w->n - 1, w->n }, s);
}

void
watch_feed(struct watch *w, unsigned stream, struct bytes s)
{
	feed(w, &w->lines[stream], (struct range){ 0, w->n }, s);
}

void
watch_end(struct watch *w, unsigned stream)
{
	if (w->lines[stream].len > 0)
		end_line(w, &w->lines[stream], (struct range){ 0, w->n });
}

bool
watch_take(struct watch *w, uint64_t now, struct watch_report *r)
{
	struct watch_one *o;
	size_t i;

	for (i = 0; i < w->n; i++) {
		o = &w->one[i];
		if (o->count == 0 || now < o->tell_at)
			continue;
		*r = (struct watch_report){ i, o->count, { o->line, o->len } };
		o->count = 0;
		o->tell_at = now + EVERY;
		return true;
	}
	return false;
}

uint64_t
watch_due(const struct watch *w)
{
	uint64_t at = 0;
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->one[i].count > 0 &&
		    (at == 0 || w->one[i].tell_at < at))
			at = w->one[i].tell_at + 1;
	return at;
}

void
watch_fini(struct watch *w)
{
	while (w->n > 0)
		pattern_free(w->one[--w->n].pattern);
	buf_fini(&w->clean);
}
