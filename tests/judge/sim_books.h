/* The records of one session, as a journal would hold them. */
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

#endif
