/*
 * A JSON value against the part of JSON Schema that tools use: type, enum,
 * const, properties, required, additionalProperties, items, and the limits of
 * numbers, lengths and counts. What is left unchecked is named by
 * check_unknown(), so that nobody relies on it.
 */
#ifndef CHECK_H
#define CHECK_H

#include <jansson.h>

#include "buf.h"

/*
 * false: *why gets "jobs: not an integer". strict: an object whose schema does
 * not speak of additional properties has none, at the top.
 */
bool	check_value(const json_t *schema, const json_t *value, bool strict,
	    struct buf *why);

/* Calls each() with "jobs: pattern" for each keyword that is not checked. */
void	check_unknown(const json_t *schema,
	    void (*each)(void *arg, const char *what), void *arg);

#endif
