#include "wire.h"

#include <assert.h>

#define LENGTH		4U		/* of the prefix */
#define READ_MIN	2048U		/* of room for a line that was idle */
#define READ_MAX	(64U << 10)
#define KEEP		(16U << 10)	/* of memory, with something in it */

/* No frame of ours can be one that the peer must refuse. */
#define U64(fld)		+ 9
#define FLAG(fld)		+ 1
#define TEXT(fld, max)		+ 5 + (max)
#define DATA(fld, max)		+ 5 + (max)
#define FRAME(NAME, name, number, sender, phase, fields)		\
	_Static_assert(5 + 2 fields <= WIRE_MAX, #NAME " is too long");
#include "frames.def"
#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA

void
wire_init(struct wire *w, enum frame_sender peer)
{
	*w = (struct wire){ .peer = peer, .phase = FRAME_IN_NEW };
}

void
wire_fini(struct wire *w)
{
	buf_fini(&w->in);
	buf_fini(&w->out);
	w->taken = w->sent = 0;
}

/*
 * Drops the first n bytes, and the memory that a large frame had needed. An
 * idle line keeps none: thousands of lines live for hours, and small holes
 * between what lives longer are never whole again.
 */
static void
drop(struct buf *b, size_t n)
{
	struct buf small = { 0 };

	if (n < b->len && (b->size <= KEEP || b->len - n > KEEP / 4)) {
		buf_drop(b, n);
		return;
	}
	buf_add(&small, b->data + n, b->len - n);
	buf_fini(b);
	*b = small;
}

/*
 * Room grows with what came, not with what was announced: a peer that says 8
 * MiB and sends nothing costs nothing.
 */
char *
wire_room(struct wire *w, size_t *n)
{
	char *at;

	drop(&w->in, w->taken);
	w->taken = 0;
	*n = 3 * w->in.len;
	if (*n < READ_MIN)
		*n = READ_MIN;
	if (*n > READ_MAX)
		*n = READ_MAX;
	at = buf_room(&w->in, *n);
	/* What is allocated may as well be used. */
	*n = w->in.size - w->in.len - 1;
	if (*n > READ_MAX)
		*n = READ_MAX;
	return at;
}

void
wire_read(struct wire *w, size_t n)
{
	assert(n < w->in.size - w->in.len);
	w->in.len += n;
}

static uint32_t
length_at(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 |
	    (uint32_t)u[2] << 8 | u[3];
}

static enum wire_status
breach(struct wire *w, const char *why)
{
	w->why = why;
	return WIRE_BREACH;
}

static enum wire_status
more(struct wire *w)
{
	drop(&w->in, w->taken);
	w->taken = 0;
	return WIRE_MORE;
}

enum wire_status
wire_next(struct wire *w, struct frame *f)
{
	size_t left = w->in.len - w->taken;
	const char *at, *why;
	uint32_t len;

	if (w->why != NULL)
		return WIRE_BREACH;
	if (left < LENGTH)
		return more(w);
	at = w->in.data + w->taken;
	if ((len = length_at(at)) > WIRE_MAX)
		return breach(w, "longer than a frame may be");
	if (left - LENGTH < len)
		return more(w);
	w->taken += LENGTH + len;
	if (!frame_unpack(f, (struct bytes){ at + LENGTH, len }, &why))
		return breach(w, why);
	if (!frame_is_legal(f->type, w->peer, w->phase))
		return breach(w, "not its turn to say that");
	return WIRE_FRAME;
}

void
wire_send(struct wire *w, const struct frame *f)
{
	size_t start = w->out.len, len;
	unsigned char *p;

	buf_add(&w->out, "\0\0\0", LENGTH);
	frame_pack(&w->out, f);
	len = w->out.len - start - LENGTH;
	p = (unsigned char *)w->out.data + start;
	p[0] = (unsigned char)(len >> 24);
	p[1] = (unsigned char)(len >> 16);
	p[2] = (unsigned char)(len >> 8);
	p[3] = (unsigned char)len;
}

struct bytes
wire_pending(const struct wire *w)
{
	if (w->out.len == 0)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ w->out.data + w->sent, w->out.len - w->sent };
}

/* Never moves more than was written since: a long queue costs no more. */
void
wire_wrote(struct wire *w, size_t n)
{
	assert(n <= w->out.len - w->sent);
	w->sent += n;
	if (w->sent < w->out.len - w->sent)
		return;
	drop(&w->out, w->sent);
	w->sent = 0;
}
