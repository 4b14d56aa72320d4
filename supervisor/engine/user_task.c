/* A user's own task: a tool as the model's call would run it (O5). */
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "inner.h"
#include "own.h"
#include "toolbox.h"
#include "words.h"
#include "xalloc.h"

/* The arguments as the model would have written them; NULL: *why. */
static char *
user_args(const struct tool *tool, struct bytes args, char **why)
{
	struct buf object = { 0 };

	if (!words_from_run(tool, args, &object, why)) {
		buf_fini(&object);
		return NULL;
	}
	return buf_take(&object);
}

/* Its folder is the one that it is now, also after a restart. */
static void
enter(struct host *h, struct event *ev, const char *cwd)
{
	struct folder folder = { .is_known = false };
	char *real = folder_real(cwd), owner[FOLDER_OWNER];

	folder_remember(&folder, real);
	ev->task = host_number(h, 't');
	ev->cwd = bytes_of(real);
	ev->owner = folder_owner(&folder, owner);
	host_step_quietly(h, ev);
	free(real);
}

uint64_t
run_start(struct host *h, const char *name, struct bytes args, const char *cwd,
    const struct wish *wish, char **why)
{
	const struct tool *tool = toolbox_find(h->engine->tools, name);
	struct event ev = { .kind = EV_TASK, .wake = WAKE_NEVER };
	struct own o = { 0 };
	struct wish all;
	struct buf after = { 0 };
	char *object;
	bool fits;

	if (tool == NULL || (tool->path == NULL && strcmp(name, "exec") != 0)) {
		*why = xasprintf("%s: %s", name, tool == NULL ?
		    "there is no such tool" : "only a model can call it");
		return 0;
	}
	if ((object = user_args(tool, args, why)) == NULL)
		return 0;
	if (tool->path == NULL)
		fits = own_parse(name, bytes_of(object), &o, why);
	else
		fits = args_check(tool, bytes_of(object), why);
	all = wish_of(&o, wish);
	if (fits && terms_read(h, &all, &ev.terms, &after, why)) {
		ev.tool = bytes_of(name);
		ev.args = bytes_of(object);
		ev.profile = bytes_of(walls_profile(h, tool));
		ev.terms.watch = bytes_of(tool->path == NULL ? o.watch :
		    tool->watch);
		enter(h, &ev, o.cwd != NULL && *o.cwd == '/' ? o.cwd : cwd);
	}
	own_fini(&o);
	buf_fini(&after);
	free(object);
	return ev.task;
}
