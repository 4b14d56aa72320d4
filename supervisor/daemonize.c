#include "daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "xalloc.h"

/* The child's verdict: a byte that is the code, then words. */
static void
report(int fd)
{
	char words[2048];
	ssize_t n = fd_read_all(fd, words, sizeof(words) - 1);

	if (n <= 0) {
		fputs("sigboxd: it died while it started\n", stderr);
		_exit(71);
	}
	words[n] = '\0';
	if (words[0] != 0)
		fprintf(stderr, "sigboxd: %s\n", words + 1);
	_exit(words[0]);
}

int
daemonize_start(struct daemonize *bg, char **why)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1) {
		*why = xasprintf("pipe: %s", strerror(errno));
		return -1;
	}
	switch (fork()) {
	case -1:
		*why = xasprintf("fork: %s", strerror(errno));
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		return -1;
	case 0:
		break;
	default:
		fd_close(&fds[1]);
		report(fds[0]);
	}
	fd_close(&fds[0]);
	bg->fd = fds[1];
	setsid();
	return 0;
}

static void
detach_stdio(const char *folder)
{
	char *path = xasprintf("%s/sigboxd.log", folder);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	free(path);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log == -1 ? null : log, STDERR_FILENO);
	fd_close(&null);
	fd_close(&log);
}

void
daemonize_ready(struct daemonize *bg, const char *folder)
{
	const char good = 0;

	if (bg->fd == -1)
		return;
	detach_stdio(folder);
	fd_write_all(bg->fd, &good, 1);
	fd_close(&bg->fd);
}

void
daemonize_failed(struct daemonize *bg, int code, const char *why)
{
	char first = (char)code;

	if (bg->fd == -1)
		return;
	fd_write_all(bg->fd, &first, 1);
	fd_write_all(bg->fd, why, strlen(why));
	fd_close(&bg->fd);
}
