/* What the sandbox is made of here, what does not stand, and what mends it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jsonw.h"
#include "model.h"
#include "question.h"

/* One check is one item; it goes to the peer that asked. */
struct doctor {
	struct peer		*peer;
	uint64_t		 request;
	const struct engine	*engine;
};

static void
finding(const struct doctor *d, const char *what, const char *state,
    const char *remedy)
{
	struct buf b = { 0 };

	jsonw_open(&b, '{');
	jsonw_str(&b, "check", what);
	jsonw_str(&b, "state", state);
	jsonw_str(&b, "remedy", remedy);
	jsonw_close(&b, '}');
	answer_item(d->peer, d->request, buf_bytes(&b));
	buf_fini(&b);
}

/* The tier that tasks run in, and one for each that was tried in vain. */
static void
tiers(const struct doctor *d)
{
	const struct engine *e = d->engine;
	const char *refusal = engine_refusal(e), *tier = engine_tier(e);
	unsigned t;

	finding(d, "tier", refusal != NULL ? refusal : *tier == '\0' ?
	    "not known yet" : tier, NULL);
	finding(d, "minimum", engine_conf(e)->sandbox.minimum, NULL);
	for (t = TIERS; t-- > 0;) {
		const struct tier_found *f = engine_found(e, (enum tier)t);
		struct buf what = { 0 }, state = { 0 }, mend = { 0 };

		if (!f->is_tried)
			continue;
		buf_printf(&what, "tier %s", tier_name((enum tier)t));
		if (f->works)
			buf_puts(&state, "works");
		else
			buf_printf(&state, "%s: %s", f->step, f->why);
		engine_remedy(e, (enum tier)t, &mend);
		finding(d, what.data, state.data,
		    mend.len == 0 ? NULL : mend.data);
		buf_fini(&what);
		buf_fini(&state);
		buf_fini(&mend);
	}
}

/* NULL: no task with walls runs. */
static const struct tier_found *
in_use(const struct engine *e, enum tier *t)
{
	for (*t = TIER_FULL; *t > TIER_NONE; (*t)--)
		if (engine_found(e, *t)->works && engine_refusal(e) == NULL)
			return engine_found(e, *t);
	return NULL;
}

static void
namespaces(const struct doctor *d, enum tier t)
{
	if (t != TIER_FULL) {
		finding(d, "namespaces", "none: a keeper holds the task",
		    NULL);
		return;
	}
	finding(d, "namespaces", geteuid() == 0 ?
	    "pid, mount, network, ipc, uts, cgroup; made by root's leave" :
	    "user, pid, mount, network, ipc, uts, cgroup", NULL);
	finding(d, "mounts", "a read-only copy of the host, homes and the like "
	    "hidden, private /dev, /proc and /tmp", NULL);
}

/* What it does not know is what the other walls must hold. */
static const struct {
	unsigned	 since;
	const char	*what;
} abis[] = {
	{ 3, "truncating" }, { 4, "TCP" }, { 5, "device ioctls" },
	{ 6, "signals and abstract sockets" },
};

static void
landlock(const struct doctor *d, unsigned abi)
{
	struct buf b = { 0 };
	const char *joint = ", without ";
	size_t i;

	if (abi == 0) {
		finding(d, "landlock", "none: the other walls hold alone",
		    "Linux 5.13 or later, and landlock in lsm=");
		return;
	}
	buf_printf(&b, "ABI %u", abi);
	for (i = 0; i < sizeof(abis) / sizeof(abis[0]); i++)
		if (abi < abis[i].since) {
			buf_printf(&b, "%s%s", joint, abis[i].what);
			joint = ", ";
		}
	finding(d, "landlock", b.data, NULL);
	buf_fini(&b);
}

static void
walls(const struct doctor *d)
{
	const struct tier_found *f;
	char filter[20];
	enum tier t;

	if ((f = in_use(d->engine, &t)) == NULL)
		return;
	namespaces(d, t);
	landlock(d, f->landlock);
	snprintf(filter, sizeof(filter), "%016" PRIx64, f->filter);
	finding(d, "seccomp", filter, NULL);
	finding(d, "capabilities", "none in tools, and none to be had", NULL);
}

static void
limit(struct buf *b, const char *name, uint64_t n)
{
	if (n > 0)
		buf_printf(b, "%s%s %" PRIu64, b->len == 0 ? "" : ", ", name,
		    n);
}

static void
limits(const struct doctor *d)
{
	const struct conf_tasks *c = &engine_conf(d->engine)->tasks;
	struct buf b = { 0 };

	limit(&b, "nofile", c->nofile);
	limit(&b, "nproc", c->nproc);
	limit(&b, "memory", c->memory);
	finding(d, "rlimits", b.len == 0 ? "none" : b.data, NULL);
	buf_fini(&b);
}

/* A budget that nobody counts is none. */
static void
budget(const struct doctor *d)
{
	const struct conf_model *m = &engine_conf(d->engine)->model;

	if (!engine_has_budget(d->engine))
		finding(d, "budget", "none", NULL);
	else if (strcmp(m->provider, "openai") == 0 && !m->stream_options)
		finding(d, "budget", "set, and perhaps never reached: the "
		    "model's server is not asked what was used",
		    "stream_options = yes in [model], if the server takes it");
	else
		finding(d, "budget", "set", NULL);
}

void
verb_doctor(struct peer *p, const struct frame_doctor *f)
{
	const struct doctor d = { p, f->request, p->desk->engine };
	const char *busy = engine_is_busy(d.engine);

	tiers(&d);
	walls(&d);
	finding(&d, "cgroup", engine_cgroup_words(d.engine), NULL);
	limits(&d);
	finding(&d, "user", geteuid() == 0 ? "root: tools run as the owner of "
	    "their folder, or as run_as" : "tools run as this user", NULL);
	finding(&d, "model", model_name(engine_model(d.engine)), NULL);
	budget(&d);
	finding(&d, "disk", busy == NULL ? "writable" : busy, NULL);
	answer_done(p, f->request, 0, "%s", "");
}
