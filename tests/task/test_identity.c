/* A worker is born as root and becomes the tool's user; nobody gets between. */
#include "rig.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"
#include "machine.h"

#define OWN_USER	61807		/* nobody else's on any machine */
#define NTASKS		20
#define STORM_TIME	UINT64_C(10000000)	/* us, at most */

static const struct rig_case	full = { TIER_FULL, PROFILE_WORKSPACE, true };
static const struct rig_case	none = { TIER_NONE, PROFILE_NONE, true };

static bool
is_root(void)
{
	if (geteuid() != 0)
		cr_log_info("only root can become another\n");
	return geteuid() == 0;
}

static struct child_spec
spec_of(struct rig *r, const char *script)
{
	struct child_spec s = rig_spec(r, script);

	s.uid = s.gid = OWN_USER;
	return s;
}

/*
 * If it has to end by itself it kills those that it stopped, so that who hangs
 * on one of them fails the test instead of hanging for good.
 */
static void __attribute__((noreturn))
blow(int ready, uint64_t until)
{
	char up = 1;

	if (setgroups(0, NULL) == -1 ||
	    setresgid(OWN_USER, OWN_USER, OWN_USER) == -1 ||
	    setresuid(OWN_USER, OWN_USER, OWN_USER) == -1 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    write(ready, &up, 1) != 1)
		_exit(1);
	while (loop_now() < until)
		kill(-1, SIGSTOP);
	kill(-1, SIGKILL);
	_exit(2);
}

static pid_t
start_storm(void)
{
	char up;
	int fds[2];
	pid_t pid;

	cr_assert_eq(pipe(fds), 0);
	cr_assert_neq(pid = fork(), -1);
	if (pid == 0)
		blow(fds[1], loop_now() + machine_slowly(STORM_TIME));
	close(fds[1]);
	cr_assert_eq(read(fds[0], &up, 1), 1);
	close(fds[0]);
	return pid;
}

static void
end_storm(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFSIGNALED(status), "it blew until a spawn came back");
}

/*
 * What it stops is stopped after its exec, and is ended as it is: also what a
 * worker forked, and what did not hear of the worker's end.
 */
static void
spawn_in_storm(const struct rig_case *at)
{
	struct rig_task t[NTASKS];
	struct child_spec s;
	struct rig r;
	pid_t storm;
	int i;

	rig_init(&r, at);
	storm = start_storm();
	for (i = 0; i < NTASKS; i++) {
		s = spec_of(&r, "exec sleep 999");
		rig_start(&t[i], &r, &s);
	}
	end_storm(storm);
	for (i = 0; i < NTASKS; i++)
		child_kill(t[i].child);
	for (i = 0; i < NTASKS; i++)
		rig_until(&r, &t[i].gone);
	rig_fini(&r);
}

Test(identity, who_stops_all_of_its_user_stops_no_spawn)
{
	if (!is_root())
		return;
	spawn_in_storm(&full);
	spawn_in_storm(&none);
}

Test(identity, the_supervisors_flag_is_left_alone_by_a_spawn)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;
	int flag;

	if (!is_root())
		return;
	rig_init(&r, &none);
	for (flag = 0; flag < 2; flag++) {
		cr_assert_eq(prctl(PR_SET_DUMPABLE, flag), 0);
		s = spec_of(&r, "exit 3");
		rig_start(&t, &r, &s);
		cr_expect_eq(prctl(PR_GET_DUMPABLE), flag);
		rig_until(&r, &t.gone);
		cr_expect_eq(t.end.code, 3, "%s", t.end_why);
	}
	rig_fini(&r);
}

static void
expect_nothing_left(const struct rig_case *at, const char *script)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;
	size_t len;
	char *out;

	rig_init(&r, at);
	s = spec_of(&r, script);
	rig_start(&t, &r, &s);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	out = rig_read(&t, "out", &len);
	cr_expect_str_eq(out, "61807 61807 61807\n"
	    "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n"
	    "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
	    "CapAmb:\t0000000000000000\n0\n");
	free(out);
	rig_fini(&r);
}

Test(identity, nothing_of_who_the_worker_was_reaches_the_tool)
{
	static const char script[] = "echo $(id -u) $(id -g) $(id -G); "
	    "grep ^Cap /proc/self/status; env | grep -c SIGBOX_AS";

	if (!is_root())
		return;
	expect_nothing_left(&full, script);
	expect_nothing_left(&none, script);
}

static char *
field_of(pid_t pid, const char *name)
{
	char path[64], line[256], *found = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	cr_assert_not_null(f = fopen(path, "re"));
	while (found == NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			found = strdup(line + strlen(name));
	fclose(f);
	cr_assert_not_null(found, "%s", name);
	return found;
}

static void
expect_field(pid_t pid, const char *name, const char *text)
{
	char *s = field_of(pid, name);

	cr_expect_str_eq(s, text, "%s %s", name, s);
	free(s);
}

Test(identity, the_worker_is_the_tools_user_and_can_no_more)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;
	pid_t pid;

	if (!is_root())
		return;
	rig_init(&r, &full);
	s = spec_of(&r, "exec sleep 999");
	rig_start(&t, &r, &s);
	rig_until(&r, &t.running);
	pid = child_pid(t.child);
	expect_field(pid, "Uid:", "\t61807\t61807\t61807\t61807\n");
	expect_field(pid, "Gid:", "\t61807\t61807\t61807\t61807\n");
	expect_field(pid, "Groups:", "\t \n");
	expect_field(pid, "CapPrm:", "\t0000000000000000\n");
	child_kill(t.child);
	rig_until(&r, &t.gone);
	rig_fini(&r);
}

static void
expect_refused_without(unsigned long cap, const char *step)
{
	struct child_spec s;
	struct rig_task t;
	struct rig r;

	/* Only what we exec lacks it then. */
	cr_assert_eq(prctl(PR_CAPBSET_DROP, cap, 0, 0, 0), 0);
	rig_init(&r, &none);
	s = spec_of(&r, "echo ran");
	rig_start(&t, &r, &s);
	rig_until(&r, &t.gone);
	cr_expect_eq(t.end.how, CHILD_REFUSED, "%s", t.end_why);
	cr_expect_str_eq(t.step, step);
	cr_expect_str_eq(t.why, strerror(EPERM));
	cr_expect_eq(t.end.out, 0);
	rig_fini(&r);
}

/* The user before the groups: the bounding set of this process only shrinks. */
Test(identity, who_cannot_become_the_tools_user_runs_nothing)
{
	if (!is_root())
		return;
	expect_refused_without(CAP_SETUID, "setresuid");
	expect_refused_without(CAP_SETGID, "setgroups");
}
