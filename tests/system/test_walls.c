/* The sandbox as a user has it: B1, B3, B4. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rig.h"

TestSuite(walls, .timeout = 90);

#define RUN(r, ...)	rig_run(r, "run", __VA_ARGS__, NULL)
#define EXEC(r, command)	RUN(r, "exec", "--command", command)

static struct job *
cat(struct rig *r, const char *path)
{
	char *command;
	struct job *j;

	if (asprintf(&command, "cat %s", path) == -1)
		abort();
	j = EXEC(r, command);
	free(command);
	return j;
}

static char *
canary_of(struct rig *r)
{
	char link[4096];
	ssize_t n = readlink(rig_path(r, "state/canary0"), link,
	    sizeof(link) - 1);

	cr_assert(n > 0);
	link[n] = '\0';
	return rig_keep(r, strdup(link));
}

static void
sees_and_sees_not(struct rig *r)
{
	const char *canary;
	struct job *j;

	rig_write(r, "work/mine", "mine\n", 0644);
	cr_expect_str_eq(cat(r, "mine")->out, "mine\n");
	canary = canary_of(r);
	cr_expect(access(canary, R_OK) == 0);
	cr_expect(cat(r, canary)->code != 0);
	cr_expect(cat(r, rig_path(r, "state/journal.db"))->code != 0);
	cr_expect(cat(r, rig_path(r, "key"))->nout == 0);
	cr_expect(cat(r, rig_path(r, "sigbox.conf"))->nout == 0);
	j = EXEC(r, "echo x >made; echo y >/tmp/made; cat made /tmp/made; "
	    "echo z >../made; ls /home /root; echo $SIGBOX_TASK_DIR end 2>/dev/null");
	cr_expect_str_eq(j->out, "x\ny\n/home:\n\n/root:\nend\n");
	cr_expect_str_eq(rig_read(r, "work/made"), "x\n");
	cr_expect(access(rig_path(r, "made"), F_OK) == -1);
	cr_expect(access("/tmp/made", F_OK) == -1);
	rig_signal(r, SIGTERM);
	cr_expect(rig_exit(r) == 0);
	cr_expect(access(canary, F_OK) == -1);
}

Test(walls, a_tool_sees_its_folder_and_nothing_of_anybody_elses)
{
	struct rig *r = rig_new(NULL);

	sees_and_sees_not(r);
	rig_free(r);
}

Test(walls, so_does_an_ordinary_users)
{
	struct rig *r = rig_new(&(struct rig_conf){ .as_nobody = true });

	sees_and_sees_not(r);
	rig_free(r);
}

Test(walls, a_crash_leaves_no_canary_behind)
{
	struct rig *r = rig_new(NULL);
	const char *canary;

	cr_assert(EXEC(r, "true")->code == 0);
	canary = canary_of(r);
	rig_crash(r);
	cr_expect(access(canary, F_OK) == 0);
	rig_start(r);
	cr_assert(EXEC(r, "true")->code == 0);
	cr_expect(access(canary, F_OK) == -1);
	cr_assert(unlink(canary_of(r)) == 0);
	cr_expect(EXEC(r, "true")->code == 0, "somebody tidied up");
	rig_free(r);
}

Test(walls, what_cannot_be_checked_is_refused)
{
	struct rig *r = rig_new(NULL);
	struct job *j;

	cr_assert(EXEC(r, "true")->code == 0);
	/* A folder that is in the way of the link to it, as a full disk is. */
	cr_assert(unlink(canary_of(r)) == 0);
	cr_assert(unlink(rig_path(r, "state/canary0")) == 0);
	cr_assert(mkdir(rig_path(r, "state/canary0"), 0700) == 0);
	cr_assert(mkdir(rig_path(r, "state/canary1"), 0700) == 0);
	j = EXEC(r, "touch ran");
	cr_expect(j->code != 0 && strstr(j->err, "no sandbox") &&
	    strstr(j->err, "/.sigbox-canary-"), "%s", j->err);
	cr_expect(access(rig_path(r, "work/ran"), F_OK) == -1);
	cr_assert(rmdir(rig_path(r, "state/canary1")) == 0);
	cr_expect(EXEC(r, "true")->code == 0, "one is enough");
	rig_free(r);
}

