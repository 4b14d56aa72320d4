/*
 * A look at msgpack bytes before msgpack-c sees them (F1): it walks the types
 * and allocates nothing. libmsgpack 4.0.0 reserves gigabytes for a five-byte
 * array header; here a count larger than the bytes left is a lie.
 */
#ifndef SCAN_H
#define SCAN_H

#include "bytes.h"

#define SCAN_DEPTH	16

/* Exactly one value, at most SCAN_DEPTH deep, no ext types, nothing behind. */
bool	scan_is_sane(struct bytes);

#endif
