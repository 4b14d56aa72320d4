#include "feed.h"

#include <errno.h>
#include <unistd.h>

#include "fd.h"

void
feed_init(struct feed *f, int fd, struct bytes first)
{
	*f = (struct feed){ .fd = fd, .first = first.len };
	if (fd == -1)
		return;
	buf_add_bytes(&f->waiting, first);
	feed_run(f);
}

static void
count(struct feed *f, size_t n)
{
	uint64_t of_first = n < f->first ? n : f->first;

	f->first -= of_first;
	f->fed += n - of_first;
}

/* Nobody reads any more: what waits and what comes is done with. */
static void
end(struct feed *f)
{
	count(f, f->waiting.len);
	buf_fini(&f->waiting);
	fd_close(&f->fd);
}

void
feed_run(struct feed *f)
{
	ssize_t n;

	while (f->waiting.len > 0) {
		n = write(f->fd, f->waiting.data, f->waiting.len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1)
			break;
		count(f, (size_t)n);
		buf_drop(&f->waiting, (size_t)n);
	}
	if (f->waiting.len > 0 || f->eof)
		end(f);
}

void
feed_add(struct feed *f, struct bytes s, bool eof)
{
	if (f->fd == -1) {
		f->fed += s.len;
		return;
	}
	buf_add_bytes(&f->waiting, s);
	f->eof |= eof;
	feed_run(f);
}

bool
feed_is_waiting(const struct feed *f)
{
	return f->fd != -1 && f->waiting.len > 0;
}

void
feed_fini(struct feed *f)
{
	buf_fini(&f->waiting);
	fd_close(&f->fd);
}
