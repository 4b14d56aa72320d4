/*
 * What the crash tests kill: it appends to a journal and says so, one line
 * "N" on stdout for each commit that was acknowledged.
 *
 *	journal_writer DIR NCOMMITS [COMMIT US]
 *
 * A commit is three records, an id and a number that belong together. One that
 * fails is tried again, MAX_TRIES times. US microseconds after the COMMIT-th
 * acknowledgement the writer is killed. Exits with 0 when all are done, 1 if
 * the journal cannot be opened, 3 if a commit will not succeed.
 */
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "journal.h"
#include "log.h"

#define PARTS		3
#define MAX_TRIES	5
#define CHECKPOINT	4	/* after so many commits */

static void
die_after(uint64_t us)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGKILL };
	struct itimerspec at = { .it_value = { (time_t)(us / 1000000),
	    (long)(us % 1000000 * 1000) } };
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &ev, &timer) == -1 ||
	    timer_settime(timer, 0, &at, NULL) == -1)
		fatal("timer");
}

static void
add(struct journal *j, uint64_t commit)
{
	const char *session = commit % 2 == 0 ? "even" : "odd";
	uint64_t number = journal_number(j, 't');
	struct buf b = { 0 };
	int part;

	for (part = 0; part < PARTS; part++) {
		buf_printf(&b, "{\"commit\":%ju,\"part\":%d,\"number\":%ju}",
		    (uintmax_t)commit, part, (uintmax_t)number);
		journal_append(j, session, "part", 1, buf_bytes(&b));
		buf_reset(&b);
	}
	journal_put_id(j, 't', number, session);
	buf_fini(&b);
}

static void
acknowledge(uint64_t commit)
{
	struct buf b = { 0 };

	buf_printf(&b, "%ju\n", (uintmax_t)commit);
	if (write(STDOUT_FILENO, b.data, b.len) != (ssize_t)b.len)
		fatal("stdout");
	buf_fini(&b);
}

static bool
commit_at_last(struct journal *j)
{
	int i;

	for (i = 0; i < MAX_TRIES; i++)
		if (journal_commit(j) == 0)
			return true;
	return false;
}

int
main(int argc, char **argv)
{
	uint64_t commit, first, last, fatal_one = 0;
	struct journal *j;
	const char *why;

	if (argc < 3)
		return 64;
	log_init(LOG_LEVEL_WARN);
	if (argc > 4)
		fatal_one = strtoull(argv[3], NULL, 10);
	if ((j = journal_open(argv[1], &why)) == NULL) {
		log_warn("%s: %s", argv[1], why);
		return 1;
	}
	first = journal_last(j) / PARTS;
	last = first + strtoull(argv[2], NULL, 10);
	for (commit = first; commit < last; ) {
		add(j, ++commit);
		if (!commit_at_last(j))
			return 3;
		acknowledge(commit);
		if (commit - first == fatal_one)
			die_after(strtoull(argv[4], NULL, 10));
		if (commit % CHECKPOINT == 0)
			journal_checkpoint(j);
	}
	journal_close(j);
	return 0;
}
