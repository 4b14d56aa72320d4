#include "sse.h"

void
sse_fini(struct sse *s)
{
	buf_fini(&s->in);
	buf_fini(&s->name);
	buf_fini(&s->data);
	*s = (struct sse){ 0 };
}

void
sse_feed(struct sse *s, struct bytes b)
{
	buf_drop(&s->in, s->taken);
	s->looked -= s->taken;
	s->taken = 0;
	buf_add_bytes(&s->in, b);
}

static bool
is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

/*
 * A CR ends its line at once, for its LF may be in the next read or never
 * come; that LF is skipped when it does.
 */
static bool
take_line(struct sse *s, struct bytes *line)
{
	if (s->after_cr && s->taken < s->in.len) {
		if (s->in.data[s->taken] == '\n')
			s->taken++;
		s->after_cr = false;
	}
	if (s->looked < s->taken)
		s->looked = s->taken;
	while (s->looked < s->in.len && !is_line_end(s->in.data[s->looked]))
		s->looked++;
	line->len = s->looked - s->taken;
	if (line->len > SSE_LINE_MAX)
		s->too_long = true;
	if (s->too_long || s->looked == s->in.len)
		return false;
	line->data = s->in.data + s->taken;
	s->after_cr = s->in.data[s->looked] == '\r';
	s->taken = ++s->looked;
	return true;
}

static void
skip_mark(struct sse *s, struct bytes *line)
{
	if (!s->began && line->len >= 3 &&
	    memcmp(line->data, "\xef\xbb\xbf", 3) == 0) {
		line->data += 3;
		line->len -= 3;
	}
	s->began = true;
}

static void
add_data(struct sse *s, struct bytes value)
{
	if (s->has_data)
		buf_putc(&s->data, '\n');
	s->has_data = true;
	buf_add_bytes(&s->data, value);
	if (s->data.len > SSE_EVENT_MAX)
		s->too_long = true;
}

static void
take_field(struct sse *s, struct bytes line)
{
	struct bytes value = { line.data + line.len, 0 };
	const char *colon;

	if ((colon = memchr(line.data, ':', line.len)) != NULL) {
		value.len = line.len - (size_t)(colon - line.data) - 1;
		value.data = colon + 1;
		line.len = (size_t)(colon - line.data);
	}
	if (value.len > 0 && value.data[0] == ' ') {
		value.data++;
		value.len--;
	}
	if (bytes_is(line, "data"))
		add_data(s, value);
	if (bytes_is(line, "event")) {
		buf_reset(&s->name);
		buf_add_bytes(&s->name, value);
	}
}

static void
drop_given(struct sse *s)
{
	if (!s->given)
		return;
	buf_reset(&s->name);
	buf_reset(&s->data);
	s->given = false;
}

static bool
give(struct sse *s, struct sse_event *ev)
{
	bool has_data = s->has_data;

	*ev = (struct sse_event){ buf_bytes(&s->name), buf_bytes(&s->data) };
	s->given = true;
	s->has_data = false;
	return has_data;
}

enum sse_status
sse_next(struct sse *s, struct sse_event *ev)
{
	struct bytes line;

	drop_given(s);
	while (!s->too_long && take_line(s, &line)) {
		skip_mark(s, &line);
		if (line.len > 0)
			take_field(s, line);
		else if (give(s, ev))
			return SSE_EVENT;
		else
			drop_given(s);
	}
	return s->too_long ? SSE_TOO_LONG : SSE_MORE;
}

bool
sse_rest(struct sse *s, struct sse_event *ev)
{
	struct bytes line;

	drop_given(s);
	if (s->too_long)
		return false;
	line = (struct bytes){ s->in.data + s->taken, s->in.len - s->taken };
	s->taken = s->looked = s->in.len;
	if (line.len > 0) {
		skip_mark(s, &line);
		take_field(s, line);
	}
	return give(s, ev);
}
