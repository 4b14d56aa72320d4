/* Records as JSON and back, each kind; and what is no record. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdint.h>

#include "record.h"
#include "session.h"

/* A record of each kind whose fields all differ, and by two patterns. */
static const char *const words[] = { "", "x", "two\nlines \"quoted\" \\",
    "\xc3\xa9\t{\"json\":[1,null]}", "</task-event>" };

struct filler {
	unsigned	n;
	bool		least;
};

static uint64_t
next_number(struct filler *f, uint64_t most)
{
	return f->least ? 0 : most - f->n++;
}

static struct bytes
next_words(struct filler *f)
{
	return bytes_of(f->least ? "" : words[f->n++ % 5]);
}

#define ID(fld, letter)	p->fld = next_number(f, 999999999999999999);
#define NUM(fld)	p->fld = next_number(f, INT64_MAX);
#define MAYBE_NUM(fld)	NUM(fld)
#define MAYBE_STR(fld)	STR(fld)
#define STR(fld)	p->fld = next_words(f);
#define FLAG(fld)	p->fld = !f->least && f->n++ % 2 == 0;
#define RECORD(NAME, name, fields)					\
static void								\
fill_##name(struct record_##name *p, struct filler *f)			\
{									\
	fields								\
}
#include "record.def"
#undef RECORD
#undef ID
#undef NUM
#undef MAYBE_NUM
#undef MAYBE_STR
#undef STR
#undef FLAG

static bool
same_bytes(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 ||
	    memcmp(a.data, b.data, a.len) == 0);
}

#define ID(fld, letter)	&& a->fld == b->fld
#define NUM(fld)	&& a->fld == b->fld
#define MAYBE_NUM(fld)	NUM(fld)
#define MAYBE_STR(fld)	STR(fld)
#define STR(fld)	&& same_bytes(a->fld, b->fld)
#define FLAG(fld)	&& a->fld == b->fld
#define RECORD(NAME, name, fields)					\
static bool								\
same_##name(const struct record_##name *a, const struct record_##name *b) \
{									\
	return true fields;						\
}
#include "record.def"
#undef RECORD
#undef ID
#undef NUM
#undef MAYBE_NUM
#undef MAYBE_STR
#undef STR
#undef FLAG

static void
fill(struct record *r, struct filler *f)
{
	switch (r->kind) {
#define RECORD(NAME, name, fields)					\
	case RECORD_##NAME:						\
		fill_##name(&r->name, f);				\
		break;
#include "record.def"
#undef RECORD
	case RECORD_NKINDS:
		break;
	}
}

static bool
same(const struct record *a, const struct record *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
#define RECORD(NAME, name, fields)					\
	case RECORD_##NAME:						\
		return same_##name(&a->name, &b->name);
#include "record.def"
#undef RECORD
	case RECORD_NKINDS:
		break;
	}
	return false;
}

static bool
comes_back(unsigned kind, bool least)
{
	struct filler f = { .least = least };
	struct record r = { .kind = (enum record_kind)kind }, back;
	struct buf b = { 0 };
	bool ok;

	fill(&r, &f);
	record_write(&b, &r);
	ok = record_read(&back, bytes_of(record_name(r.kind)), buf_bytes(&b));
	ok = ok && same(&r, &back);
	record_done(&back);
	buf_fini(&b);
	return ok;
}

Test(record, each_kind_comes_back_as_it_was_written)
{
	unsigned kind;

	for (kind = 0; kind < RECORD_NKINDS; kind++) {
		cr_expect(comes_back(kind, false), "%s",
		    record_name((enum record_kind)kind));
		cr_expect(comes_back(kind, true), "%s of nothing",
		    record_name((enum record_kind)kind));
	}
}

/* The fields that came later, of each kind: " a b c ". */
#define ID(fld, letter)
#define NUM(fld)
#define STR(fld)
#define FLAG(fld)
#define MAYBE_NUM(fld)	#fld " "
#define MAYBE_STR(fld)	#fld " "
#define RECORD(NAME, name, fields)	[RECORD_##NAME] = " " fields,
static const char *const newer[] = {
#include "record.def"
};
#undef RECORD
#undef ID
#undef NUM
#undef STR
#undef FLAG
#undef MAYBE_NUM
#undef MAYBE_STR

