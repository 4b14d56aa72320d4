#include <sys/stat.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "journal.h"
#include "log.h"
#include "scratch.h"
#include "xalloc.h"

static const char *dir;
static struct journal *j;

static void
reopen(void)
{
	const char *why = NULL;

	journal_close(j);
	j = journal_open(dir, &why);
	cr_assert(j != NULL, "%s: %s", dir, why);
}

static void
start(void)
{
	log_init(LOG_LEVEL_ERROR);
	dir = scratch_new();
	reopen();
}

static void
stop(void)
{
	journal_close(j);
	j = NULL;
	scratch_remove(dir);
}

TestSuite(journal, .init = start, .fini = stop);

static void
same(const char *got, const char *want)
{
	cr_assert(strcmp(got, want) == 0, "%s, not %s", got, want);
}

static uint64_t
put(const char *session, const char *body)
{
	return journal_append(j, session, "said", 1700000000000000,
	    bytes_of(body));
}

static void
commit(void)
{
	cr_assert(eq(int, journal_commit(j), 0));
}

/* "seq session body" of each, a comma between them. */
static bool
note(void *arg, const struct journal_record *r)
{
	struct buf *b = arg;

	buf_printf(b, "%s%ju %.*s %.*s", b->len == 0 ? "" : ",",
	    (uintmax_t)r->seq, (int)r->session.len, r->session.data,
	    (int)r->body.len, r->body.data);
	return true;
}

static void
check_read(const char *session, uint64_t since, const char *want)
{
	struct buf b = { 0 };
	char *got;

	cr_assert(eq(int, journal_read(j, session, since, note, &b), 0));
	got = buf_take(&b);
	same(got, want);
	free(got);
}

static void
put_session(const char *name, uint64_t created, bool open)
{
	struct journal_session s = {
		.name = name, .cwd = "/srv", .mode = "now",
		.created = created, .open = open
	};

	journal_put_session(j, &s);
}

static bool
note_session(void *arg, const struct journal_session *s)
{
	buf_printf(arg, "%s %s %s %ju %ju %d,", s->name, s->cwd, s->mode,
	    (uintmax_t)s->created, (uintmax_t)s->last, s->open);
	return true;
}

static void
check_sessions(const char *want)
{
	struct buf b = { 0 };
	char *got;

	cr_assert(eq(int, journal_sessions(j, note_session, &b), 0));
	got = buf_take(&b);
	same(got, want);
	free(got);
}

Test(journal, a_new_one_is_empty_and_clean)
{
	cr_assert(not(journal_is_dirty(j)));
	cr_assert(not(journal_is_full(j)));
	cr_assert(eq(u64, journal_last(j), 0));
	check_read(NULL, 0, "");
	check_sessions("");
}

Test(journal, records_come_back_in_the_order_they_were_given)
{
	cr_assert(eq(u64, put("main", "{\"a\":1}"), 1));
	cr_assert(eq(u64, put("other", "{}"), 2));
	cr_assert(eq(u64, put("main", "{\"b\":2}"), 3));
	commit();
	check_read(NULL, 0, "1 main {\"a\":1},2 other {},3 main {\"b\":2}");
	check_read("main", 0, "1 main {\"a\":1},3 main {\"b\":2}");
	check_read("main", 1, "3 main {\"b\":2}");
	check_read("nobody", 0, "");
	reopen();
	check_read(NULL, 1, "2 other {},3 main {\"b\":2}");
	cr_assert(eq(u64, put("main", "{}"), 4));
}

static bool
check_fields(void *arg, const struct journal_record *r)
{
	(void)arg;
	cr_assert(bytes_is(r->kind, "said"));
	cr_assert(eq(u64, r->time, 1700000000000000));
	return true;
}

Test(journal, kind_and_time_are_kept)
{
	put("main", "{}");
	commit();
	cr_assert(eq(int, journal_read(j, NULL, 0, check_fields, NULL), 0));
}

