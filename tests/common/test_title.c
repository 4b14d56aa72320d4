#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/* What ps sees of say_title when its argument is `text`, in sh's quotes. */
static void
expect_title(const char *text, const char *title)
{
	char command[512], line[1024] = "";
	FILE *f;

	setenv("TITLE_ROOM", "0123456789012345678901234567890123456789", 1);
	snprintf(command, sizeof(command), "exec %s %s", SAY_TITLE, text);
	cr_assert_not_null(f = popen(command, "r"));
	cr_assert_gt(fread(line, 1, sizeof(line) - 1, f), 0);
	cr_assert_eq(pclose(f), 0);
	cr_expect_str_eq(line, title);
}

Test(title, program_and_text_are_the_line_for_ps)
{
	expect_title("'nightly [main] running 42%'",
	    "say_title: t7 nightly [main] running 42%");
}

Test(title, what_cannot_be_printed_is_a_question_mark)
{
	expect_title("\"$(printf 'a\\033[31m\\tb\\nc\\177\\303\\251%%s')\"",
	    "say_title: t7 a?[31m?b?c???%s");
}
