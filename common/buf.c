#include "buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "xalloc.h"

#define SIZE_FIRST	64

char *
buf_grow(struct buf *b, size_t n)
{
	size_t size = b->size == 0 ? SIZE_FIRST : b->size * 2;

	assert(n < SIZE_MAX / 4 && b->len < SIZE_MAX / 4);
	if (size < b->len + n + 1)
		size = b->len + n + 1;
	b->data = xreallocarray(b->data, size, 1);
	b->size = size;
	return b->data + b->len;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(buf_room(b, n), p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_add_bytes(struct buf *b, struct bytes s)
{
	buf_add(b, s.data, s.len);
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if (n == 0)
		return;
	va_start(ap, fmt);
	vsnprintf(buf_room(b, (size_t)n), (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
buf_drop(struct buf *b, size_t n)
{
	assert(n <= b->len);
	if (n == 0)
		return;
	b->len -= n;
	memmove(b->data, b->data + n, b->len);
	b->data[b->len] = '\0';
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_fini(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

char *
buf_take(struct buf *b)
{
	char *s;

	buf_room(b, 0)[0] = '\0';
	s = b->data;
	*b = (struct buf){ 0 };
	return s;
}