Test(journal, what_is_not_committed_is_not_read_and_not_kept)
{
	put("main", "{}");
	put_session("main", 1, true);
	journal_put_id(j, 't', 1, "main");
	cr_assert(journal_is_dirty(j));
	check_read(NULL, 0, "");
	check_sessions("");
	cr_assert(not(journal_has_session(j, "main")));
	cr_assert(journal_find_id(j, 't', 1) == NULL);
	reopen();
	check_read(NULL, 0, "");
	cr_assert(eq(u64, put("main", "{}"), 1));
}

static bool
one(void *arg, const struct journal_record *r)
{
	*(uint64_t *)arg = r->seq;
	return false;
}

Test(journal, a_reader_stops_when_it_has_enough)
{
	uint64_t seq = 0;

	put("main", "{}");
	put("main", "{}");
	commit();
	cr_assert(eq(int, journal_read(j, "main", 0, one, &seq), 0));
	cr_assert(eq(u64, seq, 1));
	/* And it leaves nothing behind that would stop a writer. */
	put("main", "{}");
	commit();
	journal_checkpoint(j);
	check_read("main", 2, "3 main {}");
}

static bool
busy(void *arg, const struct journal_record *r)
{
	unsigned *n = arg;
	struct buf b = { 0 };

	cr_assert(eq(int, journal_read(j, "main", r->seq, note, &b), 0));
	buf_fini(&b);
	put("main", "{\"late\":true}");
	commit();
	++*n;
	return true;
}

Test(journal, a_reader_may_read_and_write_and_ends_all_the_same)
{
	unsigned n = 0;

	put("main", "{}");
	put("main", "{}");
	commit();
	cr_assert(eq(int, journal_read(j, NULL, 0, busy, &n), 0));
	cr_assert(eq(uint, n, 2));
	check_read(NULL, 2, "3 main {\"late\":true},4 main {\"late\":true}");
}

Test(journal, sessions_know_their_newest_record)
{
	put_session("later", 20, false);
	put_session("main", 10, true);
	put("main", "{}");
	put("main", "{}");
	commit();
	check_sessions("main /srv now 10 2 1,later /srv now 20 0 0,");
	put_session("main", 10, false);
	commit();
	reopen();
	check_sessions("main /srv now 10 2 0,later /srv now 20 0 0,");
	cr_assert(journal_has_session(j, "later"));
}

Test(journal, a_deleted_session_is_gone_and_its_numbers_do_not_come_again)
{
	put_session("main", 1, false);
	put_session("other", 2, false);
	put("main", "{}");
	put("other", "{}");
	journal_put_id(j, 't', 1, "other");
	commit();
	journal_delete_session(j, "other");
	commit();
	reopen();
	check_read(NULL, 0, "1 main {}");
	check_sessions("main /srv now 1 1 0,");
	cr_assert(journal_find_id(j, 't', 1) == NULL);
	cr_assert(eq(u64, put("main", "{}"), 3));
}

Test(journal, changes_of_one_commit_keep_their_order)
{
	put_session("main", 1, false);
	put("main", "{\"old\":1}");
	journal_delete_session(j, "main");
	put_session("main", 2, true);
	put("main", "{\"new\":1}");
	commit();
	check_read("main", 0, "2 main {\"new\":1}");
	check_sessions("main /srv now 2 2 1,");
}

Test(journal, numbers_count_each_kind_from_one_and_go_on_after_a_restart)
{
	cr_assert(eq(u64, journal_number(j, 't'), 1));
	cr_assert(eq(u64, journal_number(j, 't'), 2));
	cr_assert(eq(u64, journal_number(j, 'm'), 1));
	commit();
	reopen();
	cr_assert(eq(u64, journal_number(j, 't'), 3));
	cr_assert(eq(u64, journal_number(j, 'm'), 2));
	cr_assert(eq(u64, journal_number(j, 'u'), 1));
}

Test(journal, an_id_leads_to_its_session)
{
	char *session;

	journal_put_id(j, 't', 7, "main");
	journal_put_id(j, 'm', 7, "other");
	commit();
	reopen();
	session = journal_find_id(j, 'm', 7);
	same(session, "other");
	free(session);
	cr_assert(journal_find_id(j, 't', 8) == NULL);
}

