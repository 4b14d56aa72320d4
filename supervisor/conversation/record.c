#include "record.h"

#include <inttypes.h>
#include <jansson.h>

#include "jsonw.h"

static const char *const names[] = {
#define RECORD(NAME, name, fields)	#name,
#include "record.def"
#undef RECORD
};

const char *
record_name(enum record_kind kind)
{
	return names[kind];
}

static void
write_id(struct buf *b, const char *key, char letter, uint64_t id)
{
	char text[24];

	if (id == 0) {
		jsonw_null(b, key);
		return;
	}
	snprintf(text, sizeof(text), "%c%" PRIu64, letter, id);
	jsonw_str(b, key, text);
}

#define ID(fld, letter)	write_id(b, #fld, letter, p->fld);
#define NUM(fld)	jsonw_u64(b, #fld, p->fld);
#define STR(fld)	jsonw_text(b, #fld, p->fld);
#define FLAG(fld)	jsonw_bool(b, #fld, p->fld);
#define MAYBE_NUM(fld)	NUM(fld)
#define MAYBE_STR(fld)	STR(fld)
#define RECORD(NAME, name, fields)					\
static void								\
write_##name(struct buf *b, const struct record_##name *p)		\
{									\
	fields								\
}
#include "record.def"
#undef RECORD
#undef ID
#undef NUM
#undef STR
#undef FLAG
#undef MAYBE_NUM
#undef MAYBE_STR

void
record_write(struct buf *b, const struct record *r)
{
	jsonw_open(b, '{');
	switch (r->kind) {
#define RECORD(NAME, name, fields)					\
	case RECORD_##NAME:						\
		write_##name(b, &r->name);				\
		break;
#include "record.def"
#undef RECORD
	case RECORD_NKINDS:
		break;
	}
	jsonw_close(b, '}');
}

uint64_t
record_id(struct bytes b, char letter)
{
	uint64_t id = 0;
	size_t i;

	if (b.len < 2 || b.len > 19 || b.data[0] != letter ||
	    b.data[1] == '0')
		return 0;
	for (i = 1; i < b.len; i++) {
		if (b.data[i] < '0' || b.data[i] > '9')
			return 0;
		id = id * 10 + (uint64_t)(b.data[i] - '0');
	}
	return id;
}

static bool
read_id(const json_t *o, const char *key, char letter, uint64_t *id)
{
	const json_t *v = json_object_get(o, key);

	*id = 0;
	if (json_is_null(v))
		return true;
	if (!json_is_string(v))
		return false;
	*id = record_id((struct bytes){ json_string_value(v),
	    json_string_length(v) }, letter);
	return *id != 0;
}

static bool
read_num(const json_t *o, const char *key, uint64_t *n)
{
	const json_t *v = json_object_get(o, key);

	*n = (uint64_t)json_integer_value(v);
	return json_is_integer(v) && json_integer_value(v) >= 0;
}

static bool
read_str(const json_t *o, const char *key, struct bytes *b)
{
	const json_t *v = json_object_get(o, key);

	b->data = json_string_value(v);
	b->len = json_string_length(v);
	return json_is_string(v);
}

static bool
read_flag(const json_t *o, const char *key, bool *flag)
{
	const json_t *v = json_object_get(o, key);

	*flag = json_is_true(v);
	return json_is_boolean(v);
}

/* An older journal does not have it: nothing. */
static bool
is_absent(const json_t *o, const char *key, void *field, size_t size)
{
	if (json_object_get(o, key) != NULL)
		return false;
	memset(field, 0, size);
	return true;
}

#define ID(fld, letter)	&& read_id(o, #fld, letter, &p->fld)
#define NUM(fld)	&& read_num(o, #fld, &p->fld)
#define STR(fld)	&& read_str(o, #fld, &p->fld)
#define FLAG(fld)	&& read_flag(o, #fld, &p->fld)
#define MAYBE_NUM(fld)	&& (is_absent(o, #fld, &p->fld, sizeof(p->fld)) || \
    read_num(o, #fld, &p->fld))
#define MAYBE_STR(fld)	&& (is_absent(o, #fld, &p->fld, sizeof(p->fld)) || \
    read_str(o, #fld, &p->fld))
#define RECORD(NAME, name, fields)					\
static bool								\
read_##name(const json_t *o, struct record_##name *p)			\
{									\
	return json_is_object(o) fields;				\
}
#include "record.def"
#undef RECORD
#undef ID
#undef NUM
#undef STR
#undef FLAG
#undef MAYBE_NUM
#undef MAYBE_STR

static bool
read_fields(struct record *r, const json_t *o)
{
	switch (r->kind) {
#define RECORD(NAME, name, fields)					\
	case RECORD_##NAME:						\
		return read_##name(o, &r->name);
#include "record.def"
#undef RECORD
	case RECORD_NKINDS:
		break;
	}
	return false;
}

bool
record_read(struct record *r, struct bytes kind, struct bytes json)
{
	unsigned i = 0;

	r->root = NULL;
	while (i < RECORD_NKINDS && !bytes_is(kind, names[i]))
		i++;
	if (i == RECORD_NKINDS)
		return false;
	r->kind = (enum record_kind)i;
	r->root = json_loadb(json.data, json.len, 0, NULL);
	if (r->root != NULL && read_fields(r, r->root))
		return true;
	record_done(r);
	return false;
}

void
record_done(struct record *r)
{
	json_decref(r->root);
	r->root = NULL;
}
