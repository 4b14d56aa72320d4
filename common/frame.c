#include "frame.h"

#include <assert.h>
#include <limits.h>
#include <msgpack.h>

#include "scan.h"
#include "text.h"

/* What each frame's array holds: its number and its fields. */
#define U64(fld)		+ 1
#define FLAG(fld)		+ 1
#define TEXT(fld, max)		+ 1
#define DATA(fld, max)		+ 1
#define FRAME(NAME, name, number, sender, phase, fields)		\
	NVALUES_##NAME = 1 fields,
enum {
#include "frames.def"
};
#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA

const char *
frame_name(enum frame_type type)
{
#define FRAME(NAME, name, number, sender, phase, fields)		\
	case FRAME_##NAME: return #NAME;
	switch (type) {
#include "frames.def"
	}
#undef FRAME
	return NULL;
}

bool
frame_is_legal(enum frame_type type, enum frame_sender from,
    enum frame_phase now)
{
#define FRAME(NAME, name, number, sender, phase, fields)		\
	case FRAME_##NAME:						\
		return from == FRAME_BY_##sender && now == FRAME_IN_##phase;
	switch (type) {
#include "frames.def"
	}
#undef FRAME
	return false;
}

/* The packer's many small pieces: frame_pack() puts the NUL behind them all. */
static int
add(void *arg, const char *p, size_t n)
{
	struct buf *b = arg;

	if (n > 0)
		memcpy(buf_room(b, n), p, n);
	b->len += n;
	return 0;
}

static void
pack_flag(msgpack_packer *pk, bool is)
{
	if (is)
		msgpack_pack_true(pk);
	else
		msgpack_pack_false(pk);
}

static void
pack_text(msgpack_packer *pk, struct bytes s, size_t max)
{
	assert(s.len <= max && text_is_valid(s));
	msgpack_pack_str(pk, s.len);
	msgpack_pack_str_body(pk, s.data, s.len);
}

static void
pack_data(msgpack_packer *pk, struct bytes s, size_t max)
{
	assert(s.len <= max);
	msgpack_pack_bin(pk, s.len);
	msgpack_pack_bin_body(pk, s.data, s.len);
}

void
frame_pack(struct buf *b, const struct frame *f)
{
	size_t start = b->len;
	msgpack_packer pk;

	msgpack_packer_init(&pk, b, add);
#define U64(fld)		msgpack_pack_uint64(&pk, p->fld);
#define FLAG(fld)		pack_flag(&pk, p->fld);
#define TEXT(fld, max)		pack_text(&pk, p->fld, max);
#define DATA(fld, max)		pack_data(&pk, p->fld, max);
#define FRAME(NAME, name, number, sender, phase, fields)		\
	case FRAME_##NAME: {						\
		const struct frame_##name *p = &f->name;		\
									\
		(void)p;						\
		msgpack_pack_array(&pk, NVALUES_##NAME);		\
		msgpack_pack_uint8(&pk, number);			\
		fields							\
		break;							\
	}
	switch (f->type) {
#include "frames.def"
	}
#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA
	assert(b->len > start);		/* else f->type is none of them */
	b->data[b->len] = '\0';
}

struct taker {
	struct bytes		 rest;
	struct scan_value	 v;	/* the last one */
	const char		*why;
};

static bool
take(struct taker *t, enum scan_type type, const char *why)
{
	t->why = why;
	return scan_next(&t->rest, &t->v) && t->v.type == type;
}

static bool
take_u64(struct taker *t, uint64_t *n, const char *why)
{
	if (!take(t, SCAN_UINT, why))
		return false;
	*n = t->v.number;
	return true;
}

static bool
take_flag(struct taker *t, bool *is, const char *why)
{
	if (!take(t, SCAN_BOOL, why))
		return false;
	*is = t->v.number != 0;
	return true;
}

static bool
take_text(struct taker *t, struct bytes *s, size_t max, const char *why)
{
	if (!take(t, SCAN_STR, why) || t->v.bytes.len > max)
		return false;
	*s = t->v.bytes;
	return text_is_valid(*s);
}

static bool
take_data(struct taker *t, struct bytes *s, size_t max, const char *why)
{
	if (!take(t, SCAN_BIN, why) || t->v.bytes.len > max)
		return false;
	*s = t->v.bytes;
	return true;
}

/* n: how many values the array has, with the number that was taken. */
static bool
take_fields(struct frame *f, struct taker *t, uint64_t n)
{
#define U64(fld)							\
	&& take_u64(t, &p->fld, #fld ": no unsigned integer")
#define FLAG(fld)							\
	&& take_flag(t, &p->fld, #fld ": no boolean")
#define TEXT(fld, max)							\
	&& take_text(t, &p->fld, max, #fld ": no text within " #max " bytes")
#define DATA(fld, max)							\
	&& take_data(t, &p->fld, max, #fld ": no data within " #max " bytes")
#define FRAME(NAME, name, number, sender, phase, fields)		\
	case FRAME_##NAME: {						\
		struct frame_##name *p = &f->name;			\
									\
		(void)p;						\
		t->why = "another number of fields";			\
		return n == NVALUES_##NAME fields;			\
	}
	switch (f->type) {
#include "frames.def"
	}
#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA
	t->why = "no such frame";
	return false;
}

static bool
take_frame(struct frame *f, struct taker *t)
{
	uint64_t nvalues, number;

	if (!take(t, SCAN_ARRAY, "no array"))
		return false;
	nvalues = t->v.number;
	if (!take_u64(t, &number, "no such frame") || number > INT_MAX)
		return false;
	f->type = (enum frame_type)number;
	if (!take_fields(f, t, nvalues))
		return false;
	t->why = "bytes behind the last field";
	return t->rest.len == 0;
}

bool
frame_unpack(struct frame *f, struct bytes b, const char **why)
{
	struct taker t = { .rest = b };

	if (take_frame(f, &t))
		return true;
	*why = t.why;
	return false;
}
