/*
 * The folder that a session or a task works in, by the path that a person
 * named. A tool may write above it and put something else there, so no link is
 * followed, and what was there at first is what has to be there later.
 *
 * What it was is remembered in memory alone: numbers of devices and, in
 * containers, of files need not be the same after a boot, and a session whose
 * tools never start again helps nobody. But its owner, whom root's tools
 * become, is on record.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"
#include "inner.h"
#include "xalloc.h"

char *
folder_path(int fd)
{
	char link[32], to[4096];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, to, sizeof(to));
	return n <= 0 || n == (ssize_t)sizeof(to) ? NULL :
	    xmemdup(to, (size_t)n);
}

/* Where the kernel has no word for it: links were followed, and it shows. */
static int
open_plainly(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char *real = fd == -1 ? NULL : folder_path(fd);

	if (fd != -1 && (real == NULL || strcmp(real, path) != 0)) {
		fd_close(&fd);
		errno = ELOOP;
	}
	free(real);
	return fd;
}

static int
open_path(const char *path)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
	    .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd == -1 && errno == ENOSYS ? open_plainly(path) : fd;
}

/* What came in its place may be another's, or a link to it. */
static bool
is_same(struct folder *f, const struct stat *st)
{
	if (f->is_known)
		return f->dev == st->st_dev && f->ino == st->st_ino;
	if (f->is_owned && f->owner != st->st_uid && geteuid() == 0)
		return false;
	f->is_known = f->is_owned = true;
	f->dev = st->st_dev;
	f->ino = st->st_ino;
	f->owner = st->st_uid;
	return true;
}

int
folder_open(struct folder *f, const char *path, struct stat *st, char **why)
{
	int fd = open_path(path);

	if (fd == -1 || fstat(fd, st) == -1)
		*why = xasprintf("working folder: %s: %s", path,
		    errno != ELOOP ? strerror(errno) :
		    "the path leads over a symbolic link");
	else if (is_same(f, st))
		return fd;
	else
		*why = xasprintf("the working folder was replaced: %s is "
		    "another one now; make a new session for that", path);
	fd_close(&fd);
	return -1;
}

void
folder_remember(struct folder *f, const char *path)
{
	struct stat st;
	char *why = NULL;
	int fd = folder_open(f, path, &st, &why);

	fd_close(&fd);
	free(why);
}

struct bytes
folder_owner(const struct folder *f, char owner[FOLDER_OWNER])
{
	owner[0] = '\0';
	if (f->is_owned)
		snprintf(owner, FOLDER_OWNER, "%u", f->owner);
	return bytes_of(owner);
}

void
folder_owned(struct folder *f, struct bytes uid)
{
	uid_t owner = 0;
	size_t i;

	for (i = 0; i < uid.len; i++) {
		if (uid.data[i] < '0' || uid.data[i] > '9')
			return;
		owner = owner * 10 + (uid_t)(uid.data[i] - '0');
	}
	f->is_owned = uid.len > 0;
	f->owner = owner;
}

char *
folder_real(const char *path)
{
	char *real = realpath(path, NULL);

	return real != NULL ? real : xstrdup(path);
}
