/*
 * The bytes of values inside a JSON text that jansson has accepted: what goes
 * on to a tool or a model is copied as it was written, since parsing and
 * dumping would turn 1.10 into 1.1000000000000001. What is no JSON is walked
 * safely and to no use.
 */
#ifndef RAW_H
#define RAW_H

#include "buf.h"

struct raw {
	struct bytes	rest;
	bool		object;
};

/* An object or an array, to be walked by raw_next(). */
void		 raw_open(struct raw *, struct bytes container);
/* false: no more. key (of an object, else empty) is without its quotes. */
bool		 raw_next(struct raw *, struct bytes *key, struct bytes *value);
/* The value of a plain key; data is NULL if there is none. */
struct bytes	 raw_find(struct bytes object, const char *key);
/* Without the white space between the tokens. */
void		 raw_compact(struct buf *, struct bytes);

#endif