/* A reload took away what the one that waits was granted. */
Test(walls, what_waits_gets_no_more_than_is_granted_when_it_starts)
{
	struct rig *r = rig_new(&(struct rig_conf){ .conf =
	    "[tasks]\nmax_total=1\n[sandbox]\nprofile=none\n" });
	int up = rig_fifo(r, "up"), go = rig_fifo(r, "go");
	struct job *first, *second;

	first = rig_spawn(r, "run", "exec", "--command",
	    "echo up >up; read x <go", NULL);
	rig_told(up, "up\n");
	second = rig_spawn(r, "run", "exec", "--command", "cat ../key", NULL);
	rig_record(r, "task", "task", "t2", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "profile"), "none");
	rig_configure(r, "[sandbox]\nprofile=read-only\n");
	cr_assert(write(go, "x\n", 2) == 2);
	cr_expect(rig_finish(first)->code == 0);
	cr_expect(rig_finish(second)->nout == 0);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "profile"), "none");
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "profile"), "read-only");
	rig_free(r);
}

Test(walls, what_a_task_ran_in_is_on_record)
{
	struct rig *r = rig_new(NULL);
	json_t *t;

	cr_expect(EXEC(r, "true")->code == 0);
	t = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(t, "tier"), "full");
	cr_expect_str_eq(rig_str(t, "profile"), "workspace");
	cr_expect(strlen(rig_str(t, "filter")) == 16);
	rig_crash(r);
	rig_start(r);
	t = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(t, "profile"), "workspace");
	cr_expect(strlen(rig_str(t, "filter")) == 16);
	rig_free(r);
}

/* What is absent cannot be covered, so it is told. */
Test(walls, what_a_tool_leaves_for_others_to_run_is_told)
{
	struct rig *r = rig_new(NULL);
	const char *why;

	cr_expect(EXEC(r, "mkdir .git; echo x >.git/config")->code == 0);
	why = rig_str(rig_task(r, "t1"), "why");
	cr_expect(strstr(why, "others may run later: .git") != NULL, "%s", why);
	/* It is there now, and covered. */
	cr_expect(EXEC(r, "echo y >.git/config")->code != 0);
	cr_expect_str_eq(rig_read(r, "work/.git/config"), "x\n");
	rig_free(r);
}

/* Where the system gives us no groups, the reason says so. */
Test(walls, a_task_has_a_group_of_its_own_where_that_is_asked_for)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tasks]\ncgroup=yes\n" });
	struct job *j = EXEC(r, "cat /proc/self/cgroup");

	if (j->code == 0)
		cr_expect(strstr(j->out, "/t1-") != NULL, "%s", j->out);
	else
		cr_expect(strstr(j->err, "cgroup=yes in [tasks]") != NULL,
		    "%s", j->err);
	rig_free(r);
}

Test(walls, none_is_for_the_tools_that_the_administrator_names)
{
	struct rig *r = rig_new(NULL);

	rig_write(r, "secret", "secret\n", 0644);
	rig_configure(r, "[tool exec]\nprofile=none\n");
	cr_expect_str_eq(cat(r, rig_path(r, "secret"))->out, "secret\n");
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "profile"), "none");
	cr_expect(EXEC(r, "test -n \"$SIGBOX_TASK_DIR\"")->code == 0);
	rig_configure(r, "[session main]\nprofile=scratch\n");
	cr_expect(cat(r, rig_path(r, "secret"))->code != 0);
	cr_expect_str_eq(rig_str(rig_task(r, "t3"), "profile"), "scratch");
	rig_free(r);
}

static void
write_tool(struct rig *r, const char *name, const char *meta,
    const char *command)
{
	char *path, *text;

	if (asprintf(&path, "tools/%s", name) == -1 ||
	    asprintf(&text, "#!/bin/sh\n# @describe A tool.\n%s%s\n", meta,
	    command) == -1)
		abort();
	rig_write(r, path, text, 0755);
	free(path);
	free(text);
}

