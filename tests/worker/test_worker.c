/* What a tool gets, and what is told of it. */
#include "rig.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fd.h"
#include "xalloc.h"

static void
expect_stream(struct rig_task *t, const char *stream, const char *text)
{
	size_t len;
	char *s = rig_read(t, stream, &len);

	cr_expect_str_eq(s, text);
	cr_expect_eq(len, strlen(text));
	free(s);
}

static void
expect_out(struct rig_task *t, const char *text)
{
	expect_stream(t, "out", text);
}

RIG_TEST(worker, the_tool_speaks_and_its_code_is_told)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_run(&t, &r, "echo hello; echo oops >&2; exit 7");
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect(t.running && t.exited && t.end.known);
	cr_expect_eq(t.end.code, 7);
	cr_expect_eq(t.end.signal, 0);
	cr_expect_eq(t.end.out, 6);
	cr_expect_eq(t.end.err, 5);
	expect_out(&t, "hello\n");
	expect_stream(&t, "err", "oops\n");
	rig_fini(&r);
}

RIG_TEST(worker, codes_and_signals_are_verbatim)
{
	static const struct {
		const char	*script;
		int		 code, signo;
	} ends[] = {
		{ "exit 0", 0, 0 }, { "exit 255", 255, 0 },
		{ "exit 125", 125, 0 }, { "kill -TERM $$", 0, SIGTERM },
		{ "kill -KILL $$", 0, SIGKILL },
		{ "kill -SEGV $$", 0, SIGSEGV },
		{ "kill -PIPE $$", 0, SIGPIPE },
	};
	struct rig_task t;
	struct rig r;
	size_t i;

	rig_init(&r, at);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		rig_run(&t, &r, ends[i].script);
		cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
		cr_expect_eq(t.end.code, ends[i].code, "%s", ends[i].script);
		cr_expect_eq(t.end.signal, ends[i].signo, "%s", ends[i].script);
		cr_expect_eq(t.exit.alive, 0);
	}
	rig_fini(&r);
}

#define BIG	(64U << 20)

RIG_TEST(worker, big_output_is_there_to_the_last_byte)
{
	struct rig_task t;
	struct rig r;
	uint64_t i = 0, n;
	size_t len;
	char *s, *p;

	rig_init(&r, at);
	rig_run(&t, &r, "seq 1000000000 9999999999 | head -c 67108864");
	cr_assert_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(t.end.out, BIG);
	s = rig_read(&t, "out", &len);
	cr_assert_eq(len, BIG);
	for (p = s; p + 11 <= s + len; p += 11, i++) {
		n = strtoull(p, NULL, 10);
		cr_assert(n == 1000000000 + i && p[10] == '\n',
		    "line %ju", (uintmax_t)i);
	}
	free(s);
	rig_fini(&r);
}

static void
expect_refused(struct rig *r, struct child_spec *s, const char *step,
    const char *why)
{
	struct rig_task t;

	rig_start(&t, r, s);
	rig_until(r, &t.gone);
	cr_expect(t.refused && !t.running && !t.exited);
	cr_expect_eq(t.end.how, CHILD_REFUSED);
	cr_expect_str_eq(t.step, step);
	cr_expect_not_null(strstr(t.why, why), "%s", t.why);
	cr_expect_not_null(strstr(t.end_why, step), "%s", t.end_why);
	cr_expect_eq(t.end.out, 0);
}

RIG_TEST(worker, an_exec_that_fails_is_refused_with_its_reason)
{
	struct child_spec s;
	struct rig r;

	rig_init(&r, at);
	s = rig_spec(&r, "");
	s.path = "/no/such/tool";
	expect_refused(&r, &s, "exec", "/no/such/tool: No such file");
	s = rig_spec(&r, "");
	s.path = "/etc/passwd";
	expect_refused(&r, &s, "exec", "/etc/passwd: Permission denied");
	rig_fini(&r);
}

RIG_TEST(worker, what_it_does_not_know_is_refused_and_nothing_runs)
{
	struct child_spec s;
	struct rig r;

	rig_init(&r, at);
	s = rig_spec(&r, "echo ran");
	s.profile = PROFILE_SCRATCH;
	s.tier = TIER_NONE;
	expect_refused(&r, &s, "tier", "Invalid");
	s = rig_spec(&r, "echo ran");
	s.argv = BYTES("no end");
	expect_refused(&r, &s, "start", "Invalid");
	s = rig_spec(&r, "echo ran");
	s.path = "bin/sh";
	expect_refused(&r, &s, "start", "Invalid");
	rig_fini(&r);
}

