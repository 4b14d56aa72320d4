/* What is said of a task that runs: its notice, fed and obeyed. */
#include <stdlib.h>
#include <string.h>

#include "inner.h"
#include "loop.h"
#include "pattern.h"
#include "xalloc.h"

static const struct task_facts *
facts(const struct run *r)
{
	return session_task(r->host->session, r->id);
}

/* Who set a pattern later wants to hear of it, whatever the task's policy. */
static void
say(struct run *r, const struct notice_say *s)
{
	static const enum about abouts[] = { [NOTICE_SEEN] = ABOUT_SEEN,
	    [NOTICE_WAITS] = ABOUT_PROMPT, [NOTICE_SILENT] = ABOUT_SILENT };
	const struct task_facts *f = facts(r);
	struct output o = { .out_bytes = r->out, .err_bytes = r->err };
	struct event ev = { .kind = EV_SEEN, .task = r->id,
	    .about = abouts[s->about], .count = s->count, .silence = s->quiet,
	    .text = s->line, .output = &o, .wake = WAKE_NEVER };

	if (s->about == NOTICE_SEEN) {
		ev.pattern = bytes_of(f->watches[s->watch]);
		if (s->watch > 0 || f->terms.watch.len == 0)
			ev.wake = WAKE_ALWAYS;
	}
	host_step_quietly(r->host, &ev);
}

/* An alarm that comes too soon costs less than to set it with each output. */
static void
arm(struct run *r)
{
	uint64_t due = notice_due(&r->notice);

	if (due == 0 || (r->heed_at != 0 && r->heed_at <= due))
		return;
	r->heed_at = due;
	alarm_at(r->heed_alarm, due);
}

static void
feed(struct run *r, struct notice_event *ev)
{
	struct notice_out out;
	size_t i;

	ev->now = loop_now();
	notice_step(&r->notice, ev, &out);
	for (i = 0; i < out.n; i++)
		say(r, &out.say[i]);
	if (out.gauge && r->child != NULL)
		child_gauge(r->child);
	arm(r);
}

static void
on_alarm(void *arg)
{
	struct run *r = arg;
	struct notice_event ev = { .type = NOTICE_EV_TICK };

	r->heed_at = 0;
	feed(r, &ev);
}

void
heed_init(struct run *r)
{
	notice_init(&r->notice, r->engine->conf.tasks.silent_after);
	r->heed_alarm = alarm_new(r->engine->w.loop, on_alarm, r);
}

void
heed_fini(struct run *r)
{
	notice_fini(&r->notice);
	alarm_free(r->heed_alarm);
}

void
heed_state(struct run *r)
{
	bool runs = r->life.state == LIFE_RUNNING && !r->life.suspending;
	struct notice_event ev = { .type = runs ? NOTICE_EV_RUNS :
	    NOTICE_EV_STANDS };

	if (runs == r->is_heeded)
		return;
	r->is_heeded = runs;
	feed(r, &ev);
}

void
heed_grew(struct run *r)
{
	struct notice_event ev = { .type = NOTICE_EV_GREW };

	feed(r, &ev);
}

void
heed_seen(void *arg, size_t watch, uint64_t count, struct bytes line)
{
	struct notice_event ev = { .type = NOTICE_EV_SEEN, .watch = watch,
	    .count = count, .line = line };

	feed(arg, &ev);
}

void
heed_gauged(void *arg, uint64_t cpu_us, bool partial, struct bytes line)
{
	struct notice_event ev = { .type = NOTICE_EV_GAUGED, .cpu = cpu_us,
	    .partial = partial, .line = line };

	feed(arg, &ev);
}

void
heed_end(struct run *r)
{
	struct notice_event ev = { .type = NOTICE_EV_ENDED };

	feed(r, &ev);
}

void
heed_patterns(struct run *r, struct buf *b)
{
	const struct task_facts *f = facts(r);

	for (; r->nwatches < f->nwatches; r->nwatches++)
		buf_add(b, f->watches[r->nwatches],
		    strlen(f->watches[r->nwatches]) + 1);
}

/* Until it has a worker they wait: spawn() gives it all. */
void
heed_watch(struct run *r)
{
	const struct task_facts *f = facts(r);

	for (; r->child != NULL && r->nwatches < f->nwatches; r->nwatches++)
		child_match(r->child, bytes_of(f->watches[r->nwatches]));
}

static const char *
why_not(const struct task_facts *f, struct bytes pattern)
{
	size_t i;

	if (strcmp(f->tool, "agent") == 0)
		return "a sub-agent cannot be watched";
	for (i = 0; i < f->nwatches; i++)
		if (bytes_is(pattern, f->watches[i]))
			return NULL;
	return f->nwatches < WATCHES_MAX ? NULL :
	    "it is watched for eight patterns already";
}

bool
run_watch(struct host *h, uint64_t task, struct bytes pattern, const char *by,
    char **why)
{
	const struct task_facts *f = session_task(h->session, task);
	struct event ev = { .kind = EV_WATCH, .task = task,
	    .pattern = pattern };
	const char *words;

	if (f->end[0] != '\0') {
		*why = xasprintf("it has ended (%s)", f->end);
		return false;
	}
	if ((words = pattern_check(pattern)) != NULL) {
		*why = xasprintf("pattern: %s", words);
		return false;
	}
	if ((words = why_not(f, pattern)) != NULL) {
		*why = xstrdup(words);
		return false;
	}
	ev.by = bytes_of(by);
	host_step_quietly(h, &ev);
	return true;
}
