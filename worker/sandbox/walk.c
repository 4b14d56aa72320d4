#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int
walk_one(int at, const char *name, struct stat *st)
{
	int fd;

	fd = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fstat(fd, st) == -1) {
		fd_close(&fd);
	} else if (S_ISLNK(st->st_mode)) {
		fd_close(&fd);
		errno = ELOOP;
	}
	return fd;
}

/* The next name of a path that is not at its end. */
static int
take_name(const char **path, char *name)
{
	size_t n = strcspn(*path, "/");

	errno = EINVAL;
	if (n == 0 || n > NAME_MAX)
		return -1;
	memcpy(name, *path, n);
	name[n] = '\0';
	*path += n;
	if (is_dots(name))
		return -1;
	if (**path == '/' && *++*path == '\0')
		return -1;
	return 0;
}

/* A link on the way is no folder, which says enough of it. */
static int
walk_on(int at, const char *name, bool is_last, struct stat *st)
{
	if (is_last)
		return walk_one(at, name, st);
	return openat(at, name,
	    O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);
}

int
walk_open(int at, const char *path, struct stat *st)
{
	const char *from = *path == '/' ? "/" : ".";
	char name[NAME_MAX + 1];
	int fd, next;

	fd = openat(at, from, O_PATH | O_DIRECTORY | O_CLOEXEC);
	path += *path == '/';
	if (fd != -1 && *path == '\0' && fstat(fd, st) == -1)
		fd_close(&fd);
	while (fd != -1 && *path != '\0') {
		next = -1;
		if (take_name(&path, name) == 0)
			next = walk_on(fd, name, *path == '\0', st);
		fd_close(&fd);
		fd = next;
	}
	return fd;
}

int
walk_each(int folder, int (*one)(void *, int at, const char *name), void *arg)
{
	struct dirent *e;
	DIR *d = NULL;
	int fd, r = 0, saved;

	fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if ((d = fdopendir(fd)) == NULL) {
		fd_close(&fd);
		return -1;
	}
	while (r == 0 && (errno = 0, e = readdir(d)) != NULL)
		if (!is_dots(e->d_name))
			r = one(arg, dirfd(d), e->d_name);
	if (r == 0 && errno != 0)
		r = -1;
	saved = errno;
	closedir(d);
	errno = saved;
	return r;
}
