/*
 * Where a value stands in JSON text that a reader has already found valid:
 * what goes back to a model is never parsed and written again, for that
 * changes its numbers (1.10, 1e2). Empty if it is not there. Pure.
 */
#ifndef SPAN_H
#define SPAN_H

#include "bytes.h"

/* Of several with that name the last. */
struct bytes	span_member(struct bytes object, const char *key);
struct bytes	span_element(struct bytes array, size_t i);

#endif
