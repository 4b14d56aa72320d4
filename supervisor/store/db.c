#include "db.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "xalloc.h"

#define VERSION		1
#define APPLICATION	0x73676278	/* "sgbx", for file(1) */
#define STR_(x)		#x
#define STR(x)		STR_(x)

static const char *const sqls[] = {
#define DB_SQL(name, sql)	[DB_##name] = sql,
	DB_QUERIES(DB_SQL)
#undef DB_SQL
};

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE record (seq INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
    " session TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);"
    "CREATE TABLE span (session TEXT NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, PRIMARY KEY (session, first)) WITHOUT ROWID;"
    "CREATE TABLE session (name TEXT PRIMARY KEY, cwd TEXT NOT NULL,"
    " mode TEXT NOT NULL, created INTEGER NOT NULL, open INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE number (kind INTEGER PRIMARY KEY, last INTEGER NOT NULL);"
    "CREATE TABLE id (kind INTEGER NOT NULL, number INTEGER NOT NULL,"
    " session TEXT NOT NULL, PRIMARY KEY (kind, number)) WITHOUT ROWID;"
    "PRAGMA application_id = " STR(APPLICATION) ";"
    "PRAGMA user_version = " STR(VERSION) ";"
    "COMMIT;";

/*
 * FULL: each commit is on the disk before it returns. Checkpoints come only
 * when they are asked for; they take milliseconds that a message may need.
 */
static const char settings[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA cache_size = -1024;"
    "PRAGMA temp_store = MEMORY;";

int
db_errno(const struct db *d, int code)
{
	int sys = sqlite3_system_errno(d->handle);

	switch (code & 0xff) {
	case SQLITE_FULL:
		return ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return EUCLEAN;
	case SQLITE_NOMEM:
		return ENOMEM;
	case SQLITE_READONLY:
		return EROFS;
	default:
		return sys != 0 ? sys : EIO;
	}
}

static const char *
words(int error)
{
	switch (error) {
	case EBUSY:
		return "another program has it open";
	case EUCLEAN:
		return "it is damaged, or no journal at all";
	case ENOSPC:
	case EDQUOT:
		return "no space left to open it";
	default:
		return "cannot be opened";
	}
}

static int
sync_folder(const char *path)
{
	char *copy = xstrdup(path);
	int fd, rc = -1;

	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd != -1)
		rc = fsync(fd);
	fd_close(&fd);
	free(copy);
	return rc;
}

/* SQLite throws a log away whose database is empty: not ours to lose. */
static bool
has_orphan_log(const char *path)
{
	char *log = xasprintf("%s-wal", path);
	struct stat st;
	bool has = stat(log, &st) == 0 && st.st_size > 0;

	free(log);
	return has;
}

/*
 * SQLite gives its log the mode of the database, which it would make 0644.
 * The descriptor is closed before SQLite locks the file: closing any other one
 * later would let go of those locks.
 */
static int
prepare_file(const char *path, const char **why)
{
	struct stat st;
	int fd, rc = -1;

	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1 || fstat(fd, &st) == -1)
		goto out;
	if (!S_ISREG(st.st_mode) || (st.st_size == 0 && has_orphan_log(path))) {
		errno = EUCLEAN;
		*why = words(errno);
		goto out;
	}
	if ((st.st_mode & 077) != 0 && fchmod(fd, 0600) == -1)
		goto out;
	if (st.st_size == 0 && sync_folder(path) == -1)
		goto out;
	rc = 0;
out:
	fd_close(&fd);
	return rc;
}

static int
exec(struct db *d, const char *sql)
{
	return sqlite3_exec(d->handle, sql, NULL, NULL, NULL);
}

