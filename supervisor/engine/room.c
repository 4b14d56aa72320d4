/*
 * Whose section [session NAME] of the configuration holds. A fork is behind the
 * walls of what it is a fork of unless it has a section itself; a sub-agent is
 * behind those of the user's session above it: its name may be a model's idea.
 */
#include <string.h>

#include "inner.h"

static bool
has_own(const struct host *h)
{
	return session_origin(h->session)->depth == 0;
}

/* The name in the configuration; NULL: it has no section. */
static const char *
section(const struct conf *c, struct bytes name)
{
	size_t i;

	for (i = 0; i < c->nrooms; i++)
		if (bytes_is(name, c->rooms[i].name))
			return c->rooms[i].name;
	return NULL;
}

/*
 * Whoever speaks to it counts on its own section, or on a session with all
 * tools; what a model named so would have neither.
 */
bool
room_is_users(const struct engine *e, const char *name)
{
	return section(&e->conf, bytes_of(name)) != NULL ||
	    strcmp(name, "main") == 0;
}

const char *
host_room(const struct host *h)
{
	const struct conf *c = &h->engine->conf;
	const char *at = session_origin(h->session)->room, *found = NULL;
	size_t n;

	if (has_own(h))
		found = section(c, bytes_of(host_name(h)));
	for (; found == NULL && *at != '\0'; at += n + (at[n] == ' ')) {
		n = strcspn(at, " ");
		found = section(c, (struct bytes){ at, n });
	}
	return found == NULL ? "" : found;
}

void
rooms_put(struct buf *b, const struct host *h)
{
	const char *room = session_origin(h->session)->room;

	if (has_own(h))
		buf_printf(b, "%s%s", host_name(h), *room == '\0' ? "" : " ");
	buf_puts(b, room);
}
