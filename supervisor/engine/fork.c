/* A session that begins as another one stands (C4, C12). */
#include <stdio.h>

#include "inner.h"
#include "log.h"
#include "loop.h"

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
	struct event ev = { .kind = EV_CREATE,
	    .mode = session_mode(from->session),
	    .cwd = bytes_of(session_cwd(from->session)),
	    .forked = bytes_of(host_name(from)) };
	const struct origin *of = session_origin(from->session);
	struct origin origin = { .parent = "", .tools = of->tools,
	    .model = of->model };
	struct buf called = { 0 }, room = { 0 };
	char owner[16] = "";
	const char *tool;
	size_t i;

	h->folder = from->folder;
	if (h->folder.is_owned)
		snprintf(owner, sizeof(owner), "%u", h->folder.owner);
	for (i = 0; (tool = session_nth_called(from->session, i)) != NULL; i++)
		buf_printf(&called, "%s%s", i > 0 ? " " : "", tool);
	rooms_put(&room, from);
	origin.room = room.data;
	ev.origin = &origin;
	ev.owner = bytes_of(owner);
	ev.called = buf_bytes(&called);
	h->created = loop_wall();
	host_step_quietly(h, &ev);
	buf_fini(&called);
	buf_fini(&room);
	copy_items(h, from->session);
	log_info("session %s: forked from %s", name, host_name(from));
	return h;
}
