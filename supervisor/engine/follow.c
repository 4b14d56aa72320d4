/* What the workers of tasks say becomes events of those tasks' lives. */
#include <stdint.h>
#include <stdlib.h>

#include "inner.h"
#include "log.h"
#include "xalloc.h"

static void
on_running(void *arg, const struct child_running *c)
{
	struct run *r = arg;
	struct life_event ev = { .type = LIFE_EV_RUNNING };

	r->init = c->init;
	r->tool_pid = c->tool;
	r->landlock = c->landlock;
	r->filter = c->filter & INT64_MAX;	/* as the journal has numbers */
	run_feed(r, &ev);
}

/* With the words that mend it, where there are any. */
static void
on_refused(void *arg, const struct child_refusal *c)
{
	struct run *r = arg;
	char *step = xmemdup(c->step.data, c->step.len);
	struct buf why = { 0 }, mend = { 0 };
	struct life_event ev = { .type = LIFE_EV_REFUSED, .step = c->step };

	buf_add_bytes(&why, c->why);
	remedy(&mend, step, c->error, &r->engine->probe.facts);
	if (mend.len > 0)
		buf_printf(&why, "; %s", mend.data);
	ev.why = buf_bytes(&why);
	run_feed(r, &ev);
	buf_fini(&why);
	buf_fini(&mend);
	free(step);
}

static void
heard(struct run *r)
{
	struct life_event ev = { .type = LIFE_EV_GREW };

	run_feed(r, &ev);
	heed_grew(r);
}

static void
on_progress(void *arg, unsigned percent, struct bytes text)
{
	struct run *r = arg;

	if (percent <= 100)
		r->percent = percent;
	free(r->progress);
	r->progress = xmemdup(text.data, text.len);
	heard(r);
}

static void
on_grew(void *arg, uint64_t out, uint64_t err)
{
	struct run *r = arg;

	r->out = out;
	r->err = err;
	heard(r);
	if (out > r->awaited)
		errand_grew(r);
}

static void
on_fed(void *arg, size_t waiting)
{
	(void)arg;
	(void)waiting;
}

static void
on_exited(void *arg, const struct child_exit *x)
{
	struct life_event ev = { .type = LIFE_EV_EXITED, .code = x->code,
	    .signal = x->signal, .alive = x->alive, .names = x->names };

	run_feed(arg, &ev);
}

static void
on_suspended(void *arg, bool complete)
{
	struct life_event ev = { .type = LIFE_EV_SUSPENDED,
	    .complete = complete };

	run_feed(arg, &ev);
}

static void
on_stopped_outside(void *arg, bool stopped)
{
	struct life_event ev = { .type = stopped ? LIFE_EV_STOPPED_OUTSIDE :
	    LIFE_EV_CONTINUED_OUTSIDE };

	run_feed(arg, &ev);
}

static void
on_note(void *arg, struct bytes what, struct bytes why)
{
	struct run *r = arg;

	log_warnx("t%ju[%d]: %.*s: %.*s", (uintmax_t)r->id, (int)r->pid,
	    (int)what.len, what.data, (int)why.len, why.data);
	if (!bytes_is(what, "protected"))
		return;
	free(r->planted);
	r->planted = xmemdup(why.data, why.len);
}

/* How it ended, in the words of the record and of the event. */
static void
tell_end(const struct run *r, const struct child_end *end, struct buf *words)
{
	if (end->how != CHILD_REFUSED)		/* that was said already */
		buf_printf(words, "%s", end->why);
	if (r->narrowed != NULL && end->how != CHILD_REFUSED)
		buf_printf(words, "%s%s", words->len == 0 ? "" : "; ",
		    r->narrowed);
	if (r->planted != NULL)
		buf_printf(words, "%schanged what others may run later: %s",
		    words->len == 0 ? "" : "; ", r->planted);
}

static void
on_gone(void *arg, const struct child_end *end)
{
	struct run *r = arg;
	struct life_event ev = { .type = LIFE_EV_GONE,
	    .clean = end->how == CHILD_DONE, .code = end->code,
	    .signal = end->signal };
	struct buf words = { 0 };

	tell_end(r, end, &words);
	ev.why = buf_bytes(&words);
	r->out = end->out;
	r->err = end->err;
	r->out_lost = end->out_lost;
	r->err_lost = end->err_lost;
	run_feed(r, &ev);
	buf_fini(&words);
}

const struct child_ops run_ops = {
	.running = on_running,
	.refused = on_refused,
	.progress = on_progress,
	.grew = on_grew,
	.fed = on_fed,
	.seen = heed_seen,
	.gauged = heed_gauged,
	.exited = on_exited,
	.suspended = on_suspended,
	.stopped_outside = on_stopped_outside,
	.note = on_note,
	.gone = on_gone,
};
