#include "notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "xalloc.h"

struct notify {
	struct sockaddr_un	 to;
	socklen_t		 len;
	int			 fd;
	uint64_t		 watchdog;
};

static uint64_t
take_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t us = 0;

	if (usec != NULL && (pid == NULL || atol(pid) == (long)getpid()))
		us = strtoull(usec, NULL, 10);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return us;
}

/* An address that begins with @ is abstract: there a NUL comes first. */
static bool
set_address(struct notify *n, const char *path)
{
	size_t len = strlen(path);

	if ((path[0] != '/' && path[0] != '@') ||
	    len >= sizeof(n->to.sun_path))
		return false;
	n->to.sun_family = AF_UNIX;
	memcpy(n->to.sun_path, path, len);
	if (path[0] == '@')
		n->to.sun_path[0] = '\0';
	n->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return true;
}

struct notify *
notify_new(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct notify *n = xcalloc(1, sizeof(*n));

	n->fd = -1;
	n->watchdog = take_watchdog();
	if (path != NULL && set_address(n, path))
		n->fd = socket(AF_UNIX,
		    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unsetenv("NOTIFY_SOCKET");
	if (n->fd == -1) {
		free(n);
		return NULL;
	}
	return n;
}

void
notify_free(struct notify *n)
{
	if (n == NULL)
		return;
	fd_close(&n->fd);
	free(n);
}

static void
say(struct notify *n, const char *text)
{
	if (n != NULL)
		(void)sendto(n->fd, text, strlen(text), MSG_NOSIGNAL,
		    (const struct sockaddr *)&n->to, n->len);
}

void
notify_ready(struct notify *n)
{
	say(n, "READY=1");
}

void
notify_reloading(struct notify *n)
{
	struct timespec ts;
	char *text;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	text = xasprintf("RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
	say(n, text);
	free(text);
}

void
notify_stopping(struct notify *n)
{
	say(n, "STOPPING=1");
}

void
notify_status(struct notify *n, const char *fmt, ...)
{
	char text[256] = "STATUS=", *at;
	const size_t used = strlen(text);
	va_list ap;

	if (n == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text + used, sizeof(text) - used, fmt, ap);
	va_end(ap);
	/* A second line would be another message. */
	for (at = text; (at = strchr(at, '\n')) != NULL; )
		*at = ' ';
	say(n, text);
}

void
notify_alive(struct notify *n)
{
	say(n, "WATCHDOG=1");
}

uint64_t
notify_watchdog(const struct notify *n)
{
	return n == NULL ? 0 : n->watchdog;
}
