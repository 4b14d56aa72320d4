/* What the sandbox says where it cannot be had, and of itself: B2. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

TestSuite(tiers, .timeout = 90);

#define EXEC(r, command)	\
	rig_run(r, "run", "exec", "--command", command, NULL)

Test(tiers, doctor_tells_each_layer)
{
	static const char *const layers[] = { "tier", "minimum", "namespaces",
	    "mounts", "landlock", "seccomp", "capabilities", "cgroup",
	    "rlimits", "user" };
	struct rig *r = rig_new(NULL);
	json_t *list;
	size_t i;

	cr_assert(EXEC(r, "true")->code == 0);
	list = rig_lines(rig_ok(r, "doctor", "--json", NULL));
	for (i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		cr_expect(rig_find(list, "check", layers[i]) != NULL, "%s",
		    layers[i]);
	cr_expect_str_eq(rig_str(rig_find(list, "check", "tier"), "state"),
	    "full");
	rig_free(r);
}

static struct rig *
without_namespaces(const char *conf)
{
	return rig_new(&(struct rig_conf){ .as_nobody = true,
	    .no_namespaces = true, .conf = conf });
}

Test(tiers, what_cannot_be_had_is_refused_with_what_would_mend_it)
{
	struct rig *r = without_namespaces(NULL);
	struct job *j = EXEC(r, "touch ran");
	json_t *list;

	cr_expect(j->code != 0);
	cr_expect(strstr(j->err, "user namespace: ") &&
	    strstr(j->err, "sysctl -w user.max_user_namespaces=") &&
	    strstr(j->err, "minimum=landlock"), "%s", j->err);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "refused");
	cr_expect(access(rig_path(r, "work/ran"), F_OK) == -1);
	list = rig_lines(rig_ok(r, "doctor", "--json", NULL));
	cr_expect(strstr(rig_str(rig_find(list, "check", "tier full"),
	    "remedy"), "max_user_namespaces"));
	cr_expect(rig_find(list, "check", "landlock") == NULL);
	rig_free(r);
}

Test(tiers, an_administrator_may_accept_less)
{
	struct rig *r = without_namespaces("[sandbox]\nminimum=landlock\n");
	struct job *j = EXEC(r, "echo x >made && cat made; cat ../key");

	cr_expect_str_eq(j->out, "x\n", "%s", j->err);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "tier"), "landlock");
	rig_free(r);
}

Test(tiers, without_walls_and_namespaces_the_record_says_what_it_cannot)
{
	struct rig *r = without_namespaces("[tool exec]\nprofile=none\n");
	int up = rig_fifo(r, "up"), go = rig_fifo(r, "go");
	struct job *j = rig_spawn(r, "run", "exec", "--command",
	    "echo up >up; read x <go", NULL);
	json_t *t;

	rig_told(up, "up\n");
	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	t = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(t, "tier"), "none");
	cr_expect(strstr(rig_str(t, "why"), "no pid namespace"), "%s",
	    rig_str(t, "why"));
	cr_assert(write(go, "x\n", 2) == 2);
	cr_expect(rig_finish(j)->code == 0);
	rig_free(r);
}

Test(tiers, what_was_mended_counts_after_a_reload)
{
	struct rig *r = without_namespaces(NULL);

	cr_expect(EXEC(r, "true")->code != 0);
	rig_configure(r, "[sandbox]\nminimum=landlock\n");
	cr_expect(EXEC(r, "true")->code == 0);
	rig_configure(r, "[sandbox]\nminimum=full\n");
	cr_expect(EXEC(r, "true")->code != 0);
	rig_free(r);
}

/* R9a: it could not be sure that its workers die with it. */
Test(tiers, root_without_the_right_to_kill_does_not_start)
{
	char *argv[] = { (char *)"setpriv", (char *)"--bounding-set=-kill",
	    getenv("SIGBOXD"), (char *)"-f", NULL };
	struct rig *r;
	struct job *j;

	if (geteuid() != 0)
		cr_skip_test("only root can lose it");
	r = rig_new(NULL);
	j = rig_finish(rig_program(r, "/usr/bin/setpriv", argv));
	cr_expect(j->code == 77, "%d", j->code);
	cr_expect(strstr(j->err, "CAP_KILL") &&
	    strstr(j->err, "CapabilityBoundingSet="), "%s", j->err);
	rig_free(r);
}

static void
put_thief(struct rig *r)
{
	char *thief = rig_path(r, "tools/thief");
	char *argv[] = { (char *)"cp", getenv("FAKE_THIEF"), thief, NULL };

	cr_assert(rig_finish(rig_program(r, "/bin/cp", argv))->code == 0);
	cr_assert(mkdir(rig_path(r, "own"), 0755) == 0);
	setenv("SIGBOX_WORKER", thief, 1);
}

static void
was_not_changed(struct rig *r)
{
	char *seen = rig_read(r, "work/seen"), *p, *slash;
	struct stat st;

	cr_assert(seen != NULL && rig_occurs(seen, "\n") == 3, "%s",
	    rig_log(r));
	cr_assert(stat(rig_path(r, "own"), &st) == 0);
	cr_expect(st.st_uid == 0, "given to %u", (unsigned)st.st_uid);
	while ((p = strsep(&seen, "\n")) != NULL && *p != '\0') {
		cr_expect(seen == NULL || strstr(seen, p) == NULL, "%s", p);
		slash = strrchr(p, '/');
		cr_assert(slash != p);
		*slash = '\0';
		cr_expect(lstat(p, &st) == -1, "%s is left", p);
	}
}

/* Each tier's try comes after a stranger of the tool's user had his. */
Test(tiers, nobody_can_change_what_the_probe_works_in)
{
	struct rig *r;

	if (geteuid() != 0)
		cr_skip_test("only root gives folders away");
	r = rig_new(&(struct rig_conf){ .conf = "[tasks]\nrun_as=nobody\n" });
	rig_crash(r);
	put_thief(r);
	rig_start(r);
	cr_expect(strstr(EXEC(r, "true")->err, "no sandbox"));
	was_not_changed(r);
	rig_free(r);
}
