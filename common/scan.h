/*
 * A look at msgpack bytes before msgpack-c sees them (F1): it walks the types
 * and allocates nothing. libmsgpack 4.0.0 reserves gigabytes for a five-byte
 * array header, and makes 24 bytes of an element that took one; here a count
 * larger than the bytes left is a lie, and the caller says how many values
 * there may be.
 */
#ifndef SCAN_H
#define SCAN_H

#include "bytes.h"

#define SCAN_DEPTH	16

/*
 * Exactly one value, at most SCAN_DEPTH deep, no ext types, nothing behind;
 * at most max values in all, arrays, maps and what is in them.
 */
bool	scan_is_sane(struct bytes, size_t max);

#endif
