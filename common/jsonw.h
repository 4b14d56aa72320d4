/*
 * JSON text written into a buf, once, in order; nothing is parsed (jansson
 * reads). Commas are put where they belong: a comma goes in front of a value
 * unless the last byte is one of { [ : or the buf is empty. Strings must be
 * valid UTF-8 and are escaped as RFC 8259 demands, shortest form, '/' bare.
 *
 *	jsonw_open(b, '{');
 *	jsonw_text(b, "tool", bytes);		"tool":"bench"
 *	jsonw_key(b, "list"); jsonw_open(b, '[');
 *	jsonw_u64(b, NULL, 7);			NULL: an element, no key
 *	jsonw_close(b, ']'); jsonw_close(b, '}');
 */
#ifndef JSONW_H
#define JSONW_H

#include <stdint.h>

#include "buf.h"

void	jsonw_open(struct buf *, char bracket);
void	jsonw_close(struct buf *, char bracket);
void	jsonw_key(struct buf *, const char *key);
void	jsonw_text(struct buf *, const char *key, struct bytes);
void	jsonw_str(struct buf *, const char *key, const char *); /* NULL: null */
void	jsonw_u64(struct buf *, const char *key, uint64_t);
void	jsonw_i64(struct buf *, const char *key, int64_t);
/* As seconds, 1.234567; 0: null. */
void	jsonw_time(struct buf *, const char *key, uint64_t us);
void	jsonw_bool(struct buf *, const char *key, bool);
void	jsonw_null(struct buf *, const char *key);
void	jsonw_raw(struct buf *, const char *key, struct bytes json);
/* Only the escaped inside of a string, without the quotes. */
void	jsonw_escape(struct buf *, struct bytes);

#endif