Test(journal, an_empty_and_a_large_body_come_back_whole)
{
	const size_t len = 3 << 20;
	char *large = xmalloc(len);
	struct buf b = { 0 };

	memset(large, 'x', len);
	journal_append(j, "main", "k", 0, (struct bytes){ NULL, 0 });
	journal_append(j, "main", "k", 0, (struct bytes){ large, len });
	commit();
	cr_assert(eq(int, journal_read(j, NULL, 0, note, &b), 0));
	cr_assert(eq(sz, b.len, strlen("1 main ,2 main ") + len));
	cr_assert(memcmp(b.data + b.len - len, large, len) == 0);
	buf_fini(&b);
	free(large);
}

Test(journal, the_log_is_moved_when_asked_and_only_then)
{
	char *body = xmalloc(1 << 20), *log;
	struct stat before, after;
	int i;

	log = xasprintf("%s/journal.db-wal", dir);
	memset(body, 'y', 1 << 20);
	for (i = 0; i < 5; i++) {
		journal_append(j, "main", "k", 0,
		    (struct bytes){ body, 1 << 20 });
		commit();
	}
	cr_assert(journal_is_long(j));
	cr_assert(eq(int, stat(log, &before), 0));
	journal_checkpoint(j);
	cr_assert(not(journal_is_long(j)));
	/* The next writer begins the log again instead of growing it. */
	put("main", "{}");
	commit();
	cr_assert(eq(int, stat(log, &after), 0));
	cr_assert(after.st_size <= before.st_size);
	check_read(NULL, 5, "6 main {}");
	free(body);
	free(log);
}

/* What the journal should hold, as it was given. */
#define NMODEL		2000
static int model[NMODEL + 1];		/* by seq: its session, -1 deleted */
static const char *const names[] = { "a", "bb", "main" };

static bool
expect(void *arg, const struct journal_record *r)
{
	uint64_t *at = arg;
	const int session = (int)at[1];

	do
		++at[0];
	while (at[0] < r->seq && (model[at[0]] == -1 ||
	    (session != -1 && model[at[0]] != session)));
	cr_assert(eq(u64, r->seq, at[0]), "out of order, or one is missing");
	cr_assert(bytes_is(r->session, names[model[at[0]]]));
	return true;
}

static void
check_model(uint64_t newest, int session)
{
	uint64_t at[2] = { 0, (uint64_t)session };
	uint64_t since = (uint64_t)rand() % (newest + 1);

	at[0] = since;
	cr_assert(eq(int, journal_read(j, session == -1 ? NULL :
	    names[session], since, expect, at), 0));
	while (++at[0] <= newest)
		cr_assert(model[at[0]] == -1 ||
		    (session != -1 && model[at[0]] != session),
		    "the tail is missing after %ju", (uintmax_t)since);
}

static void
random_step(uint64_t *newest)
{
	int which = rand() % 3, n = rand() % 8;
	uint64_t seq;

	if (rand() % 40 == 0) {
		journal_delete_session(j, names[which]);
		for (seq = 1; seq <= *newest; seq++)
			if (model[seq] == which)
				model[seq] = -1;
	}
	for (; n > 0 && *newest < NMODEL; n--) {
		which = rand() % 4 == 0 ? rand() % 3 : which;
		*newest = put(names[which], "{}");
		model[*newest] = which;
	}
}

Test(journal, any_mixture_of_sessions_reads_as_it_was_written)
{
	uint64_t newest = 0;

	srand(20);
	while (newest < NMODEL) {
		random_step(&newest);
		commit();
		check_model(newest, rand() % 4 - 1);
		if (rand() % 100 == 0)
			reopen();
	}
	for (int i = 0; i < 200; i++)
		check_model(newest, rand() % 4 - 1);
}

static mode_t
mode_of(const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	struct stat st;

	cr_assert(eq(int, stat(path, &st), 0), "%s", path);
	free(path);
	return st.st_mode & 07777;
}

