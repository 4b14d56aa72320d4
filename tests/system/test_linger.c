/*
 * What a tool leaves running when it ends (T12), behind each boundary there
 * is: it is stopped and that is told, or the task lingers until it has ended.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

TestSuite(linger, .timeout = 110);

#define COMMON	"[tasks]\ngrace=500ms\n"

static const struct boundary {
	const char	*tier;
	struct rig_conf	 conf;
} boundaries[] = {
	{ "full", { .conf = COMMON } },
	{ "full", { .as_nobody = true, .conf = COMMON } },
	{ "landlock", { .as_nobody = true, .no_namespaces = true,
	    .conf = COMMON "[sandbox]\nminimum=landlock\n" } },
	{ "none", { .as_nobody = true, .no_namespaces = true,
	    .conf = COMMON "[tool exec]\nprofile=none\nconfirm=no\n"
	    "[tool leave]\nprofile=none\nconfirm=no\n" } },
	{ "full", { .conf = COMMON "[tool exec]\nprofile=none\n"
	    "confirm=no\n[tool leave]\nprofile=none\nconfirm=no\n" } },
};

#define NBOUNDARIES	(sizeof(boundaries) / sizeof(boundaries[0]))

static void
everywhere(void (*test)(struct rig *, const char *tier))
{
	struct rig *r;
	size_t i;

	for (i = 0; i < NBOUNDARIES; i++) {
		r = rig_new(&boundaries[i].conf);
		test(r, boundaries[i].tier);
		rig_free(r);
	}
}

static void
go_on(int fifo)
{
	cr_assert(write(fifo, "x\n", 2) == 2);
}

/* Where nobody may leave the group they stay in it. */
#define SETSID	"s=setsid; setsid true 2>/dev/null || s=; "

/* Children of each kind; the last one is deaf to TERM. */
#define LEAVES	SETSID "sleep 901 & $s sleep 902 & " \
		"($s sh -c 'sleep 903 & exec sleep 904' & ) ; " \
		"(trap '' TERM; exec sleep 905) & " \
		"echo up >up; read x <go; exit 4"
#define NLEFT	5

static int
leave(struct rig *r, struct job **said)
{
	int up = rig_fifo(r, "up"), go = rig_fifo(r, "go"), i;
	char text[16];

	*said = rig_exec(r, LEAVES);
	rig_told(up, "up\n");
	for (i = 1; i <= NLEFT; i++) {
		snprintf(text, sizeof(text), "sleep 90%d", i);
		rig_there(r, text);
	}
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	return go;
}

static void
check_left(struct rig *r, const char *tier)
{
	json_t *task = rig_task(r, "t1"),
	    *end = rig_record(r, "end", "task", "t1", NULL);
	const char *why = rig_str(task, "why");

	cr_expect_str_eq(rig_str(task, "tier"), tier);
	cr_expect_str_eq(rig_str(task, "end"), "exited");
	cr_expect(rig_int(task, "code") == 4);
	cr_expect(strstr(why, "its tool ended, 5 more ran: sleep,sleep") &&
	    strstr(why, "killed 5"), "%s: %s", tier, why);
	cr_expect_str_eq(rig_str(end, "why"), why);
	cr_expect(rig_processes(r, "sleep 90") == 0);
	cr_expect(strstr(rig_ok(r, "show", "t1", NULL)->out,
	    "5 more ran: sleep"));
}

static void
is_a_result(struct rig *r, const char *tier)
{
	struct job *said;
	int go = leave(r, &said);

	go_on(go);
	rig_finish(said);
	check_left(r, tier);
	cr_expect(strstr(rig_str(said->json, "text"), "[t1: exited with code "
	    "4; its tool ended, 5 more ran: sleep"), "%s: %s", tier,
	    rig_str(said->json, "text"));
}

Test(linger, what_a_tool_leaves_is_stopped_and_its_result_says_so)
{
	everywhere(is_a_result);
}

static void
is_an_event(struct rig *r, const char *tier)
{
	struct job *said;
	int go = leave(r, &said);
	json_t *messages;

	rig_ok(r, "detach", NULL);
	rig_finish(said);
	go_on(go);
	messages = rig_request(r, rig_await(r, 1, "<task-event id=\"t1\""));
	cr_expect(strstr(rig_content(messages, -1UL),
	    "why=\"its tool ended, 5 more ran: sleep"), "%s: %s", tier,
	    rig_content(messages, -1UL));
	check_left(r, tier);
}

Test(linger, what_a_tool_leaves_is_stopped_and_its_event_says_so)
{
	everywhere(is_an_event);
}

