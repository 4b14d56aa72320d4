#include "spool.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "xalloc.h"

#define NEXPIRED	64	/* of one call */
#define NSTREAMS	2

static const char *const names[NSTREAMS] = {
	[SPOOL_OUT] = "out", [SPOOL_ERR] = "err"
};

static int
open_folder(int at, const char *name)
{
	return openat(at, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
make_folder(int at, const char *name)
{
	if (mkdirat(at, name, 0700) == -1 && errno != EEXIST)
		return -1;
	return open_folder(at, name);
}

static int
open_tasks(const char *dir)
{
	int at, fd;

	if ((at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return -1;
	fd = open_folder(at, "tasks");
	fd_close(&at);
	return fd;
}

/* The folder of a task, inside the open one of all. */
static int
open_task(int tasks, uint64_t task)
{
	char name[32];

	snprintf(name, sizeof(name), "t%ju", (uintmax_t)task);
	return open_folder(tasks, name);
}

static int
make_task(const char *dir, uint64_t task)
{
	char name[32];
	int at, tasks, fd = -1;

	snprintf(name, sizeof(name), "t%ju", (uintmax_t)task);
	if ((at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return -1;
	if ((tasks = make_folder(at, "tasks")) != -1)
		fd = make_folder(tasks, name);
	fd_close(&tasks);
	fd_close(&at);
	return fd;
}

/* A number is given once, so what is there belongs to no task that counts. */
static int
make_stream(int at, enum spool_stream stream)
{
	return openat(at, names[stream], O_RDWR | O_CREAT | O_APPEND |
	    O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int
spool_make(const char *dir, uint64_t task, int *out, int *err)
{
	int at;

	*out = *err = -1;
	if ((at = make_task(dir, task)) == -1)
		return -1;
	*out = make_stream(at, SPOOL_OUT);
	*err = *out == -1 ? -1 : make_stream(at, SPOOL_ERR);
	fd_close(&at);
	if (*err != -1)
		return 0;
	fd_close(out);
	return -1;
}

static int
open_stream(const char *dir, uint64_t task, enum spool_stream stream)
{
	int tasks, at, fd = -1;

	if ((tasks = open_tasks(dir)) == -1)
		return -1;
	if ((at = open_task(tasks, task)) != -1)
		fd = openat(at, names[stream],
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	fd_close(&at);
	fd_close(&tasks);
	return fd;
}

/*
 * Where the data at or behind offset starts, and where the next gap does. A
 * file system that knows no holes says that all of it is data.
 */
static int
find_data(int fd, uint64_t offset, uint64_t size, uint64_t *from,
    uint64_t *to)
{
	off_t at;

	if (offset >= size) {
		*from = *to = offset;
		return 0;
	}
	if ((at = lseek(fd, (off_t)offset, SEEK_DATA)) == -1) {
		if (errno != ENXIO)
			return -1;
		*from = *to = size;	/* nothing but a gap */
		return 0;
	}
	*from = (uint64_t)at;
	if ((at = lseek(fd, at, SEEK_HOLE)) == -1)
		return -1;
	*to = (uint64_t)at < size ? (uint64_t)at : size;
	return 0;
}

static int
read_part(int fd, uint64_t offset, void *buf, size_t n,
    struct spool_part *part)
{
	uint64_t from, to;
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) == -1)
		return -1;
	part->size = (uint64_t)st.st_size;
	if (find_data(fd, offset, part->size, &from, &to) == -1)
		return -1;
	part->lost = from - offset;
	if (n > to - from)
		n = (size_t)(to - from);
	do
		got = pread(fd, buf, n, (off_t)from);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return -1;
	part->len = (size_t)got;
	return 0;
}

int
spool_read(const char *dir, uint64_t task, enum spool_stream stream,
    uint64_t offset, void *buf, size_t n, struct spool_part *part)
{
	int fd, r;

	*part = (struct spool_part){ .len = 0 };
	if ((fd = open_stream(dir, task, stream)) == -1)
		return -1;
	r = read_part(fd, offset, buf, n, part);
	fd_close(&fd);
	return r;
}

/* Adds what there is from offset on, n bytes at most, up to the next gap. */
static int
add_part(int fd, uint64_t offset, size_t n, struct buf *b,
    struct spool_part *part)
{
	size_t left = n;
	uint64_t at = offset;
	struct spool_part p;

	part->lost = 0;
	do {
		if (read_part(fd, at, buf_room(b, left), left, &p) == -1)
			return -1;
		if (at == offset)
			part->lost = p.lost;
		else if (p.lost > 0)
			break;
		b->len += p.len;
		left -= p.len;
		at += p.lost + p.len;
	} while (p.len > 0 && left > 0);
	part->len = n - left;
	return 0;
}

static int
add_window(int fd, size_t nhead, size_t ntail, struct buf *head,
    struct buf *tail, uint64_t *total)
{
	struct spool_part part;
	uint64_t at, end;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	*total = end = (uint64_t)st.st_size;
	if (nhead > end)
		nhead = (size_t)end;
	if (nhead > 0 && add_part(fd, 0, nhead, head, &part) == -1)
		return -1;
	at = head->len;
	if (end - at > ntail)
		at = end - ntail;
	while (at < end) {	/* again behind a gap: a tail has none */
		buf_reset(tail);
		if (add_part(fd, at, (size_t)(end - at), tail, &part) == -1)
			return -1;
		if (part.lost + part.len == 0)
			break;
		at += part.lost + part.len;
	}
	return 0;
}

int
spool_window(const char *dir, uint64_t task, enum spool_stream stream,
    size_t nhead, size_t ntail, struct buf *head, struct buf *tail,
    uint64_t *total)
{
	int fd, r;

	if ((fd = open_stream(dir, task, stream)) == -1)
		return -1;
	r = add_window(fd, nhead, ntail, head, tail, total);
	fd_close(&fd);
	return r;
}

static int
remove_task(int tasks, uint64_t task)
{
	char name[32];
	int at, i;

	if ((at = open_task(tasks, task)) == -1)
		return errno == ENOENT ? 0 : -1;
	for (i = 0; i < NSTREAMS; i++)
		unlinkat(at, names[i], 0);
	fd_close(&at);
	snprintf(name, sizeof(name), "t%ju", (uintmax_t)task);
	return unlinkat(tasks, name, AT_REMOVEDIR);
}

int
spool_remove(const char *dir, uint64_t task)
{
	int tasks, r;

	if ((tasks = open_tasks(dir)) == -1)
		return errno == ENOENT ? 0 : -1;
	r = remove_task(tasks, task);
	fd_close(&tasks);
	return r;
}

struct found {
	uint64_t	 task;
	uint64_t	 last;		/* seconds since the epoch */
	uint64_t	 bytes;		/* on disk */
};

struct finds {
	struct found	*list;
	size_t		 n, room;
	uint64_t	 bytes;
};

static bool
measure(int tasks, struct found *f)
{
	struct stat st;
	int at, i;

	if ((at = open_task(tasks, f->task)) == -1)
		return false;
	if (fstat(at, &st) == 0)
		f->last = (uint64_t)st.st_mtime;
	for (i = 0; i < NSTREAMS; i++) {
		if (fstatat(at, names[i], &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		f->bytes += (uint64_t)st.st_blocks * 512;
		if ((uint64_t)st.st_mtime > f->last)
			f->last = (uint64_t)st.st_mtime;
	}
	fd_close(&at);
	return true;
}

/* "t7" and nothing else; what somebody else put there is not ours to remove. */
static bool
is_task(const char *name, uint64_t *task)
{
	char *end;

	if (name[0] != 't' || name[1] < '0' || name[1] > '9')
		return false;
	errno = 0;
	*task = strtoull(name + 1, &end, 10);
	return *end == '\0' && errno == 0;
}

static void
find(int tasks, struct finds *finds)
{
	struct found f;
	struct dirent *e;
	DIR *d;
	int fd;

	if ((fd = openat(tasks, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return;
	if ((d = fdopendir(fd)) == NULL) {
		fd_close(&fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		f = (struct found){ .task = 0 };
		if (!is_task(e->d_name, &f.task) || !measure(tasks, &f))
			continue;
		if (finds->n == finds->room) {
			finds->room = 2 * finds->room + 64;
			finds->list = xreallocarray(finds->list, finds->room,
			    sizeof(f));
		}
		finds->list[finds->n++] = f;
		finds->bytes += f.bytes;
	}
	closedir(d);
}

static int
by_age(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->last != y->last)
		return x->last < y->last ? -1 : 1;
	return x->task < y->task ? -1 : x->task > y->task;
}

static bool
is_due(const struct found *f, uint64_t bytes, const struct spool_limit *l)
{
	return (l->max_age != 0 && f->last + l->max_age < l->now) ||
	    (l->max_bytes != 0 && bytes > l->max_bytes);
}

static int
expire(int tasks, struct finds *finds, const struct spool_limit *l)
{
	int n = 0;
	size_t i;

	qsort(finds->list, finds->n, sizeof(finds->list[0]), by_age);
	for (i = 0; i < finds->n && n < NEXPIRED; i++) {
		struct found *f = &finds->list[i];

		if (!is_due(f, finds->bytes, l) ||
		    (l->keep != NULL && l->keep(l->arg, f->task)))
			continue;
		if (remove_task(tasks, f->task) == -1)
			continue;
		finds->bytes -= f->bytes;
		n++;
	}
	return n;
}

int
spool_expire(const char *dir, const struct spool_limit *l)
{
	struct finds finds = { .list = NULL };
	int tasks, n = 0;

	if ((tasks = open_tasks(dir)) == -1)
		return errno == ENOENT ? 0 : -1;
	find(tasks, &finds);
	if (finds.n > 0)
		n = expire(tasks, &finds, l);
	free(finds.list);
	fd_close(&tasks);
	return n;
}
