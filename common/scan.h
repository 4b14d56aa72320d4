/*
 * msgpack from somebody who may lie, one value at a time (F1). It allocates
 * nothing, copies nothing and never goes deeper: of an array it takes the
 * header, so that depth cannot grow, and a count larger than the bytes left is
 * no count. msgpack-c's own unpacker is not for such bytes: 4.0.0 reserves
 * gigabytes for a five-byte array header, and makes 24 bytes of an element
 * that took one.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stdint.h>

#include "bytes.h"

/* What frames are made of; maps, floats, nil, ext and the like are not here. */
enum scan_type { SCAN_UINT, SCAN_BOOL, SCAN_STR, SCAN_BIN, SCAN_ARRAY };

struct scan_value {
	enum scan_type	type;
	uint64_t	number;	/* UINT, BOOL; ARRAY: how many values follow */
	struct bytes	bytes;	/* STR, BIN: borrowed */
};

/*
 * Takes the value that *rest begins with. false: it is cut short, says more
 * than there is, or is of another type; then *rest is of no use.
 */
bool	scan_next(struct bytes *rest, struct scan_value *);

#endif
