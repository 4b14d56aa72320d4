/* What the client of a box says. */
#include "box.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "bench.h"
#include "ear.h"
#include "fd.h"
#include "jsonw.h"
#include "proto.h"
#include "xalloc.h"

#define GROUP	50		/* tasks that are begun together */

static double
us_since(uint64_t before, uint64_t at)
{
	return at < before ? 0 : (double)(at - before) / 1000;
}

static bool
says(struct bytes json, const char *text)
{
	return memmem(json.data, json.len, text, strlen(text)) != NULL;
}

static uint64_t
number_of(struct bytes json, const char *key)
{
	const char *at = memmem(json.data, json.len, key, strlen(key));

	return at == NULL ? 0 : strtoul(at + strlen(key), NULL, 10);
}

static void
say(struct box *b, const char *session, const char *follow)
{
	struct frame f = { .type = FRAME_SAY };
	char *work = box_path(b, "work");

	f.say.session = bytes_of(session);
	f.say.cwd = bytes_of(work);
	f.say.mode = BYTES("now");
	f.say.follow = bytes_of(follow);
	f.say.text = BYTES("How far is it, and what is left to be done?");
	box_ask(b, &f);
	free(work);
}

struct said
box_say(struct box *b, struct ear *e, const char *session)
{
	uint64_t before, n = ear_heard(e).n;
	struct said said = { 0 };
	struct heard heard;
	struct frame f;

	before = bench_now();
	say(b, session, "answered");
	while (box_hear(b, &f))
		if (f.type == FRAME_ITEM &&
		    says(f.item.json, "\"kind\":\"admitted\""))
			said.admitted = us_since(before, bench_now());
	heard = ear_heard(e);
	if (heard.n != n + 1)
		errx(EX_SOFTWARE, "say: %ju requests instead of one",
		    (uintmax_t)(heard.n - n));
	said.first = us_since(before, heard.first);
	said.last = us_since(before, heard.last);
	return said;
}

/* Follows the session's records from *since on, until n more tasks run. */
static void
await_running(struct box *b, const char *session, uint64_t *since, size_t n)
{
	struct frame f = { .type = FRAME_EVENTS };
	uint64_t which;

	f.events.session = bytes_of(session);
	f.events.since = *since;
	f.events.follow = true;
	which = box_ask(b, &f);
	while (n > 0) {
		if (!box_hear(b, &f) || f.type != FRAME_ITEM)
			errx(EX_SOFTWARE, "events: they ended");
		if (says(f.item.json, "\"kind\":\"snapshot\""))
			continue;
		*since = number_of(f.item.json, "\"seq\":");
		if (says(f.item.json, "\"kind\":\"end\""))
			errx(EX_SOFTWARE, "a task ended: %.*s",
			    (int)f.item.json.len, f.item.json.data);
		n -= says(f.item.json, "\"state\":\"running\"");
	}
	f = (struct frame){ .type = FRAME_CANCEL };
	f.cancel.which = which;
	box_ask(b, &f);
	box_done(b);
}

/* {"key":"value"}; the caller frees. */
static char *
object(const char *key, const char *value)
{
	struct buf b = { 0 };

	jsonw_open(&b, '{');
	jsonw_str(&b, key, value);
	jsonw_close(&b, '}');
	return buf_take(&b);
}

/* Says something, and waits until n tasks that come of it run anywhere. */
static void
set_off(struct box *b, const char *session, size_t n)
{
	uint64_t since = 0;
	struct frame f;

	say(b, session, "admitted");
	while (box_hear(b, &f))
		since = number_of(f.item.json, "\"seq\":");
	await_running(b, "*", &since, n);
}

void
box_hold(struct box *b, struct ear *e, const char *session, size_t n,
    const char *command)
{
	char *args = object("command", command);

	ear_call(e, n, "exec", args);
	set_off(b, session, n);
	free(args);
}

void
box_delegate(struct box *b, struct ear *e, const char *session, size_t agents,
    size_t n, const char *command)
{
	char *task = object("task", "See to it."),
	    *args = object("command", command);
	size_t i;

	ear_call(e, agents, "agent", task);
	for (i = 0; i < agents; i++)
		ear_call(e, n, "exec", args);
	set_off(b, session, agents + agents * n);
	free(task);
	free(args);
}

static void
run_one(struct box *b, struct bytes args, struct bytes work)
{
	struct frame f = { .type = FRAME_RUN };

	f.run.session = BYTES("tasks");
	f.run.cwd = work;
	f.run.tool = BYTES("exec");
	f.run.args = args;
	f.run.follow = BYTES("admitted");
	box_ask(b, &f);
	box_done(b);
}

size_t
box_run(struct box *b, size_t n, const char *command, double seconds)
{
	uint64_t until = bench_now() + (uint64_t)(seconds * 1e9), since = 0;
	char *work = box_path(b, "work");
	char *args = object("command", command);
	size_t i, group, done = 0;

	while (done < n && bench_now() < until) {
		group = n - done < GROUP ? n - done : GROUP;
		for (i = 0; i < group; i++)
			run_one(b, bytes_of(args), bytes_of(work));
		await_running(b, "tasks", &since, group);
		done += group;
	}
	free(args);
	free(work);
	return done;
}

void
box_stop_tasks(struct box *b)
{
	struct frame f = { .type = FRAME_STOP };

	f.stop.session = BYTES("*");
	f.stop.id = BYTES("all");
	f.stop.now = true;
	box_ask(b, &f);
	box_done(b);
}

/* The task's state changes, and its sub-agent with it. */
static void
change(struct box *b, unsigned type, uint64_t task)
{
	struct frame f = { .type = type };
	char id[32];

	snprintf(id, sizeof(id), "t%ju", (uintmax_t)task);
	if (type == FRAME_STOP)
		f.stop.id = bytes_of(id);
	else
		f.suspend.id = bytes_of(id);
	box_ask(b, &f);
	box_done(b);
}

void
box_hinder(struct box *b, struct ear *e, const char *session)
{
	uint64_t ids[2] = { 0 }, before = ear_heard(e).n;
	uint64_t until = bench_now() + BOX_DEADLINE_MS * UINT64_C(1000000);
	struct frame f = { .type = FRAME_TASKS };
	size_t n = 0;

	f.tasks.session = bytes_of(session);
	box_ask(b, &f);
	while (box_hear(b, &f))
		if (f.type == FRAME_ITEM && n < 2)
			ids[n++] = number_of(f.item.json, "\"id\":\"t");
	if (n < 2)
		errx(EX_SOFTWARE, "%s: it has no two sub-agents", session);
	change(b, FRAME_SUSPEND, ids[0]);
	change(b, FRAME_STOP, ids[1]);
	while (ear_heard(e).n == before)
		if (bench_now() > until)
			errx(EX_SOFTWARE, "%s: it was not woken", session);
}
