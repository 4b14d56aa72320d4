#include "frame.h"

#include <criterion/criterion.h>
#include <msgpack.h>
#include <stdlib.h>

#define BIG_MAX		(4 << 20)

enum kind { A_U64, A_FLAG, A_TEXT, A_DATA };

struct field {
	enum kind	kind;
	size_t		max;
};

struct row {
	const char		*name;
	unsigned		 number;
	enum frame_sender	 sender;
	enum frame_phase	 phase;
	const struct field	*fields;	/* ends where max is 0 */
};

/* The table once more, as data: what no expansion of frame.c has touched. */
#define U64(fld)		{ A_U64, 1 },
#define FLAG(fld)		{ A_FLAG, 1 },
#define TEXT(fld, max)		{ A_TEXT, max },
#define DATA(fld, max)		{ A_DATA, max },
#define FRAME(NAME, name, number, sender, phase, fields)		\
	{ #NAME, number, FRAME_BY_##sender, FRAME_IN_##phase,		\
	    (const struct field[]){ fields { A_U64, 0 } } },
static const struct row rows[] = {
#include "frames.def"
};
#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA

#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static size_t
nfields(const struct row *r)
{
	size_t n = 0;

	while (r->fields[n].max > 0)
		n++;
	return n;
}

static char	*big;		/* BIG_MAX + 1 times 'x' */

static void
setup(void)
{
	big = malloc(BIG_MAX + 1);
	cr_assert_not_null(big);
	memset(big, 'x', BIG_MAX + 1);
}

static void
teardown(void)
{
	free(big);
}

TestSuite(frame, .init = setup, .fini = teardown);

/* Every frame's setter and comparison, made from the table as well. */
#define U64(fld)	p->fld = full ? UINT64_MAX : 0;
#define FLAG(fld)	p->fld = full;
#define TEXT(fld, max)	p->fld = (struct bytes){ big, full ? max : 0 };
#define DATA(fld, max)	p->fld = (struct bytes){ big, full ? max : 0 };
#define FRAME(NAME, name, number, sender, phase, fields)		\
	case FRAME_##NAME: {						\
		struct frame_##name *p = &f->name;			\
									\
		(void)p;						\
		fields							\
		break;							\
	}

static void
fill(struct frame *f, unsigned number, bool full)
{
	memset(f, 0, sizeof(*f));
	f->type = (enum frame_type)number;
	switch (f->type) {
#include "frames.def"
	}
}

#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA

static bool
same(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

#define U64(fld)	&& p->fld == q->fld
#define FLAG(fld)	&& p->fld == q->fld
#define TEXT(fld, max)	&& same(p->fld, q->fld)
#define DATA(fld, max)	&& same(p->fld, q->fld)
#define FRAME(NAME, name, number, sender, phase, fields)		\
	case FRAME_##NAME: {						\
		const struct frame_##name *p = &f->name, *q = &g->name;	\
									\
		(void)p;						\
		(void)q;						\
		return true fields;					\
	}

static bool
equal(const struct frame *f, const struct frame *g)
{
	if (f->type != g->type)
		return false;
	switch (f->type) {
#include "frames.def"
	}
	return false;
}

#undef FRAME
#undef U64
#undef FLAG
#undef TEXT
#undef DATA

Test(frame, every_frame_comes_back_as_it_went)
{
	struct buf b = { 0 };
	struct frame f, g;
	const char *why;
	size_t i;
	int full;

	for (i = 0; i < NROWS; i++) {
		for (full = 0; full < 2; full++) {
			fill(&f, rows[i].number, full);
			buf_reset(&b);
			frame_pack(&b, &f);
			cr_assert(frame_unpack(&g, buf_bytes(&b), &why),
			    "%s: %s", rows[i].name, why);
			cr_assert(equal(&f, &g), "%s", rows[i].name);
		}
	}
	buf_fini(&b);
}

