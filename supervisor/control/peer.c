/* One client: its credentials, its line, its open questions. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fd.h"
#include "log.h"
#include "loop.h"
#include "proto.h"
#include "question.h"
#include "text.h"
#include "xalloc.h"

static void
cut(struct peer *p, const char *why)
{
	if (p->gone)
		return;
	if (why != NULL)
		log_debug("client: cut: %s", why);
	p->gone = true;		/* desk.c sweeps, when nobody holds it */
	watch_set(p->watch, 0);
	fd_close(&p->fd);
}

void
peer_free(struct peer *p)
{
	cut(p, NULL);
	while (!TAILQ_EMPTY(&p->questions))
		question_free(TAILQ_FIRST(&p->questions));
	TAILQ_REMOVE(&p->desk->peers, p, link);
	watch_free(p->watch);
	wire_fini(&p->wire);
	free(p);
}

size_t
peer_waiting(const struct peer *p)
{
	return wire_pending(&p->wire).len;
}

static bool
has_stream(const struct peer *p)
{
	const struct question *q;

	TAILQ_FOREACH(q, &p->questions, link)
		if (q->kind == ASKED_TRANSCRIPT ||
		    (q->kind == ASKED_EVENTS && q->paused))
			return true;
	return false;
}

void
peer_flush(struct peer *p)
{
	if (p->gone)
		return;
	switch (wire_flush(&p->wire, p->fd)) {
	case -1:
		cut(p, strerror(errno));
		break;
	case 0:
		watch_set(p->watch, LOOP_READ | LOOP_WRITE);
		break;
	default:
		/* A stream that paused goes on when the line is writable. */
		watch_set(p->watch, has_stream(p) ? LOOP_READ | LOOP_WRITE :
		    LOOP_READ);
		if (p->leaving)
			cut(p, "it speaks another version");
		break;
	}
}

/*
 * It leaves with peer_flush(), behind the commit of what it tells (C1). Who
 * never reads gets no more; what it asked goes on without it.
 */
void
peer_send(struct peer *p, const struct frame *f)
{
	if (p->gone)
		return;
	wire_send(&p->wire, f);
	if (peer_waiting(p) > PEER_LIMIT)
		cut(p, "it does not read");
}

static void
welcome(struct peer *p, const struct frame_open *open)
{
	struct frame f = { .type = FRAME_WELCOME };

	p->leaving = open->version != PROTO_VERSION;
	f.welcome.version = PROTO_VERSION;
	f.welcome.pid = (uint64_t)getpid();
	peer_send(p, &f);
	p->wire.phase = FRAME_IN_TALK;
}

static void
take(struct peer *p)
{
	struct frame f;

	while (!p->gone && !p->leaving) {
		switch (wire_next(&p->wire, &f)) {
		case WIRE_MORE:
			return;
		case WIRE_BREACH:
			cut(p, p->wire.why);
			return;
		case WIRE_FRAME:
			break;
		}
		if (f.type == FRAME_OPEN)
			welcome(p, &f.open);
		else
			verb_dispatch(p, &f);
	}
}

static void
on_ready(void *arg, unsigned what)
{
	struct peer *p = arg;

	if (what & LOOP_WRITE)
		peer_flush(p);
	if (!p->gone && (what & LOOP_READ)) {
		if (wire_fill(&p->wire, p->fd) == -1)
			cut(p, NULL);
		else
			take(p);
	}
}

/* Only who runs the supervisor, and root, may speak to it. */
static bool
is_welcome(int fd, struct ucred *who)
{
	socklen_t len = sizeof(*who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, who, &len) == -1)
		return false;
	if (who->uid == 0 || who->uid == geteuid())
		return true;
	log_warnx("client[%d]: uid %u is not welcome", (int)who->pid,
	    who->uid);
	return false;
}

static void
peer_new(struct desk *d, int fd, const struct ucred *who)
{
	struct peer *p = xcalloc(1, sizeof(*p));

	p->desk = d;
	p->fd = fd;
	p->pid = who->pid;
	p->uid = who->uid;
	wire_init(&p->wire, FRAME_BY_CLIENT);
	TAILQ_INIT(&p->questions);
	TAILQ_INSERT_TAIL(&d->peers, p, link);
	p->watch = watch_new(d->loop, fd, LOOP_READ, on_ready, p);
}

/* No descriptor is left: the spare one lets us say so by closing the line. */
static void
turn_away(struct desk *d)
{
	int fd;

	fd_close(&d->spare_fd);
	fd = accept4(d->listener_fd, NULL, NULL, SOCK_CLOEXEC);
	fd_close(&fd);
	d->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	log_warnx("client: turned away: no descriptor left");
}

void
peer_accept(struct desk *d)
{
	int fd = accept4(d->listener_fd, NULL, NULL,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred who;

	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE)
			turn_away(d);
		return;
	}
	if (is_welcome(fd, &who))
		peer_new(d, fd, &who);
	else
		close(fd);
}

struct question *
question_find(struct peer *p, uint64_t request)
{
	struct question *q;

	TAILQ_FOREACH(q, &p->questions, link)
		if (q->request == request)
			return q;
	return NULL;
}

static void
on_time(void *arg)
{
	question_done(arg, 75, "the time is up");
}

struct question *
question_new(struct peer *p, uint64_t request, enum question_kind kind)
{
	struct question *q;

	if (p->nquestions >= PEER_QUESTIONS) {
		answer_done(p, request, 75, "too many requests are open");
		return NULL;
	}
	q = xcalloc(1, sizeof(*q));
	q->peer = p;
	q->request = request;
	q->kind = kind;
	q->session = xstrdup("");
	q->alarm = alarm_new(p->desk->loop, on_time, q);
	TAILQ_INSERT_TAIL(&p->questions, q, link);
	p->nquestions++;
	return q;
}

void
question_free(struct question *q)
{
	TAILQ_REMOVE(&q->peer->questions, q, link);
	q->peer->nquestions--;
	alarm_free(q->alarm);
	free(q->session);
	free(q->receipt);
	free(q->tasks);
	free(q);
}

void
question_add_task(struct question *q, uint64_t task)
{
	q->tasks = xreallocarray(q->tasks, q->ntasks + 1, sizeof(*q->tasks));
	q->tasks[q->ntasks++] = task;
}

void
answer_item(struct peer *p, uint64_t request, struct bytes json)
{
	struct frame f = { .type = FRAME_ITEM };

	f.item.request = request;
	f.item.json = json;
	peer_send(p, &f);
}

void
answer_done(struct peer *p, uint64_t request, int status, const char *fmt, ...)
{
	struct frame f = { .type = FRAME_DONE };
	struct buf clean = { 0 };
	char *why;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&why, fmt, ap) == -1)
		why = xstrdup("");
	va_end(ap);
	text_clean(&clean, bytes_of(why));
	f.done.request = request;
	f.done.status = (uint64_t)status;
	f.done.why = buf_bytes(&clean);
	f.done.why.len = text_prefix(f.done.why, 1024);
	peer_send(p, &f);
	buf_fini(&clean);
	free(why);
}

void
question_done(struct question *q, int status, const char *why)
{
	struct peer *p = q->peer;
	uint64_t request = q->request;

	question_free(q);
	answer_done(p, request, status, "%s", why);
}
