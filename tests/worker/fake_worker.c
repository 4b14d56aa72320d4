/*
 * A worker that cannot be trusted. What it does is the tool's name in START;
 * what needs no START is done by a name of its own (see `early`).
 */
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

#define SAY(TYPE, ...)	say((struct frame){ .type = FRAME_##TYPE, __VA_ARGS__ })

static void
hello(void)
{
	SAY(HELLO, .hello = { PROTO_VERSION, (uint64_t)getpid(), 0 });
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
	SAY(INIT, .init = { (uint64_t)pid, 0 });
	return pid;
}

static void
running(void)
{
	uint64_t pid = (uint64_t)init();

	SAY(RUNNING, .running = { pid, pid, 0 });
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

static void do_mute(void) { hang(); }
static void do_early_death(void) { _exit(3); }
static void do_early_ended(void) { SAY(ENDED, .ended = { .code = 0 }); hang(); }
static void do_old(void) { SAY(HELLO, .hello = { 99, 1, 0 }); hang(); }
static void do_stranger(void) { SAY(HELLO, .hello = { PROTO_VERSION, 1, 0 }); hang(); }
static void do_twice(void) { hello(); hello(); hang(); }
static void do_client(void) { hello(); SAY(STATUS, .status = { 1, 0 }); hang(); }
static void do_garbage(void) { raw("GET / HTTP/1.0\r\n\r\n", 18); hang(); }
static void do_huge(void) { hello(); raw("\xff\xff\xff\xff", 4); hang(); }
static void do_bomb(void) { hello(); raw("\0\0\0\5\xdd\xff\xff\xff\xff", 9); hang(); }
static void do_cut(void) { hello(); raw("\0\0\0\x20\x91", 5); _exit(0); }
static void do_silent_end(void) { hello(); running(); close(PROTO_FD_SOCKET); hang(); }
static void do_crash(void) { hello(); running(); signal(SIGABRT, SIG_DFL); raise(SIGKILL); }
static void do_code(void) { hello(); running(); _exit(9); }
static void do_start_hang(void) { hello(); hang(); }
static void do_no_init(void) { hello(); SAY(RUNNING, .running = { 5, 6, 0 }); hang(); }
static void do_other_init(void) { hello(); init(); SAY(RUNNING, .running = { 5, 6, 0 }); hang(); }
static void do_own_pid(void) { hello(); SAY(INIT, .init = { (uint64_t)getpid(), 0 }); hang(); }
static void do_pid_1(void) { hello(); SAY(INIT, .init = { 1, 0 }); SAY(RUNNING, .running = { 1, 2, 0 }); _exit(0); }
static void do_shrink(void) { hello(); running(); SAY(GREW, .grew = { 5, 5, 0 }); SAY(GREW, .grew = { 4, 5, 0 }); hang(); }
static void do_code_999(void) { hello(); running(); SAY(EXITED, .exited = { .code = 999 }); hang(); }
static void do_both(void) { hello(); running(); SAY(EXITED, .exited = { .code = 1, .signal = 9 }); hang(); }
static void do_exit_twice(void) { hello(); running(); SAY(EXITED, .exited = { .code = 1 }); SAY(EXITED, .exited = { .code = 1 }); hang(); }
static void do_no_exit(void) { hello(); running(); SAY(ENDED, .ended = { .code = 0 }); hang(); }
static void do_turncoat(void) { hello(); running(); SAY(EXITED, .exited = { .code = 1 }); SAY(ENDED, .ended = { .code = 0 }); hang(); }
static void do_swept(void) { hello(); running(); SAY(SWEPT, .swept = { true, 0 }); hang(); }
static void do_fed(void) { hello(); running(); SAY(FED, .fed = { 1, 0 }); hang(); }
static void do_refuse_late(void) { hello(); running(); SAY(REFUSED, .refused = { BYTES("x"), BYTES("y"), 0 }); hang(); }
static void do_refuse_hang(void) { hello(); SAY(REFUSED, .refused = { BYTES("step"), BYTES("why"), 0 }); hang(); }

static void
do_ended_hang(void)
{
	hello();
	running();
	SAY(EXITED, .exited = { .code = 4 });
	SAY(ENDED, .ended = { .code = 4 });
	hang();
}

static void
do_after_the_end(void)
{
	hello();
	running();
	SAY(EXITED, .exited = { .code = 4 });
	SAY(ENDED, .ended = { .code = 4 });
	SAY(NOTE, .note = { BYTES("by"), BYTES("the way"), 0 });
	hang();
}

static void
do_flood(void)
{
	hello();
	running();
	for (;;)
		SAY(PROGRESS, .progress = { 1, BYTES("flood"), 0 });
}

static void
do_deaf(void)
{
	hello();
	running();
	SAY(PROGRESS, .progress = { 1, BYTES("deaf"), 0 });
	hang();
}

static const struct {
	const char	*name;
	void		(*act)(void);
} acts[] = {
#define ACT(name)	{ #name, do_##name }
	ACT(mute), ACT(early_death), ACT(early_ended), ACT(old),
	ACT(stranger), ACT(twice), ACT(client), ACT(garbage), ACT(huge),
	ACT(bomb), ACT(cut), ACT(silent_end), ACT(crash), ACT(code),
	ACT(start_hang), ACT(no_init), ACT(other_init), ACT(own_pid),
	ACT(pid_1), ACT(shrink), ACT(code_999), ACT(both), ACT(exit_twice),
	ACT(no_exit), ACT(turncoat), ACT(swept), ACT(fed), ACT(refuse_late),
	ACT(refuse_hang), ACT(ended_hang), ACT(after_the_end), ACT(flood),
	ACT(deaf)
};

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
	return 77;
}