Test(walls, a_header_narrows_and_never_widens)
{
	struct rig *r = rig_new(NULL);
	struct job *j;

	write_tool(r, "greedy", "# @meta profile none\n# @meta net host\n"
	    "# @meta rw /etc\n", "touch /etc/sigbox-greedy; cat ../key; "
	    "ls /sys/class/net; echo done >kept");
	write_tool(r, "modest", "# @meta profile read-only\n",
	    "touch here && echo it could");
	rig_configure(r, "");
	j = RUN(r, "greedy");
	cr_expect(j->nout == 0 && j->code == 0, "%s", j->out);
	cr_expect_str_eq(rig_read(r, "work/kept"), "done\n");
	cr_expect(access("/etc/sigbox-greedy", F_OK) == -1);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "profile"), "workspace");
	cr_expect(RUN(r, "modest")->nout == 0);
	cr_expect(access(rig_path(r, "work/here"), F_OK) == -1);
	j = rig_run(r, "tools", "--check", NULL);
	cr_expect(strstr(j->out, "profile none (it gets workspace)") &&
	    strstr(j->out, "net host (it gets no)") &&
	    strstr(j->out, "rw /etc (it gets nothing of it)"), "%s", j->out);
	cr_expect(!strstr(j->out, "modest"));
	rig_free(r);
}

Test(walls, the_model_names_no_folder_that_becomes_writable)
{
	struct rig *r = rig_new(NULL);
	json_t *j;

	cr_assert(EXEC(r, "mkdir sub")->code == 0);
	rig_ok(r, "say", "@call exec {\"command\":\"pwd >where\","
	    "\"cwd\":\"sub\"}", NULL);
	cr_expect(strstr(rig_read(r, "work/sub/where"), "/work/sub\n"));
	rig_ok(r, "say", "@call exec {\"command\":\"pwd; touch sigbox-x\","
	    "\"cwd\":\"/var\"}", NULL);
	j = rig_task(r, "t3");
	cr_expect_str_eq(rig_str(j, "end"), "exited");
	cr_expect(rig_int(j, "code") != 0);
	cr_expect(access("/var/sigbox-x", F_OK) == -1);
	cr_expect_str_eq(rig_run(r, "log", "--out", "t3", NULL)->out, "/var\n");
	rig_free(r);
}

/* A user's own command, in another folder than the session's. */
static struct job *
exec_in(struct rig *r, const char *folder, const char *command)
{
	char *argv[] = { (char *)"sh", (char *)"-c", NULL, NULL };
	struct job *j;

	if (asprintf(&argv[2], "cd '%s' && exec '%s' run exec --command '%s'",
	    folder, getenv("SIGBOX"), command) == -1)
		abort();
	j = rig_finish(rig_program(r, "/bin/sh", argv));
	free(argv[2]);
	return j;
}

Test(walls, nothing_of_the_supervisors_own_is_worked_in)
{
	struct rig *r = rig_new(&(struct rig_conf){ .as_nobody = true });
	struct job *j = exec_in(r, rig_path(r, "state/tasks"), "pwd");

	cr_expect(j->code != 0 && j->nout == 0);
	cr_expect(strstr(j->err, "supervisor's own"), "%s", j->err);
	rig_free(r);
}

Test(walls, a_home_can_be_worked_in_without_what_is_the_supervisors)
{
	struct rig *r = rig_new(&(struct rig_conf){ .as_nobody = true });
	char *argv[] = { (char *)"mkdir", rig_path(r, "home/.config/sigbox"),
	    rig_path(r, "home/below"), NULL };
	struct job *j;

	cr_assert(rig_finish(rig_program(r, "/bin/mkdir", argv))->code == 0);
	rig_write(r, "home/.config/sigbox/key", "k\n", 0644);
	rig_write(r, "home/mine", "mine\n", 0644);
	rig_ok(r, "reload", NULL);
	j = exec_in(r, rig_path(r, "home"), "cat mine .config/sigbox/key; "
	    "ls .config/sigbox");
	cr_expect_str_eq(j->out, "mine\n", "%s", j->err);
	j = exec_in(r, rig_path(r, "home/below"), "echo x >made");
	cr_expect_str_eq(rig_read(r, "home/below/made"), "x\n", "%s", j->err);
	rig_free(r);
}

