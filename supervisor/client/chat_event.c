/* What happens in the session while one talks. */
#include "chat.h"

static bool
is_worth_a_line(const char *state)
{
	return strcmp(state, "queued") == 0 || strcmp(state, "running") == 0 ||
	    strcmp(state, "suspended") == 0 || strcmp(state, "stopping") == 0;
}

/* A record that tells how a task fares: it has its id, and a state or an end. */
static void
remark_task(struct chat *c, const json_t *o)
{
	const char *state = value_text(o, "state");
	const char *end = value_text(o, "end");
	const char *id = value_text(o, "task");
	struct buf b = { 0 };

	if (*id == '\0')
		id = value_text(o, "id");
	if (*id != 't' || (*end == '\0' && !is_worth_a_line(state)))
		return;
	value_add_line(&b, bytes_of(id));
	if (*value_text(o, "tool") != '\0') {
		buf_putc(&b, ' ');
		value_add(&b, o, "tool", VALUE_PLAIN);
	}
	buf_putc(&b, ' ');
	value_add(&b, o, "state", VALUE_STATE);
	if (*end != '\0' && json_is_number(json_object_get(o, "started_at"))) {
		buf_puts(&b, " after ");
		value_add(&b, o, "started_at", VALUE_AGE);
	}
	chat_remark(c, "%s", b.data);
	buf_fini(&b);
}

static void
on_record(struct chat *c, struct question *q, const json_t *o)
{
	const char *turn = value_text(o, "turn");

	(void)q;
	if (strcmp(value_text(o, "kind"), "snapshot") == 0)
		return;
	if (*turn != '\0' && *value_text(o, "outcome") != '\0')
		screen_hush(&c->screen, bytes_of(turn));
	else
		remark_task(c, o);
}

static void
on_end(struct chat *c, struct question *q, int status)
{
	(void)q;
	(void)status;
	c->is_live = false;
}

void
chat_follow_since(struct chat *c, uint64_t seq)
{
	static const struct chat_answer answer = { .item = on_record,
	    .done = on_end, .is_background = true, .is_silent = true };
	struct frame f = { .type = FRAME_EVENTS };

	f.events.session = bytes_of(c->client->session);
	f.events.since = seq;
	f.events.follow = true;
	f.events.text = true;
	c->is_live = chat_ask(c, &f, &answer) != NULL;
}

static void
on_session(struct chat *c, struct question *q, const json_t *o)
{
	(void)q;
	if (!c->is_live && strcmp(value_text(o, "name"), c->session) == 0)
		chat_follow_since(c, (uint64_t)json_integer_value(
		    json_object_get(o, "last")));
}

/*
 * From now on, not from the beginning: the list of sessions tells the newest
 * record. A session that is not there yet is followed from its first message.
 */
void
chat_follow(struct chat *c)
{
	static const struct chat_answer answer = { .item = on_session,
	    .is_background = true };
	struct frame f = { .type = FRAME_SESSIONS };

	if (!c->client->json)
		chat_ask(c, &f, &answer);
}
