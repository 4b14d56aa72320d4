/* What the tiers that were found mean for tasks, in words. */
#include <stdlib.h>
#include <string.h>

#include "inner.h"
#include "xalloc.h"

static enum tier
minimum(const struct engine *e)
{
	return strcmp(e->conf.sandbox.minimum, "landlock") == 0 ?
	    TIER_LANDLOCK : TIER_FULL;
}

static void
put_failure(struct buf *b, const struct engine *e, enum tier t)
{
	const struct tier_found *f = &e->probe.found[t];
	struct buf words = { 0 };

	if (!f->is_tried || f->works)
		return;
	buf_printf(b, "; tier %s: %s: %s", tier_name(t), f->step, f->why);
	engine_remedy(e, t, &words);
	if (words.len > 0)
		buf_printf(b, "; %s", words.data);
	buf_fini(&words);
}

/* NULL: tasks with walls can run. */
void
probe_judge(struct engine *e)
{
	struct buf b = { 0 };

	free(e->refusal);
	e->refusal = NULL;
	if (e->tier >= minimum(e))
		return;
	buf_printf(&b, "no sandbox: minimum=%s in [sandbox] is not to be had "
	    "here", tier_name(minimum(e)));
	put_failure(&b, e, TIER_FULL);
	if (minimum(e) == TIER_LANDLOCK)
		put_failure(&b, e, TIER_LANDLOCK);
	else if (e->tier == TIER_LANDLOCK)
		buf_puts(&b, "; or accept less: minimum=landlock in [sandbox]");
	e->refusal = buf_take(&b);
}

/*
 * The tier that a task of this profile runs in; false: *why. A task without
 * walls still has a pid namespace where tier full stands, else a keeper.
 */
bool
tier_for(const struct engine *e, enum profile profile, enum tier *t,
    char **why)
{
	const struct tier_found *none = &e->probe.found[TIER_NONE];

	if (profile != PROFILE_NONE && e->refusal != NULL) {
		*why = xstrdup(e->refusal);
		return false;
	}
	*t = e->tier;
	if (profile != PROFILE_NONE || e->tier == TIER_FULL)
		return true;
	*t = TIER_NONE;
	if (none->works)
		return true;
	*why = xasprintf("no worker: %s: %s", none->step, none->why);
	return false;
}

void
engine_remedy(const struct engine *e, enum tier t, struct buf *b)
{
	const struct tier_found *f = &e->probe.found[t];

	if (f->is_tried && !f->works)
		remedy(b, f->step, f->error, &e->probe.facts);
}

const struct tier_found *
engine_found(const struct engine *e, enum tier t)
{
	return &e->probe.found[t];
}

const char *
engine_tier(const struct engine *e)
{
	return !e->probe.found[TIER_FULL].is_tried || e->refusal != NULL ? "" :
	    tier_name(e->tier);
}

const char *
engine_refusal(const struct engine *e)
{
	return e->refusal;
}

/* T4: without a pid namespace or a cgroup the end of all is not for sure. */
const char *
tier_promise(enum profile profile, enum tier t, bool has_group)
{
	if (profile != PROFILE_NONE || t == TIER_FULL || has_group)
		return "";
	return "no pid namespace and no cgroup holds it: what leaves its group "
	    "is hunted down, which can miss what forks faster";
}
