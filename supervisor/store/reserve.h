/*
 * Disk space that is kept for bad times: a file of 8 MiB beside the journal,
 * given up when the disk is full so that what ends can still be recorded
 * (S1), and made again when there is room for it and a little more.
 */
#ifndef RESERVE_H
#define RESERVE_H

#include <stdbool.h>

struct reserve {
	char	*path;
	bool	 whole;
};

/* Makes the file if it can. */
void	reserve_init(struct reserve *, const char *dir);
void	reserve_fini(struct reserve *);		/* the file stays */
bool	reserve_give(struct reserve *);		/* false: nothing left to give */
void	reserve_mend(struct reserve *);		/* tries to be whole again */

#endif
