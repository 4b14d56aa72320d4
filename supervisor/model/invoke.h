/*
 * `run TOOL --name value ...` to a call's arguments, by the tool's schema.
 * Pure.
 */
#ifndef INVOKE_H
#define INVOKE_H

#include <jansson.h>

#include "buf.h"

/* The function of that name in a request's list of tools, or NULL. */
const json_t	*invoke_find(const json_t *tools, struct bytes name);

/*
 * Adds a JSON object made of the words behind the tool's name, or that JSON
 * itself. false: words were added that say what is wrong.
 */
bool		 invoke_read(const json_t *function, struct bytes rest,
		    struct buf *arguments, struct buf *words);

#endif
