#include "pump.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "fd.h"

static struct pump	pump;
static int		in = -1, out = -1;

static void
set_up(const char *dir, uint64_t cap)
{
	char path[64];
	int fds[2];

	snprintf(path, sizeof(path), "%s/sigbox-pump-XXXXXX", dir);
	cr_assert_neq(out = mkostemp(path, O_APPEND), -1);
	unlink(path);
	cr_assert_eq(pipe(fds), 0);
	in = fds[1];
	cr_assert_eq(pump_init(&pump, fds[0], out, cap), 0);
}

static void
write_in(size_t n, char c)
{
	char data[4096];

	memset(data, c, sizeof(data));
	for (; n > 0; n -= n < sizeof(data) ? n : sizeof(data))
		cr_assert_eq(fd_write_all(in, data,
		    n < sizeof(data) ? n : sizeof(data)), 0);
}

static uint64_t
size(void)
{
	struct stat st;

	cr_assert_eq(fstat(out, &st), 0);
	return (uint64_t)st.st_size;
}

static uint64_t
on_disk(void)
{
	struct stat st;

	cr_assert_eq(fstat(out, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

Test(pump, bytes_go_from_pipe_to_spool)
{
	set_up("/tmp", 0);
	write_in(5, 'a');
	pump_run(&pump);
	cr_expect_eq(size(), 5);
	cr_expect(pump_is_reading(&pump));
	write_in(7, 'b');
	fd_close(&in);
	pump_run(&pump);
	cr_expect_eq(size(), 12);
	cr_expect_eq(pump.total, 12);
	cr_expect_not(pump_is_reading(&pump), "the end was seen");
}

Test(pump, an_empty_pipe_is_not_waited_for)
{
	set_up("/tmp", 0);
	pump_run(&pump);
	cr_expect_eq(size(), 0);
	cr_expect(pump_drain(&pump, false));
	cr_expect_eq(pump.from, -1);
}

Test(pump, a_file_never_takes_more_disk_than_its_cap_and_a_part)
{
	const uint64_t cap = 1 << 20;
	int i;

	set_up("/tmp", cap);
	for (i = 0; i < 200; i++) {
		write_in(50000, 'x');
		pump_run(&pump);
		cr_expect_leq(on_disk(), cap + cap / 8);
	}
	cr_expect_eq(size(), 200 * 50000, "offsets are absolute");
	cr_expect_eq(pump.total, size());
	cr_expect_gt(pump.lost, 8 << 20);
	/* What stays in front is exactly what was said to stay. */
	cr_expect_eq(lseek(out, 0, SEEK_HOLE), (off_t)pump.head);
	cr_expect_eq(lseek(out, (off_t)pump.head, SEEK_DATA),
	    (off_t)(pump.head + pump.lost));
}

Test(pump, a_cap_below_two_blocks_is_two_blocks)
{
	set_up("/tmp", 1);
	write_in(60000, 'x');
	pump_run(&pump);
	cr_expect_eq(pump.total, 60000);
	cr_expect_geq(pump.total - pump.lost, 8192);
	cr_expect_leq(pump.total - pump.lost, 8192 + 4096);
}

/* A file of the size that is allowed and one byte more. */
Test(pump, an_error_ends_the_stream_and_is_noted)
{
	struct rlimit r = { 3000, RLIM_INFINITY };

	set_up("/tmp", 0);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &r), 0);
	write_in(3001, 'x');
	pump_run(&pump);
	cr_expect_eq(size(), 3000);
	cr_expect_str_eq(pump.note, "output");
	cr_expect_eq(pump.error, EFBIG);
	cr_expect_eq(pump.from, -1);
	cr_expect_eq(write(in, "x", 1), -1, "the tool learns of it");
}

static bool
mount_small(const char *dir)
{
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("tmpfs", dir, "tmpfs", 0, "size=64k") == -1)
		return false;
	return true;
}

Test(pump, a_full_disk_loses_nothing_and_the_pipe_waits)
{
	char dir[] = "/tmp/sigbox-full-XXXXXX", ballast[64];
	int fd;

	cr_assert_not_null(mkdtemp(dir));
	if (!mount_small(dir)) {
		rmdir(dir);
		return;		/* not ours to mount */
	}
	snprintf(ballast, sizeof(ballast), "%s/ballast", dir);
	cr_assert_neq(fd = open(ballast, O_WRONLY | O_CREAT, 0600), -1);
	cr_assert_eq(posix_fallocate(fd, 0, 60 << 10), 0);
	close(fd);
	set_up(dir, 0);
	write_in(40 << 10, 'x');
	pump_run(&pump);
	cr_expect_leq(size(), 4 << 10);
	cr_expect_str_eq(pump.note, "disk full");
	cr_expect_not(pump_is_reading(&pump), "the pipe fills, the tool waits");
	cr_expect_gt(pump.retry_at, 0);
	pump.note = NULL;
	pump_run(&pump);
	cr_expect_null(pump.note, "said once");
	cr_expect_not(pump_drain(&pump, false));
	unlink(ballast);
	pump_run(&pump);
	cr_expect_eq(pump.retry_at, 0);
	write_in(1, 'y');
	cr_expect(pump_drain(&pump, false));
	cr_expect_eq(size(), (40 << 10) + 1);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}

Test(pump, an_end_by_force_does_not_wait_for_the_disk)
{
	char dir[] = "/tmp/sigbox-full-XXXXXX";

	cr_assert_not_null(mkdtemp(dir));
	if (!mount_small(dir)) {
		rmdir(dir);
		return;
	}
	set_up(dir, 0);
	write_in(65536, 'x');
	pump_run(&pump);
	write_in(10, 'y');
	cr_expect(pump_drain(&pump, true));
	cr_expect_str_eq(pump.note, "last output lost");
	cr_expect_leq(size(), 65536);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}
