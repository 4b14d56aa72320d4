/*
 * Changes to the journal that wait for their commit, one behind the other in
 * a buf: queued, and written inside a transaction of the caller's making. They
 * stay in the buf until the caller empties it, since a commit may fail.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include "buf.h"
#include "db.h"

/*
 * A query and its values by their types: n for a uint64_t, t for a string, b
 * for struct bytes; all are copied.
 */
void	change_add(struct buf *, enum db_query, const char *types, ...);
/* All of them, from BEGIN to COMMIT; an SQLite code. */
int	change_write(struct db *, const struct buf *);

#endif
