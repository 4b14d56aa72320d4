/* The walls of one task: what it is granted, what it gets to see of the host. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inner.h"
#include "path.h"
#include "toolbox.h"
#include "xalloc.h"

static void
say_paths(const struct conf_list *l, const char *const **at, size_t *n)
{
	*at = (const char *const *)l->items;
	*n = l->nitems;
}

/* What all who have a say about this tool in this session say. */
void
walls_voices(const struct conf *c, const char *session,
    const struct tool *tool, struct grant_voices *v)
{
	const struct conf_room *room = conf_room(c, session);
	const struct conf_tool *ct = conf_tool(c, tool->name);

	*v = (struct grant_voices){
	    .sandbox = { c->sandbox.profile, c->sandbox.net },
	    .session = { room->profile, room->net },
	    .tool = { ct->profile, ct->net },
	    .header = { tool->profile, tool->net } };
	say_paths(&c->sandbox.rw, &v->sandbox.rw, &v->sandbox.nrw);
	say_paths(&c->sandbox.hide, &v->sandbox.hide, &v->sandbox.nhide);
	say_paths(&room->rw, &v->session.rw, &v->session.nrw);
	say_paths(&room->hide, &v->session.hide, &v->session.nhide);
	say_paths(&ct->rw, &v->tool.rw, &v->tool.nrw);
	say_paths(&ct->hide, &v->tool.hide, &v->tool.nhide);
	v->header.rw = (const char *const *)tool->rw;
	v->header.nrw = tool->nrw;
}

void
walls_grant(const struct host *h, const struct tool *tool, struct grant *g)
{
	struct grant_voices v;

	walls_voices(&h->engine->conf, host_room(h), tool, &v);
	grant_make(g, &v);
}

const char *
walls_profile(const struct host *h, const struct tool *tool)
{
	struct grant g = { 0 };

	walls_grant(h, tool, &g);
	grant_fini(&g);
	return profile_name(g.profile);
}

/* NULL, or the hidden thing that showing all of this folder would show. */
static const char *
shows(const struct engine *e, const char *folder)
{
	const struct hidden *each[] = { &e->homes, &e->own, &e->secrets };
	size_t i, k;

	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		for (k = 0; k < each[i]->n; k++)
			if (path_is_below(each[i]->at[k], folder))
				return each[i]->at[k];
	return NULL;
}

/* Links are not followed inside, so it is called by where it really is. */
static bool
find_tool(const struct engine *e, const char *path, struct walls *w, char **why)
{
	const char *secret;

	if ((w->path = realpath(path, NULL)) == NULL) {
		*why = xasprintf("%s: %s", path, strerror(errno));
		return false;
	}
	w->tools = xmemdup(w->path, (size_t)(strrchr(w->path, '/') - w->path));
	if (w->grant.profile == PROFILE_NONE ||
	    (secret = *w->tools == '\0' ? "/" : shows(e, w->tools)) == NULL)
		return true;
	*why = xasprintf("%s: its folder would show %s: move it into a folder "
	    "of tools", w->path, secret);
	return false;
}

/* Nothing of ours is a folder to work in, nor what the administrator hides. */
static bool
may_work_in(const struct engine *e, const struct walls *w, const char *folder,
    char **why)
{
	const char *hide = w->grant.hide.data;
	size_t i;

	for (i = 0; i < e->own.n; i++)
		if (path_is_below(folder, e->own.at[i])) {
			*why = xasprintf("%s is the supervisor's own: no tool "
			    "works there", e->own.at[i]);
			return false;
		}
	for (i = 0; i < w->grant.hide.len; i += strlen(hide + i) + 1)
		if (strcmp(folder, hide + i) == 0) {
			*why = xasprintf("%s is hidden by hide= in the "
			    "configuration: no tool works there", folder);
			return false;
		}
	return true;
}

/*
 * Whoever may write above our configuration can say what it is: nothing that is
 * mounted below keeps a tool from renaming the folders on the way to it.
 */
static void
narrow(const struct engine *e, struct walls *w, const char *folder)
{
	const char *own = hidden_guarded(&e->guarded, folder);

	if (w->grant.profile != PROFILE_WORKSPACE || own == NULL)
		return;
	w->grant.profile = PROFILE_READ_ONLY;
	w->narrowed = xasprintf("the working folder is read-only, since %s is "
	    "the supervisor's own: to write, choose a folder below", own);
}

bool
walls_raise(struct engine *e, struct walls *w, const char *path,
    struct child_spec *spec, char **why)
{
	char *folder = folder_path(spec->cwd_fd);
	bool ok;

	if (folder == NULL) {
		*why = xstrdup("working folder: it has no path");
		return false;
	}
	ok = path == NULL || find_tool(e, path, w, why);
	if (ok && w->grant.profile != PROFILE_NONE) {
		ok = may_work_in(e, w, folder, why);
		narrow(e, w, folder);
		spec->rw = buf_bytes(&w->grant.rw);
		hidden_put(&w->hide, &e->homes, folder, spec->rw);
		hidden_put(&w->hide, &e->own, folder, spec->rw);
		hidden_put(&w->hide, &e->secrets, folder, spec->rw);
		buf_add_bytes(&w->hide, buf_bytes(&w->grant.hide));
		ok = ok && canary(e, folder, spec->rw, &spec->canary, why);
		spec->hide = buf_bytes(&w->hide);
		spec->tools = w->tools;
		spec->tmp = e->conf.sandbox.tmp_size;
	}
	spec->profile = w->grant.profile;
	spec->net = w->grant.net;
	free(folder);
	return ok;
}

void
walls_fini(struct walls *w)
{
	grant_fini(&w->grant);
	buf_fini(&w->hide);
	free(w->path);
	free(w->tools);
	free(w->narrowed);
	*w = (struct walls){ .path = NULL };
}
