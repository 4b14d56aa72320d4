/*
 * kill -9 at every system call between a message that makes the model call a
 * tool and the tool's first byte: every record can be recovered (T11, S1). And
 * the same where a whole sub-agent's life comes before that tool (T10).
 *
 * SWEEP_ALL=1 tries each call; else a few, by SWEEP_SEED, which is told.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agents.h"
#include "tracer.h"

#define NROUNDS		40	/* where not all are tried */
#define NCALLS_MAX	20000	/* more than there are */

TestSuite(sweep, .timeout = 600);

struct round {
	struct rig	*rig;
	struct tracer	*tracer;	/* shared with its process */
	pid_t		 pid;		/* of that */
	int		 up;		/* the tool's first byte */
	unsigned	 nth;
	const char	*message;
	bool		 admitted, has_agent;
};

/* It ends when we let it. */
static void
make_message(struct round *x)
{
	char command[128], below[32];

	snprintf(below, sizeof(below), ": %u below", x->nth);
	snprintf(command, sizeof(command), ": %u; echo up >up; "
	    "until [ -e go ]; do sleep 0.02; done", x->nth);
	x->message = rig_call(x->rig, command);
	if (x->has_agent)
		x->message = lines(x->rig, agent(x->rig, rig_call(x->rig,
		    below)), "@then", x->message, NULL);
}

static void
attach(struct round *x)
{
	memset(x->tracer, 0, sizeof(*x->tracer));
	x->tracer->plan = (struct tracer_plan){ .counted = 'S', .victim = 'S',
	    .nth = x->nth, .way = TRACER_RACE };
	x->pid = tracer_start(x->tracer, x->rig->pid);
	if (x->pid == -1 && errno == EPERM)
		cr_skip_test("only root may trace a supervisor");
	cr_assert_neq(x->pid, -1, "%s", strerror(errno));
}

/* false: the tool was up first. */
static bool
await_death(struct round *x)
{
	struct pollfd p[] = { { pidfd_open(x->pid, 0), POLLIN, 0 },
	    { x->up, POLLIN, 0 } };

	cr_assert_gt(poll(p, 2, RIG_DEADLINE_MS), 0, "neither died nor up");
	close(p[0].fd);
	kill(x->pid, SIGKILL);
	waitpid(x->pid, NULL, 0);
	return x->tracer->killed;
}

static const char *
words(const struct round *x)
{
	static char text[64];

	snprintf(text, sizeof(text), "killed at call %u (%ld)",
	    x->tracer->ncalls, x->tracer->call);
	return text;
}

static size_t
ends_of(json_t *records, const char *task)
{
	const char *end;
	size_t i, n = 0;
	json_t *rec;

	json_array_foreach(records, i, rec) {
		if (strcmp(rig_str(rec, "kind"), "end") != 0 ||
		    strcmp(rig_str(rec, "task"), task) != 0)
			continue;
		end = rig_str(rec, "end");
		if (strcmp(end, "lost") != 0 && strcmp(end, "exited") != 0)
			cr_expect_fail("%s: %s", task, end);
		n++;
	}
	return n;
}

/* An agent's end is a word of its own, since its session goes on. */
static void
check_agent(const char *task, json_t *records)
{
	json_t *rec;
	size_t i;

	json_array_foreach(records, i, rec)
		if (strcmp(rig_str(rec, "kind"), "end") == 0 &&
		    strcmp(rig_str(rec, "task"), task) == 0)
			cr_expect(rig_int(rec, "code") == 0 &&
			    strcmp(rig_str(rec, "end"), "exited") == 0,
			    "%s: %s", task, rig_str(rec, "why"));
}

static void
check_records(struct round *x, const char *session)
{
	json_t *records = rig_lines(rig_ok(x->rig, "events", "--json", "-s",
	    session, NULL)), *rec;
	const char *task;
	char below[64];
	size_t i, n;

	json_array_foreach(records, i, rec) {
		if (strcmp(rig_str(rec, "kind"), "task") != 0)
			continue;
		task = rig_str(rec, "task");
		n = ends_of(records, task);
		cr_expect(n == 1, "%s has %zu ends: %s", task, n, words(x));
		if (strcmp(rig_str(rec, "tool"), "agent") != 0)
			continue;
		check_agent(task, records);
		snprintf(below, sizeof(below), "%s.%s", session, task);
		check_records(x, below);
	}
}

/* What was admitted is there once; what was not may be, for all we know. */
static void
check_transcript(struct round *x)
{
	size_t n = rig_says(rig_transcript(x->rig), "user", x->message);

	cr_expect(n == 1 || (n == 0 && !x->admitted), "%zu times there: %s",
	    n, words(x));
}

static void
check_next(struct round *x)
{
	char text[32], expected[48];
	struct job *j;

	snprintf(text, sizeof(text), "after %u", x->nth);
	snprintf(expected, sizeof(expected), "echo: %s", text);
	j = rig_ok(x->rig, "say", "--json", "-m", "queue", text, NULL);
	cr_expect_str_eq(rig_str(j->json, "text"), expected, "%s", words(x));
}

static void
drain(int fd)
{
	char c[256];

	while (read(fd, c, sizeof(c)) > 0)
		;
}

static bool
run_round(struct round *x)
{
	struct rig *r = x->rig;
	bool killed;

	make_message(x);
	attach(x);
	x->admitted = rig_run(r, "say", "-d", x->message, NULL)->code == 0;
	killed = await_death(x);
	if (killed) {
		rig_exit(r);
		rig_gone(r, NULL);
	}
	rig_write(r, "work/go", "", 0644);
	if (killed)
		rig_start(r);
	check_next(x);
	check_transcript(x);
	check_records(x, "main");
	unlink(rig_path(r, "work/go"));
	drain(x->up);
	return killed;
}

static unsigned
seed(void)
{
	const char *s = getenv("SWEEP_SEED");
	unsigned n = s == NULL ? (unsigned)rig_now() :
	    (unsigned)strtoul(s, NULL, 10);

	fprintf(stderr, "# SWEEP_SEED=%u\n", n);
	return n;
}

static unsigned
stride(struct round *x)
{
	x->nth = NCALLS_MAX;
	cr_assert_not(run_round(x));
	if (getenv("SWEEP_ALL") != NULL)
		return 1;
	return x->tracer->ncalls / (x->has_agent ? NROUNDS / 2 : NROUNDS) + 1;
}

static void
sweep(struct rig *r, bool has_agent)
{
	struct round x = { .rig = r, .has_agent = has_agent };
	unsigned step, random = seed();

	x.tracer = mmap(NULL, sizeof(*x.tracer), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	x.up = rig_fifo(x.rig, "up");
	step = stride(&x);
	x.nth = 1 + (unsigned)rand_r(&random) % step;
	while (run_round(&x))
		x.nth += step;
	fprintf(stderr, "# every %u of %u calls\n", step, x.tracer->ncalls);
	rig_free(x.rig);
}

Test(sweep, a_supervisor_that_dies_at_a_call_recovers_every_record)
{
	sweep(rig_new(NULL), false);
}

Test(sweep, one_that_dies_in_a_sub_agents_life_ends_that_once_and_well)
{
	sweep(start(NULL), true);
}
