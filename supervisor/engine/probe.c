/*
 * Which boundary this machine has (B2): each tier is tried end to end, by a
 * worker with the walls of an ordinary task that runs true(1). The strongest
 * that works is chosen; what is weaker than the configuration's minimum serves
 * no task but those without walls.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "inner.h"
#include "log.h"
#include "xalloc.h"

static void try_next(struct engine *e);

static void
forget(struct tier_found *f)
{
	free(f->step);
	free(f->why);
	*f = (struct tier_found){ .is_tried = false };
}

static struct tier_found *
at_hand(struct engine *e)
{
	return &e->probe.fresh[e->probe.tier];
}

static void
failed(struct engine *e, struct bytes step, int error, struct bytes why)
{
	struct tier_found *f = at_hand(e);

	forget(f);
	f->is_tried = true;
	f->error = error;
	f->step = xmemdup(step.data, step.len);
	f->why = xmemdup(why.data, why.len);
}

static void
say_found(const struct engine *e, enum tier t)
{
	const struct tier_found *f = &e->probe.found[t];
	struct buf b = { 0 };

	if (!f->is_tried || f->works)
		return;
	engine_remedy(e, t, &b);
	log_warnx("tier %s: %s: %s%s%s", tier_name(t), f->step, f->why,
	    b.len == 0 ? "" : "; ", b.len == 0 ? "" : b.data);
	buf_fini(&b);
}

/* The strongest that works. */
static void
settle(struct engine *e)
{
	struct probe *p = &e->probe;
	unsigned t;

	stage_remove(e);
	for (t = 0; t < TIERS; t++) {
		forget(&p->found[t]);
		p->found[t] = p->fresh[t];
		p->fresh[t] = (struct tier_found){ .is_tried = false };
	}
	p->state = PROBE_DONE;
	e->tier = TIER_NONE;
	for (t = TIER_LANDLOCK; t < TIERS; t++)
		if (p->found[t].works)
			e->tier = (enum tier)t;
	for (t = TIERS; t-- > 0;)
		say_found(e, (enum tier)t);
	probe_judge(e);
	log_info("tier: %s%s%s", tier_name(e->tier), e->refusal == NULL ? "" :
	    ": too weak for minimum=",
	    e->refusal == NULL ? "" : e->conf.sandbox.minimum);
	runs_admit(e);
}

static void
on_running(void *arg, const struct child_running *c)
{
	struct tier_found *f = at_hand(arg);

	f->landlock = c->landlock;
	f->filter = c->filter & INT64_MAX;
}

static void
on_refused(void *arg, const struct child_refusal *c)
{
	failed(arg, c->step, c->error, c->why);
}

static void
on_gone(void *arg, const struct child_end *end)
{
	struct engine *e = arg;
	struct tier_found *f = at_hand(e);

	if (end->how == CHILD_DONE && end->known && end->code == 0)
		f->is_tried = f->works = true;
	else if (!f->is_tried)
		failed(e, bytes_of("worker"), 0, bytes_of(
		    end->why[0] == '\0' ? "it cannot run true(1)" : end->why));
	try_next(e);
}

static const struct child_ops ops = {
	.running = on_running, .refused = on_refused, .gone = on_gone
};

static struct child *
try(struct engine *e, char **why)
{
	static const char argv[] = "sh\0-c\0exec true";
	static const char env[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	enum tier tier = e->probe.tier;
	struct walls w = { .grant = { .profile = tier == TIER_NONE ?
	    PROFILE_NONE : PROFILE_WORKSPACE } };
	struct child_spec spec = { .tool = "probe", .session = "probe",
	    .path = "/bin/sh", .argv = { argv, sizeof(argv) },
	    .env = { env, sizeof(env) }, .tier = tier, .out_fd = null,
	    .err_fd = null, .cwd_fd = -1 };
	struct child *c = NULL;
	struct stat root;

	if (stat("/", &root) == 0 && spawn_as(e, &root, "/", &spec, why))
		spec.cwd_fd = stage_open(e, &spec, why);
	if (spec.cwd_fd != -1 && walls_raise(e, &w, NULL, &spec, why))
		c = child_spawn(e->shop, &spec, &ops, e, why);
	walls_fini(&w);
	fd_close(&null);
	fd_close(&spec.cwd_fd);
	return c;
}

/* What is weaker is only asked for where full does not stand. */
static bool
next_tier(struct probe *p)
{
	if (p->tier == TIER_NONE || p->fresh[TIER_FULL].works)
		return false;
	p->tier--;
	return true;
}

static void
try_next(struct engine *e)
{
	struct probe *p = &e->probe;
	char *why = NULL;

	while (next_tier(p)) {
		child_free(p->child);
		if ((p->child = try(e, &why)) != NULL)
			return;
		failed(e, bytes_of("spawn"), 0, bytes_of(why));
		free(why);
		why = NULL;
	}
	settle(e);
}

void
probe_start(struct engine *e)
{
	unsigned t;

	probe_free(e);
	for (t = 0; t < TIERS; t++)
		forget(&e->probe.fresh[t]);
	machine_look(&e->probe.facts);
	e->probe.state = PROBE_RUNNING;
	e->probe.tier = TIERS;
	try_next(e);
}

void
probe_free(struct engine *e)
{
	child_free(e->probe.child);
	e->probe.child = NULL;
	stage_remove(e);
}

void
probe_fini(struct engine *e)
{
	unsigned t;

	probe_free(e);
	for (t = 0; t < TIERS; t++) {
		forget(&e->probe.found[t]);
		forget(&e->probe.fresh[t]);
	}
	free(e->refusal);
	e->refusal = NULL;
}
