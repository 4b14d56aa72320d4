#include "journal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "change.h"
#include "db.h"
#include "log.h"
#include "reserve.h"
#include "xalloc.h"

#define NUMBERS		128		/* kinds are ASCII letters */
#define FLOOR		'#'		/* the kind of a seq, see db.h */
#define QUEUE_KEEP	(256U << 10)	/* memory kept for the next changes */
#define LOG_FRAMES	1024		/* 4 MiB, read again after a crash */

struct journal {
	struct db		 db;
	char			*path;
	struct reserve		 reserve;
	struct buf		 changes;	/* one behind the other */
	uint64_t		 newest;	/* seq last given */
	uint64_t		 committed;	/* seq last made durable */
	uint64_t		 numbers[NUMBERS];
	int			 frames;	/* in the log */
	unsigned		 nreaders;	/* being stepped, above us */
	bool			 suspect;	/* reopen it first */
};

static int
on_commit(void *arg, sqlite3 *handle, const char *name, int frames)
{
	struct journal *j = arg;

	(void)handle;
	(void)name;
	j->frames = frames;
	return SQLITE_OK;
}

static int
attach(struct journal *j, const char **why)
{
	if (db_open(&j->db, j->path, why) == -1)
		return -1;
	sqlite3_wal_hook(j->db.handle, on_commit, j);
	return 0;
}

static int
load(struct journal *j)
{
	sqlite3_stmt *st = j->db.queries[DB_NUMBERS];
	int code;

	if (db_last(&j->db, &j->newest) == -1)
		return -1;
	j->committed = j->newest;
	while ((code = sqlite3_step(st)) == SQLITE_ROW)
		j->numbers[db_column_u64(st, 0) % NUMBERS] =
		    db_column_u64(st, 1);
	sqlite3_reset(st);
	if (code == SQLITE_DONE)
		return 0;
	errno = db_errno(&j->db, code);
	return -1;
}

struct journal *
journal_open(const char *dir, const char **why)
{
	struct journal *j = xcalloc(1, sizeof(*j));
	int error;

	j->path = xasprintf("%s/journal.db", dir);
	*why = "cannot be read";
	if (attach(j, why) == -1 || load(j) == -1) {
		error = errno;
		journal_close(j);
		errno = error;
		return NULL;
	}
	reserve_init(&j->reserve, dir);
	if (!j->reserve.whole)
		log_warnx("journal: no room for the reserve: new work waits");
	return j;
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	buf_fini(&j->changes);
	db_close(&j->db);
	reserve_fini(&j->reserve);
	free(j->path);
	free(j);
}

uint64_t
journal_append(struct journal *j, const char *session, const char *kind,
    uint64_t time, struct bytes body)
{
	change_add(&j->changes, DB_PUT_RECORD, "nnttb", ++j->newest, time,
	    session, kind, body);
	return j->newest;
}

void
journal_put_session(struct journal *j, const struct journal_session *s)
{
	change_add(&j->changes, DB_PUT_SESSION, "tttnn", s->name, s->cwd,
	    s->mode, s->created, (uint64_t)s->open);
}

void
journal_delete_session(struct journal *j, const char *name)
{
	/* Its newest record may be everybody's: that seq is used up. */
	change_add(&j->changes, DB_PUT_NUMBER, "nn", (uint64_t)FLOOR,
	    j->newest);
	change_add(&j->changes, DB_DROP_RECORDS, "t", name);
	change_add(&j->changes, DB_DROP_SPANS, "t", name);
	change_add(&j->changes, DB_DROP_IDS, "t", name);
	change_add(&j->changes, DB_DROP_SESSION, "t", name);
}

uint64_t
journal_number(struct journal *j, char kind)
{
	uint64_t *number = &j->numbers[(unsigned char)kind % NUMBERS];

	assert(kind > 0 && kind != FLOOR);
	change_add(&j->changes, DB_PUT_NUMBER, "nn", (uint64_t)kind, ++*number);
	return *number;
}

void
journal_put_id(struct journal *j, char kind, uint64_t number,
    const char *session)
{
	change_add(&j->changes, DB_PUT_ID, "nnt", (uint64_t)kind, number,
	    session);
}

bool
journal_is_dirty(const struct journal *j)
{
	return j->changes.len > 0;
}

bool
journal_is_full(const struct journal *j)
{
	return !j->reserve.whole;
}

uint64_t
journal_last(const struct journal *j)
{
	return j->committed;
}

/*
 * After a sync that failed nobody knows what is on the disk, and the kernel
 * calls the lost pages clean: to sync again would succeed and prove nothing.
 * So the log of that descriptor is never added to. Closing moves what was
 * durable before into the database and removes the log; should that fail too,
 * the new descriptor reads the log again, checksums and all, and must move it
 * before it is trusted. Only then the waiting changes are said (again).
 */
