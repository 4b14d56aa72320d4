#include "spool.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"

static char	dir[] = "/tmp/sigbox-spool-XXXXXX";

static void
set_up(void)
{
	cr_assert_not_null(mkdtemp(dir));
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void
tear_down(void)
{
	cr_expect_eq(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

TestSuite(spool, .init = set_up, .fini = tear_down);

static int
make(uint64_t task)
{
	int out, err;

	cr_assert_eq(spool_make(dir, task, &out, &err), 0);
	close(err);
	return out;
}

static void
fill(int fd, size_t n)
{
	char line[17];
	size_t i;

	for (i = 0; i < n; i += 16) {
		snprintf(line, sizeof(line), "%015zu\n", i);
		cr_assert_eq(fd_write_all(fd, line, 16), 0);
	}
}

static void
punch(int fd, off_t from, off_t to)
{
	cr_assert_eq(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    from, to - from), 0);
}

static mode_t
mode(const char *name)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	cr_assert_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

Test(spool, what_it_makes_is_for_its_owner_alone)
{
	umask(0);
	close(make(7));
	cr_expect_eq(mode("tasks"), 0700);
	cr_expect_eq(mode("tasks/t7"), 0700);
	cr_expect_eq(mode("tasks/t7/out"), 0600);
	cr_expect_eq(mode("tasks/t7/err"), 0600);
}

Test(spool, its_descriptors_append_and_start_empty)
{
	int fd = make(7);

	cr_expect(fcntl(fd, F_GETFL) & O_APPEND);
	cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	fill(fd, 32);
	close(fd);
	fd = make(7);
	cr_expect_eq(lseek(fd, 0, SEEK_END), 0);
	close(fd);
}

Test(spool, a_link_in_its_place_is_not_followed)
{
	char path[128];
	int out, err;

	close(make(1));
	snprintf(path, sizeof(path), "%s/tasks/t2", dir);
	cr_assert_eq(symlink("/tmp", path), 0);
	cr_expect_eq(spool_make(dir, 2, &out, &err), -1);
	cr_expect(out == -1 && err == -1);
}

Test(spool, a_read_is_at_an_offset_and_ends_at_the_end)
{
	struct spool_part part;
	char data[64];
	int fd = make(7);

	fill(fd, 64);
	close(fd);
	cr_assert_eq(spool_read(dir, 7, SPOOL_OUT, 16, data, 20, &part), 0);
	cr_expect_eq(part.len, 20);
	cr_expect_eq(part.lost, 0);
	cr_expect_eq(part.size, 64);
	cr_expect_eq(memcmp(data, "000000000000016\n0000", 20), 0);
	cr_assert_eq(spool_read(dir, 7, SPOOL_OUT, 60, data, 64, &part), 0);
	cr_expect_eq(part.len, 4);
	cr_assert_eq(spool_read(dir, 7, SPOOL_OUT, 64, data, 64, &part), 0);
	cr_expect_eq(part.len, 0);
	cr_assert_eq(spool_read(dir, 7, SPOOL_OUT, 1000, data, 64, &part), 0);
	cr_expect_eq(part.len, 0);
	cr_expect_eq(part.lost, 0);
	cr_assert_eq(spool_read(dir, 7, SPOOL_ERR, 0, data, 64, &part), 0);
	cr_expect_eq(part.size, 0);
}

Test(spool, what_is_not_there_is_an_error)
{
	struct spool_part part;
	char data[4];

	cr_expect_eq(spool_read(dir, 9, SPOOL_OUT, 0, data, 4, &part), -1);
	cr_expect_eq(errno, ENOENT);
}

Test(spool, a_read_stops_at_a_gap_and_the_next_one_tells_its_length)
{
	static char data[1 << 16];
	struct spool_part part;
	int fd = make(7);

	fill(fd, 1 << 16);
	punch(fd, 4096, 40960);
	close(fd);
	cr_assert_eq(spool_read(dir, 7, SPOOL_OUT, 0, data, 1 << 16, &part), 0);
	cr_expect_eq(part.len, 4096);
	cr_expect_eq(part.lost, 0);
	cr_assert_eq(spool_read(dir, 7, SPOOL_OUT, 4096, data, 1 << 16, &part),
	    0);
	cr_expect_eq(part.lost, 36864);
	cr_expect_eq(part.len, 24576);
	cr_expect_eq(memcmp(data, "000000000040960\n", 16), 0);
	cr_assert_eq(spool_read(dir, 7, SPOOL_OUT, 40000, data, 100, &part), 0);
	cr_expect_eq(part.lost, 960);
	cr_expect_eq(part.len, 100);
}

static void
expect_window(size_t nhead, size_t ntail, size_t head_len, size_t tail_len)
{
	struct buf head = { 0 }, tail = { 0 };
	uint64_t total;

	cr_assert_eq(spool_window(dir, 7, SPOOL_OUT, nhead, ntail, &head,
	    &tail, &total), 0);
	cr_expect_eq(total, 1 << 16);
	cr_expect_eq(head.len, head_len, "%zu", head.len);
	cr_expect_eq(tail.len, tail_len, "%zu", tail.len);
	if (tail.len >= 16)
		cr_expect_eq(memcmp(tail.data + tail.len - 16,
		    "000000000065520\n", 16), 0);
	buf_fini(&head);
	buf_fini(&tail);
}

Test(spool, a_window_is_head_and_tail_and_no_byte_twice)
{
	int fd = make(7);

	fill(fd, 1 << 16);
	close(fd);
	expect_window(100, 200, 100, 200);
	expect_window(0, 10, 0, 10);
	expect_window(10, 0, 10, 0);
	expect_window(40000, 40000, 40000, 25536);
	expect_window(1 << 20, 1 << 20, 1 << 16, 0);
}

Test(spool, a_window_does_not_reach_across_a_gap)
{
	int fd = make(7);

	fill(fd, 1 << 16);
	punch(fd, 4096, 61440);
	close(fd);
	expect_window(100, 200, 100, 200);
	expect_window(10000, 10000, 4096, 4096);
	expect_window(1 << 20, 1 << 20, 4096, 4096);
}

static void
expect_left(uint64_t task, bool left)
{
	struct spool_part part;
	char c;

	cr_expect_eq(spool_read(dir, task, SPOOL_OUT, 0, &c, 1, &part),
	    left ? 0 : -1, "t%ju", (uintmax_t)task);
}

static void
make_aged(uint64_t task, size_t size, time_t when)
{
	struct timespec at[2] = { { .tv_sec = when }, { .tv_sec = when } };
	static const char *const names[] = { "out", "err", "" };
	char path[128];
	int fd = make(task);
	size_t i;

	fill(fd, size);
	close(fd);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/tasks/t%ju/%s", dir,
		    (uintmax_t)task, names[i]);
		cr_assert_eq(utimensat(AT_FDCWD, path, at, 0), 0);
	}
}

