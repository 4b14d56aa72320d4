#include "work.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "log.h"
#include "private.h"
#include "protect.h"
#include "proto.h"
#include "title.h"

enum { LINE, REPORTS, SIGNALS, OUT, ERR, PROGRESS, INPUT, NPOLLS };

static void
clear(struct work *w)
{
	w->clearing = true;
	boundary_kill(&w->boundary);
}

static void
on_tool_ended(struct work *w, int code, int signo)
{
	w->tool_ended = true;
	w->code = code;
	w->signo = signo;
	if (w->boundary.is_keeper)
		return;		/* it counts by itself */
	if (w->boundary.guard != 0)
		boundary_order(&w->boundary, GUARD_CENSUS);
}

static void
on_left(struct work *w, const struct guard_report *r)
{
	w->counted = true;
	w->alive = (uint64_t)r->a;
	strlcpy(w->names, r->text, sizeof(w->names));
}

static void
on_swept(struct work *w, bool complete)
{
	line_say(w, &(struct frame){ .type = FRAME_SWEPT,
	    .swept = { .complete = complete } });
}

static void
hear_report(struct work *w, const struct guard_report *r)
{
	switch (r->said) {
	case GUARD_SWEPT:
		on_swept(w, r->a != 0);
		break;
	case GUARD_GAUGED:
		seen_gauged(w, (uint64_t)r->a * 1000000 + (uint64_t)r->b);
		break;
	case GUARD_EXITED:
		on_tool_ended(w, r->a, r->b);
		break;
	case GUARD_LEFT:
		on_left(w, r);
		break;
	case GUARD_EMPTY:
		w->alive = 0;
		break;
	case GUARD_READY:
	case GUARD_FAILED:
	case GUARD_STARTED:
		break;		/* heard before RUNNING */
	}
}

/*
 * A keeper that was killed left us its children, and its work. If the tool is
 * not among them, it was reaped already after it had been killed.
 */
static void
inherit(struct work *w)
{
	int code = 0, signo = SIGKILL;

	keeper_clear(w->boundary.tool, &code, &signo);
	if (!w->tool_ended)
		on_tool_ended(w, code, signo);
	private_remove(&w->policy);
}

/* Its last words are still in the pipe. */
static void
on_guard_gone(struct work *w)
{
	struct boundary *b = &w->boundary;
	struct guard_report r;

	b->guard = 0;
	fd_close(&b->ctl);
	while (boundary_hear(b, &r))
		hear_report(w, &r);
	fd_close(&b->rep);
	if (!w->clearing)
		line_note(w, b->is_keeper ? "keeper" : "init",
		    "was killed from outside, and the task with it");
	if (b->is_keeper)
		inherit(w);
	w->alive = 0;
	w->counted = true;
}

static void
reap(struct work *w)
{
	struct signalfd_siginfo drop;
	siginfo_t si;

	while (read(w->sigfd, &drop, sizeof(drop)) > 0)
		;
	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG) == -1 ||
		    si.si_pid == 0)
			return;
		if (si.si_pid == w->boundary.guard)
			on_guard_gone(w);
		else if (si.si_pid == w->boundary.tool) {
			/* Its number is another's from now on. */
			w->boundary.tool = 0;
			on_tool_ended(w,
			    si.si_code == CLD_EXITED ? si.si_status : 0,
			    si.si_code == CLD_EXITED ? 0 : si.si_status);
		}
	}
}

