/*
 * The append-only record of everything that happened (S1): SQLite in WAL
 * mode, synchronous FULL, this process its one writer. Its order decides
 * every race. Bodies are JSON objects that this file does not read.
 *
 * append and the puts only queue; commit makes all that is queued durable in
 * one transaction. When it cannot (disk full, I/O error) everything stays
 * queued, in order, and a later commit tries again: memory may be ahead of the
 * disk, but nobody was told. An 8 MiB reserve file beside the database is
 * freed at the first ENOSPC, so that ends can still be recorded; until it is
 * whole again journal_is_full() holds and the owner refuses new work.
 *
 * A failed sync is final for its descriptor: the database is closed, opened
 * anew and verified before the next change, and what was queued is written
 * again, which harms nothing if it was there.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdint.h>

#include "bytes.h"

struct journal;

struct journal_record {
	uint64_t	 seq;
	uint64_t	 time;		/* us since the epoch */
	struct bytes	 session;
	struct bytes	 kind;
	struct bytes	 body;		/* a JSON object */
};

struct journal_session {
	const char	*name;
	const char	*cwd;
	const char	*mode;		/* its default (C7) */
	uint64_t	 created;	/* us since the epoch */
	uint64_t	 last;		/* seq of its newest record, 0 none */
	bool		 open;		/* something in it is unfinished */
};

/* dir/journal.db, made if need be, 0600. NULL: errno, and *why a literal. */
struct journal	*journal_open(const char *dir, const char **why);
/* What is queued and was not committed is dropped. NULL is fine. */
void		 journal_close(struct journal *);

uint64_t	 journal_append(struct journal *, const char *session,
		    const char *kind, uint64_t time, struct bytes body);
bool		 journal_is_dirty(const struct journal *);
int		 journal_commit(struct journal *); /* -1: errno; all stays queued */
/* While it holds, call commit now and then, also with nothing queued: it
 * makes the reserve again. */
bool		 journal_is_full(const struct journal *);
/* The newest committed seq. */
uint64_t	 journal_last(const struct journal *);
/*
 * Move the log into the database, at a moment when nobody waits; it is long
 * when that is due: the next start after a crash would read all of it.
 */
bool		 journal_is_long(const struct journal *);
void		 journal_checkpoint(struct journal *);

/*
 * In order of seq, those with seq > since (committed ones only), of a session
 * or (NULL) of all, one at a time as each() asks for it by returning true; it
 * may call any of these functions but close. -1: errno.
 */
int		 journal_read(struct journal *, const char *session,
		    uint64_t since,
		    bool (*each)(void *, const struct journal_record *),
		    void *arg);

/* A session's row; last is kept by append. Reads see committed rows only. */
void		 journal_put_session(struct journal *,
		    const struct journal_session *);
/* And its records, and its ids. */
void		 journal_delete_session(struct journal *, const char *name);
int		 journal_sessions(struct journal *,
		    bool (*each)(void *, const struct journal_session *),
		    void *arg);
bool		 journal_has_session(struct journal *, const char *name);

/*
 * The next number for a kind of id ('t', 'm', 'u', ...), 1 at first, never
 * given twice: durable with the next commit, together with what uses it.
 */
uint64_t	 journal_number(struct journal *, char kind);
/* Which session an id such as t7 lives in; NULL: none. The caller frees. */
void		 journal_put_id(struct journal *, char kind, uint64_t number,
		    const char *session);
char		*journal_find_id(struct journal *, char kind, uint64_t number);

#endif