/* The line is msgpack for others too, not what we alone agree on. */
Test(frame, another_reader_reads_every_frame)
{
	struct buf b = { 0 };
	struct frame f;
	msgpack_unpacked u;
	size_t i, off;

	msgpack_unpacked_init(&u);
	for (i = 0; i < NROWS; i++) {
		fill(&f, rows[i].number, i % 2);
		buf_reset(&b);
		frame_pack(&b, &f);
		off = 0;
		cr_assert_eq(msgpack_unpack_next(&u, b.data, b.len, &off),
		    MSGPACK_UNPACK_SUCCESS);
		cr_assert_eq(off, b.len);
		cr_assert_eq(u.data.type, MSGPACK_OBJECT_ARRAY);
		cr_assert_eq(u.data.via.array.size, nfields(&rows[i]) + 1);
		cr_assert_eq(u.data.via.array.ptr[0].via.u64, rows[i].number);
	}
	msgpack_unpacked_destroy(&u);
	buf_fini(&b);
}

Test(frame, a_frame_is_added_and_ended_by_nul)
{
	struct frame f = { .type = FRAME_TERM };
	struct buf b = { 0 };

	buf_puts(&b, "what was here is not what is behind it");
	buf_reset(&b);
	buf_puts(&b, "before");
	frame_pack(&b, &f);
	cr_assert_str_eq(b.data, "before\x91\x11");
	buf_fini(&b);
}

Test(frame, what_was_packed_is_cut_at_no_byte)
{
	struct buf b = { 0 };
	struct frame f, g;
	const char *why = NULL;
	size_t i, cut;

	for (i = 0; i < NROWS; i++) {
		fill(&f, rows[i].number, false);
		buf_reset(&b);
		frame_pack(&b, &f);
		for (cut = 0; cut < b.len; cut++)
			cr_assert_not(frame_unpack(&g,
			    (struct bytes){ b.data, cut }, &why));
		cr_assert_not_null(why);
	}
	buf_fini(&b);
}

/* msgpack by hand from here on, so that it may be wrong. */
static void
put_be(struct buf *b, unsigned char type, size_t n, int width)
{
	buf_putc(b, (char)type);
	while (width-- > 0)
		buf_putc(b, (char)(n >> 8 * width));
}

static void
put_good(struct buf *b, const struct field *f, size_t len)
{
	switch (f->kind) {
	case A_U64:
		buf_putc(b, 0x07);
		break;
	case A_FLAG:
		buf_add(b, "\xc3", 1);
		break;
	case A_TEXT:
		put_be(b, 0xdb, len, 4);
		buf_add(b, big, len);
		break;
	case A_DATA:
		put_be(b, 0xc6, len, 4);
		buf_add(b, big, len);
		break;
	}
}

/* The row's frame with n fields, the one at `odd` replaced by value. */
static void
put_row(struct buf *b, const struct row *r, size_t n, size_t odd,
    struct bytes value)
{
	size_t i;

	buf_reset(b);
	put_be(b, 0xdc, n + 1, 2);
	put_be(b, 0xcc, r->number, 1);
	for (i = 0; i < n; i++) {
		if (i == odd)
			buf_add_bytes(b, value);
		else if (i < nfields(r))
			put_good(b, &r->fields[i], 3);
		else
			buf_putc(b, 0);
	}
}

static bool
is_taken(const struct buf *b)
{
	const char *why = NULL;
	struct frame f;
	bool taken;

	taken = frame_unpack(&f, buf_bytes(b), &why);
	cr_assert_eq(taken, why == NULL);
	return taken;
}

Test(frame, any_msgpack_form_of_a_good_frame_is_taken)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < NROWS; i++) {
		put_row(&b, &rows[i], nfields(&rows[i]), SIZE_MAX, BYTES(""));
		cr_expect(is_taken(&b), "%s", rows[i].name);
	}
	buf_fini(&b);
}

Test(frame, a_missing_or_an_additional_field_is_a_breach)
{
	struct buf b = { 0 };
	size_t i, n;

	for (i = 0; i < NROWS; i++) {
		for (n = 0; n < 24; n++) {
			put_row(&b, &rows[i], n, SIZE_MAX, BYTES(""));
			cr_expect_eq(is_taken(&b), n == nfields(&rows[i]),
			    "%s with %zu fields", rows[i].name, n);
		}
	}
	buf_fini(&b);
}