static int
ask(struct db *d, const char *sql, int *answer)
{
	sqlite3_stmt *st = NULL;
	int code = sqlite3_prepare_v2(d->handle, sql, -1, &st, NULL);

	if (code == SQLITE_OK && (code = sqlite3_step(st)) == SQLITE_ROW) {
		*answer = sqlite3_column_int(st, 0);
		code = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return code;
}

/* Nothing is written before we know whose file it is. */
static int
check_schema(struct db *d, const char **why)
{
	int version, application, ntables, code;

	code = ask(d, "PRAGMA user_version", &version);
	if (code == SQLITE_OK)
		code = ask(d, "PRAGMA application_id", &application);
	if (code == SQLITE_OK)
		code = ask(d, "SELECT count(*) FROM sqlite_schema", &ntables);
	if (code != SQLITE_OK ||
	    (application == 0 && version == 0 && ntables == 0))
		return code;
	if (application != APPLICATION || version < 1) {
		*why = "it is another program's database";
		return SQLITE_NOTADB;
	}
	if (version > VERSION) {
		*why = "it was made by a newer sigbox";
		return SQLITE_MISMATCH;
	}
	return SQLITE_OK;
}

static int
make_schema(struct db *d)
{
	int code, version;

	if ((code = ask(d, "PRAGMA user_version", &version)) != SQLITE_OK)
		return code;
	return version == VERSION ? SQLITE_OK : exec(d, schema);
}

static int
prepare_queries(struct db *d)
{
	int i, code = SQLITE_OK;

	for (i = 0; i < DB_NQUERIES && code == SQLITE_OK; i++)
		code = sqlite3_prepare_v3(d->handle, sqls[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &d->queries[i], NULL);
	return code;
}

int
db_open(struct db *d, const char *path, const char **why)
{
	int code, error;

	memset(d, 0, sizeof(*d));
	/* Counting its memory costs a lock for each piece. A reopen cannot. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	*why = "cannot be opened";
	if (prepare_file(path, why) == -1)
		return -1;
	*why = NULL;
	code = sqlite3_open_v2(path, &d->handle,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		code = exec(d, "PRAGMA locking_mode = EXCLUSIVE");
	if (code == SQLITE_OK)
		code = check_schema(d, why);
	if (code == SQLITE_OK)
		code = exec(d, settings);
	if (code == SQLITE_OK)
		code = make_schema(d);
	if (code == SQLITE_OK)
		code = prepare_queries(d);
	if (code == SQLITE_OK)
		return 0;
	error = code == SQLITE_MISMATCH ? ENOTSUP : db_errno(d, code);
	if (*why == NULL)
		*why = words(error);
	db_close(d);
	errno = error;
	return -1;
}

void
db_close(struct db *d)
{
	int i;

	for (i = 0; i < DB_NQUERIES; i++)
		sqlite3_finalize(d->queries[i]);
	sqlite3_close(d->handle);
	memset(d, 0, sizeof(*d));
}

sqlite3_stmt *
db_take(struct db *d, enum db_query q)
{
	sqlite3_stmt *st = d->queries[q];

	if (sqlite3_stmt_busy(st) && sqlite3_prepare_v2(d->handle, sqls[q], -1,
	    &st, NULL) != SQLITE_OK)
		return NULL;
	return st;
}

void
db_give(struct db *d, enum db_query q, sqlite3_stmt *st)
{
	if (st == d->queries[q])
		sqlite3_reset(st);
	else
		sqlite3_finalize(st);
}

void
db_bind_text(sqlite3_stmt *st, int at, struct bytes b)
{
	sqlite3_bind_text(st, at, b.data == NULL ? "" : b.data, (int)b.len,
	    SQLITE_STATIC);
}

struct bytes
db_column(sqlite3_stmt *st, int at)
{
	struct bytes b;

	b.data = (const char *)sqlite3_column_text(st, at);
	b.len = (size_t)sqlite3_column_bytes(st, at);
	return b;
}

uint64_t
db_column_u64(sqlite3_stmt *st, int at)
{
	return (uint64_t)sqlite3_column_int64(st, at);
}

int
db_run(struct db *d, enum db_query q)
{
	int code = sqlite3_step(d->queries[q]);

	sqlite3_reset(d->queries[q]);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

void
db_rollback(struct db *d)
{
	if (d->handle != NULL && !sqlite3_get_autocommit(d->handle))
		exec(d, "ROLLBACK");
}

int
db_last(struct db *d, uint64_t *last)
{
	sqlite3_stmt *st = d->queries[DB_LAST];
	int code = sqlite3_step(st);

	if (code == SQLITE_ROW)
		*last = db_column_u64(st, 0);
	else
		errno = db_errno(d, code);
	sqlite3_reset(st);
	return code == SQLITE_ROW ? 0 : -1;
}
