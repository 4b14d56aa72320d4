#include "frame.h"

#include <assert.h>
#include <limits.h>
#include <msgpack.h>
#include <sysexits.h>

#include "log.h"
#include "scan.h"
#include "text.h"

/* Values of each frame: the array, its number, its fields. */
#define U64(fld)		+ 1
#define FLAG(fld)		+ 1
#define TEXT(fld, max)		+ 1
#define DATA(fld, max)		+ 1
#define FRAME(NAME, name, number, sender, phase, fields)	NVALUES_##NAME = 2 fields,
enum {
#include "frames.def"
};
#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA

/* The largest of them. */
#define FRAME(NAME, name, number, sender, phase, fields)	char name[NVALUES_##NAME];
union nvalues {
#include "frames.def"
};
#undef FRAME
#define NVALUES_MAX	sizeof(union nvalues)

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

static int
add(void *b, const char *p, size_t n)
{
	buf_add(b, p, n);
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
	msgpack_packer pk;

	assert(frame_name(f->type) != NULL);
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
		msgpack_pack_array(&pk, NVALUES_##NAME - 1);		\
		msgpack_pack_uint8(&pk, number);			\
		fields							\
		return;							\
	}
	switch (f->type) {
#include "frames.def"
	}
#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA
}

struct taker {
	const msgpack_object	*at;
	const char		*why;
};

static bool
take_u64(struct taker *t, uint64_t *n, const char *why)
{
	const msgpack_object *o = t->at++;

	t->why = why;
	if (o->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		return false;
	*n = o->via.u64;
	return true;
}

static bool
take_flag(struct taker *t, bool *is, const char *why)
{
	const msgpack_object *o = t->at++;

	t->why = why;
	if (o->type != MSGPACK_OBJECT_BOOLEAN)
		return false;
	*is = o->via.boolean;
	return true;
}

static bool
take_text(struct taker *t, struct bytes *s, size_t max, const char *why)
{
	const msgpack_object *o = t->at++;

	t->why = why;
	if (o->type != MSGPACK_OBJECT_STR || o->via.str.size > max)
		return false;
	*s = (struct bytes){ o->via.str.ptr, o->via.str.size };
	return text_is_valid(*s);
}

static bool
take_data(struct taker *t, struct bytes *s, size_t max, const char *why)
{
	const msgpack_object *o = t->at++;

	t->why = why;
	if (o->type != MSGPACK_OBJECT_BIN || o->via.bin.size > max)
		return false;
	*s = (struct bytes){ o->via.bin.ptr, o->via.bin.size };
	return true;
}

/* n: how many fields there are behind the number. */
static bool
take_fields(struct frame *f, struct taker *t, uint32_t n)
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
		return n == NVALUES_##NAME - 2 fields;			\
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
take_frame(struct frame *f, const msgpack_object *o, struct taker *t)
{
	uint64_t number;

	t->why = "no array";
	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size == 0)
		return false;
	t->at = o->via.array.ptr;
	if (!take_u64(t, &number, "no such frame") || number > INT_MAX)
		return false;
	f->type = (enum frame_type)number;
	return take_fields(f, t, o->via.array.size - 1);
}

/*
 * Only arrays are copied to the zone; text and data stay where they were read,
 * so that the zone need not outlive this call. Its chunk holds the largest
 * frame, and malloc() keeps blocks of that size at hand.
 */
bool
frame_unpack(struct frame *f, struct bytes b, const char **why)
{
	struct taker t = { NULL, "not one value, or too many in it" };
	msgpack_object o;
	msgpack_zone z;
	bool ok = false;

	if (scan_is_sane(b, NVALUES_MAX)) {
		if (!msgpack_zone_init(&z, NVALUES_MAX * sizeof(o)))
			fatalx(EX_OSERR, "out of memory");
		ok = msgpack_unpack(b.data, b.len, NULL, &z, &o) ==
		    MSGPACK_UNPACK_SUCCESS && take_frame(f, &o, &t);
		msgpack_zone_destroy(&z);
	}
	if (!ok)
		*why = t.why;
	return ok;
}
