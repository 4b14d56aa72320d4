/*
 * The journal's database: its file, its schema, its prepared statements, and
 * what SQLite's answers mean in errno's words. It knows no queue and no order;
 * journal.c does.
 */
#ifndef DB_H
#define DB_H

#include <stdint.h>

#include <sqlite3.h>

#include "bytes.h"

/*
 * Puts may be repeated: after a commit whose fate is not known they are said
 * again. The newest seq survives the deletion of its record as number '#'.
 *
 * A span is a run of neighbouring records of one session. Spans are what finds
 * a session's records: an index over each record costs as much as the record,
 * and a hundred that wait together are mostly one or two spans.
 */
#define DB_QUERIES(Q) \
	Q(BEGIN,	"BEGIN IMMEDIATE") \
	Q(COMMIT,	"COMMIT") \
	Q(PUT_RECORD,	"INSERT OR REPLACE INTO record " \
			"(seq, time, session, kind, body) VALUES (?,?,?,?,?)") \
	Q(PUT_SPAN,	"INSERT OR REPLACE INTO span (session, first, last) " \
			"VALUES (?,?,?)") \
	Q(PUT_SESSION,	"INSERT OR REPLACE INTO session " \
			"(name, cwd, mode, created, open) VALUES (?,?,?,?,?)") \
	Q(PUT_NUMBER,	"INSERT OR REPLACE INTO number (kind, last) " \
			"VALUES (?,?)") \
	Q(PUT_ID,	"INSERT OR REPLACE INTO id (kind, number, session) " \
			"VALUES (?,?,?)") \
	Q(DROP_SESSION,	"DELETE FROM session WHERE name = ?") \
	Q(DROP_RECORDS,	"DELETE FROM record WHERE seq IN (SELECT r.seq " \
			"FROM span s JOIN record r ON r.seq BETWEEN s.first " \
			"AND s.last WHERE s.session = ?)") \
	Q(DROP_SPANS,	"DELETE FROM span WHERE session = ?") \
	Q(DROP_IDS,	"DELETE FROM id WHERE session = ?") \
	Q(ALL,		"SELECT seq, time, session, kind, body FROM record " \
			"WHERE seq > ? AND seq <= ? ORDER BY seq") \
	Q(ONE,		"SELECT r.seq, r.time, r.session, r.kind, r.body " \
			"FROM span s CROSS JOIN record r " \
			"WHERE s.session = ?3 AND s.first <= ?2 AND " \
			"s.first >= ifnull((SELECT max(first) FROM span " \
			"WHERE session = ?3 AND first <= ?1), 0) AND " \
			"r.seq BETWEEN max(s.first, ?1 + 1) AND " \
			"min(s.last, ?2) ORDER BY s.first, r.seq") \
	Q(SESSIONS,	"SELECT name, cwd, mode, created, open, ifnull((" \
			"SELECT last FROM span WHERE session = name " \
			"ORDER BY first DESC LIMIT 1), 0) " \
			"FROM session ORDER BY created, name") \
	Q(HAS_SESSION,	"SELECT 1 FROM session WHERE name = ?") \
	Q(FIND_ID,	"SELECT session FROM id " \
			"WHERE kind = ? AND number = ?") \
	Q(NUMBERS,	"SELECT kind, last FROM number") \
	Q(LAST,		"SELECT max(ifnull((SELECT max(seq) FROM record), 0)," \
			" ifnull((SELECT last FROM number " \
			"WHERE kind = 35), 0))")

enum db_query {
#define DB_ENUM(name, sql)	DB_##name,
	DB_QUERIES(DB_ENUM)
#undef DB_ENUM
	DB_NQUERIES
};

struct db {
	sqlite3		*handle;	/* NULL: closed */
	sqlite3_stmt	*queries[DB_NQUERIES];
};

/* The file, made if need be, for us alone. -1: errno, *why a literal. */
int	 db_open(struct db *, const char *path, const char **why);
void	 db_close(struct db *);

/*
 * A statement to bind and step, then to give back. One that is being stepped
 * further up (a reader whose callback reads) is prepared a second time.
 */
sqlite3_stmt *db_take(struct db *, enum db_query);
void	 db_give(struct db *, enum db_query, sqlite3_stmt *);
void	 db_bind_text(sqlite3_stmt *, int at, struct bytes);
struct bytes db_column(sqlite3_stmt *, int at);
uint64_t db_column_u64(sqlite3_stmt *, int at);

/* To the end, without rows; an SQLite code, SQLITE_OK if all is well. */
int	 db_run(struct db *, enum db_query);
void	 db_rollback(struct db *);
/* The newest seq that was ever committed. -1: errno. */
int	 db_last(struct db *, uint64_t *);

/* Of the call that just went wrong. */
int	 db_errno(const struct db *, int code);

#endif
