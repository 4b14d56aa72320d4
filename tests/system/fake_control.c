#include "fake_control.h"

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_book.h"

/* 0: not yet. */
static uint64_t
ask(struct book *b, const char *verb, const char *rest)
{
	char *end;
	uint64_t n;

	if (strcmp(verb, "release") == 0) {
		book_release(b, rest);
		return 1;
	}
	if (strcmp(verb, "held") == 0)
		return book_is_held(b, rest);
	n = strtoul(rest, &end, 10);
	if (strcmp(verb, "await") == 0)
		return book_find(b, n, end + (*end == ' '));
	if (strcmp(verb, "cut") == 0)
		return book_is_cut(b, n);
	return 0;
}

static bool
answer(struct asker *a, uint64_t n)
{
	dprintf(a->fd, "%ju\n", (uintmax_t)n);
	return false;
}

bool
asker_go(struct asker *a, struct book *b, short revents)
{
	char copy[sizeof(a->question)], *rest;
	uint64_t n;
	ssize_t got;

	if (revents != 0) {
		got = read(a->fd, a->question + a->len,
		    sizeof(a->question) - 1 - a->len);
		if (got <= 0)
			return false;
		a->len += (size_t)got;
	}
	/* The question ends with a NUL: a text may have several lines. */
	if (a->len == 0 || a->question[a->len - 1] != '\0')
		return true;
	memcpy(copy, a->question, a->len);
	rest = copy + strcspn(copy, " ");
	if (*rest != '\0')
		*rest++ = '\0';
	if (strcmp(copy, "count") == 0)
		return answer(a, book_count(b));
	n = ask(b, copy, rest);
	return n == 0 ? true : answer(a, n);
}
