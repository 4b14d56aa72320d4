#include <sys/socket.h>

#include <errno.h>

#include "wire.h"

#define FILL_MAX	(64U << 10)	/* then it is somebody else's turn */

int
wire_fill(struct wire *w, int fd)
{
	size_t room, got = 0;
	ssize_t n;
	char *at;

	do {
		at = wire_room(w, &room);
		if (room > FILL_MAX - got)
			room = FILL_MAX - got;
		n = recv(fd, at, room, MSG_DONTWAIT);
		if (n <= 0)
			break;
		wire_read(w, (size_t)n);
		got += (size_t)n;
	} while ((size_t)n == room && got < FILL_MAX);
	/* An end that lies behind bytes is found again by the next call. */
	if (got > 0)
		return 1;
	if (n == 0)
		errno = 0;
	else if (errno == EAGAIN || errno == EINTR)
		return 0;
	return -1;
}

int
wire_flush(struct wire *w, int fd)
{
	struct bytes b;
	ssize_t n;

	while ((b = wire_pending(w)).len > 0) {
		n = send(fd, b.data, b.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? 0 : -1;
		wire_wrote(w, (size_t)n);
	}
	return 1;
}
