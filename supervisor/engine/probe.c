/*
 * Which boundary this machine has (B2), tried once end to end by a worker that
 * runs true(1): a pid namespace, else the keeper, else no task runs at all.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "inner.h"
#include "log.h"
#include "xalloc.h"

static const char *const boundaries[] = { "namespace", "keeper" };

static void try_next(struct engine *e, const char *failed);

static void
settle(struct engine *e, const char *boundary)
{
	e->boundary = boundary;
	e->probe = PROBE_DONE;
	log_info("boundary: %s", boundary[0] == '\0' ? "none, no task can run" :
	    boundary);
	runs_admit(e);
}

static void
on_refused(void *arg, struct bytes step, struct bytes why)
{
	struct engine *e = arg;

	free(e->refusal);
	e->refusal = xasprintf("%.*s: %.*s", (int)step.len, step.data,
	    (int)why.len, why.data);
	log_info("boundary %s: %s", e->boundary, e->refusal);
}

static void
on_gone(void *arg, const struct child_end *end)
{
	struct engine *e = arg;

	if (end->how == CHILD_DONE && end->known && end->code == 0) {
		free(e->refusal);
		e->refusal = NULL;
		settle(e, e->boundary);
		return;
	}
	if (e->refusal == NULL)
		e->refusal = xstrdup(end->why[0] == '\0' ?
		    "a worker cannot run true(1)" : end->why);
	try_next(e, e->boundary);
}

static void
on_running(void *arg, pid_t init, pid_t tool)
{
	(void)arg;
	(void)init;
	(void)tool;
}

static void
on_progress(void *arg, unsigned percent, struct bytes text)
{
	(void)arg;
	(void)percent;
	(void)text;
}

static void
on_grew(void *arg, uint64_t out, uint64_t err)
{
	(void)arg;
	(void)out;
	(void)err;
}

static void
on_fed(void *arg, size_t waiting)
{
	(void)arg;
	(void)waiting;
}

static void
on_exited(void *arg, const struct child_exit *x)
{
	(void)arg;
	(void)x;
}

static void
on_flag(void *arg, bool flag)
{
	(void)arg;
	(void)flag;
}

static void
on_note(void *arg, struct bytes what, struct bytes why)
{
	(void)arg;
	(void)what;
	(void)why;
}

static const struct child_ops ops = {
	.running = on_running,
	.refused = on_refused,
	.progress = on_progress,
	.grew = on_grew,
	.fed = on_fed,
	.exited = on_exited,
	.suspended = on_flag,
	.stopped_outside = on_flag,
	.note = on_note,
	.gone = on_gone,
};

static struct child *
try(struct engine *e, const char *boundary, char **why)
{
	static const char argv[] = "sh\0-c\0exec true";
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct child_spec spec = { .tool = "probe", .session = "probe",
	    .path = "/bin/sh", .argv = { argv, sizeof(argv) },
	    .profile = "none", .boundary = boundary, .out_fd = null,
	    .err_fd = null, .cwd_fd = root };
	struct child *c = NULL;

	if (spawn_as(e, "/", &spec, why))
		c = child_spawn(e->shop, &spec, &ops, e, why);
	fd_close(&null);
	fd_close(&root);
	return c;
}

static void
try_next(struct engine *e, const char *failed)
{
	char *why = NULL;
	size_t i = 0;

	e->probe = PROBE_RUNNING;
	while (i < 2 && failed[0] != '\0' && strcmp(boundaries[i], failed) != 0)
		i++;
	if (failed[0] != '\0')
		i++;
	if (i >= 2) {
		settle(e, "");
		return;
	}
	e->boundary = boundaries[i];
	child_free(e->prober);
	e->prober = try(e, e->boundary, &why);
	if (e->prober != NULL)
		return;
	free(e->refusal);
	e->refusal = why;
	try_next(e, e->boundary);
}

void
probe_start(struct engine *e)
{
	try_next(e, "");
}

void
probe_free(struct engine *e)
{
	child_free(e->prober);
	e->prober = NULL;
}
