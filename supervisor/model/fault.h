/*
 * What a server's error says: words for people, and which kind of trouble it
 * is. Pure. An error is the body of an HTTP answer or came inside a stream:
 * JSON of several shapes, HTML, plain text or nothing.
 */
#ifndef FAULT_H
#define FAULT_H

#include "buf.h"
#include "model.h"

#define FAULT_WORDS_MAX	500

/* One line, valid UTF-8, at most FAULT_WORDS_MAX bytes; may add nothing. */
void		fault_words(struct buf *, struct bytes body);
/* status 0: nobody answered. */
enum model_why	fault_kind(unsigned status, struct bytes body);
/* The status that an error inside a stream would have had. */
unsigned	fault_status(struct bytes body);

#endif
