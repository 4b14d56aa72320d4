#include "grant.h"

#include <stdlib.h>

#include "path.h"
#include "xalloc.h"

/* A word that nobody knows is the narrowest. */
static enum profile
profile_of(const char *word)
{
	enum profile p;

	return profile_parse(bytes_of(word), &p) ? p : PROFILE_SCRATCH;
}

static enum profile
narrower(enum profile a, enum profile b)
{
	return a < b ? a : b;
}

/* By the administrator alone. */
static enum profile
most_profile(const struct grant_voices *v)
{
	const char *session = v->session.profile;
	enum profile p = profile_of(v->sandbox.profile);

	if (v->tool.profile != NULL) {
		p = profile_of(v->tool.profile);
		return session == NULL ? p : narrower(p, profile_of(session));
	}
	return session == NULL ? p : profile_of(session);
}

static enum profile
the_profile(const struct grant_voices *v)
{
	enum profile p = most_profile(v);

	if (v->tool.profile != NULL || v->header.profile == NULL)
		return p;
	return narrower(p, profile_of(v->header.profile));
}

static bool
is_host(const char *net)
{
	return strcmp(net, "host") == 0;
}

static bool
most_net(const struct grant_voices *v)
{
	const char *session = v->session.net;

	if (v->tool.net != NULL)
		return is_host(v->tool.net) &&
		    (session == NULL || is_host(session));
	return is_host(session != NULL ? session : v->sandbox.net);
}

static bool
the_net(const struct grant_voices *v)
{
	return most_net(v) && (v->tool.net != NULL || v->header.net == NULL ||
	    is_host(v->header.net));
}

static bool
is_within(const char *path, const struct grant_say *s)
{
	size_t i;

	for (i = 0; i < s->nrw; i++)
		if (path_is_below(path, s->rw[i]))
			return true;
	return false;
}

/* May this be written? By the administrator alone. */
static bool
is_allowed(const char *path, const struct grant_voices *v)
{
	if (!path_is_canonical(bytes_of(path)))
		return false;
	if (v->session.nrw > 0 && !is_within(path, &v->session))
		return false;
	if (v->tool.nrw > 0)
		return is_within(path, &v->tool);
	return v->session.nrw > 0 || is_within(path, &v->sandbox);
}

/* Whose paths they are, before they are bounded. */
static const struct grant_say *
who_says_rw(const struct grant_voices *v)
{
	if (v->tool.nrw > 0)
		return &v->tool;
	if (v->header.nrw > 0)
		return &v->header;
	return v->session.nrw > 0 ? &v->session : &v->sandbox;
}

static void
put_path(struct buf *b, const char *path)
{
	buf_add(b, path, strlen(path) + 1);
}

static void
put_hidden(struct buf *b, const struct grant_say *s)
{
	size_t i;

	for (i = 0; i < s->nhide; i++)
		put_path(b, s->hide[i]);
}

void
grant_make(struct grant *g, const struct grant_voices *v)
{
	const struct grant_say *rw = who_says_rw(v);
	size_t i;

	buf_reset(&g->rw);
	buf_reset(&g->hide);
	g->profile = the_profile(v);
	g->net = g->profile == PROFILE_NONE || the_net(v);
	for (i = 0; i < rw->nrw; i++)
		if (is_allowed(rw->rw[i], v))
			put_path(&g->rw, rw->rw[i]);
	put_hidden(&g->hide, &v->sandbox);
	put_hidden(&g->hide, &v->session);
	put_hidden(&g->hide, &v->tool);
}

void
grant_fini(struct grant *g)
{
	buf_fini(&g->rw);
	buf_fini(&g->hide);
}

void
grant_bound(struct grant *g, const char *profile)
{
	enum profile then = profile_of(profile);

	/* Without walls there was no word about the network. */
	if (g->profile == PROFILE_NONE && then != PROFILE_NONE)
		g->net = false;
	g->profile = narrower(g->profile, then);
}

static void
excess(struct buf *b, const char *key, const char *asked, const char *most)
{
	if (b->len > 0)
		buf_puts(b, ", ");
	buf_printf(b, "%s %s (it gets %s)", key, asked, most);
}

static void
put_rw_excess(struct buf *b, const struct grant_voices *v)
{
	size_t i;

	for (i = 0; v->tool.nrw == 0 && i < v->header.nrw; i++)
		if (!is_allowed(v->header.rw[i], v))
			excess(b, "rw", v->header.rw[i], "nothing of it");
}

char *
grant_excess(const struct grant_voices *v, const char *tool)
{
	enum profile most = most_profile(v);
	struct buf b = { 0 };
	char *words;

	if (v->tool.profile == NULL && v->header.profile != NULL &&
	    profile_of(v->header.profile) > most)
		excess(&b, "profile", v->header.profile, profile_name(most));
	if (v->tool.net == NULL && v->header.net != NULL &&
	    is_host(v->header.net) && !most_net(v))
		excess(&b, "net", v->header.net, "no");
	put_rw_excess(&b, v);
	if (b.len == 0)
		return NULL;
	words = xasprintf("asks for more than the configuration grants: %s; "
	    "[tool %s] can grant it", b.data, tool);
	buf_fini(&b);
	return words;
}
