/*
 * What a fake model remembers: every request that came, in a folder that
 * the rig reads (NNNNNN.json, log, refused, cut), and which names are held
 * and released. A line of log is
 *
 *	N FIRST_US LAST_US REAL_US ok|refused "the first user message"
 *
 * with the monotonic times of the request's first and last byte and the
 * wall clock of the last one. The body is there before its line is.
 */
#ifndef FAKE_BOOK_H
#define FAKE_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "check_request.h"

struct book;
struct script;

struct book	*book_open(const char *folder);
void		 book_close(struct book *);

/* Returns the request's number, 1 at first. why NULL: the judge let it pass. */
uint64_t	 book_add(struct book *, struct body, uint64_t first_us,
		    const struct script *, const char *why);
void		 book_cut(struct book *, uint64_t n); /* its client went away */
bool		 book_is_cut(const struct book *, uint64_t n);
uint64_t	 book_count(const struct book *);
/* The first one >= from whose last user message contains text; 0: none yet. */
uint64_t	 book_find(const struct book *, uint64_t from, const char *text);

void		 book_release(struct book *, const char *name);
bool		 book_is_released(const struct book *, const char *name);
void		 book_hold(struct book *, const char *name);
bool		 book_is_held(const struct book *, const char *name);
/* Whether this is the first time that it is asked for this text. */
bool		 book_is_first(struct book *, const char *text);

/* Bytes that a request may have; 0: any number. */
void		 book_set_limit(struct book *, uint64_t);
uint64_t	 book_limit(const struct book *);

uint64_t	 book_now(void);	/* monotonic, us */

#endif
