#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_supervisor.h"
#include "xalloc.h"

static struct fake s;
static struct frame f;
static char *program, *mark;

static void
start(void)
{
	fake_init(&s);
	program = xasprintf("%s/start", s.folder);
	mark = xasprintf("%s/mark", s.folder);
}

static void
stop(void)
{
	unlink(program);
	unlink(mark);
	free(program);
	free(mark);
	fake_fini(&s);
}

TestSuite(dial, .init = start, .fini = stop, .timeout = 60);

/* A program that sigbox starts, and no socket until it shows the hidden one. */
static void
hide_behind(const char *script)
{
	char *hidden = xasprintf("%s/hidden", s.folder);
	FILE *out = fopen(program, "w");

	cr_assert(out != NULL);
	fprintf(out, "#!/bin/sh\ncd \"$SIGBOX_RUNTIME\" || exit 71\n%s\n",
	    script);
	fclose(out);
	cr_assert(chmod(program, 0700) == 0);
	cr_assert(rename(s.path, hidden) == 0);
	s.program = program;
	free(hidden);
}

Test(dial, without_a_supervisor_and_forbidden_to_start_one_it_is_69)
{
	fake_vanish(&s);
	fake_run(&s, "--no-start", "tasks", NULL);
	cr_expect_eq(fake_end(&s), 69);
	expect_has(s.err, "sigbox: no supervisor: ");
	expect_has(s.err, "No such file or directory");
	expect_text(s.out, "");
}

Test(dial, a_socket_without_a_listener_is_no_supervisor)
{
	close(s.listener);
	s.listener = -1;
	fake_run(&s, "tasks", "--no-start", NULL);
	cr_expect_eq(fake_end(&s), 69);
	expect_has(s.err, "Connection refused");
}

Test(dial, a_supervisor_that_is_not_there_to_be_started_is_told)
{
	fake_vanish(&s);
	fake_run(&s, "tasks", NULL);
	cr_expect_eq(fake_end(&s), 69);
	expect_text(s.err, "sigbox: no supervisor: /nonexistent/sigboxd: "
	    "No such file or directory\n");
}

Test(dial, it_starts_a_supervisor_and_talks_to_it)
{
	hide_behind("mv hidden sigbox.sock");
	fake_run(&s, "tasks", NULL);
	HEAR(&s, TASKS);
	fake_done(&s, f.tasks.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.err, "");
}

Test(dial, the_supervisor_beside_the_client_is_the_one_to_start)
{
	char *client = xasprintf("%s/sigbox", s.folder);
	char *copy = xasprintf("cp \"$SIGBOX\" %s", client);
	char *beside = xasprintf("%s/sigboxd", s.folder);

	hide_behind("mv hidden sigbox.sock");
	cr_assert(rename(program, beside) == 0 && system(copy) == 0);
	s.client = client;
	s.program = "";
	fake_run(&s, "tasks", NULL);
	HEAR(&s, TASKS);
	fake_done(&s, f.tasks.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	unlink(client);
	unlink(beside);
	free(client);
	free(copy);
	free(beside);
}

Test(dial, why_a_supervisor_did_not_start_is_told_in_its_own_words)
{
	hide_behind("echo some log >&2\n"
	    "echo 'sigboxd: sigbox.conf:3: no such key' >&2; exit 78");
	fake_run(&s, "tasks", NULL);
	cr_expect_eq(fake_end(&s), 69);
	expect_text(s.err, "sigbox: no supervisor: sigboxd: sigbox.conf:3: "
	    "no such key\n");
	unlink(xasprintf("%s/hidden", s.folder));
}

Test(dial, a_silent_failure_to_start_still_has_words)
{
	hide_behind("rm hidden; exit 3");
	fake_run(&s, "tasks", NULL);
	cr_expect_eq(fake_end(&s), 69);
	expect_has(s.err, "/start: exit code 3");
}

/* An old supervisor holds its lock a moment longer than its socket. */
Test(dial, it_tries_again_while_another_supervisor_comes_or_goes)
{
	hide_behind("test -e mark || { : >mark; exit 75; }\n"
	    "mv hidden sigbox.sock");
	fake_run(&s, "tasks", NULL);
	HEAR(&s, TASKS);
	fake_done(&s, f.tasks.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
}

Test(dial, nobody_starts_a_supervisor_in_order_to_end_it)
{
	hide_behind("rm hidden; : >mark");
	fake_run(&s, "shutdown", NULL);
	cr_expect_eq(fake_end(&s), 69);
	cr_expect(access(mark, F_OK) == -1);
	unlink(xasprintf("%s/hidden", s.folder));
}

Test(dial, a_supervisor_of_another_version_is_none)
{
	s.version = 99;
	fake_run(&s, "tasks", NULL);
	fake_greet(&s);
	cr_expect_eq(fake_end(&s), 69);
	expect_has(s.err, "another version");
}

Test(dial, a_folder_that_others_can_write_to_is_not_trusted)
{
	cr_assert(chmod(s.folder, 0777) == 0);
	fake_run(&s, "tasks", NULL);
	cr_expect_eq(fake_end(&s), 77);
	expect_has(s.err, "others can write to it");
}

Test(dial, a_supervisor_that_goes_away_in_mid_answer_is_69)
{
	fake_run(&s, "tasks", NULL);
	HEAR(&s, TASKS);
	fake_item(&s, f.tasks.request, "{\"id\":\"t1\"}");
	fake_vanish(&s);
	cr_expect_eq(fake_end(&s), 69);
	expect_text(s.err, "sigbox: tasks: the supervisor went away\n");
}

Test(dial, what_breaks_the_table_of_frames_ends_the_client)
{
	fake_run(&s, "tasks", NULL);
	HEAR(&s, TASKS);
	cr_assert(write(s.fd, "\0\0\0\1\300", 5) == 5);
	cr_expect_eq(fake_end(&s), 69);
	expect_has(s.err, "sigbox: tasks: the supervisor ");
}
