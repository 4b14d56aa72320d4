/*
 * tree N [apart]: N idle children of one process, each in a session of its own
 * if apart. Says "up" once all of them are there, and waits for its end, which
 * is that of its parent at the latest. Who is apart is for others to end.
 */
#include <sys/prctl.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static void __attribute__((noreturn))
be_leaf(int say, int apart)
{
	if ((apart ? setsid() : prctl(PR_SET_PDEATHSIG, SIGKILL)) == -1)
		_exit(EX_OSERR);
	if (write(say, "", 1) != 1)
		_exit(EX_OSERR);
	close(say);
	for (;;)
		pause();
}

int
main(int argc, char **argv)
{
	int up[2], i, n = argc > 1 ? atoi(argv[1]) : 0;
	int apart = argc > 2 && strcmp(argv[2], "apart") == 0;
	pid_t pid;
	char c;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || pipe(up) == -1)
		return EX_OSERR;
	for (i = 0; i < n; i++) {
		if ((pid = fork()) == 0)
			be_leaf(up[1], apart);
		if (pid == -1)
			return EX_OSERR;
	}
	for (i = 0; i < n; i++)
		if (read(up[0], &c, 1) != 1)
			return EX_OSERR;
	if (write(STDOUT_FILENO, "up\n", 3) != 3)
		return EX_IOERR;
	for (;;)
		pause();
}
