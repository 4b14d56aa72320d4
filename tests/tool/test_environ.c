#include <criterion/criterion.h>

#include <stdlib.h>

#include "environ.h"

static const char *const	 input[] = {
	"PATH=/opt/bin:/bin", "HOME=/root", "USER=root", "LANG=de_DE.UTF-8",
	"OPENAI_API_KEY=secret", "TERM=xterm", "TZ=UTC", "MORE=yes=no",
	"SIGBOX_STATE=/x", "PATHOLOGY=1", "LD_PRELOAD=/evil.so", NULL
};

static struct buf	 b;

static void
teardown(void)
{
	buf_fini(&b);
}

TestSuite(environ, .fini = teardown);

static const char *
get(const char *name)
{
	size_t		 i, n = strlen(name);
	const char	*found = NULL;

	for (i = 0; i < b.len; i += strlen(b.data + i) + 1)
		if (strncmp(b.data + i, name, n) == 0 &&
		    b.data[i + n] == '=') {
			cr_assert_null(found, "%s is there twice", name);
			found = b.data + i + n + 1;
		}
	return found;
}

static void
build(struct environ_spec s)
{
	s.task = "t7";
	s.tool = "build";
	s.session = "main";
	s.task_dir = "/state/t7";
	s.progress_fd = 3;
	if (s.input == NULL)
		s.input = input;
	environ_build(&b, &s);
}

Test(environ, it_is_an_allow_list)
{
	build((struct environ_spec){ 0 });
	cr_assert_str_eq(get("PATH"), "/opt/bin:/bin");
	cr_assert_str_eq(get("HOME"), "/root");
	cr_assert_str_eq(get("LANG"), "de_DE.UTF-8");
	cr_assert_str_eq(get("TZ"), "UTC");
	cr_assert_null(get("OPENAI_API_KEY"));
	cr_assert_null(get("LD_PRELOAD"));
	cr_assert_null(get("PATHOLOGY"));
	cr_assert_null(get("SIGBOX_STATE"));
	cr_assert_null(get("MORE"));
}

Test(environ, it_says_which_task_it_is)
{
	build((struct environ_spec){ 0 });
	cr_assert_str_eq(get("SIGBOX_TASK_ID"), "t7");
	cr_assert_str_eq(get("SIGBOX_TOOL"), "build");
	cr_assert_str_eq(get("SIGBOX_SESSION"), "main");
	cr_assert_str_eq(get("SIGBOX_TASK_DIR"), "/state/t7");
	cr_assert_str_eq(get("SIGBOX_PROGRESS_FD"), "3");
}

Test(environ, nothing_waits_at_a_prompt)
{
	build((struct environ_spec){ 0 });
	cr_assert_str_eq(get("TERM"), "dumb");
	cr_assert_str_eq(get("NO_COLOR"), "1");
	cr_assert_str_eq(get("CI"), "1");
	cr_assert_str_eq(get("PAGER"), "cat");
	cr_assert_str_eq(get("GIT_PAGER"), "cat");
	cr_assert_str_eq(get("GIT_TERMINAL_PROMPT"), "0");
	cr_assert_str_eq(get("DEBIAN_FRONTEND"), "noninteractive");
	cr_assert_str_eq(get("SYSTEMD_PAGER"), "");
}

Test(environ, the_configuration_opens_the_list)
{
	static const char *const	 names[] = { "MORE", "TERM", "NONE" };

	build((struct environ_spec){ .names = names, .nnames = 3 });
	cr_assert_str_eq(get("MORE"), "yes=no");
	cr_assert_str_eq(get("TERM"), "xterm");
	cr_assert_null(get("NONE"));
}

Test(environ, the_configuration_cannot_say_another_task)
{
	static const char *const	 names[] = { "SIGBOX_TASK_ID" };
	static const char *const	 other[] = { "SIGBOX_TASK_ID=t1", NULL };

	build((struct environ_spec){ .input = other, .names = names,
	    .nnames = 1 });
	cr_assert_str_eq(get("SIGBOX_TASK_ID"), "t7");
}

Test(environ, home_is_of_the_user_that_it_runs_as)
{
	build((struct environ_spec){ .user = "alice", .home = "/home/alice",
	    .shell = "/bin/sh" });
	cr_assert_str_eq(get("HOME"), "/home/alice");
	cr_assert_str_eq(get("USER"), "alice");
	cr_assert_str_eq(get("LOGNAME"), "alice");
	cr_assert_str_eq(get("SHELL"), "/bin/sh");
}

Test(environ, there_is_always_a_path)
{
	static const char *const	 none[] = { NULL };

	build((struct environ_spec){ .input = none });
	cr_assert_str_eq(get("PATH"), "/usr/local/bin:/usr/bin:/bin");
	cr_assert_null(get("HOME"));
}

Test(environ, arguments_are_in_it)
{
	static const char	 args[] = "SIGBOX_ARG_A=1\0SIGBOX_ARG_B=x y";

	build((struct environ_spec){ .args = { args, sizeof(args) } });
	cr_assert_str_eq(get("SIGBOX_ARG_A"), "1");
	cr_assert_str_eq(get("SIGBOX_ARG_B"), "x y");
}
