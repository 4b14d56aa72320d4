/*
 * A model in a thread of this process that notes when a request's bytes come,
 * to the nanosecond, and answers every one with a word or with calls of a tool.
 * And the raw way to it: the same bytes over a plain socket. Whatever fails
 * ends the program, in words.
 */
#ifndef EAR_H
#define EAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct ear;

struct heard {
	uint64_t	first, last;	/* bench_now(), of its bytes */
	uint64_t	n;		/* requests so far */
};

struct ear	*ear_new(void);
void		 ear_free(struct ear *);
unsigned	 ear_port(const struct ear *);

/* From now on: whether a connection outlives its answer, as it does first. */
void		 ear_keep(struct ear *, bool);
/*
 * The next answer, behind those that were asked for before, is n calls of this
 * tool; args: a JSON object.
 */
void		 ear_call(struct ear *, size_t n, const char *tool,
		    const char *args);

struct heard	 ear_heard(struct ear *);		/* the newest request */
void		 ear_copy(struct ear *, struct buf *);	/* all its bytes */

/*
 * Sends these bytes, on *fd or (-1) a new connection, and waits for the whole
 * answer. Returns how long it took until the ear had them all, in us. *fd is
 * -1 again where connections do not outlive their answers.
 */
double		 ear_post(struct ear *, int *fd, struct bytes);

#endif
