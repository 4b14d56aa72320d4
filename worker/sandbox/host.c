#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"
#include "policy.h"
#include "sabotage.h"
#include "tree.h"
#include "xalloc.h"

static const char *const nodes[HOST_NODES] = {
	[HOST_NULL] = "null", [HOST_ZERO] = "zero", [HOST_FULL] = "full",
	[HOST_RANDOM] = "random", [HOST_URANDOM] = "urandom"
};

const char *
host_node(int i)
{
	return nodes[i];
}

static int
take_nodes(struct host *h)
{
	char path[32];
	int i;

	for (i = 0; i < HOST_NODES; i++) {
		snprintf(path, sizeof(path), "/dev/%s", nodes[i]);
		h->nodes[i] = tree_clone(AT_FDCWD, path, TREE_DEVICES);
		if (h->nodes[i] == -1)
			return -1;
	}
	return 0;
}

static int
take_cwd(struct host *h, const struct policy *p, int map, const char **step)
{
	bool is_writable = policy_is_writable(p);

	h->cwd = -1;
	if (p->profile == PROFILE_SCRATCH || strcmp(p->cwd, "/") == 0)
		return 0;
	*step = "working folder";
	h->cwd = tree_clone(AT_FDCWD, "", is_writable || sabotage("folder") ?
	    0 : TREE_READ_ONLY);
	if (h->cwd == -1)
		return -1;
	*step = "id-mapped working folder";
	return p->cwd_is_root && is_writable ? tree_map(h->cwd, map) : 0;
}

/* By a path without links. */
static int
clone_path(const char *path, unsigned flags)
{
	int top, at, tree = -1, error;

	if ((top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return -1;
	if ((at = tree_find(top, path)) != -1)
		tree = tree_clone(at, "", flags);
	error = errno;
	fd_close(&at);
	fd_close(&top);
	errno = error;
	return tree;
}

static int
take_rw(struct host *h, const struct policy *p)
{
	size_t i, n = 0;

	while (p->rw[n] != NULL)
		n++;
	h->rw = xcalloc(n + 1, sizeof(*h->rw));
	for (i = 0; i < n; i++)
		if ((h->rw[i] = clone_path(p->rw[i], 0)) == -1)
			return -1;
	return 0;
}

int
host_take(struct host *h, const struct policy *p, int map, const char **step)
{
	if (take_cwd(h, p, map, step) == -1)
		return -1;
	*step = "/dev";
	if (take_nodes(h) == -1)
		return -1;
	*step = "rw=";
	if (take_rw(h, p) == -1)
		return -1;
	*step = "folder of the tool";
	h->tools = -1;
	if (p->tools == NULL)
		return 0;
	h->tools = clone_path(p->tools, TREE_READ_ONLY);
	return h->tools == -1 ? -1 : 0;
}
