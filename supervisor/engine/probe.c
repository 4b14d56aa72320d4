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

static const enum tier tiers[] = { TIER_FULL, TIER_NONE };
#define NTIERS	(sizeof(tiers) / sizeof(tiers[0]))

static void try_next(struct engine *e);

static void
settle(struct engine *e)
{
	e->probe = PROBE_DONE;
	log_info("tier: %s", e->refusal != NULL ? "none, no task can run" :
	    tier_name(e->tier));
	runs_admit(e);
}

static void
on_refused(void *arg, const struct child_refusal *c)
{
	struct engine *e = arg;

	free(e->refusal);
	e->refusal = xasprintf("%.*s: %.*s", (int)c->step.len,
	    c->step.data, (int)c->why.len, c->why.data);
	log_info("tier %s: %s", tier_name(e->tier), e->refusal);
}

static void
on_gone(void *arg, const struct child_end *end)
{
	struct engine *e = arg;

	if (end->how == CHILD_DONE && end->known && end->code == 0) {
		free(e->refusal);
		e->refusal = NULL;
		settle(e);
		return;
	}
	if (e->refusal == NULL)
		e->refusal = xstrdup(end->why[0] == '\0' ?
		    "a worker cannot run true(1)" : end->why);
	try_next(e);
}

static const struct child_ops ops = { .refused = on_refused, .gone = on_gone };

static struct child *
try(struct engine *e, char **why)
{
	static const char argv[] = "sh\0-c\0exec true";
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct child_spec spec = { .tool = "probe", .session = "probe",
	    .path = "/bin/sh", .argv = { argv, sizeof(argv) },
	    .profile = PROFILE_NONE, .tier = e->tier, .out_fd = null,
	    .err_fd = null, .cwd_fd = root };
	struct child *c = NULL;

	if (spawn_as(e, "/", &spec, why))
		c = child_spawn(e->shop, &spec, &ops, e, why);
	fd_close(&null);
	fd_close(&root);
	return c;
}

static void
try_next(struct engine *e)
{
	char *why = NULL;

	while (e->next_tier < NTIERS) {
		e->tier = tiers[e->next_tier++];
		child_free(e->prober);
		if ((e->prober = try(e, &why)) != NULL)
			return;
		free(e->refusal);
		e->refusal = why;
	}
	settle(e);
}

void
probe_start(struct engine *e)
{
	e->probe = PROBE_RUNNING;
	e->next_tier = 0;
	try_next(e);
}

void
probe_free(struct engine *e)
{
	child_free(e->prober);
	e->prober = NULL;
}