RIG_TEST(worker, a_tool_is_never_root_unless_its_profile_is_none)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	s = rig_spec(&r, "id -u; grep CapEff /proc/self/status");
	s.drop = false;
	if (!at->is_root || at->tier == TIER_NONE) {
		rig_fini(&r);
		return;
	}
	expect_refused(&r, &s, "user: a tool must not be root", "");
	s = rig_spec(&r, "id -u; grep CapEff /proc/self/status");
	s.drop = false;
	s.profile = PROFILE_NONE;
	rig_start(&t, &r, &s);
	rig_until(&r, &t.gone);
	expect_out(&t, "0\nCapEff:\t0000000000000000\n");
	rig_fini(&r);
}

RIG_TEST(worker, input_is_on_stdin_and_else_it_is_dev_null)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	s = rig_spec(&r, "cat");
	s.input = BYTES("{\"target\":\"all\"}");
	rig_start(&t, &r, &s);
	rig_until(&r, &t.gone);
	expect_out(&t, "{\"target\":\"all\"}");
	rig_run(&t, &r, "readlink /proc/self/fd/0");
	expect_out(&t, "/dev/null\n");
	rig_fini(&r);
}

RIG_TEST(worker, a_stream_takes_input_before_and_while_it_runs)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	s = rig_spec(&r, "cat");
	s.input = BYTES("first ");
	s.stream = true;
	rig_start(&t, &r, &s);
	cr_expect(child_input(t.child, BYTES("early "), false));
	rig_until_output(&t, "first early ");
	cr_expect(child_input(t.child, BYTES("late"), false));
	rig_until_output(&t, "late");
	cr_expect(child_input(t.child, BYTES(""), true));
	cr_expect_not(child_input(t.child, BYTES("behind the end"), false));
	rig_until(&r, &t.gone);
	expect_out(&t, "first early late");
	rig_fini(&r);
}

/* What the tool does not take does not grow; FED tells when it did. */
RIG_TEST(worker, input_is_bounded_and_none_of_it_is_lost)
{
	static char block[64 << 10];
	struct child_spec s;
	struct rig_task t;
	struct rig r;
	size_t i, n = 0, len;
	char *out;

	rig_init(&r, at);
	s = rig_spec(&r, "echo up; until [ -e go ]; do sleep 0.02; done; cat");
	s.stream = true;
	rig_start(&t, &r, &s);
	rig_until_output(&t, "up\n");
	memset(block, 'x', sizeof(block));
	for (i = 0; i < 100 && child_input(t.child,
	    (struct bytes){ block, sizeof(block) }, false); i++)
		n += sizeof(block);
	cr_expect_eq(n, CHILD_INPUT_MAX);
	rig_touch(&r, "go");
	for (i = 0; i < 16; i++) {
		while (!child_input(t.child,
		    (struct bytes){ block, sizeof(block) }, i == 15)) {
			t.fed = false;
			rig_until(&r, &t.fed);
		}
		n += sizeof(block);
	}
	rig_until(&r, &t.gone);
	out = rig_read(&t, "out", &len);
	cr_expect_eq(len, n + 3);
	free(out);
	rig_fini(&r);
}

RIG_TEST(worker, a_tool_that_closes_its_stdin_takes_no_more)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	s = rig_spec(&r, "exec <&-; echo closed; sleep 999");
	s.stream = true;
	rig_start(&t, &r, &s);
	rig_until_output(&t, "closed");
	cr_expect(child_input(t.child, BYTES("hello?"), false));
	rig_until(&r, &t.fed);
	child_kill(t.child);
	rig_until(&r, &t.gone);
	rig_fini(&r);
}

