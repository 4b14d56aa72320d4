#include "fd.h"

#include <sys/wait.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

Test(fd, closing_keeps_errno_and_forgets_the_number)
{
	int p[2], none = -1;

	cr_assert_eq(pipe(p), 0);
	close(p[1]);
	errno = ENOENT;
	fd_close(&p[0]);
	fd_close(&none);
	cr_assert_eq(errno, ENOENT);
	cr_assert_eq(p[0], -1);
	errno = EAGAIN;
	fd_close(&p[1]);		/* closed already: EBADF inside */
	cr_assert_eq(errno, EAGAIN);
}

Test(fd, flags_are_set_and_the_others_kept)
{
	int p[2];

	cr_assert_eq(pipe(p), 0);
	cr_assert_eq(fd_nonblock(p[0]), 0);
	cr_assert_eq(fcntl(p[0], F_GETFL), O_NONBLOCK);
	cr_assert_eq(fd_cloexec(p[0], 1), 0);
	cr_assert_eq(fcntl(p[0], F_GETFD), FD_CLOEXEC);
	cr_assert_eq(fd_cloexec(p[0], 0), 0);
	cr_assert_eq(fcntl(p[0], F_GETFD), 0);
	close(p[0]);
	close(p[1]);
	cr_assert_eq(fd_nonblock(p[0]), -1);
	cr_assert_eq(errno, EBADF);
	cr_assert_eq(fd_cloexec(p[0], 1), -1);
}

/* In a child, since Criterion itself needs the three. */
static int
count_after_null(int hole)
{
	int fd, n = 0;

	close(hole);
	if (fd_null() == -1)
		return 100;
	for (fd = 0; fd < 3; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	fd = open("/", O_PATH);
	return fd > 2 ? n : 101;
}

Test(fd, the_first_three_are_never_free)
{
	int hole, status;
	pid_t pid;

	for (hole = 0; hole < 3; hole++) {
		cr_assert_neq(pid = fork(), -1);
		if (pid == 0)
			_exit(count_after_null(hole));
		cr_assert_eq(waitpid(pid, &status, 0), pid);
		cr_assert(WIFEXITED(status));
		cr_assert_eq(WEXITSTATUS(status), 3);
	}
}

Test(fd, all_is_written_and_read_through_a_pipe)
{
	static char out[300000], in[300001];
	int p[2], status;
	pid_t pid;

	memset(out, 'a', sizeof(out));
	out[299999] = 'z';
	cr_assert_eq(pipe(p), 0);
	cr_assert_neq(pid = fork(), -1);
	if (pid == 0)
		_exit(fd_write_all(p[1], out, sizeof(out)) == 0 ? 0 : 1);
	close(p[1]);
	cr_assert_eq(fd_read_all(p[0], in, sizeof(in)), sizeof(out));
	cr_assert_arr_eq(in, out, sizeof(out));
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
	close(p[0]);
	cr_assert_eq(fd_read_all(p[0], in, 1), -1);
	cr_assert_eq(fd_write_all(p[0], in, 1), -1);
	cr_assert_eq(errno, EBADF);
}
