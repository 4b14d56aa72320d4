/*
 * A comment header to a tool (O1). The tags are argc's, the part of its grammar
 * that needs nothing to be run:
 *
 *	# @describe TEXT
 *	# @option [-s] --name[MOD][VALUE] [<NOTATION>...] TEXT
 *	# @flag [-s] --name TEXT
 *	# @arg name[MOD][VALUE] [<NOTATION>] TEXT
 *	# @env NAME TEXT
 *	# @meta KEY [VALUE]
 *
 * MOD is ! (required), * (many) or + (one or more), the latter two with a
 * separator if one of , : @ | / follows. VALUE is =default, [a|b] or [=a|b].
 * Comment lines right below a tag go on with its text. What would have to be
 * computed is ignored with a warning.
 */
#ifndef HEADER_H
#define HEADER_H

#include "tool.h"

#define HEADER_LINES	200
#define HEADER_BYTES	(64U << 10)

/*
 * The first lines of a file, up to one that is neither comment nor blank, into
 * the tool, schema included. false: *error says what and in which line, and the
 * tool is good for tool_free() only.
 */
bool	header_parse(struct tool *, struct bytes text, struct tool_note *error);

#endif
