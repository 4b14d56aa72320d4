#include "loop.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#include "log.h"
#include "xalloc.h"

struct signal_watch {
	struct event		*event;
	void			(*cb)(void *);
	void			*arg;
	struct signal_watch	*next;
};

struct loop {
	struct event_base	*base;
	struct signal_watch	*signals;
	bool			 stopped;
};

struct watch {
	struct loop	*loop;
	struct event	*event;		/* NULL: asked for nothing */
	int		 fd;
	unsigned	 what;
	void		(*cb)(void *, unsigned);
	void		*arg;
};

struct alarm {
	struct event	*event;
	void		(*cb)(void *);
	void		*arg;
};

struct loop *
loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	struct event_config *conf;

	if ((conf = event_config_new()) == NULL)
		fatalx(71, "loop: out of memory");
	/* The cached coarse clock moves in steps of 4 ms. */
	event_config_set_flag(conf, EVENT_BASE_FLAG_PRECISE_TIMER);
	if ((l->base = event_base_new_with_config(conf)) == NULL)
		fatalx(71, "loop: no event base");
	event_config_free(conf);
	return l;
}

void
loop_free(struct loop *l)
{
	struct signal_watch *s;

	if (l == NULL)
		return;
	while ((s = l->signals) != NULL) {
		l->signals = s->next;
		event_free(s->event);
		free(s);
	}
	event_base_free(l->base);
	free(l);
}

void
loop_run(struct loop *l, void (*after)(void *), void *arg)
{
	l->stopped = false;
	while (!l->stopped && event_base_loop(l->base, EVLOOP_ONCE) == 0)
		after(arg);
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
	event_base_loopbreak(l->base);
}

static uint64_t
clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t
loop_now(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

uint64_t
loop_wall(void)
{
	return clock_us(CLOCK_REALTIME);
}

static void
on_ready(evutil_socket_t fd, short events, void *arg)
{
	struct watch *w = arg;
	unsigned what = 0;

	(void)fd;
	if (events & EV_READ)
		what |= LOOP_READ;
	if (events & EV_WRITE)
		what |= LOOP_WRITE;
	w->cb(w->arg, what);
}

struct watch *
watch_new(struct loop *l, int fd, unsigned what, void (*cb)(void *, unsigned),
    void *arg)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	w->loop = l;
	w->fd = fd;
	w->cb = cb;
	w->arg = arg;
	watch_set(w, what);
	return w;
}

void
watch_set(struct watch *w, unsigned what)
{
	short events = EV_PERSIST;

	if (what == w->what)
		return;
	w->what = what;
	if (w->event != NULL)
		event_free(w->event);
	w->event = NULL;
	if (what == 0)
		return;
	if (what & LOOP_READ)
		events |= EV_READ;
	if (what & LOOP_WRITE)
		events |= EV_WRITE;
	w->event = event_new(w->loop->base, w->fd, events, on_ready, w);
	if (w->event == NULL || event_add(w->event, NULL) == -1)
		fatalx(71, "loop: cannot watch descriptor %d", w->fd);
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	if (w->event != NULL)
		event_free(w->event);
	free(w);
}

static void
on_time(evutil_socket_t fd, short events, void *arg)
{
	struct alarm *a = arg;

	(void)fd;
	(void)events;
	a->cb(a->arg);
}

struct alarm *
alarm_new(struct loop *l, void (*cb)(void *), void *arg)
{
	struct alarm *a = xcalloc(1, sizeof(*a));

	a->cb = cb;
	a->arg = arg;
	if ((a->event = evtimer_new(l->base, on_time, a)) == NULL)
		fatalx(71, "loop: out of memory");
	return a;
}

void
alarm_at(struct alarm *a, uint64_t us)
{
	uint64_t now = loop_now(), left = us > now ? us - now : 0;
	struct timeval tv;

	tv.tv_sec = (time_t)(left / 1000000);
	tv.tv_usec = (suseconds_t)(left % 1000000);
	evtimer_add(a->event, &tv);
}

void
alarm_off(struct alarm *a)
{
	evtimer_del(a->event);
}

void
alarm_free(struct alarm *a)
{
	if (a == NULL)
		return;
	event_free(a->event);
	free(a);
}

static void
on_signal(evutil_socket_t fd, short events, void *arg)
{
	struct signal_watch *s = arg;

	(void)fd;
	(void)events;
	s->cb(s->arg);
}

void
loop_signal(struct loop *l, int signo, void (*cb)(void *), void *arg)
{
	struct signal_watch *s = xcalloc(1, sizeof(*s));

	s->cb = cb;
	s->arg = arg;
	s->next = l->signals;
	l->signals = s;
	s->event = evsignal_new(l->base, signo, on_signal, s);
	if (s->event == NULL || event_add(s->event, NULL) == -1)
		fatalx(71, "loop: cannot watch signal %d", signo);
}
