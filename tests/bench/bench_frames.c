/*
 * What a frame costs: there and back between two processes against the same
 * bytes without us, and the codec against msgpack-c alone.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <msgpack.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "frame.h"
#include "wire.h"

#define ROUNDS		200	/* of the reference, then of ours */
#define TRIPS		100	/* in a round */
#define CODINGS		1000	/* in a round */
#define SMALL		8	/* bytes of a GREW with its length */

static double	theirs[ROUNDS * TRIPS], ours[ROUNDS * TRIPS];

static void
row(const char *number, const char *what, size_t n, double scale,
    const char *unit, double target)
{
	bench_sort(theirs, n);
	bench_sort(ours, n);
	bench_row(number, what, bench_percentile(theirs, n, 50) * scale,
	    bench_percentile(ours, n, 50) * scale,
	    bench_percentile(ours, n, 99) * scale, unit, target);
}

/* Asks before it reads: a read that blocks is woken up later than a poll. */
static ssize_t
read_raw(int fd, char *bytes, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, -1) == -1)
		return -1;
	return recv(fd, bytes, size, MSG_DONTWAIT);
}

static void
echo_raw(int fd)
{
	char bytes[64];
	ssize_t n;

	while ((n = read_raw(fd, bytes, sizeof(bytes))) > 0)
		if (send(fd, bytes, (size_t)n, MSG_NOSIGNAL) != n)
			break;
}

/* Until a frame is there; false at the end. */
static bool
hear(struct wire *w, int fd, struct frame *f)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	enum wire_status status;

	while ((status = wire_next(w, f)) == WIRE_MORE)
		if (poll(&p, 1, -1) == -1 || wire_fill(w, fd) == -1)
			return false;
	return status == WIRE_FRAME;
}

static void
echo_wire(int fd)
{
	struct wire w;
	struct frame f;

	wire_init(&w, FRAME_BY_WORKER);
	w.phase = FRAME_IN_BUSY;
	while (hear(&w, fd, &f)) {
		wire_send(&w, &f);
		if (wire_flush(&w, fd) != 1)
			break;
	}
	wire_fini(&w);
}

/* Our end of a line to a process that answers with what it got. */
static int
start(void (*echo)(int), pid_t *pid)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) == -1)
		err(EX_OSERR, "socketpair");
	if ((*pid = fork()) == -1)
		err(EX_OSERR, "fork");
	if (*pid == 0) {
		close(sv[0]);
		echo(sv[1]);
		_exit(0);
	}
	close(sv[1]);
	return sv[0];
}

static void
stop(int fd, pid_t pid)
{
	close(fd);
	waitpid(pid, NULL, 0);
}

static void
trip_raw(int fd)
{
	char bytes[SMALL] = { 0 };

	if (send(fd, bytes, SMALL, MSG_NOSIGNAL) != SMALL ||
	    read_raw(fd, bytes, SMALL) != SMALL)
		errx(EX_SOFTWARE, "echo: raw");
}

static void
trip_wire(int fd, struct wire *w)
{
	struct frame f = { .type = FRAME_GREW, .grew = { .out = 5 } };

	wire_send(w, &f);
	if (wire_flush(w, fd) != 1 || !hear(w, fd, &f) || f.grew.out != 5)
		errx(EX_SOFTWARE, "echo: wire");
}

static void
bench_trip(void)
{
	struct wire w;
	pid_t raw_pid, wire_pid;
	int wire_fd = start(echo_wire, &wire_pid);
	int raw_fd = start(echo_raw, &raw_pid);
	size_t i, round, n = 0;
	uint64_t before;

	wire_init(&w, FRAME_BY_WORKER);
	w.phase = FRAME_IN_BUSY;
	for (round = 0; round < ROUNDS; round++, n += TRIPS) {
		for (i = 0; i < TRIPS; i++) {
			before = bench_now();
			trip_raw(raw_fd);
			theirs[n + i] = (double)(bench_now() - before);
		}
		for (i = 0; i < TRIPS; i++) {
			before = bench_now();
			trip_wire(wire_fd, &w);
			ours[n + i] = (double)(bench_now() - before);
		}
	}
	row("6", "small frame there and back", n, 1e-3, "us", 1.3);
	/* The younger child holds the elder's line open. */
	stop(raw_fd, raw_pid);
	stop(wire_fd, wire_pid);
	wire_fini(&w);
}

/* What both codecs are to carry: 300 bytes. */
static char		what[60], why[233];
static struct frame	note = { .type = FRAME_NOTE, .note = {
    { what, sizeof(what) }, { why, sizeof(why) }, 0 } };

static void
code_raw(msgpack_sbuffer *b, msgpack_unpacked *u)
{
	msgpack_packer pk;
	size_t off = 0;

	msgpack_sbuffer_clear(b);
	msgpack_packer_init(&pk, b, msgpack_sbuffer_write);
	msgpack_pack_array(&pk, 3);
	msgpack_pack_uint8(&pk, FRAME_NOTE);
	msgpack_pack_str(&pk, sizeof(what));
	msgpack_pack_str_body(&pk, what, sizeof(what));
	msgpack_pack_str(&pk, sizeof(why));
	msgpack_pack_str_body(&pk, why, sizeof(why));
	if (msgpack_unpack_next(u, b->data, b->size, &off) !=
	    MSGPACK_UNPACK_SUCCESS || u->data.via.array.size != 3)
		errx(EX_SOFTWARE, "codec: raw");
}

static void
code_frame(struct buf *b, struct frame *f)
{
	const char *reason;

	buf_reset(b);
	frame_pack(b, &note);
	if (!frame_unpack(f, buf_bytes(b), &reason) ||
	    f->note.why.len != sizeof(why))
		errx(EX_SOFTWARE, "codec: %s", reason);
}

static void
bench_codec(void)
{
	struct buf b = { 0 };
	msgpack_sbuffer sb;
	msgpack_unpacked u;
	struct frame f;
	size_t i, round;
	uint64_t before;

	memset(what, 'w', sizeof(what));
	memset(why, 'y', sizeof(why));
	msgpack_sbuffer_init(&sb);
	msgpack_unpacked_init(&u);
	for (round = 0; round < ROUNDS; round++) {
		before = bench_now();
		for (i = 0; i < CODINGS; i++)
			code_raw(&sb, &u);
		theirs[round] = (double)(bench_now() - before) / CODINGS;
		before = bench_now();
		for (i = 0; i < CODINGS; i++)
			code_frame(&b, &f);
		ours[round] = (double)(bench_now() - before) / CODINGS;
	}
	row("7", "a frame of 300 bytes, out and in", ROUNDS, 1, "ns", 1.3);
	msgpack_unpacked_destroy(&u);
	msgpack_sbuffer_destroy(&sb);
	buf_fini(&b);
}

int
main(void)
{
	bench_pin();
	bench_trip();
	bench_codec();
	return bench_status();
}