RIG_TEST(worker, progress_is_told_and_shown)
{
	char comm[64], line[256] = "";
	struct rig_task t;
	struct rig r;
	int fd;

	rig_init(&r, at);
	rig_sh(&t, &r, "echo '42 half of it' >&$SIGBOX_PROGRESS_FD; sleep 999");
	rig_until(&r, &t.progressed);
	cr_expect_eq(t.percent, 42);
	cr_expect_str_eq(t.text, "half of it");
	snprintf(comm, sizeof(comm), "/proc/%d/cmdline",
	    (int)child_pid(t.child));
	while (strstr(line, "42%") == NULL) {
		cr_assert_neq(fd = open(comm, O_RDONLY), -1);
		cr_assert_gt(fd_read_all(fd, line, sizeof(line) - 1), 0);
		fd_close(&fd);
	}
	snprintf(comm, sizeof(comm),
	    "sigbox-worker: t%ju tool [main] running 42%%", (uintmax_t)t.task);
	cr_expect_str_eq(line, comm);
	child_kill(t.child);
	rig_until(&r, &t.gone);
	rig_fini(&r);
}

RIG_TEST(worker, the_last_progress_is_told_before_the_end)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_run(&t, &r, "for i in 1 2 3 4 5 6 7 8 9; do echo $i >&3; done;"
	    "printf '100 done' >&3");
	cr_expect_eq(t.percent, 100);
	cr_expect_str_eq(t.text, "done");
	rig_fini(&r);
}

RIG_TEST(worker, nothing_but_four_descriptors_is_open_in_the_tool)
{
	struct rig_task t;
	struct rig r;
	int i;

	rig_init(&r, at);
	for (i = 0; i < 100; i++)	/* not even ours that lack CLOEXEC */
		cr_assert_neq(dup(STDERR_FILENO), -1);
	/* The fifth is its own, of the folder that it lists. */
	rig_run(&t, &r, "exec ls /proc/self/fd");
	expect_out(&t, "0\n1\n2\n3\n4\n");
	rig_fini(&r);
}

RIG_TEST(worker, the_environment_is_what_was_given)
{
	char want[128], *out, *rest;
	struct child_spec s;
	struct rig_task t;
	struct rig r;
	size_t len;

	rig_init(&r, at);
	setenv("OPENAI_API_KEY", "secret", 1);
	s = rig_spec(&r, "");
	s.path = "/usr/bin/env";
	s.argv = (struct bytes){ "env", 4 };
	rig_start(&t, &r, &s);
	rig_until(&r, &t.gone);
	snprintf(want, sizeof(want), "PATH=/usr/bin:/bin\nMARK=%lu\n"
	    "SIGBOX_PROGRESS_FD=3\n", r.mark);
	out = rig_read(&t, "out", &len);
	cr_expect_eq(strncmp(out, want, strlen(want)), 0, "%s", out);
	/* A folder of its own, and nothing else. */
	rest = out + strlen(want);
	cr_expect_eq(at->tier != TIER_NONE, strstr(rest, "HOME=/tmp") == rest);
	cr_expect_eq(at->tier != TIER_NONE,
	    strstr(rest, "\nTMPDIR=/tmp") != NULL);
	free(out);
	rig_fini(&r);
}

RIG_TEST(worker, the_tool_has_no_privilege_and_gets_none)
{
	struct rig_task t;
	struct rig r;
	size_t len;
	char *s;

	rig_init(&r, at);
	rig_run(&t, &r, "id -u; id -g; id -G; cat /proc/self/status");
	s = rig_read(&t, "out", &len);
	cr_expect_eq(strncmp(s, "65534\n65534\n65534\n", 18), 0, "%s", s);
	cr_expect_not_null(strstr(s, "NoNewPrivs:\t1\n"));
	cr_expect_not_null(strstr(s, "CapInh:\t0000000000000000\n"));
	cr_expect_not_null(strstr(s, "CapPrm:\t0000000000000000\n"));
	cr_expect_not_null(strstr(s, "CapEff:\t0000000000000000\n"));
	cr_expect_not_null(strstr(s, "CapAmb:\t0000000000000000\n"));
	/* Without CAP_SETPCAP this one cannot be emptied, and need not be. */
	if (at->is_root || at->tier == TIER_FULL)
		cr_expect_not_null(strstr(s, "CapBnd:\t0000000000000000\n"));
	free(s);
	rig_fini(&r);
}

