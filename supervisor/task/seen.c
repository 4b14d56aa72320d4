/* What a worker watches for, and what it tells of the task's state. */
#include "child.h"

#include <string.h>

#include "shop.h"

static void
send_match(struct child *c, struct bytes pattern)
{
	child_say(c, &(struct frame){ .type = FRAME_MATCH,
	    .match = { .pattern = pattern, .past = true } });
}

void
child_match(struct child *c, struct bytes pattern)
{
	c->nwatches++;
	if (c->is_running)
		send_match(c, pattern);
	else {
		buf_add_bytes(&c->matches, pattern);
		buf_putc(&c->matches, '\0');
	}
}

void
child_send_matches(struct child *c)
{
	size_t at, n;

	for (at = 0; at < c->matches.len; at += n + 1) {
		n = strlen(c->matches.data + at);
		send_match(c, (struct bytes){ c->matches.data + at, n });
	}
	buf_fini(&c->matches);
}

void
child_gauge(struct child *c)
{
	if (!c->is_running || c->said_last)
		return;
	c->ngauges++;
	child_order(c, FRAME_GAUGE);
}

bool
child_hear_seen(struct child *c, const struct frame *f)
{
	if (f->seen.watch >= c->nwatches || f->seen.count == 0)
		return false;
	TELL(c, seen, (size_t)f->seen.watch, f->seen.count, f->seen.line);
	return true;
}

bool
child_hear_gauged(struct child *c, const struct frame *f)
{
	if (c->ngauges == 0)
		return false;
	c->ngauges--;
	TELL(c, gauged, f->gauged.cpu_us, f->gauged.partial, f->gauged.line);
	return true;
}
