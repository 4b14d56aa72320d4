#include "wire.h"

#include <sys/socket.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"

static struct wire	us, peer;

static void
setup(void)
{
	wire_init(&us, FRAME_BY_WORKER);
	us.phase = FRAME_IN_BUSY;
	wire_init(&peer, FRAME_BY_SUPERVISOR);
	peer.phase = FRAME_IN_BUSY;
}

static void
teardown(void)
{
	wire_fini(&us);
	wire_fini(&peer);
}

TestSuite(wire, .init = setup, .fini = teardown);

/* What the peer's bytes are to us, in pieces of at most n. */
static void
hear(struct bytes s, size_t n)
{
	size_t room;
	char *at;

	while (s.len > 0) {
		at = wire_room(&us, &room);
		cr_assert_gt(room, 0);
		if (room > n)
			room = n;
		if (room > s.len)
			room = s.len;
		memcpy(at, s.data, room);
		wire_read(&us, room);
		s.data += room;
		s.len -= room;
	}
}

static void
send_grew(uint64_t out)
{
	struct frame f = { .type = FRAME_GREW };

	f.grew.out = out;
	wire_send(&peer, &f);
}

static void
send_note(const char *what)
{
	struct frame f = { .type = FRAME_NOTE };

	f.note.what = f.note.why = bytes_of(what);
	wire_send(&peer, &f);
}

Test(wire, a_frame_has_a_length_in_front)
{
	struct bytes b;

	send_grew(5);
	b = wire_pending(&peer);
	cr_assert_eq(b.len, 8);
	cr_assert_arr_eq(b.data, "\0\0\0\4\x93\x06\x05\0", 8);
}

Test(wire, one_byte_at_a_time_is_as_good_as_all_at_once)
{
	struct frame f;
	struct bytes b;
	size_t i;

	send_grew(70000);
	send_note("disk full");
	b = wire_pending(&peer);
	for (i = 0; i < b.len; i++) {
		hear((struct bytes){ b.data + i, 1 }, 1);
		if (i + 1 == b.len) {
			cr_assert_eq(wire_next(&us, &f), WIRE_FRAME);
			cr_assert(bytes_is(f.note.what, "disk full"));
		} else if (wire_next(&us, &f) == WIRE_FRAME)
			cr_assert_eq(f.grew.out, 70000);
	}
	cr_assert_eq(wire_next(&us, &f), WIRE_MORE);
}

Test(wire, a_frame_may_be_split_anywhere)
{
	struct frame f;
	struct bytes b;
	size_t cut;

	send_note("half and half");
	b = wire_pending(&peer);
	for (cut = 0; cut <= b.len; cut++) {
		hear((struct bytes){ b.data, cut }, SIZE_MAX);
		if (cut < b.len)
			cr_assert_eq(wire_next(&us, &f), WIRE_MORE);
		hear((struct bytes){ b.data + cut, b.len - cut }, SIZE_MAX);
		cr_assert_eq(wire_next(&us, &f), WIRE_FRAME);
		cr_assert(bytes_is(f.note.why, "half and half"));
		cr_assert_eq(wire_next(&us, &f), WIRE_MORE);
	}
}

Test(wire, many_frames_of_one_read_come_in_order)
{
	struct frame f;
	uint64_t i;

	for (i = 0; i < 5000; i++)
		send_grew(i);
	hear(wire_pending(&peer), SIZE_MAX);
	for (i = 0; i < 5000; i++) {
		cr_assert_eq(wire_next(&us, &f), WIRE_FRAME);
		cr_assert_eq(f.grew.out, i);
	}
	cr_assert_eq(wire_next(&us, &f), WIRE_MORE);
	cr_assert_eq(us.in.len, 0);
}

/* A caller may stop between frames, read more, and go on. */
Test(wire, frames_that_wait_survive_the_next_read)
{
	struct frame f;
	uint64_t i;

	for (i = 0; i < 1000; i++) {
		wire_wrote(&peer, wire_pending(&peer).len);
		send_grew(2 * i);
		send_grew(2 * i + 1);
		hear(wire_pending(&peer), 7);
		cr_assert_eq(wire_next(&us, &f), WIRE_FRAME);
		cr_assert_eq(f.grew.out, i);
	}
}

