#include "filter.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <linux/audit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter_code.h"
#include "filter_table.h"
#include "filter_verdict.h"

#define X32		0x40000000
#define URETPROBE	335
#define UPROBE		336

static char *
read_golden(void)
{
	FILE *f = fopen(GOLDEN, "r");
	char *text = NULL;
	size_t size = 0;

	cr_assert_not_null(f, GOLDEN);
	cr_assert_neq(getdelim(&text, &size, '\0', f), -1);
	fclose(f);
	return text;
}

Test(filter, every_verdict_is_that_of_the_golden_table)
{
	char *want = read_golden(), *have = NULL;
	char *w, *h, *wrest, *hrest;
	size_t size;
	FILE *f = open_memstream(&have, &size);

	table_write(f);
	fclose(f);
	wrest = want;
	hrest = have;
	do {
		w = strsep(&wrest, "\n");
		h = strsep(&hrest, "\n");
		cr_assert_str_eq(h, w);
	} while (wrest != NULL && hrest != NULL);
	cr_assert(wrest == NULL && hrest == NULL, "one has more lines");
	free(want);
	free(have);
}

/* Newer kernels show these to no filter, and carry them out. */
static bool
is_hidden(uint32_t nr)
{
	return nr == URETPROBE || nr == UPROBE;
}

/* Case 19: each number once, in a child. */
Test(filter, the_kernel_says_what_the_instructions_say)
{
	struct question q[TABLE_LAST + 1] = { { 0 } };
	int verdicts[TABLE_LAST + 1];
	uint32_t nr;
	bool looked;
	int f;

	for (nr = 0; nr <= TABLE_LAST; nr++)
		q[nr].nr = is_hidden(nr) ? SYS_getppid : nr;
	for (f = 0; f < FILTERS; f++) {
		cr_assert(verdict_of_kernel((enum filter)f, q, TABLE_LAST + 1,
		    verdicts));
		for (nr = 0; nr <= TABLE_LAST; nr++)
			cr_assert_eq(verdicts[nr],
			    verdict_of_code((enum filter)f, AUDIT_ARCH_X86_64,
			    &q[nr], &looked), "filter %d, call %u: %d", f, nr,
			    verdicts[nr]);
	}
}

/* In the filter, as the tool of a user. Returns the signal of its end. */
static int
die_of(enum filter f, void (*call)(void))
{
	const struct rlimit none = { 0, 0 };
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		if (setrlimit(RLIMIT_CORE, &none) == -1 ||
		    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		    (f != FILTERS && filter_enter(f) == -1))
			_exit(1);
		call();
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
call_x32(void)
{
	syscall(X32 | SYS_getppid);
}

static void
call_i386(void)
{
	long nr = 64;			/* getppid there */

	__asm__ volatile("int $0x80" : "+a"(nr) : :
	    "memory", "r8", "r9", "r10", "r11");
}

Test(filter, calls_by_the_numbers_of_x32_kill)
{
	cr_assert_eq(die_of(FILTERS, call_x32), 0);
	cr_assert_eq(die_of(FILTER_TOOL, call_x32), SIGSYS);
	cr_assert_eq(die_of(FILTER_TOOL_LANDLOCK, call_x32), SIGSYS);
	cr_assert_eq(die_of(FILTER_TOOL_OLD, call_x32), SIGSYS);
	cr_assert_eq(die_of(FILTER_TOOL_NONE, call_x32), 0);
	cr_assert_eq(die_of(FILTER_WORKER, call_x32), SIGSYS);
}

Test(filter, calls_through_the_gate_of_i386_kill)
{
	if (die_of(FILTERS, call_i386) != 0)
		cr_skip_test("this kernel has no such gate");
	cr_assert_eq(die_of(FILTER_TOOL, call_i386), SIGSYS);
	cr_assert_eq(die_of(FILTER_TOOL_LANDLOCK, call_i386), SIGSYS);
	cr_assert_eq(die_of(FILTER_TOOL_OLD, call_i386), SIGSYS);
	cr_assert_eq(die_of(FILTER_TOOL_NONE, call_i386), 0);
	cr_assert_eq(die_of(FILTER_WORKER, call_i386), SIGSYS);
}

/* A tracer takes a call back by the number -1, which has the bit of x32. */
Test(filter, what_has_no_name_yet_is_no_call_for_a_tool)
{
	static const uint32_t numbers[] = { TABLE_LAST + 1, 1023, 1024, 65536,
	    X32 - 1, UINT32_MAX };
	size_t i;
	bool looked;
	int f;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		for (f = 0; f < FILTERS; f++) {
			struct question q = { .nr = numbers[i] };

			cr_expect_eq(verdict_of_code((enum filter)f,
			    AUDIT_ARCH_X86_64, &q, &looked),
			    f <= FILTER_TOOL_OLD ? ENOSYS : VERDICT_PASS,
			    "filter %d, call %u", f, numbers[i]);
		}
}

Test(filter, the_hash_is_of_its_instructions)
{
	int f, g;

	for (f = 0; f < FILTERS; f++) {
		const struct filter_code *c = &filter_code[f];

		cr_assert_eq(filter_hash((enum filter)f),
		    filter_code_hash(c->insns, c->len));
		for (g = 0; g < f; g++)
			cr_assert_neq(filter_hash((enum filter)f),
			    filter_hash((enum filter)g));
	}
}