/* Else a tool could say what it may do, from the next reload on. */
Test(walls, no_tool_writes_where_the_configuration_could_come_to_be)
{
	struct rig *r = rig_new(&(struct rig_conf){ .as_nobody = true });
	struct job *j = exec_in(r, rig_path(r, "home"), "touch here; "
	    "mkdir -p .config/sigbox && echo x >.config/sigbox/sigbox.conf; "
	    "mv .config away");
	const char *why = rig_str(rig_task(r, "t1"), "why");

	cr_expect(j->code != 0);
	cr_expect(access(rig_path(r, "home/here"), F_OK) == -1);
	cr_expect(access(rig_path(r, "home/.config/sigbox"), F_OK) == -1);
	cr_expect(access(rig_path(r, "home/away"), F_OK) == -1);
	cr_expect(strstr(why, "read-only") && strstr(why,
	    "home/.config/sigbox is the supervisor's own"), "%s", why);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "profile"), "read-only");
	rig_free(r);
}

Test(walls, a_users_own_tools_are_shown_and_what_is_beside_them_is_not)
{
	struct rig *r = rig_new(NULL);
	struct job *j;

	cr_assert(mkdir(rig_path(r, "home/.config/sigbox"), 0755) == 0);
	cr_assert(mkdir(rig_path(r, "home/.config/sigbox/tools"), 0755) == 0);
	rig_write(r, "home/.config/sigbox/secret", "s\n", 0644);
	rig_write(r, "home/.config/sigbox/tools/look", "#!/bin/sh\n"
	    "# @describe Look.\nhere=$(dirname \"$0\")\n"
	    "ls \"$here\" && cat \"$here/../secret\"\n", 0755);
	rig_ok(r, "reload", NULL);
	j = RUN(r, "look");
	cr_expect_str_eq(j->out, "look\n", "%s", j->err);
	cr_expect(j->code != 0);
	rig_free(r);
}

Test(walls, where_everybody_works_there_is_another_canary)
{
	struct rig *r = rig_new(&(struct rig_conf){ .as_nobody = true });
	struct job *j = exec_in(r, "/tmp", "pwd");

	cr_expect_str_eq(j->out, "/tmp\n", "%s", j->err);
	rig_free(r);
}

Test(walls, rw_and_hide_are_the_administrators)
{
	struct rig *r = rig_new(NULL);
	char *conf;

	cr_assert(EXEC(r, "mkdir secret; echo s >secret/s")->code == 0);
	if (asprintf(&conf, "[sandbox]\nrw=%s\nhide=%s\n",
	    rig_path(r, "model"), rig_path(r, "work/secret")) == -1)
		abort();
	chmod(rig_path(r, "model"), 0777);
	rig_configure(r, conf);
	free(conf);
	cr_expect(EXEC(r, "touch ../model/made")->code == 0);
	cr_expect(access(rig_path(r, "model/made"), F_OK) == 0);
	cr_expect(EXEC(r, "cat secret/s")->code != 0);
	rig_free(r);
}

/* B3: it is not root, and yet at home in a folder of root's. */
Test(walls, roots_folder_is_its_users_own_for_a_tool)
{
	struct rig *r;
	struct job *j;
	struct stat st;

	if (geteuid() != 0)
		cr_skip_test("only root has such folders");
	r = rig_new(NULL);
	cr_assert(chown(rig_path(r, "work"), 0, 0) == 0);
	j = EXEC(r, "id -u; touch made && chmod u+s made");
	if (j->nout == 0) {
		cr_expect(strstr(j->err, "ext4"), "%s", j->err);
	} else {
		cr_expect(atoi(j->out) > 0 && j->code != 0, "%s", j->out);
		cr_assert(stat(rig_path(r, "work/made"), &st) == 0);
		cr_expect(st.st_uid == 0 && (st.st_mode & S_ISUID) == 0);
	}
	rig_configure(r, "[tasks]\nrun_as=root\n");
	j = EXEC(r, "id -u");
	cr_expect(j->nout == 0 && strstr(j->err, "run_as="), "%s", j->err);
	rig_free(r);
}

