/*
 * Frames as values, made from frames.def: the enum, a struct each, pack,
 * unpack, bounds and legality. On the wire a frame is a msgpack array: its
 * number, then its fields in order; a TEXT is a str, a DATA a bin, a U64 an
 * unsigned integer, a FLAG a boolean. Missing, additional and ill-typed fields
 * are breaches, as is a TEXT that is not valid UTF-8 without NUL.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdint.h>

#include "buf.h"

enum frame_sender { FRAME_BY_WORKER, FRAME_BY_CLIENT, FRAME_BY_SUPERVISOR };

/*
 * Where a line is. A worker's: NEW until HELLO, READY until START, ENTERING
 * until RUNNING or REFUSED, then BUSY. A client's: NEW until OPEN, then TALK.
 * The phase tells what may come; both ends of a line hold their own copy.
 */
enum frame_phase {
	FRAME_IN_NEW, FRAME_IN_READY, FRAME_IN_ENTERING, FRAME_IN_BUSY,
	FRAME_IN_TALK
};

enum frame_type {
#define FRAME(NAME, name, number, sender, phase, fields)		\
	FRAME_##NAME = number,
#include "frames.def"
#undef FRAME
};

#define U64(fld)		uint64_t fld;
#define FLAG(fld)		bool fld;
#define TEXT(fld, max)		struct bytes fld;
#define DATA(fld, max)		struct bytes fld;
/* end: ISO C has no empty struct. */
#define FRAME(NAME, name, number, sender, phase, fields)		\
	struct frame_##name { fields char end; };
#include "frames.def"
#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA

struct frame {
	enum frame_type	type;
	union {
#define FRAME(NAME, name, number, sender, phase, fields)		\
		struct frame_##name name;
#include "frames.def"
#undef FRAME
	};
};

/* For logs and tests; NULL if there is no such frame. */
const char	*frame_name(enum frame_type);
bool		 frame_is_legal(enum frame_type, enum frame_sender,
		    enum frame_phase);
/* Adds the msgpack value of *f. What is out of bounds is our bug: assert(). */
void		 frame_pack(struct buf *, const struct frame *);
/* The fields borrow from the bytes. false: a breach, *why is a literal. */
bool		 frame_unpack(struct frame *, struct bytes, const char **why);

#endif