RIG_TEST(worker, signals_are_as_they_should_be_whatever_ours_were)
{
	struct rig_task t;
	struct rig r;
	sigset_t set;

	signal(SIGCHLD, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	rig_init(&r, at);
	rig_run(&t, &r, "grep -E 'Sig(Blk|Ign)' /proc/self/status");
	expect_out(&t,
	    "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
	rig_fini(&r);
}

RIG_TEST(worker, it_stands_in_the_working_folder)
{
	struct rig_task t;
	struct rig r;
	char want[80];

	rig_init(&r, at);
	rig_run(&t, &r, "pwd -P; umask");
	snprintf(want, sizeof(want), "%s\n0022\n", r.dir);
	expect_out(&t, want);
	rig_fini(&r);
}

RIG_TEST(worker, limits_are_the_tools_alone)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	s = rig_spec(&r, "ulimit -n; ulimit -c; ulimit -t;"
	    "head -c 10000 /dev/zero >big; echo $?; stat -c %s big");
	s.nofile = 77;
	s.cpu = 100;
	s.fsize = 4096;
	rig_start(&t, &r, &s);
	rig_until(&r, &t.gone);
	expect_out(&t, "77\n0\n100\n153\n4096\n");
	rig_fini(&r);
}

RIG_TEST(worker, memory_runs_out_for_the_tool_first)
{
	struct rig_task t;
	struct rig r;
	char path[64], text[16] = "";
	int fd;

	rig_init(&r, at);
	rig_sh(&t, &r, "cat /proc/self/oom_score_adj; sleep 999");
	rig_until_output(&t, "500\n");
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj",
	    (int)child_pid(t.child));
	cr_assert_neq(fd = open(path, O_RDONLY), -1);
	cr_assert_gt(fd_read_all(fd, text, sizeof(text) - 1), 0);
	fd_close(&fd);
	cr_expect_eq(atoi(text), 0);
	child_kill(t.child);
	rig_until(&r, &t.gone);
	rig_fini(&r);
}

RIG_TEST(worker, a_namespace_shows_nobody_else)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_run(&t, &r, "echo $$; cd /proc; echo [0-9]*");
	if (at->tier == TIER_FULL)
		expect_out(&t, "2\n1 2\n");
	rig_fini(&r);
}

/* Whole blocks out of the middle; offsets stay absolute. */
RIG_TEST(worker, beyond_its_cap_the_middle_is_dropped_and_counted)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;
	size_t len, kept;
	char *out;

	rig_init(&r, at);
	s = rig_spec(&r, "seq 100000 999999");
	s.cap = 256 << 10;
	rig_start(&t, &r, &s);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.out, 900000 * 7);
	cr_expect_gt(t.end.out_lost, 0);
	kept = (size_t)(t.end.out - t.end.out_lost);
	cr_expect(kept >= 256 << 10 && kept <= 288 << 10, "%zu", kept);
	out = rig_read(&t, "out", &len);
	cr_expect_eq(len, kept);
	cr_expect_eq(strncmp(out, "100000\n100001\n", 14), 0);
	cr_expect_str_eq(out + len - 7, "999999\n");
	/* The head is whole, and so is what follows the gap. */
	cr_expect_null(memchr(out, '\0', len));
	free(out);
	rig_fini(&r);
}

RIG_TEST(worker, without_descriptors_a_spawn_fails_in_words_and_leaks_none)
{
	struct rlimit low, old;
	struct child_spec s;
	struct rig_task t;
	struct child *c;
	struct rig r;
	char *why = NULL;
	int fd;

	rig_init(&r, at);
	s = rig_spec(&r, "exit 3");
	s.out_fd = s.err_fd = s.cwd_fd = STDERR_FILENO;
	cr_assert_neq(fd = dup(0), -1);
	close(fd);
	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	for (low.rlim_cur = (rlim_t)fd; low.rlim_cur < (rlim_t)fd + 3;
	    low.rlim_cur++) {
		setrlimit(RLIMIT_NOFILE, &low);
		if ((c = child_spawn(r.shop, &s, NULL, NULL, &why)) != NULL) {
			child_free(c);
			break;
		}
		cr_expect_not_null(strstr(why, "Too many open files"), "%s",
		    why);
		free(why);
		cr_expect_eq(fcntl(fd, F_GETFD), -1);
	}
	cr_expect_gt(low.rlim_cur, (rlim_t)fd);
	setrlimit(RLIMIT_NOFILE, &old);
	rig_run(&t, &r, "exit 3");
	cr_expect_eq(t.end.code, 3);
	rig_fini(&r);
}