/* In the session of that name. */
static struct job *
exec_for(struct rig *r, const char *session, const char *command)
{
	char *say;

	if (asprintf(&say, "@call exec {\"command\":\"%s\"}", command) == -1)
		abort();
	rig_keep(r, say);
	return rig_run(r, "-s", session, "say", say, NULL);
}

static void
make_sub(struct rig *r)
{
	cr_assert(EXEC(r, "mkdir sub")->code == 0);
	cr_assert(mkdir(rig_path(r, "other"), 0755) == 0);
	if (geteuid() == 0)
		cr_assert(chown(rig_path(r, "other"), 65534, 65534) == 0);
	rig_ok(r, "new", "-C", rig_path(r, "work/sub"), "lower", NULL);
	exec_for(r, "lower", "touch first");
	cr_assert(access(rig_path(r, "work/sub/first"), F_OK) == 0);
}

Test(walls, a_session_follows_no_link_that_a_tool_put_there)
{
	struct rig *r = rig_new(NULL);
	char *command;

	make_sub(r);
	if (asprintf(&command, "mv sub old && ln -s %s sub",
	    rig_path(r, "other")) == -1)
		abort();
	cr_assert(EXEC(r, command)->code == 0);
	free(command);
	exec_for(r, "lower", "touch second");
	cr_expect_str_eq(rig_str(rig_task(r, "t4"), "end"), "refused");
	cr_expect(strstr(rig_str(rig_task(r, "t4"), "why"), "symbolic link"));
	cr_expect(access(rig_path(r, "other/second"), F_OK) == -1);
	rig_free(r);
}

Test(walls, a_session_works_in_no_other_folder_of_the_same_name)
{
	struct rig *r = rig_new(NULL);
	const char *why;

	make_sub(r);
	cr_assert(EXEC(r, "mv sub old && mkdir sub")->code == 0);
	exec_for(r, "lower", "touch second");
	cr_expect_str_eq(rig_str(rig_task(r, "t4"), "end"), "refused");
	why = rig_str(rig_task(r, "t4"), "why");
	cr_expect(strstr(why, "the working folder was replaced"), "%s", why);
	cr_expect(access(rig_path(r, "work/sub/second"), F_OK) == -1);
	/* A person who is there names what is there now. */
	rig_ok(r, "new", "-C", rig_path(r, "work/sub"), "newer", NULL);
	exec_for(r, "newer", "touch third");
	cr_expect(access(rig_path(r, "work/sub/third"), F_OK) == 0);
	rig_free(r);
}

Test(walls, a_session_is_its_owners_after_a_restart_too)
{
	struct rig *r = rig_new(NULL);
	const char *why;

	if (geteuid() != 0)
		cr_skip_test("an ordinary user's tools are his own anywhere");
	make_sub(r);
	cr_assert(EXEC(r, "mv sub old")->code == 0);
	/* As a tool could have moved one that it may not read. */
	cr_assert(mkdir(rig_path(r, "work/sub"), 0700) == 0);
	rig_crash(r);
	rig_start(r);
	exec_for(r, "lower", "touch second");
	cr_expect_str_eq(rig_str(rig_task(r, "t4"), "end"), "refused");
	why = rig_str(rig_task(r, "t4"), "why");
	cr_expect(strstr(why, "the working folder was replaced"), "%s", why);
	cr_expect(access(rig_path(r, "work/sub/second"), F_OK) == -1);
	/* What a person put there is as good as what was. */
	cr_assert(chown(rig_path(r, "work/sub"), 65534, 65534) == 0);
	exec_for(r, "lower", "touch third");
	cr_expect(access(rig_path(r, "work/sub/third"), F_OK) == 0);
	rig_free(r);
}

Test(walls, a_person_may_name_a_folder_by_a_link)
{
	struct rig *r = rig_new(NULL);

	cr_assert(symlink("work", rig_path(r, "link")) == 0);
	rig_ok(r, "new", "-C", rig_path(r, "link"), "linked", NULL);
	exec_for(r, "linked", "touch made");
	cr_expect(access(rig_path(r, "work/made"), F_OK) == 0);
	cr_expect(exec_in(r, rig_path(r, "link"), "touch its")->code == 0);
	cr_expect(access(rig_path(r, "work/its"), F_OK) == 0);
	rig_free(r);
}
