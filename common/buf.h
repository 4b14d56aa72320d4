/*
 * Bytes that grow. Zeroed is empty; data is NULL while nothing was added,
 * otherwise a NUL stands behind the last byte.
 */
#ifndef BUF_H
#define BUF_H

#include "bytes.h"

struct buf {
	char	*data;
	size_t	 len;
	size_t	 size;
};

void	 buf_add(struct buf *, const void *, size_t);
void	 buf_add_bytes(struct buf *, struct bytes);
void	 buf_puts(struct buf *, const char *);
void	 buf_putc(struct buf *, char);
void	 buf_printf(struct buf *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* buf_room() when there is none. */
char	*buf_grow(struct buf *, size_t n);
/* Drops the first n bytes. */
void	 buf_drop(struct buf *, size_t n);
void	 buf_reset(struct buf *);		/* empty, memory kept */
void	 buf_fini(struct buf *);		/* empty, memory freed */
/* The string, now the caller's to free, never NULL; the buf is empty. */
char	*buf_take(struct buf *);

/*
 * Room for n more bytes behind len and for their NUL; the caller adds what it
 * used to len. Whatever is added next, or buf_take(), puts the NUL back.
 */
static inline char *
buf_room(struct buf *b, size_t n)
{
	return n < b->size - b->len ? b->data + b->len : buf_grow(b, n);
}

static inline struct bytes
buf_bytes(const struct buf *b)
{
	return (struct bytes){ b->data, b->len };
}

#endif
