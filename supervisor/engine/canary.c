/*
 * A file outside of every sandbox that each tool looks for before its first
 * byte, and must not find. A link in the state folder tells the next
 * supervisor what one that died left behind.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "inner.h"
#include "log.h"
#include "xalloc.h"

#define CANARY	"/tmp/.sigbox-canary-"

static char *
link_path(const struct engine *e)
{
	return xasprintf("%s/canary", e->w.state);
}

/* Only what can have been ours is removed. */
static void
remove_old(const struct engine *e)
{
	char *link = link_path(e), old[sizeof(CANARY) + 64];
	ssize_t n = readlink(link, old, sizeof(old) - 1);
	struct stat st;

	if (n > 0) {
		old[n] = '\0';
		if (strncmp(old, CANARY, strlen(CANARY)) == 0 &&
		    strchr(old + strlen(CANARY), '/') == NULL &&
		    lstat(old, &st) == 0 && S_ISREG(st.st_mode) &&
		    st.st_uid == geteuid())
			unlink(old);
	}
	unlink(link);
	free(link);
}

static bool
is_there(const char *path)
{
	struct stat st;

	return path != NULL && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid();
}

static void
make(struct engine *e)
{
	char *link = link_path(e), *path = xstrdup(CANARY "XXXXXX");
	int fd = mkstemp(path);

	if (fd != -1 && fchmod(fd, 0444) == 0 && symlink(path, link) == 0) {
		free(e->canary);
		e->canary = xstrdup(path);
	} else {
		log_warn("canary: %s", path);
		if (fd != -1)
			unlink(path);
	}
	fd_close(&fd);
	free(path);
	free(link);
}

/* Somebody may tidy up /tmp. NULL: none can be made. */
const char *
canary(struct engine *e)
{
	if (is_there(e->canary))
		return e->canary;
	free(e->canary);
	e->canary = NULL;
	remove_old(e);
	make(e);
	return e->canary;
}

void
canary_free(struct engine *e)
{
	if (e->canary != NULL)
		remove_old(e);
	free(e->canary);
	e->canary = NULL;
}
