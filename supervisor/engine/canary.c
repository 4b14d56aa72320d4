/*
 * Files outside of every sandbox, one of which each tool looks for before its
 * first byte, and must not find.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "inner.h"
#include "path.h"
#include "xalloc.h"

/* One for those that work in the other's folder. */
static const struct {
	const char	*folder, *start, *trace;
} canaries[CANARIES] = {
	{ "/tmp/", "/tmp/.sigbox-canary-", "canary0" },
	{ "/var/tmp/", "/var/tmp/.sigbox-canary-", "canary1" }
};

/* A file of ours, and nothing that somebody put in its place. */
static bool
is_there(const char *path)
{
	struct stat st;

	return path != NULL && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid();
}

/* false: errno and where. */
static bool
make(struct engine *e, unsigned i, char **where)
{
	char *path = xasprintf("%sXXXXXX", canaries[i].start);
	int fd = mkstemp(path), error;

	if (fd != -1 && fchmod(fd, 0444) == 0 &&
	    trace_make(e, canaries[i].trace, path)) {
		e->canaries[i] = path;
		fd_close(&fd);
		return true;
	}
	error = errno;
	if (fd != -1)
		unlink(path);
	fd_close(&fd);
	free(*where);
	*where = path;
	errno = error;
	return false;
}

/* Somebody may tidy up there. */
static bool
have(struct engine *e, unsigned i, char **where)
{
	if (is_there(e->canaries[i]))
		return true;
	free(e->canaries[i]);
	e->canaries[i] = NULL;
	trace_undo(e, canaries[i].trace, canaries[i].start);
	return make(e, i, where);
}

static bool
is_shown(const char *path, const char *folder, struct bytes rw)
{
	size_t i;

	if (path_is_below(path, folder))
		return true;
	for (i = 0; i < rw.len; i += strlen(rw.data + i) + 1)
		if (path_is_below(path, rw.data + i))
			return true;
	return false;
}

bool
canary(struct engine *e, const char *folder, struct bytes rw,
    const char **path, char **why)
{
	char *where = NULL;
	unsigned i;

	*path = NULL;
	for (i = 0; i < CANARIES && *path == NULL; i++)
		if (!is_shown(canaries[i].folder, folder, rw) &&
		    have(e, i, &where))
			*path = e->canaries[i];
	if (*path == NULL && where != NULL) {
		*why = xasprintf("no sandbox without a file that it must "
		    "hide: %s: %s", where, strerror(errno));
		free(where);
		return false;
	}
	free(where);
	return true;
}

void
canaries_free(struct engine *e)
{
	unsigned i;

	for (i = 0; i < CANARIES; i++) {
		if (e->canaries[i] != NULL)
			trace_undo(e, canaries[i].trace, canaries[i].start);
		free(e->canaries[i]);
		e->canaries[i] = NULL;
	}
}
