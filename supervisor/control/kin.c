#include "kin.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"

#define MAX_DEPTH	4096	/* of a family; more is none that is honest */

/* 0: it is gone, or not to be seen. */
static pid_t
parent_of(pid_t pid)
{
	char path[32], text[512], *at;
	ssize_t n;
	int fd, parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	fd_close(&fd);
	text[n > 0 ? n : 0] = '\0';
	/* A name may have any byte in it, also this one. */
	if ((at = strrchr(text, ')')) == NULL ||
	    sscanf(at, ") %*c %d", &parent) != 1)
		return 0;
	return parent;
}

bool
kin_is_ours(pid_t pid, uid_t uid)
{
	int depth;

	/* A task has never more rights than we have. */
	if (pid == 0 || (uid == 0 && geteuid() != 0))
		return false;
	for (depth = 0; depth < MAX_DEPTH && pid != 1; depth++) {
		if (pid == getpid())
			return true;
		if ((pid = parent_of(pid)) == 0)
			return depth == 0;	/* it did not wait for an answer */
	}
	return depth == MAX_DEPTH;
}
