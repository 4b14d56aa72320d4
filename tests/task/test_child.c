/* A worker is not believed, and whatever it does the supervisor lives. */
#include "rig.h"

#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "machine.h"
#include "shop.h"

static const struct rig_case	as_we_are = { TIER_NONE, PROFILE_NONE,
    true };
static struct rig		r;

static int
count_fds(void)
{
	int n = 0;
	DIR *d;

	cr_assert_not_null(d = opendir("/proc/self/fd"));
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
set_up(void)
{
	rig_init_with(&r, &as_we_are, FAKE_WORKER);
}

static void
tear_down(void)
{
	rig_fini(&r);
	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "a zombie is left");
}

TestSuite(child, .init = set_up, .fini = tear_down);

static void
start(struct rig_task *t, const char *act)
{
	struct child_spec s = rig_spec(&r, "");

	s.tool = act;
	s.drop = false;
	rig_start(t, &r, &s);
}

static void
expect(const char *act, enum child_how how, const char *why)
{
	struct rig_task t;
	int nfds = count_fds();

	start(&t, act);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, how, "%s: %s", act, t.end_why);
	cr_expect_not_null(strstr(t.end_why, why), "%s: %s", act, t.end_why);
	cr_expect_eq(count_fds(), nfds, "%s leaks", act);
}

Test(child, a_liar_is_killed_and_the_lie_is_told)
{
	static const char *const lies[][2] = {
		{ "early_ended", "not its turn" }, { "old", "contradicts" },
		{ "stranger", "contradicts" }, { "twice", "not its turn" },
		{ "client", "not its turn" }, { "no_init", "contradicts" },
		{ "other_init", "contradicts" }, { "own_pid", "contradicts" },
		{ "shrink", "contradicts" }, { "code_999", "contradicts" },
		{ "both", "contradicts" }, { "exit_twice", "contradicts" },
		{ "no_exit", "contradicts" }, { "turncoat", "contradicts" },
		{ "swept", "contradicts" }, { "fed", "contradicts" },
		{ "seen", "contradicts" }, { "gauged", "contradicts" },
		{ "refuse_late", "not its turn" },
		{ "after_the_end", "after its last word" },
		{ "garbage", "longer than" }, { "huge", "longer than" },
		{ "bomb", "" }, { "cut", "inside a frame" },
		{ "flood", "floods" },
	};
	size_t i;

	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		expect(lies[i][0], CHILD_LIED, lies[i][1]);
}

Test(child, a_worker_that_just_ends_has_its_end_in_words)
{
	expect("early_death", CHILD_CRASHED, "code 3");
	expect("code", CHILD_CRASHED, "code 3");
	expect("crash", CHILD_KILLED, "SIGKILL");
	expect("silent_end", CHILD_KILLED, "SIGKILL");
}

Test(child, a_foreign_init_is_not_waited_for)
{
	expect("pid_1", CHILD_CRASHED, "code 3");
}

/*
 * A number that was nobody's when the liar named it, and a worker's at the
 * liar's end: that one's end would never be told to it.
 */
Test(child, another_worker_is_no_init_to_wait_for)
{
	struct rig_task liar, other;

	start(&liar, "start_hang");
	start(&other, "start_hang");
	liar.child->init = other.child->pid;
	child_kill(liar.child);
	rig_until(&r, &liar.gone);
	cr_expect_eq(liar.end.how, CHILD_KILLED, "%s", liar.end_why);
	cr_expect_not(other.gone);
	child_kill(other.child);
	rig_until(&r, &other.gone);
}

/* What it said last counts, though it has to be helped out. */
Test(child, a_worker_that_stays_after_its_last_word_is_removed)
{
	struct rig_task t;

	expect("refuse_hang", CHILD_REFUSED, "step: why");
	start(&t, "ended_hang");
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE);
	cr_expect_eq(t.end.code, 4);
}

Test(child, a_worker_that_does_not_start_in_time_is_killed)
{
	static const char *const acts[] = { "mute", "start_hang" };
	struct child_spec s;
	struct rig_task t;
	size_t i;

	for (i = 0; i < 2; i++) {
		s = rig_spec(&r, "");
		s.tool = acts[i];
		s.drop = false;
		s.start_us = 50000;
		rig_start(&t, &r, &s);
		rig_until(&r, &t.gone);
		cr_expect_eq(t.end.how, CHILD_KILLED);
		cr_expect_not_null(strstr(t.end_why, "did not start in time"),
		    "%s", t.end_why);
	}
}

Test(child, a_deaf_worker_is_killed_one_second_after_it_was_told)
{
	struct rig_task t;
	uint64_t from;

	start(&t, "deaf");
	rig_until(&r, &t.progressed);
	from = loop_now();
	child_kill(t.child);
	child_kill(t.child);
	rig_until(&r, &t.gone);
	cr_expect_geq(loop_now() - from, 1000000);
	cr_expect_eq(t.end.how, CHILD_KILLED);
	cr_expect_not_null(strstr(t.end_why, "did not end when told"), "%s",
	    t.end_why);
}

/* It has no group of its own either, so the signal reaches nobody. */
Test(child, a_deaf_worker_cannot_make_suspend_lie)
{
	struct rig_task t;

	start(&t, "deaf");
	rig_until(&r, &t.progressed);
	child_suspend(t.child);
	child_input(t.child, BYTES("x"), false);
	child_kill(t.child);
	rig_until(&r, &t.gone);
	cr_expect_not(t.suspended);
}

