/*
 * The text of a NAME.tool.json to a tool: {"description":"...", "inputSchema":
 * {...}, "meta":{...}}, where "parameters" and "input_schema" are other names
 * for the same. The schema's own bytes go to the model, without the white
 * space; what we do not check of it is a warning.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

#include "tool.h"

#define SCHEMA_BYTES	(256U << 10)

/* As header_parse(). */
bool	schema_parse(struct tool *, struct bytes json, struct tool_note *error);

#endif
