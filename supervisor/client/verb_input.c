#include <errno.h>
#include <unistd.h>

#include "show.h"
#include "verb.h"

#define PIECE	(1U << 16)	/* of one FEED */

enum row { EOF_ROW, EXPECT };

static const struct verb_option options[] = {
	{ "eof", 'e', NULL, "then close the tool's stdin" },
	{ "expect", 0, "STATE", "only if the task is in this state" },
	{ NULL }
};

static int
feed(struct client *c, struct bytes data, bool eof)
{
	struct frame f = { .type = FRAME_FEED };

	f.feed.id = bytes_of(c->argv[0]);
	f.feed.expect = bytes_of(c->opt[EXPECT]);
	f.feed.data = data;
	f.feed.eof = eof;
	return verb_order(c, &f);
}

/* Piece by piece: the tool may be slow, and no answer means wait. */
static int
feed_stdin(struct client *c)
{
	char piece[PIECE];
	int status = 0;
	ssize_t n;

	while (status == 0 && (n = read(STDIN_FILENO, piece, PIECE)) != 0) {
		if (n > 0)
			status = feed(c, (struct bytes){ piece, (size_t)n },
			    false);
		else if (errno != EINTR) {
			show_error("input: stdin: %s", strerror(errno));
			status = EX_IOERR;
		}
	}
	if (status == 0 && c->opt[EOF_ROW] != NULL)
		status = feed(c, BYTES(""), true);
	return status;
}

static int
feed_line(struct client *c)
{
	struct buf b = { 0 };
	int status = 0;
	size_t from = 0, n;

	for (int i = 1; i < c->argc; i++) {
		buf_puts(&b, c->argv[i]);
		buf_putc(&b, i + 1 == c->argc ? '\n' : ' ');
	}
	do {
		n = b.len - from > PIECE ? PIECE : b.len - from;
		status = feed(c, (struct bytes){ b.data + from, n },
		    from + n == b.len && c->opt[EOF_ROW] != NULL);
		from += n;
	} while (status == 0 && from < b.len);
	buf_fini(&b);
	return status;
}

static int
run(struct client *c)
{
	if (c->argc == 1 && c->opt[EOF_ROW] == NULL)
		return verb_usage(c, "nothing to send: TEXT, - or --eof");
	if (c->argc == 1)
		return feed(c, BYTES(""), true);
	if (c->argc == 2 && strcmp(c->argv[1], "-") == 0)
		return feed_stdin(c);
	return feed_line(c);
}

const struct verb verb_input = {
	.name = "input",
	.operands = "ID [TEXT|-]",
	.about = "send a line, or all of stdin, to a task's stdin",
	.options = options,
	.min = 1,
	.max = -1,
	.run = run,
};
