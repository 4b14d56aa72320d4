/* Many tasks: none is refused, no limit is passed, nothing is left: T7. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proto.h"
#include "rig.h"
#include "wire.h"

TestSuite(places, .timeout = 110);

/* A client that asks many things at a time. */
struct line {
	struct rig	*rig;
	struct wire	 wire;
	int		 fd;
	uint64_t	 request;
	size_t		 nopen;		/* requests without an answer */
};

/* The next frame; all that waits to be sent goes out meanwhile. */
static void
hear(struct line *l, struct frame *f)
{
	struct pollfd p = { l->fd, POLLIN, 0 };
	enum wire_status status;

	while ((status = wire_next(&l->wire, f)) != WIRE_FRAME) {
		if (status == WIRE_BREACH)
			rig_fail(l->rig, "the supervisor says: %s",
			    l->wire.why);
		p.events = POLLIN | (wire_pending(&l->wire).len > 0 ?
		    POLLOUT : 0);
		if (poll(&p, 1, RIG_DEADLINE_MS) != 1 ||
		    wire_flush(&l->wire, l->fd) == -1 ||
		    wire_fill(&l->wire, l->fd) == -1)
			rig_fail(l->rig, "the supervisor does not answer");
	}
}

static void
line_open(struct line *l, struct rig *r)
{
	struct frame f = { .type = FRAME_OPEN,
	    .open = { .version = PROTO_VERSION } };

	*l = (struct line){ .rig = r, .fd = rig_connect(r) };
	wire_init(&l->wire, FRAME_BY_SUPERVISOR);
	wire_send(&l->wire, &f);
	hear(l, &f);
	if (f.type != FRAME_WELCOME)
		rig_fail(r, "not welcome");
	l->wire.phase = FRAME_IN_TALK;
}

static void
line_close(struct line *l)
{
	close(l->fd);
	wire_fini(&l->wire);
}

static void
ask(struct line *l, struct frame *f)
{
	f->status.request = ++l->request;	/* all begin with it */
	wire_send(&l->wire, f);
	l->nopen++;
}

/* Until at most so many requests are open; none of them may be refused. */
static void
settle(struct line *l, size_t nopen)
{
	struct frame f;

	while (l->nopen > nopen) {
		hear(l, &f);
		if (f.type != FRAME_DONE)
			continue;
		if (f.done.status != 0)
			rig_fail(l->rig, "refused: %.*s", (int)f.done.why.len,
			    f.done.why.data);
		l->nopen--;
	}
}

static void
run(struct line *l, const char *session, const char *command,
    const char *follow)
{
	struct frame f = { .type = FRAME_RUN };
	json_t *args = json_pack("{s:s}", "command", command);
	char *text = json_dumps(args, JSON_COMPACT);

	f.run.session = bytes_of(session);
	f.run.cwd = bytes_of(rig_path(l->rig, "work"));
	f.run.tool = BYTES("exec");
	f.run.args = bytes_of(text);
	f.run.follow = bytes_of(follow);
	ask(l, &f);
	free(text);
	json_decref(args);
}

static void
stop_all(struct line *l, const char *session)
{
	struct frame f = { .type = FRAME_STOP };

	f.stop.session = bytes_of(session);
	f.stop.id = BYTES("all");
	f.stop.now = true;
	ask(l, &f);
	settle(l, 0);
}

/* All from this one to that one have ended. */
static void
wait_for(struct line *l, int first, int last)
{
	struct frame f = { .type = FRAME_WAIT };
	struct buf ids = { 0 };
	int i;

	for (i = first; i <= last; i++)
		buf_printf(&ids, "t%d ", i);
	f.wait.ids = buf_bytes(&ids);
	ask(l, &f);
	settle(l, 0);
	buf_fini(&ids);
}

#define SESSIONS	4
#define EACH		50
#define PLACES		8

/* How many were at work at once, by what they wrote themselves. */
static long
most_at_once(const char *log)
{
	long now = 0, most = 0;

	for (; *log != '\0'; log++) {
		now += *log == '+' ? 1 : -1;
		most = now > most ? now : most;
	}
	cr_expect(now == 0);
	return most;
}

/* The sessions of the tasks that began, in order, a letter each. */
static void
read_starts(struct rig *r, char *to, size_t size)
{
	json_t *all = rig_lines(rig_ok(r, "events", "-A", "--since", "0",
	    "--json", NULL)), *record;
	long now = 0;
	size_t i, n = 0;

	json_array_foreach(all, i, record) {
		now -= strcmp(rig_str(record, "kind"), "end") == 0;
		if (strcmp(rig_str(record, "kind"), "state") != 0 ||
		    strcmp(rig_str(record, "state"), "starting") != 0)
			continue;
		cr_expect(++now <= PLACES, "%ld run at once", now);
		if (n < size - 1)
			to[n++] = rig_str(record, "session")[0];
	}
	to[n] = '\0';
}

Test(places, sessions_take_turns_and_no_limit_is_ever_passed)
{
	static const char *const names[SESSIONS] = { "a", "b", "c", "d" };
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\nmax_total=8\n" });
	char starts[PLACES + SESSIONS * EACH + 2],
	    expected[PLACES + SESSIONS * EACH + 1] = "xxxxxxxx";
	struct line l;
	char id[16];
	int i;

	line_open(&l, r);
	for (i = 0; i < PLACES; i++)
		run(&l, "x", "exec sleep 600", "admitted");
	settle(&l, 0);
	for (i = 0; i < PLACES; i++) {
		snprintf(id, sizeof(id), "t%d", i + 1);
		rig_record(r, "state", "task", id, "state", "running", NULL);
	}
	for (i = 0; i < SESSIONS * EACH; i++) {
		run(&l, names[i / EACH], "printf + >>log; sleep 0.02; "
		    "printf - >>log", "admitted");
		expected[PLACES + i] = names[i % SESSIONS][0];
	}
	expected[PLACES + i] = '\0';
	settle(&l, 0);
	stop_all(&l, "x");
	wait_for(&l, PLACES + 1, PLACES + SESSIONS * EACH);
	line_close(&l);
	cr_expect(strlen(rig_read(r, "work/log")) == 2 * SESSIONS * EACH);
	cr_expect(most_at_once(rig_read(r, "work/log")) <= PLACES);
	read_starts(r, starts, sizeof(starts));
	cr_expect_str_eq(starts, expected);
	rig_free(r);
}

