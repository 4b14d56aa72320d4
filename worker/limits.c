#include "limits.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fd.h"

#define OOM_TOOL	500	/* above its worker */
#define OOM_MAX		1000
#define SIGPENDING	1024	/* queued signals */

static int
set(__rlimit_resource_t what, uint64_t value)
{
	struct rlimit r;

	if (getrlimit(what, &r) == -1)
		return -1;
	if (r.rlim_max == RLIM_INFINITY || value < r.rlim_max)
		r.rlim_max = value;
	r.rlim_cur = r.rlim_max;
	return setrlimit(what, &r);
}

static int
set_if(__rlimit_resource_t what, uint64_t value)
{
	return value == 0 ? 0 : set(what, value);
}

int
limits_no_core(void)
{
	return set(RLIMIT_CORE, 0);
}

int
limits_set(const struct limits *l)
{
	/* What a tool has no business with, whoever configured it. */
	if (set(RLIMIT_CORE, 0) == -1 || set(RLIMIT_MSGQUEUE, 0) == -1 ||
	    set(RLIMIT_SIGPENDING, SIGPENDING) == -1 ||
	    set(RLIMIT_RTPRIO, 0) == -1 || set(RLIMIT_NICE, 0) == -1)
		return -1;
	if (set_if(RLIMIT_NOFILE, l->nofile) == -1 ||
	    set_if(RLIMIT_NPROC, l->nproc) == -1 ||
	    set_if(RLIMIT_AS, l->as) == -1 ||
	    set_if(RLIMIT_FSIZE, l->fsize) == -1 ||
	    set_if(RLIMIT_CPU, l->cpu) == -1)
		return -1;
	return 0;
}

/* The kernel takes 0 for whoever writes it. */
int
limits_join(int procs)
{
	return write(procs, "0", 1) == 1 ? 0 : -1;
}

static void
score(struct oom *o, int value)
{
	char text[16];
	int n;

	if (o->fd == -1)
		return;
	n = snprintf(text, sizeof(text), "%d", value);
	if (pwrite(o->fd, text, (size_t)n, 0) == -1)
		oom_close(o);
}

/* A supervisor that the system spares is no reason to spare its tools. */
void
oom_open(struct oom *o)
{
	char text[16] = "";

	o->fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
	if (o->fd == -1 || pread(o->fd, text, sizeof(text) - 1, 0) <= 0) {
		fd_close(&o->fd);
		return;
	}
	o->base = atoi(text);
	if (o->base >= 0)
		return;
	o->base = 0;
	score(o, o->base);
}

void
oom_close(struct oom *o)
{
	fd_close(&o->fd);
}

void
oom_raise(struct oom *o)
{
	score(o, o->base + OOM_TOOL > OOM_MAX ? OOM_MAX : o->base + OOM_TOOL);
}

void
oom_lower(struct oom *o)
{
	score(o, o->base);
}
