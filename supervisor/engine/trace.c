/*
 * What lies in folders that everybody shares has a link to it in the state
 * folder: so the next supervisor removes what one that died left behind.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* A file of ours, or a folder, which only goes if it is empty. */
static bool
may_go(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && (S_ISDIR(st.st_mode) ||
	    (S_ISREG(st.st_mode) && st.st_uid == geteuid()));
}

void
trace_undo(const struct engine *e, const char *name, const char *start)
{
	char *link = link_path(e, name), old[128];
	ssize_t n = readlink(link, old, sizeof(old) - 1);

	if (n > 0) {
		old[n] = '\0';
		if (strncmp(old, start, strlen(start)) == 0 &&
		    strchr(old + strlen(start), '/') == NULL && may_go(old))
			remove(old);
	}
	unlink(link);
	free(link);
}
