/*
 * A tool that does not want to be stopped: unruly MODE N.
 *	deaf	N processes, double-forked, each in a session of its own, that
 *		ignore TERM and HUP
 *	hydra	N that fork for ever: the child calls setsid, the parent exits
 *	waker	N that do nothing but SIGCONT to everybody
 *	deep	N, each the child of the one before
 *	bomb	N that fork, as their children do, until there can be no more
 * It says "ready" when they are there, and waits.
 */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
deaf(void)
{
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	setsid();
}

static void
be_deaf(void)
{
	deaf();
	if (fork() > 0)
		_exit(0);
	for (;;)
		pause();
}

static void
be_hydra(void)
{
	pid_t pid;

	for (;;) {
		if ((pid = fork()) > 0)
			_exit(0);
		if (pid == 0)
			deaf();
	}
}

/* It counts on being in a pid namespace, or alone with its user. */
static void
be_waker(void)
{
	deaf();
	for (;;)
		kill(-1, SIGCONT);
}

/* Each that cannot fork goes on trying. */
static void
be_bomb(void)
{
	deaf();
	for (;;)
		if (fork() == -1)
			sched_yield();
}

static void
be_deep(int n)
{
	deaf();
	while (--n > 0 && fork() == 0)
		;
	for (;;)
		pause();
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	int i, n = argc > 2 ? atoi(argv[2]) : 1;
	bool is_deep = strcmp(mode, "deep") == 0;

	for (i = 0; i < (is_deep ? 1 : n); i++) {
		if (fork() != 0)
			continue;
		if (strcmp(mode, "hydra") == 0)
			be_hydra();
		else if (strcmp(mode, "waker") == 0)
			be_waker();
		else if (strcmp(mode, "bomb") == 0)
			be_bomb();
		else if (is_deep)
			be_deep(n);
		else
			be_deaf();
	}
	signal(SIGTERM, SIG_IGN);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