Test(child, a_child_can_be_forgotten_at_any_time)
{
	struct rig_task t, other;

	start(&t, "mute");
	child_free(t.child);
	start(&t, "deaf");
	rig_until(&r, &t.progressed);
	child_free(t.child);
	t.progressed = false;
	start(&other, "early_death");
	rig_until(&r, &other.gone);
	cr_expect_not(t.gone || t.progressed, "nobody listens");
}

Test(child, verbs_after_the_end_do_nothing)
{
	struct rig_task t;
	struct child *c;

	start(&t, "early_death");
	c = t.child;
	t.child = NULL;		/* on_gone frees nothing */
	rig_until(&r, &t.gone);
	child_term(c);
	child_kill(c);
	child_suspend(c);
	child_resume(c);
	cr_expect_not(child_input(c, BYTES("x"), true));
	child_free(c);
}

Test(child, what_would_break_the_table_is_refused_in_words)
{
	static char big[(1 << 20) + 1];
	struct child_spec s = rig_spec(&r, "");
	char *why = NULL;

	s.argv = (struct bytes){ big, sizeof(big) };
	cr_expect_null(child_spawn(r.shop, &s, NULL, NULL, &why));
	cr_expect_str_eq(why, "arguments: too long");
	free(why);
	s = rig_spec(&r, "");
	s.path = "/\xff";
	cr_expect_null(child_spawn(r.shop, &s, NULL, NULL, &why));
	cr_expect_str_eq(why, "path: too long, or not UTF-8");
	free(why);
}

Test(child, what_nobody_waits_for_is_reaped)
{
	struct rig_task t;
	int i;

	/* Handed over by whoever exec'ed us, or left by a dead worker. */
	for (i = 0; i < 200; i++)
		if (fork() == 0)
			_exit(i);
	/* Each turns the loop until one more end has been seen. */
	for (i = 0; i < 200 && waitid(P_ALL, 0, NULL, WEXITED | WNOHANG |
	    WNOWAIT) == 0; i++) {
		start(&t, "early_death");
		rig_until(&r, &t.gone);
	}
	cr_expect_eq(errno, ECHILD);
}

Test(child_shop, a_worker_that_is_not_there_is_told)
{
	struct loop *l = loop_new();
	char *why = NULL;

	cr_expect_null(shop_new(l, "/no/such/worker", &why));
	cr_expect_str_eq(why, "the worker's file: No such file or directory");
	free(why);
	loop_free(l);
}

Test(child_shop, root_without_cap_kill_is_refused)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3,
	    0 };
	struct __user_cap_data_struct caps[2];
	struct loop *l;
	char *why = NULL;

	if (geteuid() != 0)
		return;
	cr_assert_eq(syscall(SYS_capget, &head, caps), 0);
	caps[0].effective &= ~(1U << CAP_KILL);
	cr_assert_eq(syscall(SYS_capset, &head, caps), 0);
	l = loop_new();
	cr_expect_null(shop_new(l, WORKER, &why));
	cr_expect_not_null(strstr(why, "CAP_KILL"));
	free(why);
	loop_free(l);
}

#define IF_NR(nr, yes, no)						\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), (yes), (no))

static void
enter_filter(struct sock_filter *code, unsigned short len)
{
	struct sock_fprog prog = { len, code };

	cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	cr_assert_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog), 0);
}

/* As under valgrind, in gVisor, or behind a filter that knows only old calls. */
static void
forbid_new_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		IF_NR(SYS_close_range, 2, 0),
		IF_NR(SYS_pidfd_open, 1, 0),
		IF_NR(SYS_pidfd_send_signal, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	enter_filter(code, sizeof(code) / sizeof(code[0]));
}

static void
forbid_landlock(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		IF_NR(SYS_landlock_create_ruleset, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	enter_filter(code, sizeof(code) / sizeof(code[0]));
}

RIG_TEST(child_old_kernel, a_kernel_without_pidfds_runs_and_stops_tools)
{
	struct rig rig;
	struct rig_task t;
	size_t len;
	char *s;

	forbid_new_calls();
	rig_init(&rig, at);
	rig_run(&t, &rig, "exec ls /proc/self/fd");
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	s = rig_read(&t, "out", &len);
	cr_expect_str_eq(s, "0\n1\n2\n3\n4\n");
	free(s);
	rig_sh(&t, &rig, RIG_LEAVE "trap '' TERM; $S sleep 999 & echo up; wait");
	rig_until_output(&t, "up");
	child_suspend(t.child);
	rig_until(&rig, &t.suspended);
	child_term(t.child);
	child_kill(t.child);
	rig_until(&rig, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect_eq(rig_alive(rig.mark), 0);
	rig_fini(&rig);
}

/* What it could do instead would be weaker (B2). */
Test(child_old_kernel, a_kernel_without_landlock_refuses_its_tier)
{
	const struct rig_case at = { TIER_LANDLOCK, PROFILE_WORKSPACE,
	    geteuid() == 0 };
	struct rig rig;
	struct rig_task t;

	forbid_landlock();
	cr_assert_lt(machine_landlock(), 1);
	rig_init(&rig, &at);
	rig_run(&t, &rig, "echo ran");
	cr_expect_eq(t.end.how, CHILD_REFUSED, "%s", t.end_why);
	cr_expect_str_eq(t.step, "tier");
	cr_expect_eq(t.end.out, 0);
	rig_fini(&rig);
}