static void
hear_frame(struct work *w, const struct frame *f)
{
	struct boundary *b = &w->boundary;

	if (f->type == FRAME_INPUT)
		feed_add(&w->feed, f->input.data, f->input.eof);
	else if (f->type == FRAME_TERM)
		boundary_order(b, GUARD_TERM);
	else if (f->type == FRAME_THAW)
		boundary_order(b, GUARD_THAW);
	else if (f->type == FRAME_SWEEP && b->guard != 0)
		boundary_order(b, GUARD_SWEEP);
	else if (f->type == FRAME_SWEEP)
		on_swept(w, true);
	else if (f->type == FRAME_MATCH)
		seen_match(w, &f->match);
	else if (f->type == FRAME_GAUGE && b->guard != 0)
		boundary_order(b, GUARD_GAUGE);
	else if (f->type == FRAME_GAUGE)
		seen_gauged(w, 0);
	else if (f->type == FRAME_KILL) {
		w->forced = true;
		clear(w);
	}
}

/* The end of the line is the order to end, whoever cut it (T11). */
static void
hear_line(struct work *w)
{
	enum wire_status s;
	struct frame f;
	int r;

	r = wire_fill(&w->wire, PROTO_FD_SOCKET);
	while ((s = wire_next(&w->wire, &f)) == WIRE_FRAME)
		hear_frame(w, &f);
	if (s == WIRE_BREACH)
		log_warnx("%s: supervisor: %s", w->title, w->wire.why);
	if (s != WIRE_BREACH && r != -1)
		return;
	w->line_ended = true;
	w->forced = true;
	clear(w);
}

/* false: nothing there now, or no more. */
static bool
take_progress(struct work *w)
{
	char data[4096];
	ssize_t n;

	n = read(w->tool.ours[TOOL_PROGRESS], data, sizeof(data));
	if (n > 0) {
		progress_feed(&w->progress, (struct bytes){ data, (size_t)n });
		return true;
	}
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	progress_end(&w->progress);
	fd_close(&w->tool.ours[TOOL_PROGRESS]);
	return false;
}

static void
note_pump(struct work *w, struct pump *p, const char *stream)
{
	char why[128];

	if (p->note == NULL)
		return;
	snprintf(why, sizeof(why), "%s: %s", stream, strerror(p->error));
	line_note(w, p->note, why);
	p->note = NULL;
}

static void
note_pumps(struct work *w)
{
	note_pump(w, &w->out, "out");
	note_pump(w, &w->err, "err");
}

static void
say_exit(struct work *w)
{
	if (w->said_exit || !w->tool_ended || !w->counted)
		return;
	w->said_exit = true;
	line_tell(w);
	line_say(w, &(struct frame){ .type = FRAME_EXITED,
	    .exited = { .code = (uint64_t)w->code,
	    .signal = (uint64_t)w->signo, .alive = w->alive,
	    .names = bytes_of(w->names) } });
	if (w->alive > 0)
		title_set("%s ended, %ju left", w->title, (uintmax_t)w->alive);
}

static bool
is_over(const struct work *w)
{
	return w->tool_ended && w->boundary.guard == 0;
}

static void
earlier(uint64_t *at, uint64_t other)
{
	if (other != 0 && (*at == 0 || other < *at))
		*at = other;
}

/* ms, for poll(). */
static int
time_left(const struct work *w)
{
	uint64_t at = line_untold(w), now;

	earlier(&at, w->out.retry_at);
	earlier(&at, w->err.retry_at);
	earlier(&at, seen_due(w));
	if (at == 0)
		return -1;
	now = clock_now();
	return at <= now ? 0 : (int)((at - now) / 1000 + 1);
}

static int
if_reading(const struct pump *p)
{
	return pump_is_reading(p) ? p->from : -1;
}

static void
wait_for(struct work *w, struct pollfd *p)
{
	short line = POLLIN;

	if (wire_pending(&w->wire).len > 0)
		line |= POLLOUT;
	p[LINE] = (struct pollfd){ w->line_ended ? -1 : PROTO_FD_SOCKET,
	    line, 0 };
	p[REPORTS] = (struct pollfd){ w->boundary.rep, POLLIN, 0 };
	p[SIGNALS] = (struct pollfd){ w->sigfd, POLLIN, 0 };
	p[OUT] = (struct pollfd){ if_reading(&w->out), POLLIN, 0 };
	p[ERR] = (struct pollfd){ if_reading(&w->err), POLLIN, 0 };
	p[PROGRESS] = (struct pollfd){ w->tool.ours[TOOL_PROGRESS], POLLIN, 0 };
	p[INPUT] = (struct pollfd){ feed_is_waiting(&w->feed) ?
	    w->feed.fd : -1, POLLOUT, 0 };
	if (poll(p, NPOLLS, time_left(w)) == -1)
		memset(p, 0, NPOLLS * sizeof(*p));
}

