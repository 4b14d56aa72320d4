/*
 * What durability costs: one record against an append and fdatasync of the
 * same bytes, a hundred that wait together against one, and how long a journal
 * of a thousand sessions with a thousand records each takes to open.
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "buf.h"
#include "journal.h"
#include "log.h"
#include "xalloc.h"

#define ROUNDS		1000
#define WAITING		100
#define OPENS		20
#define SESSIONS	1000
#define RECORDS		1000

static const char body[] = "{\"task\":\"t7\",\"tool\":\"bench\","
    "\"turn\":\"u3\",\"state\":\"ended\",\"end\":\"exited\",\"code\":0,"
    "\"out_bytes\":51234,\"err_bytes\":0,\"why\":null}";

static double	raw[ROUNDS], one[ROUNDS], many[ROUNDS], opens[OPENS];

static struct journal *
open_journal(const char *dir)
{
	const char *why;
	struct journal *j = journal_open(dir, &why);

	if (j == NULL)
		err(EX_IOERR, "%s: %s", dir, why);
	return j;
}

static void
append(struct journal *j, const char *session)
{
	journal_append(j, session, "ended", 1700000000000000,
	    BYTES(body));
}

static void
commit(struct journal *j)
{
	if (journal_commit(j) == -1)
		err(EX_IOERR, "commit");
}

static double
us_since(uint64_t start)
{
	return (double)(bench_now() - start) / 1000;
}

static double
write_raw(int fd)
{
	uint64_t start = bench_now();

	if (write(fd, body, sizeof(body) - 1) != (ssize_t)sizeof(body) - 1 ||
	    fdatasync(fd) == -1)
		err(EX_IOERR, "append");
	return us_since(start);
}

static double
write_ours(struct journal *j, int n)
{
	uint64_t start = bench_now();

	while (n-- > 0)
		append(j, "main");
	commit(j);
	return us_since(start);
}

static void
bench_records(const char *dir)
{
	char *path = xasprintf("%s/raw", dir);
	int i, fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct journal *j = open_journal(dir);

	if (fd == -1)
		err(EX_IOERR, "%s", path);
	for (i = 0; i < ROUNDS; i++) {
		raw[i] = write_raw(fd);
		one[i] = write_ours(j, 1);
		many[i] = write_ours(j, WAITING);
		if (journal_is_long(j))		/* nobody waits here */
			journal_checkpoint(j);
	}
	journal_close(j);
	close(fd);
	free(path);
}

static void
show(const char *row, const char *what, double *limit, double *ours,
    double target)
{
	bench_sort(limit, ROUNDS);
	bench_sort(ours, ROUNDS);
	bench_row(row, what, bench_percentile(limit, ROUNDS, 50),
	    bench_percentile(ours, ROUNDS, 50),
	    bench_percentile(ours, ROUNDS, 99), "us", target);
}

static void
time_opens(const char *dir)
{
	struct journal *j;
	uint64_t start;
	int i;

	for (i = 0; i < OPENS; i++) {
		start = bench_now();
		j = open_journal(dir);
		opens[i] = us_since(start) / 1000;
		journal_close(j);
	}
	bench_sort(opens, OPENS);
}

static void
fill(const char *dir)
{
	struct journal *j = open_journal(dir);
	struct buf name = { 0 };
	int s, r;

	for (r = 0; r < RECORDS; r++) {
		for (s = 0; s < SESSIONS; s++) {
			buf_reset(&name);
			buf_printf(&name, "session-%d", s);
			append(j, name.data);
		}
		commit(j);
		if (journal_is_long(j))
			journal_checkpoint(j);
	}
	for (s = 0; s < SESSIONS; s++) {
		struct journal_session row = { .cwd = "/srv", .mode = "now" };

		buf_reset(&name);
		buf_printf(&name, "session-%d", s);
		row.name = name.data;
		journal_put_session(j, &row);
	}
	commit(j);
	buf_fini(&name);
	journal_close(j);
}

static bool
count_session(void *arg, const struct journal_session *s)
{
	if (s->last == 0)
		errx(EX_SOFTWARE, "%s: no records", s->name);
	++*(unsigned *)arg;
	return true;
}

static double
list_sessions(const char *dir)
{
	struct journal *j = open_journal(dir);
	uint64_t start = bench_now();
	unsigned n = 0;
	double ms;

	if (journal_sessions(j, count_session, &n) == -1 || n != SESSIONS)
		errx(EX_SOFTWARE, "sessions: %u", n);
	ms = us_since(start) / 1000;
	journal_close(j);
	return ms;
}

static bool
count_record(void *arg, const struct journal_record *r)
{
	(void)r;
	++*(unsigned *)arg;
	return true;
}

/* The last ten of a session, as a client that attaches late asks for them. */
static double
read_tail(const char *dir)
{
	struct journal *j = open_journal(dir);
	uint64_t start = bench_now();
	unsigned n = 0;
	double ms;

	if (journal_read(j, "session-7", journal_last(j) - 10 * SESSIONS,
	    count_record, &n) == -1 || n != 10)
		errx(EX_SOFTWARE, "tail: %u", n);
	ms = us_since(start) / 1000;
	journal_close(j);
	return ms;
}

static void
remove_folder(const char *dir)
{
	static const char *const names[] = {
		"raw", "journal.db", "journal.reserve"
	};
	char *path;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path = xasprintf("%s/%s", dir, names[i]);
		unlink(path);
		free(path);
	}
	rmdir(dir);
}

int
main(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/bench-journal-XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	double ms;

	log_init(LOG_LEVEL_ERROR);
	if (mkdtemp(dir) == NULL)
		err(EX_CANTCREAT, "%s", dir);
	time_opens(dir);
	bench_row("14", "open an empty journal (limit: all of the start)", 10,
	    bench_percentile(opens, OPENS, 50),
	    bench_percentile(opens, OPENS, 99), "ms", 1);
	bench_records(dir);
	show("13", "a durable record (append, fdatasync)", raw, one, 1.5);
	show("13", "100 waiting records (one)", one, many, 2);
	fill(dir);
	time_opens(dir);
	bench_row("14", "open 1000 x 1000 records", 100,
	    bench_percentile(opens, OPENS, 50),
	    bench_percentile(opens, OPENS, 99), "ms", 1);
	ms = list_sessions(dir);
	bench_row("14", "and list its 1000 sessions", 100, ms, ms, "ms", 1);
	ms = read_tail(dir);
	bench_row("16", "and read the last ten of one", 10, ms, ms, "ms", 0);
	remove_folder(dir);
	free(dir);
	return bench_status();
}
