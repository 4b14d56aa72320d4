#include "ask.h"

#include <sys/signalfd.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "dial.h"
#include "fd.h"
#include "show.h"

void
ask_init(struct ask *a, const char *verb, bool start)
{
	*a = (struct ask){ .verb = verb, .start = start, .fd = -1,
	    .signals = -1 };
}

void
ask_fini(struct ask *a)
{
	if (a->fd != -1)
		wire_fini(&a->wire);
	fd_close(&a->fd);
	fd_close(&a->signals);
}

void
ask_catch_signals(struct ask *a)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	a->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (a->signals != -1)
		sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool
is_connected(struct ask *a)
{
	if (a->fd != -1)
		return true;
	a->fd = dial(&a->wire, a->start, &a->pid, &a->status);
	if (a->fd == -1)
		wire_fini(&a->wire);
	return a->fd != -1;
}

uint64_t
ask_send(struct ask *a, struct frame *f)
{
	char *why = check_frame(f);

	if (why != NULL) {
		show_error("%s: %s", a->verb, why);
		free(why);
		a->status = EX_DATAERR;
		return 0;
	}
	if (!is_connected(a))
		return 0;
	/* Every question's first field is its number. */
	f->status.request = ++a->last;
	wire_send(&a->wire, f);
	return a->last;
}

int
ask_verdict(const struct ask *a, const struct frame_done *d)
{
	if (d->why.len > 0)
		show_error("%s: %.*s", a->verb, (int)d->why.len, d->why.data);
	return d->status > 255 ? EX_PROTOCOL : (int)d->status;
}

static void
dispatch(struct ask *a, const struct frame *f)
{
	const struct ask_ops *ops = a->ops;

	if (f->type == FRAME_ITEM && ops->item != NULL)
		ops->item(a->arg, &f->item);
	else if (f->type == FRAME_SHOWN && ops->shown != NULL)
		ops->shown(a->arg, &f->shown);
	else if (f->type == FRAME_OUTPUT && ops->output != NULL)
		ops->output(a->arg, &f->output);
	else if (f->type == FRAME_DONE && f->done.request == a->awaited) {
		a->status = ask_verdict(a, &f->done);
		a->awaited = 0;
	} else if (f->type == FRAME_DONE && ops->done != NULL)
		ops->done(a->arg, &f->done);
}

static unsigned
lose(struct ask *a, const char *why)
{
	show_error("%s: the supervisor %s", a->verb, why);
	a->status = EX_UNAVAILABLE;
	return ASK_LOST;
}

/* What was said before the line ended still counts. */
static unsigned
hear(struct ask *a)
{
	int got = wire_fill(&a->wire, a->fd);
	enum wire_status s;
	struct frame f;

	while ((s = wire_next(&a->wire, &f)) == WIRE_FRAME)
		dispatch(a, &f);
	if (s == WIRE_BREACH)
		return lose(a, a->wire.why);
	if (got != -1)
		return 0;
	return a->end_is_fine ? ASK_LOST : lose(a, "went away");
}

static bool
took_signal(struct ask *a)
{
	struct signalfd_siginfo info;

	return read(a->signals, &info, sizeof(info)) == sizeof(info);
}

/*
 * stdout is looked at too, for nothing but its end: a reader that went away,
 * a terminal that hung up.
 */
unsigned
ask_wait(struct ask *a, int input, int timeout)
{
	struct pollfd p[] = {
		{ .fd = a->fd, .events = POLLIN },
		{ .fd = input, .events = POLLIN },
		{ .fd = a->signals, .events = POLLIN },
		{ .fd = STDOUT_FILENO }
	};
	unsigned events = 0;

	show_flush();
	if (a->fd != -1 && wire_flush(&a->wire, a->fd) == 0)
		p[0].events |= POLLOUT;
	if (poll(p, 4, timeout) == -1)
		return errno == EINTR ? 0 : lose(a, strerror(errno));
	if (p[3].revents & (POLLERR | POLLHUP)) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	if (p[1].revents != 0)
		events |= ASK_INPUT;
	if (p[2].revents != 0 && took_signal(a))
		events |= ASK_SIGNAL;
	if (p[0].revents & (POLLIN | POLLHUP | POLLERR))
		events |= hear(a);
	return events;
}

void
ask_flush(struct ask *a, int ms)
{
	struct pollfd p = { .fd = a->fd, .events = POLLOUT };

	while (a->fd != -1 && wire_flush(&a->wire, a->fd) == 0)
		if (poll(&p, 1, ms) != 1)
			break;
}

int
ask_do(struct ask *a, struct frame *f, const struct ask_ops *ops, void *arg)
{
	unsigned events;

	a->ops = ops;
	a->arg = arg;
	if ((a->awaited = ask_send(a, f)) == 0)
		return a->status;
	while (a->awaited != 0) {
		events = ask_wait(a, -1, -1);
		if (events & ASK_SIGNAL && a->awaited != 0) {
			a->was_left = true;
			a->status = ASK_EXIT_LEFT;
		}
		if (events & (ASK_LOST | ASK_SIGNAL))
			break;
	}
	show_flush();
	return a->status;
}
