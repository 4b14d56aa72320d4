/*
 * Where the probe works: a folder of the tool's user in one of ours, which
 * everybody may pass and nobody else may list or write. So no process of that
 * user's can put another thing in its place, nor find it, to spoil the probe.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "inner.h"
#include "xalloc.h"

#define START	"/tmp/sigbox-probe-"
#define TRACE	"probe"

void
stage_remove(struct engine *e)
{
	struct probe *p = &e->probe;

	if (p->folder != NULL)
		trace_undo(e, TRACE, START);
	free(p->folder);
	p->folder = NULL;
}

static int
make_outer(struct engine *e)
{
	struct probe *p = &e->probe;
	int fd, error;

	stage_remove(e);
	trace_undo(e, TRACE, START);	/* of one that died */
	p->folder = xstrdup(START "XXXXXX");
	if (mkdtemp(p->folder) == NULL)
		return -1;
	fd = open(p->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd != -1 && fchmod(fd, 0711) == 0 &&
	    trace_make(e, TRACE, p->folder))
		return fd;
	error = errno;
	rmdir(p->folder);
	fd_close(&fd);
	errno = error;
	return -1;
}

static int
make_inner(int outer, const struct child_spec *spec)
{
	char name[24];
	int fd;

	snprintf(name, sizeof(name), "%08x%08x", arc4random(), arc4random());
	if (mkdirat(outer, name, 0700) == -1)
		return -1;
	fd = openat(outer, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd != -1 && spec->drop &&
	    fchownat(fd, "", spec->uid, spec->gid, AT_EMPTY_PATH) == -1)
		fd_close(&fd);		/* keeps errno */
	return fd;
}

int
stage_open(struct engine *e, const struct child_spec *spec, char **why)
{
	int outer = make_outer(e), fd = -1;

	if (outer != -1)
		fd = make_inner(outer, spec);
	if (fd == -1)
		*why = xasprintf("%s: %s", e->probe.folder, strerror(errno));
	fd_close(&outer);
	return fd;
}
