#include "guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "proto.h"

#define SWEEP_TIME	50000U		/* us */
#define SWEEP_ROUNDS	400

static struct members	members;

void
guard_say(struct guard *g, enum guard_said said, int a, int b,
    const char *text)
{
	struct guard_report r = { .said = said, .a = a, .b = b };

	strlcpy(r.text, text, sizeof(r.text));
	/* Nobody to hear it is the same as the end of ctl, which comes too. */
	fd_write_all(g->rep, &r, sizeof(r));
}

void
guard_fail(struct guard *g, const char *step)
{
	guard_say(g, GUARD_FAILED, errno, 0, step);
	_exit(PROTO_EXIT_REFUSED);
}

void
guard_init(struct guard *g)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	g->sigfd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (g->sigfd == -1)
		guard_fail(g, "signalfd");
}

static bool
ended(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR));
}

/*
 * After the death signal is set: a parent that died before that closed its
 * files first, so one of the two always tells.
 */
bool
guard_is_orphan(const struct guard *g)
{
	return ended(g->ctl) || ended(g->lifeline);
}

/*
 * A race with whoever sends SIGCONT, won by repetition: until two looks in a
 * row show the same stillness.
 */
static bool
sweep(struct guard *g)
{
	uint64_t until = clock_now() + SWEEP_TIME, now = 0, before = 0;
	bool still, was_still = false;
	int round;

	g->swept = true;
	for (round = 0; round < SWEEP_ROUNDS && clock_now() < until; round++) {
		g->stop();
		g->list(&members);
		still = members_are_still(&members, &now);
		if (still && was_still && now == before)
			return true;
		was_still = still;
		before = now;
	}
	return false;
}

static void
thaw(struct guard *g)
{
	if (g->swept)
		g->thaw();
	g->swept = false;
}

/* Those in the group had theirs from the supervisor; nobody gets two. */
static void
term(struct guard *g)
{
	struct look l;
	size_t i;

	g->list(&members);
	for (i = 0; i < members.n; i++) {
		if (!members_look(members.list[i].pid, &l) ||
		    l.group == g->group)
			continue;
		members_signal(&members.list[i], SIGTERM);
		members_signal(&members.list[i], SIGCONT);
	}
	thaw(g);
}

static void
add_name(char *names, size_t size, const char *name)
{
	size_t n = strlen(names), i;

	if (n + strlen(name) + 2 > size)
		return;
	if (n > 0)
		names[n++] = ',';
	for (i = 0; name[i] != '\0'; i++)
		names[n++] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
	names[n] = '\0';
}

void
guard_say_left(struct guard *g)
{
	char names[sizeof(((struct guard_report *)NULL)->text)] = "";
	struct look l;
	int n = 0;
	size_t i;

	g->list(&members);
	for (i = 0; i < members.n; i++) {
		if (!members_look(members.list[i].pid, &l) ||
		    members_is_dead(&l))
			continue;
		add_name(names, sizeof(names), l.name);
		n++;
	}
	guard_say(g, GUARD_LEFT, n, 0, names);
	g->waiting = n > 0;
	if (g->waiting)
		g->reap(g);	/* the last one may have gone meanwhile */
}

/* Of the dead that nobody waited for but we, too. */
static void
gauge(struct guard *g)
{
	struct rusage u;
	uint64_t us;

	g->list(&members);
	us = members_cpu(&members);
	if (getrusage(RUSAGE_CHILDREN, &u) == 0)
		us += (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) *
		    1000000 +
		    (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	guard_say(g, GUARD_GAUGED, (int)(us / 1000000), (int)(us % 1000000),
	    "");
}

static void
obey(struct guard *g, char order)
{
	switch (order) {
	case GUARD_GAUGE:
		gauge(g);
		break;
	case GUARD_SWEEP:
		guard_say(g, GUARD_SWEPT, sweep(g), 0, "");
		break;
	case GUARD_THAW:
		thaw(g);
		break;
	case GUARD_TERM:
		term(g);
		break;
	default:
		g->order(g, order);
	}
}

static void
hear_orders(struct guard *g)
{
	char orders[64];
	ssize_t i, n;

	if ((n = read(g->ctl, orders, sizeof(orders))) == 0)
		g->end(g);
	for (i = 0; i < n; i++)
		obey(g, orders[i]);
}

static void
drop_signals(struct guard *g)
{
	struct signalfd_siginfo si;

	while (read(g->sigfd, &si, sizeof(si)) > 0)
		;
}

void
guard_loop(struct guard *g)
{
	enum { CTL, LIFELINE, SIGNALS, N };
	struct pollfd p[N] = {
		[CTL] = { .fd = g->ctl, .events = POLLIN },
		[LIFELINE] = { .fd = g->lifeline },
		[SIGNALS] = { .fd = g->sigfd, .events = POLLIN },
	};

	for (;;) {
		/* Signals are blocked; who cannot hear any more must not stay. */
		if (poll(p, N, -1) == -1)
			g->end(g);
		if (p[LIFELINE].revents != 0)
			g->end(g);
		if (p[CTL].revents != 0)
			hear_orders(g);
		if (p[SIGNALS].revents != 0) {
			drop_signals(g);
			g->reap(g);
		}
	}
}