static void
run_pump(struct pump *p, const struct pollfd *polled)
{
	if (polled->revents != 0 ||
	    (p->retry_at != 0 && p->retry_at <= clock_now()))
		pump_run(p);
}

static void
hear_reports(struct work *w)
{
	struct guard_report r;

	if (boundary_hear(&w->boundary, &r))
		hear_report(w, &r);
	else
		fd_close(&w->boundary.rep);	/* SIGCHLD says the rest */
}

/* Reports before deaths: a guard's last word explains its end. */
static void
turn(struct work *w)
{
	struct pollfd p[NPOLLS];

	wait_for(w, p);
	if (p[REPORTS].revents != 0)
		hear_reports(w);
	if (p[SIGNALS].revents != 0)
		reap(w);
	if (p[LINE].revents & (POLLIN | POLLHUP | POLLERR))
		hear_line(w);
	if (p[LINE].revents & POLLOUT)
		wire_flush(&w->wire, PROTO_FD_SOCKET);
	run_pump(&w->out, &p[OUT]);
	run_pump(&w->err, &p[ERR]);
	if (p[PROGRESS].revents != 0)
		take_progress(w);
	if (p[INPUT].revents != 0)
		feed_run(&w->feed);
	note_pumps(w);
	line_tell(w);
	seen_tell(w);
	say_exit(w);
	if (w->said_exit && w->alive == 0 && !w->clearing)
		clear(w);
}

/* Nobody is left to write, so this comes to an end, if the disk lets it. */
static void
drain(struct work *w)
{
	struct pollfd line = { PROTO_FD_SOCKET, POLLIN, 0 };
	bool out, err;

	for (;;) {
		if (w->forced)	/* no time to look at lines */
			w->out.tap = w->err.tap = NULL;
		out = pump_drain(&w->out, w->forced);
		err = pump_drain(&w->err, w->forced);
		note_pumps(w);
		if (out && err)
			break;
		if (poll(&line, 1, time_left(w)) == 1)
			hear_line(w);
	}
	while (w->tool.ours[TOOL_PROGRESS] != -1 && take_progress(w))
		;
	seen_end(w);
}

static void
say_planted(struct work *w)
{
	char paths[256];

	if (w->before != NULL && protect_differs(w->before, w->folder, paths,
	    sizeof(paths)))
		line_note(w, "protected", paths);
}

static void
say_ended(struct work *w)
{
	say_planted(w);
	w->tell_at = 0;
	line_tell(w);
	line_say(w, &(struct frame){ .type = FRAME_ENDED,
	    .ended = { .code = (uint64_t)w->code,
	    .signal = (uint64_t)w->signo, .out = w->out.total,
	    .err = w->err.total, .out_lost = w->out.lost,
	    .err_lost = w->err.lost } });
	line_flush(w);
}

static int
watch_children(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int
work_run(struct work *w)
{
	int code;

	wire_init(&w->wire, FRAME_BY_SUPERVISOR);
	if (!begin(w, &code))
		return code;
	if ((w->sigfd = watch_children()) == -1)
		fatal("signalfd");
	fd_nonblock(w->tool.ours[TOOL_PROGRESS]);
	while (!is_over(w))
		turn(w);
	say_exit(w);
	drain(w);
	say_ended(w);
	return w->line_ended ? PROTO_EXIT_ORPHAN : PROTO_EXIT_DONE;
}
