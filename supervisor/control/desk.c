#include "desk.h"

#include <fcntl.h>
#include <stdlib.h>

#include "fd.h"
#include "loop.h"
#include "question.h"
#include "xalloc.h"

#define EACH_QUESTION(d, p, q, next)					\
	TAILQ_FOREACH(p, &(d)->peers, link)				\
		if (!(p)->gone)						\
			TAILQ_FOREACH_SAFE(q, &(p)->questions, link, next)

static void
on_effect(void *arg, struct host *h, const struct effect *fx)
{
	struct desk *d = arg;
	struct peer *p;
	struct question *q, *next;

	EACH_QUESTION(d, p, q, next) {
		if (q->kind == ASKED_SAY)
			say_effect(q, h, fx);
		else if (q->kind == ASKED_COMPACT)
			compact_effect(q, h, fx);
	}
}

static void
on_sent(void *arg, struct host *h, uint64_t turn)
{
	struct desk *d = arg;
	struct peer *p;
	struct question *q, *next;

	EACH_QUESTION(d, p, q, next)
		if (q->kind == ASKED_SAY)
			say_sent(q, h, turn);
}

static void
on_shown(void *arg, struct host *h, uint64_t turn, struct bytes text)
{
	struct desk *d = arg;
	struct peer *p;
	struct question *q, *next;

	TAILQ_FOREACH(p, &d->peers, link) {
		bool told = false;

		TAILQ_FOREACH_SAFE(q, &p->questions, link, next)
			if (q->kind == ASKED_SAY)
				told |= say_shown(q, h, turn, text);
		TAILQ_FOREACH_SAFE(q, &p->questions, link, next)
			if (!told && q->kind == ASKED_EVENTS)
				events_shown(q, h, turn, text);
	}
}

static void
settle(struct question *q)
{
	switch (q->kind) {
	case ASKED_SAY:
		say_settled(q);
		break;
	case ASKED_TASKS:
		tasks_settled(q);
		break;
	case ASKED_LOG:
		log_settled(q);
		break;
	case ASKED_EVENTS:
		events_settled(q);
		break;
	case ASKED_TRANSCRIPT:
		transcript_settled(q);
		break;
	case ASKED_COMPACT:
		break;
	}
}

/* Answers leave, and who has left is forgotten. */
static void
on_stalled(void *arg)
{
	struct desk *d = arg;
	struct peer *p, *next;

	TAILQ_FOREACH_SAFE(p, &d->peers, link, next) {
		if (peer_waiting(p) > 0)
			peer_flush(p);
		if (p->gone)
			peer_free(p);
	}
}

static void
on_settled(void *arg)
{
	struct desk *d = arg;
	struct peer *p;
	struct question *q, *next;

	EACH_QUESTION(d, p, q, next)
		settle(q);
	on_stalled(d);
}

static void
on_closed(void *arg)
{
	struct desk *d = arg;

	loop_stop(d->loop);
}

static const struct engine_observer observer = {
	.effect = on_effect,
	.sent = on_sent,
	.shown = on_shown,
	.settled = on_settled,
	.stalled = on_stalled,
	.closed = on_closed,
};

static void
on_knock(void *arg, unsigned what)
{
	(void)what;
	peer_accept(arg);
}

struct desk *
desk_new(struct loop *loop, struct engine *e, int listener)
{
	struct desk *d = xcalloc(1, sizeof(*d));

	d->loop = loop;
	d->engine = e;
	d->started_at = loop_wall();
	d->listener_fd = listener;
	d->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	TAILQ_INIT(&d->peers);
	d->listener = watch_new(loop, listener, LOOP_READ, on_knock, d);
	engine_observe(e, &observer, d);
	return d;
}

void
desk_free(struct desk *d)
{
	if (d == NULL)
		return;
	engine_observe(d->engine, NULL, NULL);
	while (!TAILQ_EMPTY(&d->peers))
		peer_free(TAILQ_FIRST(&d->peers));
	watch_free(d->listener);
	fd_close(&d->spare_fd);
	free(d);
}

void
desk_on_shutdown(struct desk *d, void (*cb)(void *, bool), void *arg)
{
	d->shutdown = cb;
	d->shutdown_arg = arg;
}
