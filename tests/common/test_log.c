#include "log.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char	said[65536];

/* What act() wrote to stderr is in said; its exit code is returned. */
static int
run(void (*act)(void))
{
	FILE *f = tmpfile();
	size_t n;
	int status;
	pid_t pid;

	cr_assert_not_null(f);
	cr_assert_neq(pid = fork(), -1);
	if (pid == 0) {
		dup2(fileno(f), STDERR_FILENO);
		act();
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	rewind(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	fclose(f);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
plain(void)
{
	log_init(LOG_LEVEL_INFO);
	log_debug("t1: not shown");
	log_info("t7[%d]: started", 4242);
}

Test(log, a_line_has_time_level_and_text)
{
	int end = 0;

	run(plain);
	sscanf(said, "%*4d-%*2d-%*2d %*2d:%*2d:%*2d info: t7[4242]: started%n",
	    &end);
	cr_assert_eq((size_t)end + 1, strlen(said), "%s", said);
	cr_assert_eq(said[end], '\n');
}

static void
as_journal(void)
{
	char stream[64];
	struct stat st;

	fstat(STDERR_FILENO, &st);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_init(LOG_LEVEL_DEBUG);
	log_error("e");
	errno = ENOENT;
	log_warn("w");
	log_warnx("x");
	log_info("i");
	log_debug("d");
	log_level(LOG_LEVEL_ERROR);
	log_warnx("not shown");
}

Test(log, the_journal_gets_priorities_instead)
{
	run(as_journal);
	cr_assert_str_eq(said,
	    "<3>e\n<4>w: No such file or directory\n<4>x\n<6>i\n<7>d\n");
}

static void
inherited(void)
{
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_init(LOG_LEVEL_DEBUG);
	log_info("i");
}

Test(log, another_ones_journal_is_no_journal)
{
	run(inherited);
	cr_assert_null(strchr(said, '<'));
	cr_assert_not_null(strstr(said, "info: i\n"));
}

static void
foreign(void)
{
	log_init(LOG_LEVEL_INFO);
	log_info("tool: %s", "a\nb\r\t\x1b[31m\x9b\x7f");
}

Test(log, foreign_text_cannot_write_to_the_terminal)
{
	size_t i;

	run(foreign);
	cr_assert_not_null(strstr(said, "a\\nb\\r\\t\\033[31m\\233\\177\n"),
	    "%s", said);
	for (i = 0; said[i + 1] != '\0'; i++)
		cr_assert(said[i] >= ' ' && said[i] <= '~');
}

static void
endless(void)
{
	static char text[100000];

	log_init(LOG_LEVEL_INFO);
	memset(text, '\x01', sizeof(text) - 1);
	log_info("%s", text);
	memset(text, 'y', sizeof(text) - 1);
	log_warn("%s", text);
}

Test(log, a_line_is_bounded_and_ends)
{
	run(endless);
	cr_assert_lt(strlen(said), 12000);
	cr_assert_eq(said[strlen(said) - 1], '\n');
}

static void
die(void)
{
	errno = EACCES;
	fatal("open %s", "x");
}

static void
diex(void)
{
	fatalx(78, "conf: no such key");
}

Test(log, what_is_fatal_ends_the_process)
{
	cr_assert_eq(run(die), 71);
	cr_assert_not_null(strstr(said, "error: open x: Permission denied\n"));
	cr_assert_eq(run(diex), 78);
	cr_assert_not_null(strstr(said, "error: conf: no such key\n"));
}

static void
keeps_errno(void)
{
	log_init(LOG_LEVEL_INFO);
	close(STDERR_FILENO);
	errno = EXDEV;
	log_info("nobody hears it");
	if (errno != EXDEV)
		_exit(1);
}

Test(log, errno_survives_a_line)
{
	cr_assert_eq(run(keeps_errno), 0);
}