/* The field whose name ends at the colon came later. */
static bool
is_newer(enum record_kind kind, const char *text, const char *colon)
{
	const char *from = colon;
	char name[64];

	while (from > text && from[-1] != '"')
		from--;
	snprintf(name, sizeof(name), " %.*s ", (int)(colon - from), from);
	return strstr(newer[kind], name) != NULL;
}

Test(record, a_record_without_one_of_its_fields_is_none)
{
	struct filler f = { .least = true };
	struct record r, back;
	struct buf b = { 0 };
	unsigned kind;
	char *colon;

	for (kind = 0; kind < RECORD_NKINDS; kind++) {
		r.kind = (enum record_kind)kind;
		fill(&r, &f);
		buf_reset(&b);
		record_write(&b, &r);
		for (colon = b.data; (colon = strstr(colon, "\":")) != NULL;
		    colon += 2) {
			if (is_newer(r.kind, b.data, colon))
				continue;
			colon[-1] ^= 1;		/* another name */
			cr_expect_not(record_read(&back,
			    bytes_of(record_name(r.kind)), buf_bytes(&b)));
			colon[-1] ^= 1;
		}
	}
	buf_fini(&b);
}

Test(record, a_state_from_before_there_were_walls_is_read)
{
	static const char old[] = "{\"task\":\"t1\",\"state\":\"running\","
	    "\"by\":\"\",\"why\":\"\",\"tier\":\"none\",\"pid\":1,"
	    "\"init\":2,\"tool_pid\":3,\"boot\":\"\",\"start\":0}";
	struct record back;

	cr_assert(record_read(&back, BYTES("state"), bytes_of(old)));
	cr_expect(back.state.task == 1 && back.state.tool_pid == 3);
	cr_expect(back.state.profile.len == 0 && back.state.landlock == 0 &&
	    back.state.filter == 0);
	record_done(&back);
}

Test(record, a_session_from_before_its_folder_had_an_owner_is_read)
{
	struct record back;

	cr_assert(record_read(&back, BYTES("created"),
	    BYTES("{\"cwd\":\"/\",\"mode\":\"now\"}")));
	cr_expect(back.created.owner.len == 0);
	record_done(&back);
}

Test(record, what_is_no_record_is_not_read)
{
	static const struct { const char *kind, *json; } bad[] = {
		{ "", "{}" }, { "nonsense", "{}" }, { "edited", "" },
		{ "edited", "{" }, { "edited", "[]" }, { "edited", "null" },
		{ "edited", "{\"message\":\"t1\",\"text\":\"x\"}" },
		{ "edited", "{\"message\":\"m0\",\"text\":\"x\"}" },
		{ "edited", "{\"message\":\"m\",\"text\":\"x\"}" },
		{ "edited", "{\"message\":\"m-1\",\"text\":\"x\"}" },
		{ "edited", "{\"message\":\"m1x\",\"text\":\"x\"}" },
		{ "edited", "{\"message\":1,\"text\":\"x\"}" },
		{ "edited", "{\"message\":\"m1\",\"text\":1}" },
		{ "edited", "{\"message\":\"m1\",\"text\":null}" },
		{ "edited", "{\"message\":\"m1\",\"text\":\"\xff\"}" },
		{ "edited", "{\"message\":\"m1234567890123456789\","
		    "\"text\":\"x\"}" },
		{ "asked", "{\"turn\":\"u1\",\"attempt\":-1}" },
		{ "asked", "{\"turn\":\"u1\",\"attempt\":1.5}" },
		{ "asked", "{\"turn\":\"u1\","
		    "\"attempt\":18446744073709551615}" },
		{ "told", "{\"event\":\"e1\",\"turn\":\"u1\",\"consumed\":0}" },
	};
	struct record r;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(record_read(&r, bytes_of(bad[i].kind),
		    bytes_of(bad[i].json)), "%s %s", bad[i].kind, bad[i].json);
}

struct row {
	const char	*kind, *json;
	bool		 makes_sense;
};

