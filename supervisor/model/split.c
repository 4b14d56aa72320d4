#include "split.h"

#include <stdlib.h>

#include "buf.h"
#include "xalloc.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
add_word(struct split *w, struct buf *word)
{
	w->list = xreallocarray(w->list, w->nwords + 1, sizeof(*w->list));
	w->list[w->nwords++] = buf_take(word);
}

void
split_fini(struct split *w)
{
	size_t i;

	for (i = 0; i < w->nwords; i++)
		free(w->list[i]);
	free(w->list);
	*w = (struct split){ 0 };
}

/* Takes one word from *at on; false if its quote is not closed. */
static bool
take_word(struct buf *word, struct bytes line, size_t *at)
{
	char quote = '\0', c;

	for (; *at < line.len; ++*at) {
		c = line.data[*at];
		if (c == quote) {
			quote = '\0';
		} else if (quote == '\0' && is_blank(c)) {
			return true;
		} else if (quote == '\0' && (c == '\'' || c == '"')) {
			quote = c;
		} else {
			if (c == '\\' && quote != '\'' && *at + 1 < line.len)
				c = line.data[++*at];
			buf_putc(word, c);
		}
	}
	return quote == '\0';
}

bool
split_line(struct split *w, struct bytes line)
{
	struct buf word = { 0 };
	size_t at = 0;

	*w = (struct split){ 0 };
	for (;;) {
		while (at < line.len && is_blank(line.data[at]))
			at++;
		if (at == line.len)
			return true;
		if (!take_word(&word, line, &at))
			break;
		add_word(w, &word);
	}
	buf_fini(&word);
	split_fini(w);
	return false;
}