static void
expect_breach(struct bytes raw)
{
	const char *why;
	struct frame f;

	hear(raw, SIZE_MAX);
	cr_assert_eq(wire_next(&us, &f), WIRE_BREACH);
	cr_assert_not_null(why = us.why);
	hear(BYTES("\0\0\0\4\x93\x06\x05\0"), SIZE_MAX);
	cr_assert_eq(wire_next(&us, &f), WIRE_BREACH);
	cr_assert_eq(us.why, why);
}

Test(wire, too_long_is_a_breach_before_it_has_come)
{
	expect_breach(BYTES("\x00\x80\x00\x01"));
}

Test(wire, four_gigabytes_are_a_breach)
{
	expect_breach(BYTES("\xff\xff\xff\xff"));
}

Test(wire, nothing_is_no_frame)
{
	expect_breach(BYTES("\0\0\0\0"));
}

Test(wire, bytes_behind_the_value_are_a_breach)
{
	expect_breach(BYTES("\0\0\0\5\x93\x06\x05\0\xc0"));
}

Test(wire, a_lying_array_is_a_breach)
{
	expect_breach(BYTES("\0\0\0\5\xdd\x7f\xff\xff\xff"));
}

Test(wire, the_longest_frame_is_not_too_long)
{
	struct frame f;

	hear(BYTES("\x00\x80\x00\x00"), SIZE_MAX);
	cr_assert_eq(wire_next(&us, &f), WIRE_MORE);
}

/* Each frame of the table, said by each peer in each phase. */
static void
expect_legal(enum frame_type type, struct bytes raw)
{
	enum frame_sender s;
	enum frame_phase p;
	struct frame f;

	for (s = FRAME_BY_WORKER; s <= FRAME_BY_SUPERVISOR; s++) {
		for (p = FRAME_IN_NEW; p <= FRAME_IN_TALK; p++) {
			wire_fini(&us);
			wire_init(&us, s);
			us.phase = p;
			hear(raw, SIZE_MAX);
			cr_expect_eq(wire_next(&us, &f),
			    frame_is_legal(type, s, p) ? WIRE_FRAME :
			    WIRE_BREACH, "%s", frame_name(type));
		}
	}
}

Test(wire, the_wrong_sender_or_phase_is_a_breach)
{
	static const enum frame_type types[] = {
#define FRAME(NAME, name, number, sender, phase, fields)	FRAME_##NAME,
#include "frames.def"
#undef FRAME
	};
	struct frame f;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		memset(&f, 0, sizeof(f));
		f.type = types[i];
		wire_wrote(&peer, wire_pending(&peer).len);
		wire_send(&peer, &f);
		expect_legal(types[i], wire_pending(&peer));
	}
}

Test(wire, a_peer_that_announces_much_and_sends_nothing_costs_nothing)
{
	struct frame f;
	size_t i;

	hear(BYTES("\x00\x80\x00\x00"), SIZE_MAX);
	for (i = 0; i < 100; i++) {
		cr_assert_eq(wire_next(&us, &f), WIRE_MORE);
		hear(BYTES("x"), SIZE_MAX);
	}
	cr_assert_leq(us.in.size, 8 << 10);
	cr_assert_eq(us.out.size, 0);
}

Test(wire, memory_follows_what_came_and_goes_with_it)
{
	struct frame f = { .type = FRAME_INPUT };
	char *data = calloc(1, 1 << 16);
	size_t i, room;

	wire_init(&us, FRAME_BY_SUPERVISOR);
	us.phase = FRAME_IN_BUSY;
	f.input.data = (struct bytes){ data, 1 << 16 };
	for (i = 0; i < 100; i++)
		wire_send(&peer, &f);
	wire_send(&peer, &(struct frame){ .type = FRAME_SWEEP });
	hear(wire_pending(&peer), SIZE_MAX);
	cr_assert_leq(us.in.size, 3 * us.in.len);
	wire_wrote(&peer, wire_pending(&peer).len);
	cr_assert_eq(peer.out.size, 0);
	for (i = 0; i < 100; i++) {
		cr_assert_eq(wire_next(&us, &f), WIRE_FRAME);
		cr_assert_eq(f.input.data.len, 1 << 16);
	}
	/* The last one is still there, and waits in little memory. */
	wire_room(&us, &room);
	cr_assert_leq(us.in.size, 16 << 10);
	cr_assert_eq(wire_next(&us, &f), WIRE_FRAME);
	cr_assert_eq(f.type, FRAME_SWEEP);
	cr_assert_eq(wire_next(&us, &f), WIRE_MORE);
	cr_assert_eq(us.in.len, 0);
	free(data);
}

