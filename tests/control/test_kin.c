#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kin.h"

/* Exits when the pipe is closed. */
static pid_t
child_of_child(int line[2], int up)
{
	pid_t pid = fork(), below;
	char c;

	if (pid != 0)
		return pid;
	close(line[1]);
	if ((below = fork()) == 0) {
		(void)!read(line[0], &c, 1);
		_exit(0);
	}
	(void)!write(up, &below, sizeof(below));
	waitpid(below, NULL, 0);
	_exit(0);
}

Test(kin, what_descends_from_us_is_ours)
{
	int line[2], up[2];
	pid_t child, below;

	cr_assert(pipe(line) == 0 && pipe(up) == 0);
	child = child_of_child(line, up[1]);
	cr_assert(read(up[0], &below, sizeof(below)) == sizeof(below));
	cr_expect(kin_is_ours(child, geteuid()));
	cr_expect(kin_is_ours(below, geteuid()));
	close(line[1]);
	waitpid(child, NULL, 0);
	cr_expect(kin_is_ours(below, geteuid()), "who is gone may have been");
}

Test(kin, what_does_not_is_not)
{
	cr_expect_not(kin_is_ours(getppid(), geteuid()));
	cr_expect_not(kin_is_ours(1, geteuid()));
	cr_expect_not(kin_is_ours(0, geteuid()));
}