Test(journal, every_file_is_for_us_alone)
{
	char *path = xasprintf("%s/journal.db", dir);

	put("main", "{}");
	commit();
	cr_assert(eq(u32, mode_of("journal.db"), 0600));
	cr_assert(eq(u32, mode_of("journal.db-wal"), 0600));
	cr_assert(eq(u32, mode_of("journal.reserve"), 0600));
	/* One that was opened to the world is closed again. */
	cr_assert(eq(int, chmod(path, 0644), 0));
	reopen();
	cr_assert(eq(u32, mode_of("journal.db"), 0600));
	free(path);
}

static void
check_refused(int error, const char *words)
{
	const char *why = NULL;
	struct journal *other = journal_open(dir, &why);

	cr_assert(other == NULL);
	cr_assert(eq(int, errno, error), "%s", why);
	same(why, words);
}

Test(journal, a_second_opener_is_refused)
{
	put("main", "{}");
	commit();
	check_refused(EBUSY, "another program has it open");
}

static void
with_database(const char *sql)
{
	char *path = xasprintf("%s/journal.db", dir);
	sqlite3 *handle;

	journal_close(j);
	j = NULL;
	cr_assert(eq(int, sqlite3_open(path, &handle), SQLITE_OK));
	cr_assert(eq(int, sqlite3_exec(handle, sql, NULL, NULL, NULL),
	    SQLITE_OK));
	sqlite3_close(handle);
	free(path);
}

Test(journal, a_newer_schema_is_refused_and_left_alone)
{
	put("main", "{}");
	commit();
	with_database("PRAGMA user_version = 99");
	check_refused(ENOTSUP, "it was made by a newer sigbox");
	with_database("PRAGMA user_version = 1");
	reopen();
	check_read(NULL, 0, "1 main {}");
}

Test(journal, the_database_of_another_program_is_refused)
{
	with_database("PRAGMA application_id = 7");
	check_refused(EUCLEAN, "it is another program's database");
}

static void
overwrite(const char *text, size_t len)
{
	char *path = xasprintf("%s/journal.db", dir);
	int fd;

	journal_close(j);
	j = NULL;
	fd = open(path, O_WRONLY | O_TRUNC);
	cr_assert(fd != -1);
	cr_assert(eq(sz, (size_t)write(fd, text, len), len));
	close(fd);
	free(path);
}

static void
check_content(const char *text, size_t len)
{
	char *path = xasprintf("%s/journal.db", dir), *got = xmalloc(len + 1);
	int fd = open(path, O_RDONLY);

	cr_assert(eq(sz, (size_t)read(fd, got, len + 1), len));
	cr_assert(memcmp(got, text, len) == 0);
	close(fd);
	free(got);
	free(path);
}

Test(journal, garbage_is_refused_and_never_overwritten)
{
	char large[8192];

	overwrite("hello", 5);
	check_refused(EUCLEAN, "it is damaged, or no journal at all");
	check_content("hello", 5);
	memset(large, 'z', sizeof(large));
	overwrite(large, sizeof(large));
	check_refused(EUCLEAN, "it is damaged, or no journal at all");
	check_content(large, sizeof(large));
}

Test(journal, an_emptied_database_does_not_cost_its_log)
{
	char *log = xasprintf("%s/journal.db-wal", dir);
	int fd;

	overwrite("", 0);
	fd = open(log, O_WRONLY | O_CREAT, 0600);
	cr_assert(eq(sz, (size_t)write(fd, "log", 3), 3));
	close(fd);
	check_refused(EUCLEAN, "it is damaged, or no journal at all");
	cr_assert(eq(int, access(log, F_OK), 0));
	free(log);
}

Test(journal, a_link_in_its_place_is_refused)
{
	char *path = xasprintf("%s/journal.db", dir);
	char *target = xasprintf("%s/target", dir);

	journal_close(j);
	j = NULL;
	cr_assert(eq(int, rename(path, target), 0));
	cr_assert(eq(int, symlink(target, path), 0));
	check_refused(ELOOP, "cannot be opened");
	free(path);
	free(target);
}

Test(journal, a_folder_that_is_not_there_is_refused)
{
	const char *why = NULL;

	cr_assert(journal_open("/nonexistent/folder", &why) == NULL);
	cr_assert(eq(int, errno, ENOENT));
	same(why, "cannot be opened");
}