/* Which kind of field may have it; -1: none. */
static const struct {
	struct bytes	value;
	int		kind;
} values[] = {
	{ { "\xc0", 1 }, -1 },				/* nil */
	{ { "\xc2", 1 }, A_FLAG }, { { "\xc3", 1 }, A_FLAG },
	{ { "\x00", 1 }, A_U64 }, { { "\x7f", 1 }, A_U64 },
	{ { "\xff", 1 }, -1 },				/* -1 */
	{ { "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9 }, A_U64 },
	{ { "\xd3\x80\x00\x00\x00\x00\x00\x00\x00", 9 }, -1 },
	{ { "\xca\x7f\xc0\x00\x00", 5 }, -1 },		/* NaN */
	{ { "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00", 9 }, -1 },	/* 1.0 */
	{ { "\xa0", 1 }, A_TEXT }, { { "\xa1x", 2 }, A_TEXT },
	{ { "\xc4\x00", 2 }, A_DATA }, { { "\xc4\x01\xff", 3 }, A_DATA },
	{ { "\x90", 1 }, -1 }, { { "\x80", 1 }, -1 },
	{ { "\x91\x01", 2 }, -1 }, { { "\x81\xa1x\x01", 4 }, -1 },
	{ { "\xc7\x00\x01", 3 }, -1 },			/* ext */
	{ { "\xa3" "a\0b", 4 }, -1 },			/* NUL in a text */
	{ { "\xa2\xc3\xa9", 3 }, A_TEXT },
	{ { "\xa1\xc3", 2 }, -1 }, { { "\xa1\xff", 2 }, -1 },
	{ { "\xa2\xc0\x80", 3 }, -1 },			/* NUL, overlong */
	{ { "\xa3\xed\xa0\x80", 4 }, -1 },		/* a surrogate */
	{ { "\xa4\xf4\x90\x80\x80", 5 }, -1 },		/* U+110000 */
};

Test(frame, a_field_of_another_type_is_a_breach)
{
	struct buf b = { 0 };
	size_t i, j, v;

	for (i = 0; i < NROWS; i++) {
		for (j = 0; j < nfields(&rows[i]); j++) {
			for (v = 0; v < sizeof(values) / sizeof(*values); v++) {
				put_row(&b, &rows[i], nfields(&rows[i]), j,
				    values[v].value);
				cr_expect_eq(is_taken(&b), values[v].kind ==
				    (int)rows[i].fields[j].kind,
				    "%s, field %zu, value %zu", rows[i].name,
				    j, v);
			}
		}
	}
	buf_fini(&b);
}

static void
check_limit(struct buf *b, const struct row *r, size_t odd)
{
	const struct field *f = &r->fields[odd];
	struct buf value = { 0 };
	size_t over;

	if (f->kind != A_TEXT && f->kind != A_DATA)
		return;
	for (over = 0; over < 2; over++) {
		buf_reset(&value);
		put_good(&value, f, f->max + over);
		put_row(b, r, nfields(r), odd, buf_bytes(&value));
		cr_expect_eq(is_taken(b), over == 0, "%s, field %zu, %zu",
		    r->name, odd, f->max + over);
	}
	buf_fini(&value);
}

Test(frame, one_byte_over_a_limit_is_a_breach)
{
	struct buf b = { 0 };
	size_t i, j;

	for (i = 0; i < NROWS; i++)
		for (j = 0; j < nfields(&rows[i]); j++)
			check_limit(&b, &rows[i], j);
	buf_fini(&b);
}

Test(frame, a_number_that_nobody_has_is_a_breach)
{
	struct row none = { "none", 0, FRAME_BY_WORKER, FRAME_IN_NEW,
	    (const struct field[]){ { A_U64, 0 } } };
	struct buf b = { 0 };
	const char *name;
	size_t i;

	for (none.number = 0; none.number < 256; none.number++) {
		name = NULL;
		for (i = 0; i < NROWS; i++)
			if (rows[i].number == none.number)
				name = rows[i].name;
		if (name != NULL) {
			cr_expect_str_eq(frame_name((enum frame_type)
			    none.number), name);
			continue;
		}
		cr_expect_null(frame_name((enum frame_type)none.number));
		put_row(&b, &none, 0, SIZE_MAX, BYTES(""));
		cr_expect_not(is_taken(&b), "%u", none.number);
	}
	buf_fini(&b);
}

Test(frame, what_is_no_array_that_begins_with_a_number_is_a_breach)
{
	static const struct bytes odd[] = {
		{ "", 0 }, { "\x90", 1 }, { "\x80", 1 }, { "\x11", 1 },
		{ "\x91\xc0", 2 }, { "\x91\xff", 2 }, { "\x91\xa4TERM", 6 },
		{ "\x81\x11\x11", 3 },
		/* TERM is 17: no number is cut to fit. */
		{ "\x91\xcf\x00\x00\x00\x01\x00\x00\x00\x11", 10 },
		{ "\x91\xcf\x80\x00\x00\x00\x00\x00\x00\x11", 10 },
		{ "\x91\xcb\x40\x31\x00\x00\x00\x00\x00\x00", 10 },
		{ "\x91\x11\x00", 3 }, { "\x91\x91\x11", 3 },
		{ "\x94\x01\x01\xcd\x01\x02", 6 }, /* HELLO of three fields? */
		{ "\xdd\xff\xff\xff\xff", 5 }, { "\xdf\xff\xff\xff\xff", 5 },
	};
	const struct bytes good = { "\x91\x11", 2 };
	const char *why;
	struct frame f;
	size_t i;

	cr_assert(frame_unpack(&f, good, &why));
	cr_assert_eq(f.type, FRAME_TERM);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		cr_expect_not(frame_unpack(&f, odd[i], &why), "%zu", i);
}

Test(frame, only_its_sender_may_say_it_and_only_in_its_phase)
{
	enum frame_sender s;
	enum frame_phase p;
	size_t i;

	for (i = 0; i < NROWS; i++)
		for (s = FRAME_BY_WORKER; s <= FRAME_BY_SUPERVISOR; s++)
			for (p = FRAME_IN_NEW; p <= FRAME_IN_TALK; p++)
				cr_expect_eq(frame_is_legal((enum frame_type)
				    rows[i].number, s, p), s == rows[i].sender
				    && p == rows[i].phase, "%s", rows[i].name);
	cr_expect_not(frame_is_legal((enum frame_type)0, FRAME_BY_WORKER,
	    FRAME_IN_NEW));
}

/* Spelled out: the first words of both lines, and who may not say them. */
Test(frame, the_first_frame_of_each_peer_has_the_version)
{
	static const struct {
		enum frame_type		type;
		enum frame_sender	sender;
	} first[] = {
		{ FRAME_HELLO, FRAME_BY_WORKER },
		{ FRAME_OPEN, FRAME_BY_CLIENT },
		{ FRAME_WELCOME, FRAME_BY_SUPERVISOR },
	};
	size_t i, j, n;

	for (i = 0; i < NROWS; i++) {
		if (rows[i].phase != FRAME_IN_NEW)
			continue;
		for (j = 0, n = 0; j < 3; j++)
			n += rows[i].number == first[j].type &&
			    rows[i].sender == first[j].sender;
		cr_expect_eq(n, 1, "%s", rows[i].name);
		cr_expect_eq(rows[i].fields[0].kind, A_U64);
	}
}

Test(frame, fields_borrow_from_the_bytes)
{
	struct frame f = { .type = FRAME_NOTE };
	struct buf b = { 0 };
	const char *why;

	f.note.what = BYTES("disk full");
	f.note.why = BYTES("");
	frame_pack(&b, &f);
	cr_assert(frame_unpack(&f, buf_bytes(&b), &why));
	cr_assert(f.note.what.data > b.data && f.note.what.data < b.data +
	    b.len);
	cr_assert(bytes_is(f.note.what, "disk full"));
	buf_fini(&b);
}
