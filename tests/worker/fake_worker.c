/* A worker that cannot be trusted. The tool's name in START is what it does. */
#include <sys/prctl.h>
#include <sys/socket.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proto.h"
#include "wire.h"
#include "xalloc.h"

static struct wire	wire;

static void
say(struct frame f)
{
	struct pollfd p = { .fd = PROTO_FD_SOCKET, .events = POLLOUT };

	wire_send(&wire, &f);
	while (wire_flush(&wire, PROTO_FD_SOCKET) == 0)
		poll(&p, 1, -1);
}

static void
hello(void)
{
	say((struct frame){ .type = FRAME_HELLO,
	    .hello = { PROTO_VERSION, (uint64_t)getpid(), 0 } });
}

/* What others wait for, as for an init; it is armed before it is named. */
static pid_t
init(void)
{
	int fds[2];
	char armed;
	pid_t pid;

	if (pipe(fds) == -1)
		_exit(1);
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(PROTO_FD_SOCKET);
		close(fds[0]);
		close(fds[1]);
		for (;;)
			pause();
	}
	close(fds[1]);
	if (read(fds[0], &armed, 1) == -1)
		_exit(1);
	say((struct frame){ .type = FRAME_INIT,
	    .init = { (uint64_t)pid, 0 } });
	return pid;
}

static void
running(void)
{
	uint64_t pid = (uint64_t)init();

	say((struct frame){ .type = FRAME_RUNNING,
	    .running = { pid, pid, 0 } });
}

static void
raw(const char *data, size_t len)
{
	if (write(PROTO_FD_SOCKET, data, len) == -1)
		_exit(1);
}

static void
hang(void)
{
	for (;;)
		pause();
}

static char *
read_order(void)
{
	struct frame f;
	struct pollfd p = { .fd = PROTO_FD_SOCKET, .events = POLLIN };

	wire.phase = FRAME_IN_READY;
	while (wire_next(&wire, &f) != WIRE_FRAME) {
		poll(&p, 1, -1);
		if (wire_fill(&wire, PROTO_FD_SOCKET) == -1)
			_exit(1);
	}
	return xmemdup(f.start.tool.data, f.start.tool.len);
}

/* What says more than a table can. */

static void
do_garbage(void)
{
	raw("GET / HTTP/1.0\r\n\r\n", 18);
	hang();
}

static void
do_huge(void)
{
	hello();
	raw("\xff\xff\xff\xff", 4);
	hang();
}

/* Five bytes that would be 268 million elements. */
static void
do_bomb(void)
{
	hello();
	raw("\0\0\0\5\xdd\xff\xff\xff\xff", 9);
	hang();
}

static void
do_cut(void)
{
	hello();
	raw("\0\0\0\x20\x91", 5);
	_exit(0);
}

static void
do_silent_end(void)
{
	hello();
	running();
	close(PROTO_FD_SOCKET);
	hang();
}

static void
do_other_init(void)
{
	hello();
	init();
	say((struct frame){ .type = FRAME_RUNNING, .running = { 5, 6, 0 } });
	hang();
}

static void
do_own_pid(void)
{
	hello();
	say((struct frame){ .type = FRAME_INIT,
	    .init = { (uint64_t)getpid(), 0 } });
	hang();
}

static void
do_flood(void)
{
	struct frame f = { .type = FRAME_PROGRESS,
	    .progress = { 1, BYTES("flood"), 0 } };

	hello();
	running();
	for (;;)
		say(f);
}

static const struct {
	const char	*name;
	void		(*act)(void);
} acts[] = {
	{ "garbage", do_garbage }, { "huge", do_huge }, { "bomb", do_bomb },
	{ "cut", do_cut }, { "silent_end", do_silent_end },
	{ "other_init", do_other_init }, { "own_pid", do_own_pid },
	{ "flood", do_flood },
};

/* What is said after nothing, HELLO, or RUNNING; and what then. */

