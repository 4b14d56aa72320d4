/* All that a worker gets: spools, folder, arguments, environment, user. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "environ.h"
#include "fd.h"
#include "inner.h"
#include "own.h"
#include "spool.h"
#include "toolbox.h"
#include "xalloc.h"

/*
 * What a task may write in, and whose owner it is: a user says it for his own
 * task; for the model's it is the session's, whatever folder the call names.
 */
static const char *
working_folder(const struct run *r, const struct task_facts *f)
{
	return f->turn == 0 ? f->cwd : session_cwd(r->host->session);
}

static bool
make_args(const struct run *r, const struct task_facts *f,
    const struct tool *tool, struct args *a, char **why)
{
	const char *folder = working_folder(r, f);
	struct own o = { 0 };

	if (tool->path != NULL)
		return args_make(tool, bytes_of(f->args), a, why);
	if (!own_parse(tool->name, bytes_of(f->args), &o, why))
		return false;
	own_exec_args(&o, strcmp(f->cwd, folder) == 0 ? NULL : f->cwd, a);
	own_fini(&o);
	return true;
}

static void
make_env(const struct run *r, const struct task_facts *f,
    const struct child_spec *spec, const struct args *a, struct buf *env)
{
	const struct conf_list *names = &r->engine->conf.tasks.environment;
	const struct user *u = spec->drop ? user_by_uid(r->engine, spec->uid) :
	    NULL;
	char id[24], *dir;
	struct environ_spec es = {
		.input = (const char *const *)environ,
		.names = (const char *const *)names->items,
		.nnames = names->nitems, .task = id, .tool = f->tool,
		.session = session_name(r->host->session), .progress_fd = 3 };

	snprintf(id, sizeof(id), "t%ju", (uintmax_t)r->id);
	dir = xasprintf("%s/tasks/%s", r->engine->tasks_dir, id);
	if (u != NULL) {
		es.user = u->name;
		es.home = u->home;
		es.shell = u->shell;
	}
	/* In a sandbox it is not there. */
	es.task_dir = spec->profile == PROFILE_NONE ? dir : NULL;
	es.args = buf_bytes(&a->env);
	environ_build(env, &es);
	free(dir);
}

static void
limits(const struct run *r, const struct tool *tool, struct child_spec *spec)
{
	const struct conf_tasks *c = &r->engine->conf.tasks;

	spec->cap = tool->max_output != TOOL_UNSAID ? tool->max_output :
	    c->max_output;
	spec->nofile = c->nofile;
	spec->nproc = c->nproc;
	spec->as = c->memory;
}

bool
spawn_as(struct engine *e, const struct stat *st, const char *cwd,
    struct child_spec *spec, char **why)
{
	const struct user *u;

	spec->drop = geteuid() == 0;
	if (!spec->drop)
		return true;
	if ((u = user_for(e, st, cwd, why)) == NULL)
		return false;
	spec->uid = u->uid;
	spec->gid = u->gid;
	return true;
}

static bool
open_all(struct run *r, const struct task_facts *f, struct child_spec *spec,
    char **why)
{
	struct engine *e = r->engine;
	const char *folder = working_folder(r, f);
	struct stat st;

	spec->cwd_fd = folder_open(f->turn == 0 ? &r->folder :
	    &r->host->folder, folder, &st, why);
	if (spec->cwd_fd == -1)
		return false;
	if (spool_make(e->tasks_dir, r->id, &spec->out_fd,
	    &spec->err_fd) == -1) {
		*why = xasprintf("%s: %s", e->tasks_dir, strerror(errno));
		return false;
	}
	return spawn_as(e, &st, folder, spec, why);
}

/* What was granted when it was asked for, unless that is less by now. */
static bool
grant(struct run *r, const struct task_facts *f, const struct tool *tool,
    struct walls *w, char **why)
{
	walls_grant(r->host, tool, &w->grant);
	grant_bound(&w->grant, f->profile);
	if (!tier_for(r->engine, w->grant.profile, &r->tier, why))
		return false;
	r->profile = w->grant.profile;
	r->is_walled_in = true;
	return true;
}

static bool
start(struct run *r, const struct task_facts *f, const struct tool *tool,
    struct child_spec *spec, const struct args *a, char **why)
{
	const struct engine *e = r->engine;
	struct buf env = { 0 }, watch = { 0 };

	make_env(r, f, spec, a, &env);
	spec->task = r->id;
	spec->tool = tool->name;
	spec->session = session_name(r->host->session);
	spec->argv = buf_bytes(&a->argv);
	spec->env = buf_bytes(&env);
	spec->input = buf_bytes(&a->input);
	spec->stream = tool->stream;
	heed_patterns(r, &watch);
	spec->watch = buf_bytes(&watch);
	spec->tier = r->tier;
	r->profile = spec->profile;
	spec->landlock = e->probe.found[r->tier].landlock;
	limits(r, tool, spec);
	if (groups_put(r->engine, r->id, spec, why))
		r->child = child_spawn(e->shop, spec, &run_ops, r, why);
	if (r->child != NULL)
		r->pid = child_pid(r->child);
	buf_fini(&env);
	buf_fini(&watch);
	return r->child != NULL;
}

static bool
spawn_tool(struct run *r, const struct task_facts *f, const struct tool *tool,
    char **why)
{
	struct child_spec spec = { .out_fd = -1, .err_fd = -1, .cwd_fd = -1 };
	struct walls w = { .path = NULL };
	struct args a = { 0 };
	bool ok;

	ok = consent_holds(r->host, f, tool, why) &&
	    make_args(r, f, tool, &a, why) && grant(r, f, tool, &w, why) &&
	    open_all(r, f, &spec, why) &&
	    walls_raise(r->engine, &w, tool->path, &spec, why);
	spec.path = w.path != NULL ? w.path : "/bin/sh";
	r->narrowed = w.narrowed;
	w.narrowed = NULL;
	ok = ok && start(r, f, tool, &spec, &a, why);
	args_fini(&a);
	walls_fini(&w);
	fd_close(&spec.out_fd);
	fd_close(&spec.err_fd);
	fd_close(&spec.cwd_fd);
	return ok;
}

bool
spawn(struct run *r, char **why)
{
	const struct task_facts *f = session_task(r->host->session, r->id);
	const struct tool *tool = toolbox_find(r->engine->tools, f->tool);

	if (tool != NULL && tool_is_agent(tool))
		return agent_start(r, f, tool, why);
	if (tool != NULL)
		return spawn_tool(r, f, tool, why);
	*why = xasprintf("%s: there is no such tool any more", f->tool);
	return false;
}
