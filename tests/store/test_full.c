/*
 * A disk that is full, a real one: a small tmpfs in a mount namespace of the
 * test's own (S1).
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "journal.h"
#include "log.h"
#include "scratch.h"
#include "xalloc.h"

#define NOT_HERE	77	/* the child cannot have namespaces */
#define BODY		(64 << 10)

/* Criterion does not hear of a child of a test: its status tells. */
#define must(fact)	do {						\
	if (!(fact)) {							\
		fprintf(stderr, "%s:%d: not so: %s: %s\n", __FILE__,	\
		    __LINE__, #fact, strerror(errno));			\
		_exit(1);						\
	}								\
} while (0)

static const char	*dir;
static struct journal	*j;
static uint64_t		 nwritten;

static void
start(void)
{
	dir = scratch_new();
	log_init(LOG_LEVEL_ERROR);
}

static void
stop(void)
{
	scratch_remove(dir);
}

TestSuite(full, .init = start, .fini = stop, .timeout = 60);

static void
write_map(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd == -1 || write(fd, text, strlen(text)) == -1)
		_exit(NOT_HERE);
	close(fd);
}

static void
resize(const char *size, unsigned long flags)
{
	char *option = xasprintf("size=%s,mode=0700", size);

	if (mount("journal", dir, "tmpfs", flags, option) == -1)
		_exit(NOT_HERE);
	free(option);
}

/* Namespaces want a process with one thread: a fresh child. */
static void
enter(const char *size)
{
	char *uid = xasprintf("0 %u 1", (unsigned)geteuid());
	char *gid = xasprintf("0 %u 1", (unsigned)getegid());

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		_exit(NOT_HERE);
	write_map("/proc/self/setgroups", "deny");
	write_map("/proc/self/uid_map", uid);
	write_map("/proc/self/gid_map", gid);
	free(uid);
	free(gid);
	resize(size, 0);
}

static void
on_small_disk(const char *size, void (*child)(void))
{
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		enter(size);
		child();
		_exit(0);
	}
	cr_assert(waitpid(pid, &status, 0) == pid);
	if (status == NOT_HERE << 8)
		cr_skip_test("no user and mount namespace to be had");
	cr_assert(eq(int, status, 0));
}

static void
open_journal(void)
{
	const char *why = "";

	j = journal_open(dir, &why);
	must(j != NULL);
}

static void
append(size_t len)
{
	char *body = xmalloc(len);

	memset(body, 'x', len);
	nwritten = journal_append(j, "main", "k", 1,
	    (struct bytes){ body, len });
	free(body);
}

static bool
check(void *arg, const struct journal_record *r)
{
	must(r->seq == ++*(uint64_t *)arg);
	return true;
}

static void
check_all(uint64_t want)
{
	uint64_t n = 0;

	must(journal_read(j, NULL, 0, check, &n) == 0);
	must(n == want);
}

static void
fill_until_full(void)
{
	must(!journal_is_full(j));
	while (!journal_is_full(j)) {
		append(BODY);
		must(journal_commit(j) == 0);
	}
}

/* Beyond the reserve. Returns how many were acknowledged. */
static uint64_t
fill_to_the_brim(void)
{
	uint64_t done;

	do {
		done = nwritten;
		append(BODY);
	} while (journal_commit(j) == 0);
	must(errno == ENOSPC);
	must(journal_is_full(j));
	must(journal_is_dirty(j));
	return done;
}

static void
use_the_reserve(void)
{
	int i;

	open_journal();
	fill_until_full();
	/* What ends can still be recorded. */
	for (i = 0; i < 100; i++) {
		append(200);
		must(journal_commit(j) == 0);
	}
	must(journal_is_full(j));
	check_all(nwritten);
	journal_close(j);
	open_journal();
	check_all(nwritten);
	journal_close(j);
}

Test(full, the_reserve_lets_ends_be_recorded)
{
	on_small_disk("14m", use_the_reserve);
}

static void
wait_for_space(void)
{
	uint64_t done;

	open_journal();
	fill_until_full();
	done = fill_to_the_brim();
	append(100);
	append(BODY);
	must(journal_commit(j) == -1);
	must(errno == ENOSPC);
	check_all(done);
	resize("64m", MS_REMOUNT);
	must(journal_commit(j) == 0);
	must(!journal_is_dirty(j));
	check_all(nwritten);
	/* The reserve is made again, without anything to write. */
	must(journal_commit(j) == 0);
	must(!journal_is_full(j));
	journal_close(j);
	open_journal();
	check_all(nwritten);
	journal_close(j);
}

Test(full, what_waited_is_written_when_there_is_room_again)
{
	on_small_disk("14m", wait_for_space);
}

static void
restart_at_the_brim(void)
{
	uint64_t done;

	open_journal();
	fill_until_full();
	done = fill_to_the_brim();
	journal_checkpoint(j);
	check_all(done);
	journal_close(j);
	open_journal();
	must(journal_is_full(j));
	check_all(done);
	resize("64m", MS_REMOUNT);
	nwritten = done;
	append(1);
	must(nwritten == done + 1);
	must(journal_commit(j) == 0);
	check_all(nwritten);
	journal_close(j);
}

Test(full, a_restart_on_a_full_disk_loses_nothing_that_was_promised)
{
	on_small_disk("14m", restart_at_the_brim);
}

static void
have_no_room(void)
{
	open_journal();
	/* No room for the reserve: no new work, but records are taken. */
	must(journal_is_full(j));
	append(200);
	must(journal_commit(j) == 0);
	check_all(1);
	journal_close(j);
}

Test(full, a_disk_too_small_for_the_reserve_says_so_at_once)
{
	on_small_disk("4m", have_no_room);
}

static void
be_told(void)
{
	const char *why = "";
	int fd = open(xasprintf("%s/ballast", dir), O_CREAT | O_WRONLY, 0600);

	while (write(fd, dir, 1) == 1)
		continue;
	must(journal_open(dir, &why) == NULL);
	must(errno == ENOSPC);
	must(strcmp(why, "no space left to open it") == 0);
}

Test(full, a_first_start_without_any_room_is_refused_in_words)
{
	on_small_disk("64k", be_told);
}
