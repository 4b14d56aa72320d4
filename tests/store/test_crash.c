/*
 * The journal's promise under kill -9 and failing disks (S1): what was
 * acknowledged is there, in order, each commit as a whole or not at all, and
 * no number comes twice.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "fd.h"
#include "journal.h"
#include "log.h"
#include "scratch.h"
#include "xalloc.h"

#define PARTS	3

static const char	*dir;
static char		*writer;
static uint64_t		 acknowledged;	/* the last commit that we heard of */

static void
start(void)
{
	char self[4096] = "";

	cr_assert(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	writer = xasprintf("%s/journal_writer", dirname(self));
	/* The kernel's cache survives a kill: memory serves as well. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	dir = scratch_new();
	acknowledged = 0;
	log_init(LOG_LEVEL_ERROR);
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);	/* not under strace */
}

static void
stop(void)
{
	scratch_remove(dir);
	free(writer);
}

TestSuite(crash, .init = start, .fini = stop, .timeout = 300);

/* Until it closes its stdout, which the kernel does for the dead. */
static void
hear(int fd)
{
	FILE *f = fdopen(fd, "r");
	uintmax_t commit;

	while (fscanf(f, "%ju\n", &commit) == 1) {
		cr_assert(eq(u64, commit, acknowledged + 1));
		acknowledged = commit;
	}
	fclose(f);
}

/* argv[0] is found by PATH. Returns the status; stderr is added to err. */
static int
run(const char *const *argv, const char *err)
{
	int out[2], fd, status;
	pid_t pid;

	cr_assert(pipe2(out, O_CLOEXEC) == 0);
	if ((pid = fork()) == 0) {
		fd = open(err, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(out[1], STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(out[1]);
	hear(out[0]);
	cr_assert(waitpid(pid, &status, 0) == pid);
	return status;
}

static bool
check(void *arg, const struct journal_record *r)
{
	uint64_t *n = arg, commit = *n / PARTS + 1;
	char *want;

	cr_assert(eq(u64, r->seq, ++*n));
	want = xasprintf("{\"commit\":%ju,\"part\":%ju,\"number\":",
	    (uintmax_t)commit, (uintmax_t)((r->seq - 1) % PARTS));
	cr_assert(memcmp(r->body.data, want, strlen(want)) == 0);
	cr_assert(bytes_is(r->session, commit % 2 == 0 ? "even" : "odd"));
	free(want);
	return true;
}

static void
check_journal(void)
{
	const char *why = "";
	struct journal *j = journal_open(dir, &why);
	uint64_t n = 0, commit;
	char *session;

	cr_assert(j != NULL, "%s", why);
	cr_assert(journal_read(j, NULL, 0, check, &n) == 0);
	cr_assert(eq(u64, n % PARTS, 0), "half a commit");
	commit = n / PARTS;
	cr_assert(commit >= acknowledged, "an acknowledged one is lost");
	/* It may have died between the commit and its word. */
	cr_assert(commit <= acknowledged + 1);
	acknowledged = commit;
	if (commit > 0) {
		session = journal_find_id(j, 't', commit);
		cr_assert(session != NULL);
		free(session);
	}
	cr_assert(journal_number(j, 't') > commit);
	journal_close(j);
}

static void
check_killed_after(unsigned ncommits, unsigned us)
{
	char *commits = xasprintf("%u", ncommits), *after = xasprintf("%u", us);
	const char *argv[] = { writer, dir, "100000", commits, after, NULL };
	uint64_t before = acknowledged;
	int status = run(argv, "/dev/null");

	cr_assert(eq(int, status, SIGKILL));	/* that, and no core */
	cr_assert(acknowledged >= before + ncommits);
	check_journal();
	free(commits);
	free(after);
}

Test(crash, killed_at_any_moment_it_keeps_what_it_acknowledged)
{
	int i;

	srand((unsigned)getpid());
	for (i = 0; i < 40; i++)
		check_killed_after(1 + (unsigned)rand() % 8,
		    1 + (unsigned)rand() % 2000);
}

/* Five commits under strace, which does what we say to its when-th call. */
static int
trace(const char *call, const char *what, const char *when, const char *err)
{
	char *traced = xasprintf("trace=%s", call);
	char *inject = xasprintf("inject=%s:%s:when=%s", call, what, when);
	const char *argv[] = { "strace", "-f", "-o", "/dev/null",
	    "-e", traced, "-e", inject, writer, dir, "5", NULL };
	int status = run(argv, err);

	free(traced);
	free(inject);
	return status;
}

static int
trace_nth(const char *call, const char *what, unsigned nth, const char *err)
{
	char *when = xasprintf("%u", nth);
	int status = trace(call, what, when, err);

	free(when);
	return status;
}

static void
need_strace(void)
{
	int status = system("strace -o /dev/null true 2>/dev/null");

	if (status != 0)
		cr_skip_test("strace is not here or may not trace");
}

static const char *const calls[] = {
	"openat", "fcntl", "fallocate", "pwrite64", "fdatasync", "fsync",
	"ftruncate", "unlink", "write"
};

static void
begin_anew(void)
{
	static const char *const names[] = {
		"journal.db", "journal.db-wal", "journal.reserve"
	};
	char *path;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path = xasprintf("%s/%s", dir, names[i]);
		unlink(path);
		free(path);
	}
	acknowledged = 0;
}

/* Returns how many of these calls a whole run makes. */
static unsigned
kill_at_each(const char *call, bool anew)
{
	unsigned when = 0;
	int status;

	do {
		if (anew)
			begin_anew();
		status = trace_nth(call, "signal=SIGKILL", ++when,
		    "/dev/null");
		check_journal();
	} while (status == SIGKILL);
	cr_assert(eq(int, status, 0), "%s", call);
	return when - 1;
}

Test(crash, killed_at_any_system_call_it_keeps_what_it_acknowledged)
{
	size_t i;

	need_strace();
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		kill_at_each(calls[i], false);
	cr_assert(acknowledged > 0);
}

Test(crash, killed_at_any_system_call_of_its_first_start_it_is_sound)
{
	size_t i;

	need_strace();
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		cr_assert(kill_at_each(calls[i], true) > 0, "%s", calls[i]);
}

static bool
has_line(const char *file, const char *text)
{
	char *command = xasprintf("grep -q '%s' %s", text, file);
	bool has = system(command) == 0;

	free(command);
	return has;
}

/*
 * A sync that fails in the middle: the commit is made anew and nothing is
 * lost. One that fails while the journal is opened: nothing was promised.
 */
static void
fail_each(const char *call, const char *what)
{
	char *err = xasprintf("%s/stderr", dir);
	unsigned when = 0, nreopened = 0;
	uint64_t before;
	int status;

	do {
		before = acknowledged;
		unlink(err);
		status = trace_nth(call, what, ++when, err);
		check_journal();
		cr_assert(eq(int, WTERMSIG(status), 0));
		if (WEXITSTATUS(status) == 0)
			cr_assert(eq(u64, acknowledged, before + 5));
		nreopened += has_line(err, "opened anew and verified");
	} while (when < 16);
	cr_assert(nreopened > 2);
	unlink(err);
	free(err);
}

Test(crash, a_sync_that_fails_is_never_a_false_saved)
{
	need_strace();
	fail_each("fdatasync", "error=EIO");
}

Test(crash, a_sync_that_finds_no_space_is_never_a_false_saved)
{
	need_strace();
	fail_each("fdatasync", "error=ENOSPC");
}

Test(crash, a_write_that_fails_is_never_a_false_saved)
{
	need_strace();
	fail_each("pwrite64", "error=EIO");
}

Test(crash, while_every_sync_fails_nothing_is_acknowledged)
{
	const char *plain[] = { writer, dir, "5", NULL };

	need_strace();
	cr_assert(eq(int, run(plain, "/dev/null"), 0));
	cr_assert(eq(int, WEXITSTATUS(trace("fdatasync", "error=EIO", "1+",
	    "/dev/null")), 3));
	cr_assert(eq(u64, acknowledged, 5));
	check_journal();
}
