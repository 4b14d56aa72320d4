/*
 * The keys of @meta (O3), wherever they stand: a header, a NAME.tool.json, a
 * [tool NAME] section. One table knows them all.
 *
 *	timeout grace idle	a duration, 0: none
 *	max-output		a size
 *	background		auto, yes, no
 *	profile			none, read-only, workspace, scratch
 *	net			no, host
 *	rw			absolute paths, by blanks
 *	confirm linger		yes, no; nothing: yes
 *	watch			a pattern
 *	stdin			stream, json
 */
#ifndef META_H
#define META_H

#include "tool.h"

enum meta_status {
	META_SET,
	META_UNKNOWN,		/* not a key of ours */
	META_BAD		/* *why is a literal */
};

enum meta_status meta_set(struct tool *, struct bytes key, struct bytes value,
		    const char **why);

/* "90", "1.5h", "1h 30min", "250ms": to microseconds. */
bool	meta_duration(struct bytes, uint64_t *us);
/* "4096", "512M", "1GiB", by 1024: to bytes. */
bool	meta_size(struct bytes, uint64_t *);

#endif
