/*
 * What lies in folders that everybody shares has a link to it in the state
 * folder: so the next supervisor removes what one that died left behind.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "inner.h"
#include "xalloc.h"

static char *
link_path(const struct engine *e, const char *name)
{
	return xasprintf("%s/%s", e->w.state, name);
}

bool
trace_make(const struct engine *e, const char *name, const char *path)
{
	char *link = link_path(e, name);
	bool ok = symlink(path, link) == 0;

	free(link);
	return ok;
}

/* Of a folder that nobody but us can change, all that is empty in it. */
static void
clear(int fd)
{
	struct dirent *d;
	struct stat st;
	DIR *dir;

	if (fstat(fd, &st) == -1 || st.st_uid != geteuid() ||
	    (st.st_mode & 022) != 0 || (dir = fdopendir(fd)) == NULL) {
		fd_close(&fd);
		return;
	}
	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0)
			unlinkat(fd, d->d_name, AT_REMOVEDIR);
	closedir(dir);
}

/* A file of ours, or a folder, which only goes if it is empty by then. */
static void
clear_away(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) == -1)
		return;
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid())
		unlink(path);
	if (!S_ISDIR(st.st_mode))
		return;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd != -1)
		clear(fd);
	rmdir(path);
}

void
trace_undo(const struct engine *e, const char *name, const char *start)
{
	char *link = link_path(e, name), old[128];
	ssize_t n = readlink(link, old, sizeof(old) - 1);

	if (n > 0) {
		old[n] = '\0';
		if (strncmp(old, start, strlen(start)) == 0 &&
		    strchr(old + strlen(start), '/') == NULL)
			clear_away(old);
	}
	unlink(link);
	free(link);
}
