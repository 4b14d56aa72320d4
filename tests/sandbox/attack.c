/*
 * attack [KEY=VALUE ...] NAME: makes that attempt. It exits 0 if that
 * succeeded, 1 if not, 2 if it could not be tried here, 3 if those outside must
 * judge; standard output says why. More names, or --all: each in a child of its
 * own, with a line "NAME CODE WHY" for each.
 */
#include "attack.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack_self.h"
#include "attempt.h"

#define PATIENCE	3	/* s, for one attempt */

struct scene	 scene;
const char	*me;
pid_t		 warden, leader;
static char	*words;		/* of the last verdict, shared with children */

static enum verdict (*const tries[])(void) = {
#define ATTEMPT(number, name, control, flags, words)	try_##name,
#include "attack.def"
#undef ATTEMPT
};

static enum verdict
say(enum verdict v, const char *what, int error)
{
	snprintf(words, PATH_MAX, "%s%s%s", what, error == 0 ? "" : ": ",
	    error == 0 ? "" : strerror(error));
	return v;
}

enum verdict
escaped(const char *how)
{
	return say(ESCAPED, how, 0);
}

enum verdict
held(const char *why)
{
	return say(HELD, why, errno);
}

enum verdict
untried(const char *why)
{
	return say(UNTRIED, why, 0);
}

enum verdict
judge(long result, const char *what)
{
	return result == -1 ? held(what) : escaped(what);
}

enum verdict
judge_reach(long result, const char *what)
{
	if (result != -1)
		return escaped(what);
	if (errno == EPERM || errno == EACCES || errno == ENOSYS)
		return held(what);
	return say(ESCAPED, what, errno);
}

enum verdict
judge_open(const char *path, int flags)
{
	if (path[0] == '\0')
		return untried("no such file in this scene");
	return judge(open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK),
	    path);
}

enum verdict
judge_secret_fd(int fd, const char *what)
{
	char text[sizeof(SECRET)] = "";

	if (fd == -1 || read(fd, text, sizeof(text) - 1) == -1)
		return held(what);
	errno = 0;
	return strcmp(text, SECRET) == 0 ? escaped(what) :
	    held("there is another file");
}

enum verdict
judge_secret(const char *path)
{
	if (path[0] == '\0')
		return untried("no such file in this scene");
	return judge_secret_fd(open(path, O_RDONLY | O_CLOEXEC), path);
}

const char *
in(const char *folder, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];

	if (folder == NULL)
		return "";
	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

const char *
proc(pid_t pid, const char *name)
{
	char folder[32];

	snprintf(folder, sizeof(folder), "/proc/%d", (int)pid);
	return pid <= 0 ? "" : in(folder, name);
}

long
number(const char *text)
{
	return text == NULL ? 0 : strtol(text, NULL, 10);
}

static bool
take_fact(char *arg)
{
	char *value = strchr(arg, '=');

	if (value == NULL)
		return false;
	*value++ = '\0';
#define SCENE(name)				\
	if (strcmp(arg, #name) == 0)		\
		scene.name = value;
#include "scene.def"
#undef SCENE
	return true;
}

static int
find(const char *name)
{
	unsigned i;

	for (i = 0; i < NATTEMPTS; i++)
		if (strcmp(attempts[i].name, name) == 0)
			return (int)i;
	fprintf(stderr, "attack: no attempt is called %s\n", name);
	exit(64);
}

static enum verdict
run(int i)
{
	me = attempts[i].name;
	errno = 0;
	return tries[i]();
}

/* Killed is held, by whatever killed it. */
static void
run_apart(int i)
{
	int status, code = HELD;
	pid_t pid;

	words[0] = '\0';
	fflush(stdout);
	if ((pid = fork()) == 0) {
		alarm(PATIENCE);
		_exit((int)run(i));
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (pid == -1)
		snprintf(words, PATH_MAX, "fork: %s", strerror(errno));
	else if (WIFSIGNALED(status))
		snprintf(words, PATH_MAX, "killed by signal %d",
		    WTERMSIG(status));
	else
		code = WEXITSTATUS(status);
	printf("%s %d %s\n", attempts[i].name, code, words);
}

static void
run_all(void)
{
	unsigned i;

	for (i = 0; i < NATTEMPTS; i++)
		if (!(attempts[i].flags & ALONE))
			run_apart((int)i);
}

/* In a namespace of pids the parent may be outside, and the keeper is 1. */
static void
look_around(void)
{
	warden = getppid();
	leader = getpgrp();
	if (warden == 0)
		warden = 1;
	if (leader == getpid())
		leader = 0;
}

int
main(int argc, char **argv)
{
	int i = 1, n;

	if (argc > 1 && self_is_called(argv[1]))
		return self_run(argv[1]);
	words = mmap(NULL, PATH_MAX, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (words == MAP_FAILED)
		return 71;
	while (i < argc && take_fact(argv[i]))
		i++;
	look_around();
	signal(SIGTERM, SIG_IGN);
	if (i == argc)
		return 64;
	if (strcmp(argv[i], "--all") == 0) {
		run_all();
		return 0;
	}
	if (i == argc - 1) {
		n = (int)run(find(argv[i]));
		printf("%s\n", words);
		return n;
	}
	for (; i < argc; i++)
		run_apart(find(argv[i]));
	return 0;
}
