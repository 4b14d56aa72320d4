/* A session that begins as another one stands (C4, C12). */
#include "inner.h"

static void
copy(struct host *h, enum role role, bool filler, struct bytes json)
{
	struct event ev = { .kind = EV_COPY, .role = role, .filler = filler,
	    .text = json };

	host_step_quietly(h, &ev);
}

/* What a turn would see, with the same bytes: a prompt cache knows it. */
static void
copy_items(struct host *h, const struct session *from)
{
	struct buf note = { 0 };
	struct item_facts f;
	size_t i;

	for (i = 0; session_nth_seen(from, i, &f); i++)
		copy(h, f.role, f.filler, f.json);
	if (session_fork_note(from, &note)) {
		copy(h, ROLE_USER, false, buf_bytes(&note));
		copy(h, ROLE_ASSISTANT, true, BYTES("{\"role\":\"assistant\","
		    "\"content\":\"(understood)\"}"));
	}
	buf_fini(&note);
}

struct host *
host_fork(struct host *from, const char *name)
{
	struct host *h = host_new(from->engine, name);
	const struct origin *of = session_origin(from->session);
	struct origin origin = { .parent = "", .tools = of->tools,
	    .model = of->model };
	struct event ev = { .mode = session_mode(from->session),
	    .cwd = bytes_of(session_cwd(from->session)), .origin = &origin,
	    .forked = bytes_of(host_name(from)) };
	struct buf called = { 0 }, room = { 0 };
	const char *tool;
	size_t i;

	for (i = 0; (tool = session_nth_called(from->session, i)) != NULL; i++)
		buf_printf(&called, "%s%s", i > 0 ? " " : "", tool);
	ev.called = buf_bytes(&called);
	rooms_put(&room, from);
	origin.room = room.data;
	h->folder = from->folder;
	host_create(h, &ev);
	copy_items(h, from->session);
	buf_fini(&called);
	buf_fini(&room);
	return h;
}
