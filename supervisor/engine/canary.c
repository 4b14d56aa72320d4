/*
 * Files outside of every sandbox, one of which each tool looks for before its
 * first byte, and must not find. A link in the state folder tells the next
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
#include "path.h"
#include "xalloc.h"

#define NAME	".sigbox-canary-"

/* One for those that work in the other's folder. */
static const char *const folders[CANARIES] = { "/tmp/", "/var/tmp/" };

static char *
link_path(const struct engine *e, unsigned i)
{
	return xasprintf("%s/canary%u", e->w.state, i);
}

/* A file of ours, and nothing that somebody put in its place. */
static bool
is_there(const char *path)
{
	struct stat st;

	return path != NULL && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid();
}

/* Only what can have been a canary is removed. */
static void
remove_old(const struct engine *e, unsigned i)
{
	char *link = link_path(e, i), *start = xasprintf("%s" NAME, folders[i]);
	char old[128];
	ssize_t n = readlink(link, old, sizeof(old) - 1);

	if (n > 0) {
		old[n] = '\0';
		if (strncmp(old, start, strlen(start)) == 0 &&
		    strchr(old + strlen(start), '/') == NULL && is_there(old))
			unlink(old);
	}
	unlink(link);
	free(link);
	free(start);
}

static void
make(struct engine *e, unsigned i)
{
	char *path = xasprintf("%s" NAME "XXXXXX", folders[i]);
	char *link = link_path(e, i);
	int fd = mkstemp(path);

	if (fd != -1 && fchmod(fd, 0444) == 0 && symlink(path, link) == 0)
		e->canaries[i] = xstrdup(path);
	else {
		log_warn("canary: %s", path);
		if (fd != -1)
			unlink(path);
	}
	fd_close(&fd);
	free(path);
	free(link);
}

/* Somebody may tidy up there. */
static const char *
have(struct engine *e, unsigned i)
{
	if (is_there(e->canaries[i]))
		return e->canaries[i];
	free(e->canaries[i]);
	e->canaries[i] = NULL;
	remove_old(e, i);
	make(e, i);
	return e->canaries[i];
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

const char *
canary(struct engine *e, const char *folder, struct bytes rw)
{
	unsigned i;

	for (i = 0; i < CANARIES; i++)
		if (!is_shown(folders[i], folder, rw))
			return have(e, i);
	return NULL;
}

void
canaries_free(struct engine *e)
{
	unsigned i;

	for (i = 0; i < CANARIES; i++) {
		if (e->canaries[i] != NULL)
			remove_old(e, i);
		free(e->canaries[i]);
		e->canaries[i] = NULL;
	}
}
