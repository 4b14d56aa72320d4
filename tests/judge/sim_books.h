/* The records of one session, as a journal would hold them, and their sums. */
#ifndef SIM_BOOKS_H
#define SIM_BOOKS_H

#include "record.h"

struct entry {
	enum record_kind	 kind;
	uint64_t		 seq, time;
	char			*json;
};

struct books {
	struct entry	*entries;
	size_t		 n;
};

void	 books_add(struct books *, enum record_kind, uint64_t seq,
	    uint64_t time, struct bytes json);
void	 books_cut(struct books *, size_t n);	/* the first n stay */
bool	 books_read(const struct books *, size_t i, struct record *);
void	 books_fini(struct books *);

/*
 * Each message has one end (C2), each call one result (C5), each turn and task
 * one end, each event one telling (E1); what was rolled back is not counted.
 * NULL, or words, the caller's to free.
 */
char	*books_check(const struct books *);

#endif
