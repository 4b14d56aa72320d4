/* What a tool with a stream is given while it runs. */
#include "shop.h"

#define FRAME_DATA	(64U << 10)	/* of one INPUT */

static void
send_input(struct child *c, struct bytes b, bool eof)
{
	size_t n;

	do {
		n = b.len < FRAME_DATA ? b.len : FRAME_DATA;
		child_say(c, &(struct frame){ .type = FRAME_INPUT,
		    .input = { .data = { b.data, n },
		    .eof = eof && n == b.len } });
		b.data += n;
		b.len -= n;
	} while (b.len > 0);
}

bool
child_input(struct child *c, struct bytes b, bool eof)
{
	if (!c->stream || c->end.known || c->said_last || c->sock == -1 ||
	    c->ninput - c->nfed + b.len > CHILD_INPUT_MAX)
		return false;
	c->ninput += b.len;
	c->stream = !eof;
	if (c->is_running) {
		send_input(c, b, eof);
		return true;
	}
	buf_add_bytes(&c->early, b);
	c->early_eof = eof;
	return true;
}

void
child_send_early(struct child *c)
{
	if (c->early.len > 0 || c->early_eof)
		send_input(c, buf_bytes(&c->early), c->early_eof);
	buf_fini(&c->early);
}