#define TOOL	"#!/bin/sh\n" \
		"# @describe Leave something behind.\n" \
		"# @meta linger yes\n" \
		SETSID "\n" \
		"$s sh -c 'read x <go; echo late; exec sleep 906' &\n" \
		"($s sleep 907 &)\n" \
		"sleep 908 &\n" \
		"echo early\n" \
		"echo up >up\n" \
		"read y <end\n"

static void
await_why(struct rig *r, const char *text)
{
	uint64_t deadline = rig_now() + RIG_DEADLINE_MS * 1000ULL;
	const char *why;

	while (strstr(why = rig_str(rig_task(r, "t1"), "why"), text) == NULL)
		if (rig_now() > deadline)
			rig_fail(r, "t1: %s, and never: %s", why, text);
}

/* t1's own process has ended, what it left has not. */
static int
linger(struct rig *r, const char *meta)
{
	int up, go, end;

	rig_write(r, "tools/leave", TOOL, 0755);
	rig_configure(r, meta);
	up = rig_fifo(r, "up");
	go = rig_fifo(r, "go");
	end = rig_fifo(r, "end");
	rig_spawn(r, "say", "--json", "@call leave {}", NULL);
	rig_told(up, "up\n");
	rig_there(r, "sh -c read x");
	rig_there(r, "sleep 907");
	rig_there(r, "sleep 908");
	go_on(end);
	await_why(r, "its tool ended, 3 more ran");
	return go;
}

static void
lingers(struct rig *r, const char *tier)
{
	int go = linger(r, "");
	json_t *messages, *task = rig_task(r, "t1");

	cr_expect_str_eq(rig_str(task, "tier"), tier);
	cr_expect_str_eq(rig_str(task, "state"), "running");
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "Hello?",
	    NULL)->json, "text"), "echo: Hello?");
	messages = rig_request(r, rig_await(r, 1, "Hello?"));
	cr_expect(strstr(rig_str(rig_find(messages, "role", "tool"),
	    "content"), "\"state\":\"running\""));
	go_on(go);
	rig_there(r, "sleep 906");
	kill(rig_process(r, "sleep 907"), SIGKILL);
	kill(rig_process(r, "sleep 908"), SIGKILL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "running");
	cr_expect_str_eq(rig_ok(r, "log", "--out", "t1", NULL)->out,
	    "early\nlate\n");
	kill(rig_process(r, "sleep 906"), SIGKILL);
	messages = rig_request(r, rig_await(r, 1, "<task-event id=\"t1\""));
	cr_expect(strstr(rig_content(messages, -1UL), "late"));
	task = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(task, "end"), "exited");
	cr_expect(rig_int(task, "code") == 0);
}

Test(linger, with_linger_it_goes_on_until_the_last_one_ends)
{
	everywhere(lingers);
}

static void
is_over(struct rig *r, const char *tier, const char *end, const char *why)
{
	json_t *task = rig_task(r, "t1");

	cr_expect_str_eq(rig_str(task, "tier"), tier);
	cr_expect_str_eq(rig_str(task, "end"), end);
	cr_expect(strstr(rig_str(task, "why"), why), "%s: %s", tier,
	    rig_str(task, "why"));
	cr_expect(rig_processes(r, "sleep 90") == 0);
	cr_expect(rig_processes(r, "sh -c read x") == 0);
}

static void
is_out_of_time(struct rig *r, const char *tier)
{
	linger(r, "[tool leave]\ntimeout=1s\n");
	rig_run(r, "wait", "t1", NULL);
	is_over(r, tier, "timed-out", "time limit of 1 s");
}

Test(linger, a_time_limit_ends_what_lingers)
{
	everywhere(is_out_of_time);
}

static void
is_stopped(struct rig *r, const char *tier)
{
	linger(r, "");
	rig_ok(r, "stop", "t1", NULL);
	is_over(r, tier, "stopped", "3 more ran");
}

Test(linger, a_stop_of_what_lingers_leaves_nothing)
{
	everywhere(is_stopped);
}

Test(linger, silence_ends_what_lingers)
{
	struct rig *r = rig_new(NULL);

	rig_write(r, "tools/leave", "#!/bin/sh\n# @describe Leave.\n"
	    "# @meta linger yes\n# @meta idle 1\nsetsid sleep 909 &\n", 0755);
	rig_configure(r, "");
	rig_run(r, "run", "leave", NULL);
	is_over(r, "full", "timed-out", "silent for 1 s");
	rig_free(r);
}