Test(wire, a_queue_goes_out_in_pieces_of_any_size)
{
	struct frame f;
	struct bytes b;
	uint64_t i, got = 0;
	size_t n = 1;

	for (i = 0; i < 1000; i++) {
		send_grew(i);
		b = wire_pending(&peer);
		if (b.len > n)
			b.len = n;
		hear(b, SIZE_MAX);
		wire_wrote(&peer, b.len);
		n = n % 13 + 1;
	}
	hear(wire_pending(&peer), SIZE_MAX);
	wire_wrote(&peer, wire_pending(&peer).len);
	cr_assert_eq(wire_pending(&peer).len, 0);
	while (wire_next(&us, &f) == WIRE_FRAME)
		cr_assert_eq(f.grew.out, got++);
	cr_assert_eq(got, 1000);
	cr_assert_null(us.why);
}

static void
pair(int sv[2])
{
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
}

Test(wire, a_socket_carries_frames_and_nobody_blocks)
{
	struct frame f;
	uint64_t sent = 0, got = 0;
	int sv[2], fill, flush;

	pair(sv);
	cr_assert_eq(wire_fill(&us, sv[0]), 0);
	do {
		send_grew(sent++);
		flush = wire_flush(&peer, sv[1]);
		cr_assert_neq(flush, -1);
	} while (flush == 1);
	cr_assert_gt(wire_pending(&peer).len, 0);
	while (got < sent) {
		cr_assert_neq(wire_flush(&peer, sv[1]), -1);
		cr_assert_neq(fill = wire_fill(&us, sv[0]), -1);
		while (wire_next(&us, &f) == WIRE_FRAME)
			cr_assert_eq(f.grew.out, got++);
	}
	cr_assert_eq(wire_flush(&peer, sv[1]), 1);
	cr_assert_eq(wire_fill(&us, sv[0]), 0);
	close(sv[0]);
	close(sv[1]);
}

Test(wire, one_fill_takes_no_more_than_its_share)
{
	static const char noise[200000];
	int sv[2], size = 1 << 20;

	pair(sv);
	setsockopt(sv[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	cr_assert_eq(fd_nonblock(sv[1]), 0);
	cr_assert_gt(write(sv[1], noise, sizeof(noise)), 100000);
	cr_assert_eq(wire_fill(&us, sv[0]), 1);
	cr_assert_eq(us.in.len, 64 << 10);
	close(sv[0]);
	close(sv[1]);
}

Test(wire, the_end_comes_behind_the_last_frame)
{
	struct frame f;
	int sv[2];

	pair(sv);
	send_grew(1);
	cr_assert_eq(wire_flush(&peer, sv[1]), 1);
	close(sv[1]);
	cr_assert_eq(wire_fill(&us, sv[0]), 1);
	cr_assert_eq(wire_next(&us, &f), WIRE_FRAME);
	cr_assert_eq(wire_next(&us, &f), WIRE_MORE);
	errno = EPERM;
	cr_assert_eq(wire_fill(&us, sv[0]), -1);
	cr_assert_eq(errno, 0);
	close(sv[0]);
}

Test(wire, writing_to_the_dead_is_an_error_and_no_signal)
{
	int sv[2];

	pair(sv);
	close(sv[0]);
	send_grew(1);
	cr_assert_eq(wire_flush(&peer, sv[1]), -1);
	cr_assert_eq(errno, EPIPE);
	close(sv[1]);
	cr_assert_eq(wire_fill(&us, sv[1]), -1);
	cr_assert_eq(errno, EBADF);
}

/* A peer that passes descriptors cannot fill our table with them. */
static void
pass(int sock, int fd, struct bytes b)
{
	union {
		struct cmsghdr	align;
		char		space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)b.data, b.len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	cr_assert_eq(sendmsg(sock, &m, 0), (ssize_t)b.len);
}

Test(wire, descriptors_that_were_passed_are_gone)
{
	struct frame f;
	int sv[2], next;

	pair(sv);
	cr_assert_neq(next = open("/dev/null", O_RDONLY), -1);
	close(next);
	send_grew(1);
	pass(sv[1], sv[1], wire_pending(&peer));
	cr_assert_eq(wire_fill(&us, sv[0]), 1);
	cr_assert_eq(wire_next(&us, &f), WIRE_FRAME);
	cr_assert_eq(fcntl(next, F_GETFD), -1);
	close(sv[0]);
	close(sv[1]);
}
