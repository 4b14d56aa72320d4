#include "reserve.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "xalloc.h"

#define SIZE	(8LL << 20)
/* Room beyond the file, so that a disk at its brim does not flap. */
#define SPARE	(1LL << 20)

static bool
is_whole(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size >= SIZE &&
	    (long long)st.st_blocks * 512 >= SIZE;
}

static bool
has_room(int fd, long long want)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) == 0 &&
	    (long long)(fs.f_bavail * fs.f_frsize) >= want;
}

/* spare: free space that must be there beside the file itself. */
static void
make(struct reserve *r, long long spare)
{
	int fd;

	fd = open(r->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return;
	r->whole = is_whole(fd);
	if (!r->whole && has_room(fd, SIZE + spare)) {
		r->whole = posix_fallocate(fd, 0, SIZE) == 0;
		/* Half a reserve would only take what others need. */
		if (!r->whole && ftruncate(fd, 0) == -1)
			unlink(r->path);
	}
	fd_close(&fd);
}

void
reserve_init(struct reserve *r, const char *dir)
{
	r->path = xasprintf("%s/journal.reserve", dir);
	r->whole = false;
	make(r, 0);
}

void
reserve_fini(struct reserve *r)
{
	free(r->path);
	r->path = NULL;
}

bool
reserve_give(struct reserve *r)
{
	if (!r->whole)
		return false;
	r->whole = false;
	return truncate(r->path, 0) == 0 || unlink(r->path) == 0;
}

void
reserve_mend(struct reserve *r)
{
	if (!r->whole)
		make(r, SPARE);
}
