#include "cursor.h"

#include <ctype.h>

void
cursor_drop(struct bytes *b, size_t n)
{
	b->data += n;
	b->len -= n;
}

void
cursor_blanks(struct bytes *b)
{
	while (cursor_at(*b, ' ') || cursor_at(*b, '\t'))
		cursor_drop(b, 1);
}

bool
cursor_at(struct bytes b, char c)
{
	return b.len > 0 && *b.data == c;
}

struct bytes
cursor_word(struct bytes *b)
{
	struct bytes	 word = { b->data, 0 };

	while (b->len > 0 && *b->data != ' ' && *b->data != '\t') {
		word.len++;
		cursor_drop(b, 1);
	}
	return word;
}

struct bytes
cursor_name(struct bytes *b)
{
	struct bytes	 name = { b->data, 0 };

	while (b->len > 0 && isascii((unsigned char)*b->data) &&
	    (isalnum((unsigned char)*b->data) || *b->data == '_' ||
	    *b->data == '-')) {
		name.len++;
		cursor_drop(b, 1);
	}
	return name;
}

bool
cursor_until(struct bytes *b, char c, struct bytes *out)
{
	const char	*end = b->len == 0 ? NULL : memchr(b->data, c, b->len);

	if (end == NULL)
		return false;
	*out = (struct bytes){ b->data, (size_t)(end - b->data) };
	cursor_drop(b, out->len + 1);
	return true;
}
