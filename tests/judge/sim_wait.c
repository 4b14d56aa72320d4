/* What messages may wait for: no tool, no wait, no wake (C3). */
#include "sim_own.h"

static bool
is_apart(const struct turn_facts *t)
{
	return t->cause == CAUSE_ASIDE || t->cause == CAUSE_COMPACT;
}

/* Our own calls are done before the loop turns. */
static bool
holds(const struct sim *s, const struct turn_facts *t)
{
	size_t i;

	for (i = 0; i < s->nerrands; i++)
		if (s->errands[i].turn == t->id)
			return false;
	return strcmp(t->state, "holding") == 0;
}

/* No message waits for a tool: none that is urgent, and none that steers. */
static bool
waits_for_a_tool(const struct sim *s, const struct message_facts *m)
{
	struct turn_facts t;
	bool held = false, newest = false, aside = false;
	size_t i, n = 0, spoken = 0, placed = 0;

	for (i = 0; session_nth_active(s->session, i, &t); i++) {
		aside = aside || (t.cause == CAUSE_ASIDE && holds(s, &t));
		if (is_apart(&t))
			continue;
		newest = holds(s, &t);
		n++;
		spoken += t.cause != CAUSE_WAKE || t.heard;
		if (t.cause == CAUSE_WAKE)
			continue;
		held = held || newest;
		placed++;
	}
	switch (m->mode) {
	case MODE_ASK:
		return aside;
	case MODE_QUEUE:
		return spoken == 0;
	case MODE_STEER:
		return n == 0 || newest;
	case MODE_NOW: case MODE_INTERRUPT: case MODE_ROLLBACK:
	case MODE_REJECT:
		break;
	}
	return placed < s->limits.max_turns || held;
}

void
sim_check_waiting(struct sim *s)
{
	struct message_facts m;
	size_t i;

	for (i = 0; session_nth_waiting(s->session, i, &m); i++)
		if (waits_for_a_tool(s, &m))
			sim_fail(s, "m%ju waits for nothing", (uintmax_t)m.id);
}