static size_t
count(struct rig *r, const char *folder)
{
	struct dirent *e;
	size_t n = 0;
	DIR *d = opendir(folder);

	if (d == NULL)
		rig_fail(r, "%s cannot be read", folder);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

struct sizes {
	size_t		descriptors, processes;
	uint64_t	memory;		/* kB */
};

static struct sizes
measure(struct rig *r)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)r->pid);
	return (struct sizes){ .descriptors = count(r, folder),
	    .processes = rig_processes(r, NULL),
	    .memory = rig_memory(r->pid, "VmRSS:") };
}

static void
run_many(struct line *l, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		run(l, "", "true", "ended");
		settle(l, 15);
	}
	settle(l, 0);
}

static size_t
nrecords(struct rig *r)
{
	return json_array_size(rig_lines(rig_ok(r, "events", "-A", "--since",
	    "0", "--json", NULL)));
}

/* What a session knows of a task that has ended, and what malloc keeps. */
#define KB_EACH		3

Test(places, a_thousand_tasks_in_a_row_leave_nothing_behind)
{
	struct rig *r = rig_new(NULL);
	struct sizes before, after;
	size_t nrecord[3];
	struct line l;

	line_open(&l, r);
	run_many(&l, 200);
	rig_gone(r, "sigbox-worker");
	nrecord[0] = nrecords(r);
	before = measure(r);
	run_many(&l, 500);
	nrecord[1] = nrecords(r);
	run_many(&l, 500);
	rig_gone(r, "sigbox-worker");
	after = measure(r);
	nrecord[2] = nrecords(r);
	cr_expect(nrecord[2] - nrecord[1] == nrecord[1] - nrecord[0],
	    "%zu, %zu and %zu records", nrecord[0], nrecord[1], nrecord[2]);
	cr_expect(after.descriptors == before.descriptors, "%zu, and before "
	    "%zu", after.descriptors, before.descriptors);
	cr_expect(after.processes == before.processes);
#ifndef __SANITIZE_ADDRESS__
	cr_expect(after.memory < before.memory + 1000 * KB_EACH,
	    "%ju kB, and before %ju", (uintmax_t)after.memory,
	    (uintmax_t)before.memory);
#endif
	cr_expect(count(r, rig_path(r, "state/tasks")) == 1200);
	cr_expect(rig_occurs(rig_ok(r, "tasks", "-a", "--json", NULL)->out,
	    "\"end\":\"exited\"") == 1200);
	line_close(&l);
	rig_free(r);
}

/* The first text of a file that stands between these two; "": there is none. */
static char *
between(struct rig *r, const char *file, const char *before,
    const char *after)
{
	char *text = NULL, *at, *end;
	FILE *f = fopen(file, "r");
	size_t size = 0;

	if (f == NULL || getdelim(&text, &size, '\0', f) == -1)
		rig_fail(r, "%s cannot be read", file);
	fclose(f);
	rig_keep(r, text);
	if ((at = strstr(text, before)) == NULL ||
	    (end = strstr(at + strlen(before), after)) == NULL)
		return rig_keep(r, strdup(""));
	at += strlen(before);
	return rig_keep(r, strndup(at, (size_t)(end - at)));
}

/* The folders of groups beside this task's own. */
static size_t
other_groups(struct rig *r, const char *task)
{
	char file[64], *own, *folder;
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	snprintf(file, sizeof(file), "/proc/%d/cgroup",
	    (int)rig_int(rig_task(r, task), "tool_pid"));
	own = between(r, file, "0::", "\n");
	cr_assert(strstr(own, "/sigbox-") != NULL, "%s", own);
	if (asprintf(&folder, "%s%.*s", between(r, "/proc/self/mounts",
	    "cgroup2 ", " "), (int)(strrchr(own, '/') - own), own) == -1)
		abort();
	if ((d = opendir(rig_keep(r, folder))) == NULL)
		rig_fail(r, "%s cannot be read", folder);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] == 't' &&
		    strcmp(e->d_name, strrchr(own, '/') + 1) != 0;
	closedir(d);
	return n;
}

Test(places, of_tasks_that_have_ended_no_group_is_left)
{
	struct rig *r = rig_new(NULL);
	struct line l;

	if (strstr(rig_log(r), "cgroup: none:") != NULL) {
		rig_free(r);
		cr_skip_test("the system gives us no groups");
	}
	rig_configure(r, "[tasks]\ncgroup=yes\n");
	line_open(&l, r);
	run_many(&l, 100);
	run(&l, "other", "exec sleep 600", "admitted");
	settle(&l, 0);
	rig_record(r, "state", "task", "t101", "state", "running", NULL);
	stop_all(&l, "other");
	wait_for(&l, 101, 101);
	run(&l, "", "exec sleep 600", "admitted");
	settle(&l, 0);
	rig_record(r, "state", "task", "t102", "state", "running", NULL);
	cr_expect(other_groups(r, "t102") == 0);
	stop_all(&l, "");
	line_close(&l);
	rig_free(r);
}