#define TURN	"\"turn\":\"u1\""
#define CALL	"{" TURN ",\"call\":\"c\",\"tool\":\"x\",\"args\":\"{}\"," \
    "\"task\":null,\"background\":\"auto\"}"
#define RESULT	"{" TURN ",\"call\":\"c\",\"state\":\"answered\"," \
    "\"message\":\"{}\"}"
#define END	"{" TURN ",\"outcome\":\"answered\",\"why\":\"\"," \
    "\"input_tokens\":0,\"cached_tokens\":0,\"output_tokens\":0}"
#define USE	"{" TURN ",\"input_tokens\":1,\"cached_tokens\":0," \
    "\"output_tokens\":1}"
#define EVENT	"{\"event\":\"e1\",\"task\":\"t1\",\"message\":null," \
    "\"wake\":\"never\",\"text\":\"\"}"
#define TOLD	"{\"event\":\"e1\"," TURN ",\"consumed\":false}"
#define BEGIN	"{" TURN ",\"cause\":\"message\",\"message\":\"m1\"}"
#define SAY	"{\"message\":\"m1\",\"key\":\"\",\"mode\":\"now\"," \
    "\"tools\":\"keep\",\"text\":\"x\"}"
#define GIVE	"{\"message\":\"m1\"," TURN "}"
#define CREATE	"{\"cwd\":\"/\",\"mode\":\"now\"}"
#define ASK	"{" TURN ",\"attempt\":1}"
#define TASK	"{\"task\":\"t1\",\"turn\":null,\"message\":null," \
    "\"tool\":\"x\",\"args\":\"\",\"cwd\":\"\",\"profile\":\"\"," \
    "\"wake\":\"never\"}"
#define GONE	"{\"task\":\"t1\",\"end\":\"lost\",\"has_code\":false," \
    "\"code\":0,\"signal\":0,\"by\":\"\",\"why\":\"\",\"out_bytes\":0," \
    "\"err_bytes\":0,\"out_lost\":0,\"err_lost\":0}"

static const struct row story[] = {
	{ "admitted", SAY, false }, { "created", CREATE, true },
	{ "created", CREATE, false }, { "delivered", GIVE, false },
	{ "edited", "{\"message\":\"m1\",\"text\":\"\"}", false },
	{ "usage", USE, false },
	{ "cancelled", "{\"message\":\"m1\",\"why\":\"\"}", false },
	{ "admitted", SAY, true }, { "admitted", SAY, false },
	{ "delivered", GIVE, false }, { "asked", ASK, false },
	{ "began", BEGIN, true }, { "began", BEGIN, false },
	{ "delivered", GIVE, true }, { "delivered", GIVE, false },
	{ "asked", ASK, true }, { "result", RESULT, false },
	{ "usage", USE, true },
	{ "called", CALL, true }, { "called", CALL, false },
	{ "asked", ASK, false },
	{ "partial", "{" TURN ",\"text\":\"x\"}", false },
	{ "result", RESULT, true }, { "result", RESULT, false },
	{ "called", CALL, false }, { "asked", ASK, true },
	{ "partial", "{" TURN ",\"text\":\"x\"}", true },
	{ "event", EVENT, true }, { "event", EVENT, false },
	{ "told", TOLD, true }, { "told", TOLD, false },
	{ "end", GONE, false }, { "task", TASK, true },
	{ "task", TASK, false }, { "end", GONE, true }, { "end", GONE, false },
	{ "finished", END, true }, { "finished", END, false },
	{ "usage", USE, true },
	{ "called", CALL, false }, { "asked", ASK, false },
	{ "item", "{" TURN ",\"role\":\"user\",\"filler\":false,"
	    "\"message\":\"{}\"}", false },
};

Test(record, what_makes_no_sense_is_refused_and_changes_nothing)
{
	static const struct session_limits limits = { .max_turns = 1 };
	struct session *s = session_new("main", &limits);
	struct record r;
	size_t i;

	for (i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
		cr_assert(record_read(&r, bytes_of(story[i].kind),
		    bytes_of(story[i].json)), "row %zu", i);
		cr_expect_eq(session_apply(s, &r), story[i].makes_sense,
		    "row %zu: %s", i, story[i].kind);
		record_done(&r);
	}
	session_free(s);
}
