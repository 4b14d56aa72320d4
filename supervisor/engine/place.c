/*
 * A task's place among those that run (T7): it stands in line for one, on the
 * terms that are on record, gives it away while it is suspended, and needs one
 * again to go on.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admit.h"
#include "inner.h"
#include "xalloc.h"

/* Whose limit counts: whoever the tools of the session are. */
static uid_t
user_of(const struct host *h)
{
	return geteuid() == 0 && h->folder.is_owned ? h->folder.owner :
	    geteuid();
}

static int
rating(enum priority p)
{
	switch (p) {
	case PRIORITY_LOW:
		return -1;
	case PRIORITY_NORMAL:
		return 0;
	case PRIORITY_HIGH:
		return 1;
	}
	return 0;
}

static bool
ended_well(const struct task_facts *f)
{
	return f != NULL && strcmp(f->end, "exited") == 0 && f->code == 0;
}

struct dependencies {
	uint64_t	*ids;		/* that have not ended yet */
	size_t		 n;
	uint64_t	 failed;	/* one that did not end well; 0: none */
};

static void
look(struct dependencies *d, const struct host *h, const struct terms *t)
{
	struct bytes after = t->after;
	const struct task_facts *f;
	uint64_t id;

	while ((id = terms_next(&after)) != 0) {
		f = session_task(h->session, id);
		if (f != NULL && f->end[0] == '\0') {
			d->ids = xreallocarray(d->ids, d->n + 1, sizeof(id));
			d->ids[d->n++] = id;
		} else if (t->condition == CONDITION_OK && !ended_well(f))
			d->failed = id;
	}
}

/* It will not start, since another one ended as it did. */
static void
refuse(struct run *r, uint64_t because)
{
	struct life_event ev = { .type = LIFE_EV_REFUSED };
	struct buf why = { 0 };

	admit_remove(r->engine->admit, r->id);
	terms_say_end(&why, r->host, because);
	ev.why = buf_bytes(&why);
	run_feed(r, &ev);
	buf_fini(&why);
}

static void
stand(struct run *r, void (*how)(struct run *, const struct admit_task *))
{
	const struct task_facts *f = session_task(r->host->session, r->id);
	struct dependencies d = { .ids = NULL };
	struct admit_task t = { .id = r->id, .uid = user_of(r->host),
	    .session = session_name(r->host->session),
	    .priority = rating(f->terms.priority), .rank = f->rank,
	    .any = f->terms.condition == CONDITION_ANY };

	look(&d, r->host, &f->terms);
	t.after = d.ids;
	t.nafter = d.n;
	if (d.failed != 0)
		refuse(r, d.failed);
	else
		how(r, &t);
	free(d.ids);
	runs_admit(r->engine);
}

static void
join(struct run *r, const struct admit_task *t)
{
	admit_add(r->engine->admit, t);
	if (r->engine->closing)
		run_stop(r, "shutdown", 0, true);
}

/*
 * A sub-agent holds no place and waits for none: its parent's tools may, and
 * its own, and each would wait for the other.
 */
static void
pass(struct run *r)
{
	struct life_event place = { .type = LIFE_EV_PLACE };

	if (r->engine->closing)
		run_stop(r, "shutdown", 0, true);
	else
		run_feed(r, &place);
}

void
place_queue(struct run *r)
{
	r->parked = (r->host->held && !r->host->ending) || r->life.suspending;
	if (r->parked)
		return;
	if (run_is_agent(r))
		pass(r);
	else
		stand(r, join);
}

void
place_park(struct run *r)
{
	if (admit_remove(r->engine->admit, r->id))
		r->parked = true;
}

void
place_unpark(struct run *r)
{
	if (r->parked)
		place_queue(r);
}

static void
change(struct run *r, const struct admit_task *t)
{
	admit_change(r->engine->admit, t);
}

/* One that waits for consent is not in line yet. */
void
place_change(struct run *r)
{
	if (!r->pending && !r->parked && r->life.state == LIFE_QUEUED)
		stand(r, change);
}

void
place_give(struct run *r)
{
	struct life_event ev = { .type = LIFE_EV_PLACE };

	if (r->life.state == LIFE_SUSPENDED) {
		ev.type = LIFE_EV_RESUME;
		ev.by = bytes_of(r->resumer);
	}
	run_feed(r, &ev);
}

/*
 * Only what stands still altogether, and by our word, gives its place away.
 * Whatever makes it go on otherwise, a stop or somebody's SIGCONT, does not
 * wait for one.
 */
void
place_follow(struct run *r)
{
	const struct life *l = &r->life;
	struct engine *e = r->engine;

	if (l->state == LIFE_QUEUED || l->state == LIFE_ENDED ||
	    run_is_agent(r))
		return;
	if (l->state != LIFE_SUSPENDED || l->partial)
		admit_force(e->admit, r->id);
	else if (!e->conf.tasks.suspended_hold && admit_pause(e->admit, r->id))
		runs_admit(e);
}

bool
place_return(struct run *r, const char *by)
{
	if (!admit_return(r->engine->admit, r->id))
		return false;
	snprintf(r->resumer, sizeof(r->resumer), "%s", by);
	runs_admit(r->engine);
	return true;
}

bool
place_why(const struct run *r, char *buf, size_t size)
{
	char why[200];

	if (r->life.state != LIFE_SUSPENDED ||
	    !admit_why(r->engine->admit, r->id, why, sizeof(why)))
		return false;
	snprintf(buf, size, "waits for a place to go on: %s", why);
	return true;
}

bool
run_returns(const struct run *r)
{
	char why[200];

	return place_why(r, why, sizeof(why));
}

void
place_leave(struct engine *e, uint64_t task, bool ok)
{
	uint64_t id, because;
	struct run *r;

	admit_remove(e->admit, task);
	admit_done(e->admit, task);
	admit_ended(e->admit, task, ok);
	while ((id = admit_refused(e->admit, &because)) != 0)
		if ((r = run_find(e, id)) != NULL)
			refuse(r, because);
	runs_admit(e);
}
