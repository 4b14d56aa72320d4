/*
 * Any bytes from any peer in any phase, in pieces of any size. The first byte
 * is the peer and the phase, the second the size of the pieces.
 */
#include "buf.h"
#include "fuzz.h"
#include "wire.h"

/* A frame of up to 255 bytes, its length in front. */
#define F(len, value)	"\0\0\0" len value

const struct bytes fuzz_seeds[] = {
	/* HELLO, as a worker that is new. */
	SEED("\x00\x03" F("\x06", "\x93\x01\x01\xcd\x10\x92")),
	SEED("\x00\xff" F("\x04", "\x93\x01\x01\x02")),
	/* A worker at work: PROGRESS, GREW, NOTE, EXITED, ENDED. */
	SEED("\x0c\x05" F("\x0a", "\x93\x05\x2a\xa6" "linkin")
	    F("\x05", "\x93\x06\xcc\xff\x00")
	    F("\x0f", "\x93\x0a\xa9" "disk full\xa2no")
	    F("\x08", "\x95\x07\x00\x00\x02\xa2sh")
	    F("\x08", "\x97\x09\x00\x00\x01\x02\x00\x00")),
	/* A supervisor to a worker: START; INPUT, TERM. */
	SEED("\x06\xff" F("\x3c", "\xdc\x00\x11\x02\x07\xa4" "exec\xa4main"
	    "\xa7/bin/sh\xc4\x03sh\0\xc4\x04" "A=b\0\xc4\x02{}\xc2\xa4none"
	    "\xa9namespace\x01\x00\x00\x00\x00\x00")),
	SEED("\x0e\x01" F("\x07", "\x93\x10\xc4\x02\xff\0\xc3")
	    F("\x02", "\x91\x11")),
	/* A client: OPEN; SAY, STOP, EVENTS. */
	SEED("\x01\x02" F("\x03", "\x92\x20\x01")),
	SEED("\x11\xff" F("\x1c", "\x9a\x21\x01\xa0\xa1/\xa3now\xa4keep\xa0\xa0"
	    "\xa7settled\xa2hi")
	    F("\x0c", "\x97\x25\x02\xa1*\xa3" "all\xa0\x00\xc3")
	    F("\x07", "\x96\x32\x03\xa0\x00\xc3\xc2")),
	/* A supervisor to a client: WELCOME; ITEM, OUTPUT, DONE. */
	SEED("\x02\xff" F("\x04", "\x93\x60\x01\x01")),
	SEED("\x12\x09" F("\x06", "\x93\x61\x01\xa2{}")
	    F("\x0b", "\x96\x63\x01\x00\xc4\x03" "abc\x00\xc3")
	    F("\x07", "\x94\x64\x01\x00\xa2ok")),
	/* Lies. */
	SEED("\x0c\xff" F("\x05", "\xdd\xff\xff\xff\xff")),
	SEED("\x0c\xff" "\0\x80\0\0\x91"),
	SEED("\x0c\xff" "\0\x80\0\1"),
	{ NULL, 0 }
};

/* Its own packing is what it was: nothing is lost or invented. */
static void
check_stable(const struct frame *f)
{
	struct buf one = { 0 }, two = { 0 };
	struct frame again;
	const char *why;

	frame_pack(&one, f);
	CHECK(frame_unpack(&again, buf_bytes(&one), &why));
	frame_pack(&two, &again);
	CHECK(one.len == two.len);
	CHECK(memcmp(one.data, two.data, one.len) == 0);
	CHECK(frame_name(f->type) != NULL);
	buf_fini(&one);
	buf_fini(&two);
}

static void
hear(struct wire *w, struct bytes s, struct buf *heard)
{
	enum wire_status status;
	struct frame f;
	size_t room;
	char *at;

	while (s.len > 0) {
		at = wire_room(w, &room);
		CHECK(room > 0);
		if (room > s.len)
			room = s.len;
		memcpy(at, s.data, room);
		wire_read(w, room);
		s.data += room;
		s.len -= room;
	}
	while ((status = wire_next(w, &f)) == WIRE_FRAME) {
		CHECK(frame_is_legal(f.type, w->peer, w->phase));
		check_stable(&f);
		frame_pack(heard, &f);
	}
	CHECK((status == WIRE_BREACH) == (w->why != NULL));
}

static void
hear_all(struct bytes s, size_t piece, unsigned who, struct buf *heard)
{
	struct wire w;
	size_t n, came;

	wire_init(&w, (enum frame_sender)(who % 4 % 3));
	w.phase = (enum frame_phase)(who / 4 % 5);
	for (came = 0; came < s.len && w.why == NULL; came += n) {
		n = s.len - came < piece ? s.len - came : piece;
		hear(&w, (struct bytes){ s.data + came, n }, heard);
		CHECK(w.in.size <= 4 * (came + n) + 8192);
	}
	buf_putc(heard, w.why == NULL ? '+' : '!');
	wire_fini(&w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf pieces = { 0 }, whole = { 0 };
	struct bytes s;

	if (len < 2)
		return 0;
	s = (struct bytes){ (const char *)data + 2, len - 2 };
	hear_all(s, data[1] + 1U, data[0], &pieces);
	hear_all(s, SIZE_MAX, data[0], &whole);
	CHECK(pieces.len == whole.len);
	CHECK(memcmp(pieces.data, whole.data, whole.len) == 0);
	buf_fini(&pieces);
	buf_fini(&whole);
	return 0;
}
