/*
 * What a task printed: DIR/tasks/tN/out and DIR/tasks/tN/err, raw bytes,
 * append-only, absolute offsets (T8). The worker writes, through descriptors
 * that spool_make() opened; this reads, and forgets what is old. Folders are
 * 0700, files 0600. Beyond a task's cap the worker punches out the middle of a
 * file: readers are told how much is gone, and offsets stay what they were.
 * All return -1 and errno.
 */
#ifndef SPOOL_H
#define SPOOL_H

#include <stdint.h>
#include <sys/types.h>

#include "buf.h"

enum spool_stream { SPOOL_OUT, SPOOL_ERR };

struct spool_part {
	size_t		 len;	/* bytes read; 0: nothing there (yet) */
	uint64_t	 lost;	/* bytes gone between offset and them */
	uint64_t	 size;	/* of the stream, what is gone included */
};

/* Makes the folder; *out and *err are the caller's to close. */
int	spool_make(const char *dir, uint64_t task, int *out, int *err);
/*
 * Reads up to n bytes at offset + part->lost, and not across a next gap. The
 * next offset is offset + part->lost + part->len.
 */
int	spool_read(const char *dir, uint64_t task, enum spool_stream,
	    uint64_t offset, void *buf, size_t n, struct spool_part *);
/*
 * The model's window: puts at most nhead first and ntail last bytes into two
 * empty buffers, never the same byte twice, and neither reaches across a gap;
 * so head->len + tail->len == *total means all of it.
 */
int	spool_window(const char *dir, uint64_t task, enum spool_stream,
	    size_t nhead, size_t ntail, struct buf *head, struct buf *tail,
	    uint64_t *total);
/* Fine if there is none. */
int	spool_remove(const char *dir, uint64_t task);

struct spool_limit {
	uint64_t	 now;		/* seconds since the epoch */
	uint64_t	 max_age;	/* s since the last byte; 0: any */
	uint64_t	 max_bytes;	/* on disk, of all tasks; 0: any */
	/* A task that must stay, because it runs or somebody reads it. */
	bool		(*keep)(void *arg, uint64_t task);
	void		*arg;
};

/*
 * Removes what is too old, then the oldest until the rest fits. At most 64
 * tasks a call, since the loop waits: returns how many, so call again later.
 */
int	spool_expire(const char *dir, const struct spool_limit *);

#endif