static int
reopen(struct journal *j)
{
	const char *why = "cannot be read";
	uint64_t last = 0;
	int code;

	db_close(&j->db);
	if (attach(j, &why) == -1) {
		log_warn("journal: reopen: %s", why);
		return -1;
	}
	code = sqlite3_wal_checkpoint_v2(j->db.handle, NULL,
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (code != SQLITE_OK) {
		errno = db_errno(&j->db, code);
		log_warn("journal: reopen: its log cannot be moved");
		return -1;
	}
	if (db_last(&j->db, &last) == -1)
		return -1;
	if (last < j->committed) {
		log_error("journal: records are gone: %ju of %ju are left",
		    (uintmax_t)last, (uintmax_t)j->committed);
		errno = EUCLEAN;
		return -1;
	}
	j->frames = 0;
	j->suspect = false;
	log_warnx("journal: opened anew and verified, nothing is lost");
	return 0;
}

static bool
is_ready(struct journal *j)
{
	if (!j->suspect)
		return true;
	if (j->nreaders > 0) {
		errno = EBUSY;		/* they step through the old one */
		return false;
	}
	return reopen(j) == 0;
}

static void
empty_queue(struct journal *j)
{
	if (j->changes.size > QUEUE_KEEP)
		buf_fini(&j->changes);
	else
		buf_reset(&j->changes);
}

/* All of it, or nothing that anybody was told of. -1: errno. */
static int
try_commit(struct journal *j)
{
	int code, error;

	if (!is_ready(j))
		return -1;
	if ((code = change_write(&j->db, &j->changes)) == SQLITE_OK)
		return 0;
	error = db_errno(&j->db, code);
	db_rollback(&j->db);
	if ((code & 0xff) == SQLITE_IOERR) {
		j->suspect = true;
		errno = error;
		log_warn("journal: write");
	}
	errno = error;
	return -1;
}

static bool
is_no_space(int error)
{
	return error == ENOSPC || error == EDQUOT;
}

int
journal_commit(struct journal *j)
{
	if (!journal_is_dirty(j)) {
		reserve_mend(&j->reserve);
		return 0;
	}
	if (try_commit(j) == -1) {
		if (!is_no_space(errno) || !reserve_give(&j->reserve))
			return -1;
		if (try_commit(j) == -1)
			return -1;
	} else
		reserve_mend(&j->reserve);
	j->committed = j->newest;
	empty_queue(j);
	return 0;
}

bool
journal_is_long(const struct journal *j)
{
	return j->frames >= LOG_FRAMES;
}

void
journal_checkpoint(struct journal *j)
{
	int code, left = 0, moved = 0;

	if (j->frames == 0 || !is_ready(j))
		return;
	code = sqlite3_wal_checkpoint_v2(j->db.handle, NULL,
	    SQLITE_CHECKPOINT_PASSIVE, &left, &moved);
	if (code == SQLITE_OK) {
		j->frames = left - moved;
		return;
	}
	/* What it did not move is still in the log; a full disk is no loss. */
	errno = db_errno(&j->db, code);
	log_warn("journal: checkpoint");
	j->suspect = (code & 0xff) == SQLITE_IOERR;
}

static sqlite3_stmt *
start(struct journal *j, enum db_query q)
{
	sqlite3_stmt *st = is_ready(j) ? db_take(&j->db, q) : NULL;

	if (st != NULL)
		j->nreaders++;
	return st;
}

static int
finish(struct journal *j, enum db_query q, sqlite3_stmt *st, int code)
{
	int error = db_errno(&j->db, code);

	j->nreaders--;
	db_give(&j->db, q, st);
	if (code == SQLITE_DONE || code == SQLITE_ROW)
		return 0;
	errno = error;
	return -1;
}

int
journal_read(struct journal *j, const char *session, uint64_t since,
    bool (*each)(void *, const struct journal_record *), void *arg)
{
	enum db_query q = session == NULL ? DB_ALL : DB_ONE;
	struct journal_record r;
	sqlite3_stmt *st;
	int code;

	if ((st = start(j, q)) == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, (int64_t)since);
	/* What the callback itself has committed is not for this reading. */
	sqlite3_bind_int64(st, 2, (int64_t)j->committed);
	if (session != NULL)
		db_bind_text(st, 3, bytes_of(session));
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		r.seq = db_column_u64(st, 0);
		r.time = db_column_u64(st, 1);
		r.session = db_column(st, 2);
		r.kind = db_column(st, 3);
		r.body = db_column(st, 4);
		if (!each(arg, &r))
			break;
	}
	return finish(j, q, st, code);
}

int
journal_sessions(struct journal *j,
    bool (*each)(void *, const struct journal_session *), void *arg)
{
	struct journal_session s;
	sqlite3_stmt *st;
	int code;

	if ((st = start(j, DB_SESSIONS)) == NULL)
		return -1;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		s.name = db_column(st, 0).data;
		s.cwd = db_column(st, 1).data;
		s.mode = db_column(st, 2).data;
		s.created = db_column_u64(st, 3);
		s.open = db_column_u64(st, 4) != 0;
		s.last = db_column_u64(st, 5);
		if (!each(arg, &s))
			break;
	}
	return finish(j, DB_SESSIONS, st, code);
}

bool
journal_has_session(struct journal *j, const char *name)
{
	sqlite3_stmt *st = start(j, DB_HAS_SESSION);
	bool has;

	if (st == NULL)
		return false;
	db_bind_text(st, 1, bytes_of(name));
	has = sqlite3_step(st) == SQLITE_ROW;
	finish(j, DB_HAS_SESSION, st, SQLITE_DONE);
	return has;
}

char *
journal_find_id(struct journal *j, char kind, uint64_t number)
{
	sqlite3_stmt *st = start(j, DB_FIND_ID);
	char *session = NULL;
	struct bytes b;

	if (st == NULL)
		return NULL;
	sqlite3_bind_int64(st, 1, kind);
	sqlite3_bind_int64(st, 2, (int64_t)number);
	if (sqlite3_step(st) == SQLITE_ROW) {
		b = db_column(st, 0);
		session = xmemdup(b.data, b.len);
	}
	finish(j, DB_FIND_ID, st, SQLITE_DONE);
	return session;
}
