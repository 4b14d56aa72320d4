/*
 * Stands for a worker, FOLDER/tools/thief: a process of the tool's user. It
 * tries to put a link to FOLDER/own in the place of its working folder, or of
 * what is around that, and adds to FOLDER/work/seen where that was.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto.h"

static void
steal(char *path, const char *own)
{
	char *slash = strrchr(path, '/');

	if (rmdir(path) == 0 && symlink(own, path) == 0)
		return;
	*slash = '\0';
	if (rename(path, "/tmp/sigbox-stolen") == 0)
		(void)!symlink(own, path);
	*slash = '/';
}

/* As a worker does at first. */
static int
become_user(void)
{
	const char *as = getenv(PROTO_AS);
	unsigned uid, gid, caps;

	if (as == NULL)
		return 0;
	if (sscanf(as, "%u:%u:%x", &uid, &gid, &caps) != 3)
		return -1;
	return setresgid(gid, gid, gid) == -1 ? -1 : setresuid(uid, uid, uid);
}

int
main(void)
{
	char link[32], path[4096] = "", folder[4096] = "", to[4200], *slash;
	int fd, up;

	if (become_user() == -1)
		return 1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", PROTO_FD_CWD);
	if (readlink(link, path, sizeof(path) - 1) <= 0 ||
	    readlink("/proc/self/exe", folder, sizeof(folder) - 1) <= 0)
		return 1;
	for (up = 0; up < 2; up++)
		if ((slash = strrchr(folder, '/')) != NULL)
			*slash = '\0';
	snprintf(to, sizeof(to), "%s/own", folder);
	steal(path, to);
	snprintf(to, sizeof(to), "%s/work/seen", folder);
	if ((fd = open(to, O_WRONLY | O_CREAT | O_APPEND, 0644)) != -1)
		dprintf(fd, "%s\n", path);
	return 0;
}
