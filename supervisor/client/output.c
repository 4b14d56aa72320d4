#include "output.h"

#include <stdlib.h>
#include <unistd.h>

#include "jsonw.h"
#include "show.h"
#include "text.h"
#include "xalloc.h"

void
output_init(struct output *o, struct ask *a, const char *id)
{
	*o = (struct output){ .ask = a, .id = xstrdup(id), .streams = {
		{ .name = "out", .fd = STDOUT_FILENO },
		{ .name = "err", .fd = STDOUT_FILENO } } };
}

void
output_fini(struct output *o)
{
	free(o->id);
	buf_fini(&o->streams[0].rest);
	buf_fini(&o->streams[1].rest);
}

static bool
ask_for(struct output *o, struct output_stream *s)
{
	struct frame f = { .type = FRAME_LOG };

	f.log.id = bytes_of(o->id);
	f.log.stream = bytes_of(s->name);
	f.log.since = s->since;
	f.log.wait = o->wait;
	s->was_heard = s->has_grown = s->has_ended = false;
	s->request = ask_send(o->ask, &f);
	return s->request != 0;
}

bool
output_start(struct output *o, int i)
{
	return ask_for(o, &o->streams[i]);
}

bool
output_is_open(const struct output *o)
{
	return o->streams[0].request != 0 || o->streams[1].request != 0;
}

static struct output_stream *
stream_of(struct output *o, uint64_t request)
{
	for (int i = 0; i < 2; i++)
		if (request != 0 && o->streams[i].request == request)
			return &o->streams[i];
	return NULL;
}

/* How much of b is whole characters; the rest may be one still to come. */
static size_t
whole(struct bytes b)
{
	for (size_t back = 1; back <= 3 && back <= b.len; back++) {
		unsigned char c = (unsigned char)b.data[b.len - back];
		size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

		if ((c & 0xc0) != 0x80)
			return need > back ? b.len - back : b.len;
	}
	return b.len;
}

static void
show_json(const struct output *o, const struct output_stream *s,
    struct bytes text, uint64_t lost)
{
	struct buf b = { 0 }, clean = { 0 };
	uint64_t offset = s->since - text.len;

	if (!text_is_valid(text)) {
		text_clean(&clean, text);
		text = buf_bytes(&clean);
	}
	jsonw_open(&b, '{');
	jsonw_str(&b, "id", o->id);
	jsonw_str(&b, "stream", s->name);
	jsonw_u64(&b, "offset", offset);
	jsonw_u64(&b, "lost", lost);
	jsonw_text(&b, "text", text);
	jsonw_close(&b, '}');
	buf_putc(&b, '\n');
	show_bytes(buf_bytes(&b));
	buf_fini(&clean);
	buf_fini(&b);
}

/* Text for a terminal or for JSON is shown in whole characters. */
static void
show_piece(struct output *o, struct output_stream *s, struct bytes data,
    uint64_t lost, bool is_last)
{
	struct bytes text;

	if (!o->json && !isatty(s->fd)) {
		show_to(s->fd, data);
		return;
	}
	buf_add_bytes(&s->rest, data);
	text = buf_bytes(&s->rest);
	if (!is_last)
		text.len = whole(text);
	if (text.len > 0 && o->json)
		show_json(o, s, text, lost);
	else if (text.len > 0)
		show_to(s->fd, text);
	buf_drop(&s->rest, text.len);
}

bool
output_take(struct output *o, const struct frame_output *f)
{
	struct output_stream *s = stream_of(o, f->request);

	if (s == NULL)
		return false;
	s->was_heard = true;
	if (f->lost > 0 && !o->quiet && !o->json)
		show_error("%s: %s: %llu bytes are missing in front of byte "
		    "%llu", o->id, s->name, (unsigned long long)f->lost,
		    (unsigned long long)f->offset);
	if (f->data.len > 0) {
		s->has_grown = true;
		s->since = f->offset + f->data.len;
		show_piece(o, s, f->data, f->lost, false);
	}
	if (f->ended)
		s->has_ended = true;
	return true;
}

/*
 * Bytes came, so there may be more. None came: without wait that was all;
 * with it only an end is, or a supervisor that says nothing at all.
 */
static bool
has_more(const struct output *o, const struct output_stream *s)
{
	if (s->has_grown)
		return true;
	return o->wait && s->was_heard && !s->has_ended;
}

bool
output_done(struct output *o, const struct frame_done *d)
{
	struct output_stream *s = stream_of(o, d->request);

	if (s == NULL)
		return false;
	s->request = 0;
	if (d->status == 0 && has_more(o, s))
		return ask_for(o, s);
	show_piece(o, s, (struct bytes){ 0 }, 0, true);
	return true;
}
