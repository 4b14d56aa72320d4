/*
 * Records as values, made from record.def: the enum, a struct each, their
 * JSON. Strings are borrowed.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdint.h>

#include "buf.h"

enum record_kind {
#define RECORD(NAME, name, fields)	RECORD_##NAME,
#include "record.def"
#undef RECORD
	RECORD_NKINDS
};

#define ID(fld, letter)	uint64_t fld;
#define NUM(fld)	uint64_t fld;
#define STR(fld)	struct bytes fld;
#define FLAG(fld)	bool fld;
#define MAYBE_NUM(fld)	uint64_t fld;
#define MAYBE_STR(fld)	struct bytes fld;
#define RECORD(NAME, name, fields)	struct record_##name { fields };
#include "record.def"
#undef RECORD
#undef ID
#undef NUM
#undef STR
#undef FLAG
#undef MAYBE_NUM
#undef MAYBE_STR

struct record {
	enum record_kind	kind;
	uint64_t		seq;
	uint64_t		time;	/* us since the epoch */
	void			*root;	/* what record_read() borrowed from */
	union {
#define RECORD(NAME, name, fields)	struct record_##name name;
#include "record.def"
#undef RECORD
	};
};

const char	*record_name(enum record_kind);
/* Adds the JSON object. */
void		 record_write(struct buf *, const struct record *);
/*
 * false: no such kind, no JSON, or a field is missing or of the wrong type.
 * The strings live until record_done().
 */
bool		 record_read(struct record *, struct bytes kind,
		    struct bytes json);
void		 record_done(struct record *);

/* "t7" to 7; 0: it is not an id of that letter. */
uint64_t	 record_id(struct bytes, char letter);

#endif
