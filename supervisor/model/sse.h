/*
 * Server-sent events: bytes, cut anywhere, to events. Pure. Lines end in LF,
 * CRLF or CR; comments, ids and unknown fields are dropped. It knows nothing
 * of what is inside an event.
 */
#ifndef SSE_H
#define SSE_H

#include "buf.h"

#define SSE_LINE_MAX	(1U << 20)
#define SSE_EVENT_MAX	(4U << 20)

enum sse_status {
	SSE_EVENT,		/* *ev borrows until the next call */
	SSE_MORE,		/* feed more */
	SSE_TOO_LONG		/* a line or an event; for good */
};

struct sse_event {
	struct bytes	name;		/* empty: none was given */
	struct bytes	data;		/* lines joined by LF */
};

/* Zeroed is ready. */
struct sse {
	struct buf	in;
	size_t		taken;		/* of in, by lines already seen */
	size_t		looked;		/* of in: no line ends before it */
	struct buf	name, data;
	bool		has_data;
	bool		began;		/* no byte order mark now */
	bool		after_cr;	/* an LF belongs to that */
	bool		given;		/* data is out on loan */
	bool		too_long;
};

void		sse_fini(struct sse *);
void		sse_feed(struct sse *, struct bytes);
enum sse_status	sse_next(struct sse *, struct sse_event *);
/*
 * The stream ended: what no blank line dispatched, if there is any. Only its
 * reader can tell whether it is complete.
 */
bool		sse_rest(struct sse *, struct sse_event *);

#endif
