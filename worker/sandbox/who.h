/* Sets of filters, for calls.def and rules.def. */
#ifndef WHO_H
#define WHO_H

#include "filter.h"

enum who {
	NOBODY = 0,
	FULL = 1 << FILTER_TOOL,
	MODERN = FULL | 1 << FILTER_TOOL_LANDLOCK,
	TOOLS = MODERN | 1 << FILTER_TOOL_OLD,
	OLD = 1 << FILTER_TOOL_OLD,
	KEPT = TOOLS & ~FULL,			/* tier landlock */
	PROFILE_NONE = 1 << FILTER_TOOL_NONE,	/* rules.def alone names it */
	WORKER = 1 << FILTER_WORKER,
	ALL = TOOLS | WORKER
};

#endif
