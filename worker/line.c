/* What the worker says. */
#include <errno.h>
#include <poll.h>

#include "clock.h"
#include "proto.h"
#include "title.h"
#include "work.h"

#define TELL_EVERY	100000U		/* us */

/* EOF is seen by whoever reads; here a dead line is only not written to. */
void
line_say(struct work *w, const struct frame *f)
{
	wire_send(&w->wire, f);
	wire_flush(&w->wire, PROTO_FD_SOCKET);
}

void
line_note(struct work *w, const char *what, const char *why)
{
	line_say(w, &(struct frame){ .type = FRAME_NOTE,
	    .note = { .what = bytes_of(what), .why = bytes_of(why) } });
}

void
line_flush(struct work *w)
{
	struct pollfd p = { .fd = PROTO_FD_SOCKET, .events = POLLOUT };

	while (wire_flush(&w->wire, PROTO_FD_SOCKET) == 0)
		poll(&p, 1, -1);
}

static bool
has_grown(const struct work *w)
{
	return w->out.total != w->told_out || w->err.total != w->told_err;
}

static void
tell_growth(struct work *w)
{
	if (!has_grown(w))
		return;
	w->told_out = w->out.total;
	w->told_err = w->err.total;
	line_say(w, &(struct frame){ .type = FRAME_GREW,
	    .grew = { .out = w->told_out, .err = w->told_err } });
}

static void
tell_progress(struct work *w)
{
	if (!w->progress.fresh)
		return;
	w->progress.fresh = false;
	line_say(w, &(struct frame){ .type = FRAME_PROGRESS,
	    .progress = { .percent = w->progress.percent,
	    .text = buf_bytes(&w->progress.text) } });
	if (w->progress.percent < PROGRESS_NONE)
		title_set("%s running %u%%", w->title, w->progress.percent);
}

static void
tell_fed(struct work *w)
{
	if (w->feed.fed == w->told_fed)
		return;
	w->told_fed = w->feed.fed;
	line_say(w, &(struct frame){ .type = FRAME_FED,
	    .fed = { .bytes = w->told_fed } });
}

void
line_tell(struct work *w)
{
	uint64_t now;

	if (line_untold(w) == 0 || (now = clock_now()) < w->tell_at)
		return;
	w->tell_at = now + TELL_EVERY;
	/* Who does not listen hears the sum later. */
	if (wire_pending(&w->wire).len > 0)
		return;
	tell_growth(w);
	tell_progress(w);
	tell_fed(w);
}

uint64_t
line_untold(const struct work *w)
{
	if (!has_grown(w) && !w->progress.fresh && w->feed.fed == w->told_fed)
		return 0;
	return w->tell_at == 0 ? 1 : w->tell_at;
}
