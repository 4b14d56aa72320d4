/* What a tool is started with: descriptors, environment, identity, limits. */
#include "attack.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attack_self.h"

#define PROGRESS_FD	3	/* the last that is to be open */
#define MOST		4096

extern char	**environ;

TRY(fds_above)
{
	char text[32];
	int fd;

	for (fd = PROGRESS_FD + 1; fd < MOST; fd++)
		if (fcntl(fd, F_GETFD) != -1) {
			snprintf(text, sizeof(text), "descriptor %d", fd);
			return escaped(text);
		}
	errno = 0;
	return held("none");
}

/* A folder or a file among them would be a way around any path. */
TRY(fds_kind)
{
	struct stat st;
	int fd;

	for (fd = 0; fd < MOST; fd++)
		if (fstat(fd, &st) == 0 && (S_ISDIR(st.st_mode) ||
		    S_ISSOCK(st.st_mode)))
			return escaped("a folder or a socket");
	errno = 0;
	return held("none");
}

TRY(fds_secret)
{
	char text[sizeof(SECRET)];
	int fd;

	for (fd = 0; fd < MOST; fd++)
		if (pread(fd, text, sizeof(text) - 1, 0) ==
		    sizeof(text) - 1 &&
		    memcmp(text, SECRET, sizeof(text) - 1) == 0)
			return escaped("read");
	errno = 0;
	return held("none");
}

TRY(fds_root)
{
	int fd, at;

	for (fd = 0; fd < MOST; fd++)
		if ((at = openat(fd, "..", O_PATH | O_DIRECTORY)) != -1)
			return escaped("openat");
	return held("openat");
}

TRY(environment)
{
	char **e;

	for (e = environ; *e != NULL; e++)
		if (strncmp(*e, "SIGBOX_SECRET=", 14) == 0)
			return escaped(*e);
	errno = 0;
	return held("it is not in there");
}

TRY(be_mighty)
{
	errno = 0;
	return self_is_mighty() ? escaped("uid 0, or a capability") :
	    held("an ordinary user");
}

TRY(bounding_set)
{
	errno = 0;
	return prctl(PR_CAPBSET_READ, 21, 0, 0, 0) == 1 &&
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ?
	    escaped("an exec could bring them back") : held("no way back");
}

TRY(new_privileges)
{
	errno = 0;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ?
	    held("no_new_privs") : escaped("no_new_privs is not set");
}

TRY(unfiltered)
{
	errno = 0;
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0 ?
	    escaped("no filter") : held("a filter");
}

TRY(core_dump)
{
	struct rlimit r;

	getrlimit(RLIMIT_CORE, &r);
	errno = 0;
	return r.rlim_max > 0 ? escaped("a core file may be written") :
	    held("no core file");
}

/* What is blocked or ignored may keep a tool from ending. */
TRY(signals_left)
{
	struct sigaction sa;
	sigset_t mask;
	int signo;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (signo = 1; signo < NSIG; signo++)
		if (signo != SIGTERM &&	/* we ignore that ourselves */
		    (sigismember(&mask, signo) == 1 ||
		    (sigaction(signo, NULL, &sa) == 0 &&
		    sa.sa_handler == SIG_IGN)))
			return escaped("a signal is blocked or ignored");
	errno = 0;
	return held("none");
}

TRY(controlling_terminal)
{
	return judge_open("/dev/tty", O_RDWR);
}

TRY(death_signal)
{
	int signo = 0;

	errno = 0;
	return prctl(PR_GET_PDEATHSIG, &signo) == 0 && signo != 0 ?
	    escaped("it can be taken off") : held("none of its own");
}
