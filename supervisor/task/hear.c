/* What a worker says, and whether it may be believed. */
#include <stdint.h>
#include <stdlib.h>

#include "loop.h"
#include "proto.h"
#include "shop.h"
#include "xalloc.h"

#define SECOND		UINT64_C(1000000)	/* us */
#define NFRAMES_MAX	2000	/* a second; an honest worker says 40 */

/* What the kernel and the model may be told of a tool's end. */
static bool
take_status(struct child *c, uint64_t code, uint64_t signo)
{
	if (code > 255 || signo >= NSIG || (code != 0 && signo != 0))
		return false;
	c->end.known = true;
	c->end.code = (int)code;
	c->end.signal = (int)signo;
	return true;
}

static bool
take_sizes(struct child *c, uint64_t out, uint64_t err)
{
	if (out < c->end.out || err < c->end.err)
		return false;
	c->end.out = out;
	c->end.err = err;
	return true;
}

static bool
on_hello(struct child *c, const struct frame *f)
{
	if (f->hello.version != PROTO_VERSION ||
	    f->hello.pid != (uint64_t)c->pid)
		return false;
	/* START was sent without waiting for this. */
	c->wire.phase = FRAME_IN_ENTERING;
	return true;
}

static bool
is_pid(uint64_t n)
{
	return n > 0 && n <= INT32_MAX;
}

static bool
on_init(struct child *c, const struct frame *f)
{
	if (!is_pid(f->init.pid) || c->named != 0 ||
	    shop_find(c->shop, (pid_t)f->init.pid) != NULL)
		return false;
	c->named = c->init = (pid_t)f->init.pid;
	return true;
}

static bool
on_running(struct child *c, const struct frame *f)
{
	if (f->running.init != (uint64_t)c->named || c->named == 0 ||
	    !is_pid(f->running.tool))
		return false;
	c->wire.phase = FRAME_IN_BUSY;
	if (c->killed != NULL)
		return true;
	c->is_running = true;
	c->start_by = 0;
	child_set_alarm(c);
	TELL(c, running, &(struct child_running){ c->named,
	    (pid_t)f->running.tool, (unsigned)f->running.landlock,
	    f->running.filter });
	child_send_early(c);
	child_send_matches(c);
	if (c->pause == CHILD_TO_SUSPEND) {
		c->pause = CHILD_RUNNING;
		child_suspend(c);
	}
	return true;
}

/* What is left to do is to exit. */
static bool
last_word(struct child *c)
{
	c->said_last = true;
	if (c->kill_by == 0)
		c->kill_by = loop_now() + CHILD_KILL_TIME;
	child_set_alarm(c);
	return true;
}

static bool
on_refused(struct child *c, const struct frame *f)
{
	c->end.how = CHILD_REFUSED;
	c->why = xasprintf("%.*s: %.*s", (int)f->refused.step.len,
	    f->refused.step.data, (int)f->refused.why.len,
	    f->refused.why.data);
	TELL(c, refused, &(struct child_refusal){ f->refused.step,
	    (int)f->refused.error, f->refused.why });
	return last_word(c);
}

static bool
on_progress(struct child *c, const struct frame *f)
{
	TELL(c, progress, f->progress.percent > 100 ? 101 :
	    (unsigned)f->progress.percent, f->progress.text);
	return true;
}

static bool
on_grew(struct child *c, const struct frame *f)
{
	if (!take_sizes(c, f->grew.out, f->grew.err))
		return false;
	TELL(c, grew, f->grew.out, f->grew.err);
	return true;
}

static bool
on_fed(struct child *c, const struct frame *f)
{
	if (f->fed.bytes < c->nfed || f->fed.bytes > c->ninput)
		return false;
	c->nfed = f->fed.bytes;
	TELL(c, fed, (size_t)(c->ninput - c->nfed));
	return true;
}

static bool
on_exited(struct child *c, const struct frame *f)
{
	struct child_exit e;

	if (c->end.known ||
	    !take_status(c, f->exited.code, f->exited.signal))
		return false;
	e = (struct child_exit){ c->end.code, c->end.signal, f->exited.alive,
	    f->exited.names };
	TELL(c, exited, &e);
	return true;
}

static bool
on_swept(struct child *c, const struct frame *f)
{
	if (c->nsweeps == 0)
		return false;
	/* An answer to an older question says nothing of now. */
	if (--c->nsweeps == 0 && c->pause == CHILD_SWEEPING)
		child_stop_group(c, f->swept.complete);
	return true;
}

static bool
on_ended(struct child *c, const struct frame *f)
{
	if (!c->end.known || c->end.code != (int)f->ended.code ||
	    c->end.signal != (int)f->ended.signal ||
	    !take_sizes(c, f->ended.out, f->ended.err))
		return false;
	c->end.out_lost = f->ended.out_lost;
	c->end.err_lost = f->ended.err_lost;
	c->end.how = CHILD_DONE;
	return last_word(c);
}

static bool
on_note(struct child *c, const struct frame *f)
{
	TELL(c, note, f->note.what, f->note.why);
	return true;
}

static bool (*const hear[])(struct child *, const struct frame *) = {
	[FRAME_HELLO] = on_hello,
	[FRAME_INIT] = on_init,
	[FRAME_RUNNING] = on_running,
	[FRAME_REFUSED] = on_refused,
	[FRAME_PROGRESS] = on_progress,
	[FRAME_GREW] = on_grew,
	[FRAME_FED] = on_fed,
	[FRAME_EXITED] = on_exited,
	[FRAME_SWEPT] = on_swept,
	[FRAME_ENDED] = on_ended,
	[FRAME_NOTE] = on_note,
	[FRAME_SEEN] = child_hear_seen,
	[FRAME_GAUGED] = child_hear_gauged,
};

static bool
is_flood(struct child *c)
{
	uint64_t second = loop_now() / SECOND;

	if (second != c->second)
		c->nframes = 0;
	c->second = second;
	return ++c->nframes > NFRAMES_MAX;
}

/* NULL, or how it broke the table that wire.c does not know of. */
static const char *
hear_frame(struct child *c, const struct frame *f)
{
	if (c->said_last)
		return "it spoke after its last word";
	if (is_flood(c))
		return "it floods";
	if (!hear[f->type](c, f))
		return "a frame contradicts what it said before";
	return NULL;
}

int
child_read_line(struct child *c)
{
	const char *why = NULL;
	enum wire_status s;
	struct frame f;
	int r;

	r = wire_fill(&c->wire, c->sock);
	while (why == NULL && (s = wire_next(&c->wire, &f)) != WIRE_MORE)
		why = s == WIRE_BREACH ? c->wire.why : hear_frame(c, &f);
	if (why == NULL && r == -1 && c->wire.in.len > 0)
		why = "it ended inside a frame";
	if (why != NULL)
		child_breach(c, why);
	return why != NULL ? -1 : r;
}