#define S(literal)	{ literal, sizeof(literal) - 1 }
#define F(TYPE, name, ...)	{ .type = FRAME_##TYPE, .name = { __VA_ARGS__ } }

enum after { NOTHING, GREETED, RAN };
enum then { HANG, FAIL, DIE };

static const struct play {
	const char	*name;
	enum after	 after;
	enum then	 then;
	struct frame	 says[3];
} plays[] = {
	{ "mute", NOTHING, HANG },
	{ "early_death", NOTHING, FAIL },
	{ "early_ended", NOTHING, HANG, { F(ENDED, ended, 0) } },
	{ "old", NOTHING, HANG, { F(HELLO, hello, 99, 1, 0) } },
	{ "stranger", NOTHING, HANG, { F(HELLO, hello, PROTO_VERSION, 1, 0) } },
	{ "start_hang", GREETED, HANG },
	{ "twice", GREETED, HANG, { F(HELLO, hello, PROTO_VERSION, 1, 0) } },
	{ "client", GREETED, HANG, { F(STATUS, status, 1, 0) } },
	{ "no_init", GREETED, HANG, { F(RUNNING, running, 5, 6, 0) } },
	{ "pid_1", GREETED, FAIL,
	    { F(INIT, init, 1, 0), F(RUNNING, running, 1, 2, 0) } },
	{ "refuse_hang", GREETED, HANG,
	    { F(REFUSED, refused, S("step"), 1, S("why"), 0) } },
	{ "crash", RAN, DIE },
	{ "code", RAN, FAIL },
	{ "refuse_late", RAN, HANG,
	    { F(REFUSED, refused, S("x"), 1, S("y"), 0) } },
	{ "shrink", RAN, HANG,
	    { F(GREW, grew, 5, 5, 0), F(GREW, grew, 4, 5, 0) } },
	{ "code_999", RAN, HANG, { F(EXITED, exited, .code = 999) } },
	{ "both", RAN, HANG, { F(EXITED, exited, .code = 1, .signal = 9) } },
	{ "exit_twice", RAN, HANG,
	    { F(EXITED, exited, .code = 1), F(EXITED, exited, .code = 1) } },
	{ "no_exit", RAN, HANG, { F(ENDED, ended, .code = 0) } },
	{ "turncoat", RAN, HANG,
	    { F(EXITED, exited, .code = 1), F(ENDED, ended, .code = 0) } },
	{ "swept", RAN, HANG, { F(SWEPT, swept, true, 0) } },
	{ "fed", RAN, HANG, { F(FED, fed, 1, 0) } },
	{ "seen", RAN, HANG, { F(SEEN, seen, 0, 1, S("line"), 0) } },
	{ "gauged", RAN, HANG, { F(GAUGED, gauged, 1, false, S(""), 0) } },
	{ "deaf", RAN, HANG, { F(PROGRESS, progress, 1, S("deaf"), 0) } },
	{ "ended_hang", RAN, HANG,
	    { F(EXITED, exited, .code = 4), F(ENDED, ended, .code = 4) } },
	{ "after_the_end", RAN, HANG,
	    { F(EXITED, exited, .code = 4), F(ENDED, ended, .code = 4),
	    F(NOTE, note, S("by"), S("the way"), 0) } },
};

static void
play(const struct play *p)
{
	size_t i;

	if (p->after != NOTHING)
		hello();
	if (p->after == RAN)
		running();
	for (i = 0; i < 3 && p->says[i].type != 0; i++)
		say(p->says[i]);
	if (p->then == FAIL)
		_exit(3);
	if (p->then == DIE)
		raise(SIGKILL);
	hang();
}

int
main(void)
{
	char *order;
	size_t i;

	wire_init(&wire, FRAME_BY_SUPERVISOR);
	order = read_order();
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, order) == 0)
			acts[i].act();
	for (i = 0; i < sizeof(plays) / sizeof(plays[0]); i++)
		if (strcmp(plays[i].name, order) == 0)
			play(&plays[i]);
	return 77;
}