Test(spool, what_is_too_old_goes)
{
	struct spool_limit l = { .now = 10000, .max_age = 1000 };

	make_aged(1, 16, 8000);
	make_aged(2, 16, 9000);
	make_aged(3, 16, 8999);
	cr_expect_eq(spool_expire(dir, &l), 2);
	expect_left(1, false);
	expect_left(2, true);
	expect_left(3, false);
	cr_expect_eq(spool_expire(dir, &l), 0);
}

Test(spool, the_oldest_go_until_the_rest_fits)
{
	struct spool_limit l = { .now = 10000, .max_bytes = 250 << 10 };

	make_aged(3, 100 << 10, 5000);
	make_aged(1, 100 << 10, 7000);
	make_aged(2, 100 << 10, 6000);
	make_aged(4, 100 << 10, 8000);
	cr_expect_eq(spool_expire(dir, &l), 2);
	expect_left(3, false);
	expect_left(2, false);
	expect_left(1, true);
	expect_left(4, true);
}

static bool
keep_odd(void *arg, uint64_t task)
{
	(void)arg;
	return task % 2 == 1;
}

Test(spool, what_must_stay_stays_and_what_is_no_task_too)
{
	struct spool_limit l = { .now = 10000, .max_age = 1, .keep = keep_odd };
	char path[128];

	make_aged(1, 16, 1);
	make_aged(2, 16, 1);
	snprintf(path, sizeof(path), "%s/tasks/t2b", dir);
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_expect_eq(spool_expire(dir, &l), 1);
	expect_left(1, true);
	expect_left(2, false);
	cr_expect_eq(access(path, F_OK), 0);
}

Test(spool, expiring_is_done_in_bounded_pieces)
{
	struct spool_limit l = { .now = 10000, .max_age = 1 };
	uint64_t i;

	for (i = 1; i <= 70; i++)
		make_aged(i, 0, 1);
	cr_expect_eq(spool_expire(dir, &l), 64);
	cr_expect_eq(spool_expire(dir, &l), 6);
	cr_expect_eq(spool_expire(dir, &l), 0);
}

Test(spool, removing_is_idempotent)
{
	close(make(7));
	cr_expect_eq(spool_remove(dir, 7), 0);
	expect_left(7, false);
	cr_expect_eq(spool_remove(dir, 7), 0);
	cr_expect_eq(spool_remove("/no/such/folder", 7), 0);
}
