/* All that a worker gets: spools, folder, arguments, environment, user. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "environ.h"
#include "fd.h"
#include "inner.h"
#include "log.h"
#include "own.h"
#include "spool.h"
#include "toolbox.h"
#include "xalloc.h"

static void
on_running(void *arg, const struct child_running *c)
{
	struct run *r = arg;
	struct life_event ev = { .type = LIFE_EV_RUNNING };

	r->init = c->init;
	r->tool_pid = c->tool;
	run_feed(r, &ev);
}

static void
on_refused(void *arg, const struct child_refusal *c)
{
	struct life_event ev = { .type = LIFE_EV_REFUSED, .step = c->step,
	    .why = c->why };

	run_feed(arg, &ev);
}

static void
heard(struct run *r)
{
	struct life_event ev = { .type = LIFE_EV_GREW };

	run_feed(r, &ev);
}

static void
on_progress(void *arg, unsigned percent, struct bytes text)
{
	struct run *r = arg;

	if (percent <= 100)
		r->percent = percent;
	free(r->progress);
	r->progress = xmemdup(text.data, text.len);
	heard(r);
}

static void
on_grew(void *arg, uint64_t out, uint64_t err)
{
	struct run *r = arg;

	r->out = out;
	r->err = err;
	heard(r);
}

static void
on_fed(void *arg, size_t waiting)
{
	(void)arg;
	(void)waiting;
}

static void
on_exited(void *arg, const struct child_exit *x)
{
	struct life_event ev = { .type = LIFE_EV_EXITED, .code = x->code,
	    .signal = x->signal, .alive = x->alive, .names = x->names };

	run_feed(arg, &ev);
}

static void
on_suspended(void *arg, bool complete)
{
	struct life_event ev = { .type = LIFE_EV_SUSPENDED,
	    .complete = complete };

	run_feed(arg, &ev);
}

static void
on_stopped_outside(void *arg, bool stopped)
{
	struct life_event ev = { .type = stopped ? LIFE_EV_STOPPED_OUTSIDE :
	    LIFE_EV_CONTINUED_OUTSIDE };

	run_feed(arg, &ev);
}

static void
on_note(void *arg, struct bytes what, struct bytes why)
{
	const struct run *r = arg;

	log_warnx("t%ju[%d]: %.*s: %.*s", (uintmax_t)r->id, (int)r->pid,
	    (int)what.len, what.data, (int)why.len, why.data);
}

static void
on_gone(void *arg, const struct child_end *end)
{
	struct run *r = arg;
	struct life_event ev = { .type = LIFE_EV_GONE,
	    .clean = end->how == CHILD_DONE, .code = end->code,
	    .signal = end->signal, .why = bytes_of(end->why) };

	r->out = end->out;
	r->err = end->err;
	r->out_lost = end->out_lost;
	r->err_lost = end->err_lost;
	run_feed(r, &ev);
}

static const struct child_ops ops = {
	.running = on_running,
	.refused = on_refused,
	.progress = on_progress,
	.grew = on_grew,
	.fed = on_fed,
	.exited = on_exited,
	.suspended = on_suspended,
	.stopped_outside = on_stopped_outside,
	.note = on_note,
	.gone = on_gone,
};

static bool
make_args(const struct tool *tool, const char *json, struct args *a, char **why)
{
	struct own o = { 0 };

	if (tool->path != NULL)
		return args_make(tool, bytes_of(json), a, why);
	if (!own_parse(tool->name, bytes_of(json), &o, why))
		return false;
	own_exec_args(&o, a);
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
	es.task_dir = dir;
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
spawn_as(struct engine *e, const char *cwd, struct child_spec *spec, char **why)
{
	const struct user *u;

	spec->drop = geteuid() == 0;
	if (!spec->drop)
		return true;
	if ((u = user_for(e, cwd, why)) == NULL)
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

	spec->cwd_fd = open(f->cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (spec->cwd_fd == -1) {
		*why = xasprintf("%s: %s", f->cwd, strerror(errno));
		return false;
	}
	if (spool_make(e->tasks_dir, r->id, &spec->out_fd,
	    &spec->err_fd) == -1) {
		*why = xasprintf("%s: %s", e->tasks_dir, strerror(errno));
		return false;
	}
	return spawn_as(e, f->cwd, spec, why);
}

static bool
start(struct run *r, const struct task_facts *f, const struct tool *tool,
    struct child_spec *spec, const struct args *a, char **why)
{
	struct buf env = { 0 };

	make_env(r, f, spec, a, &env);
	spec->task = r->id;
	spec->tool = tool->name;
	spec->session = session_name(r->host->session);
	spec->path = tool->path == NULL ? "/bin/sh" : tool->path;
	spec->argv = buf_bytes(&a->argv);
	spec->env = buf_bytes(&env);
	spec->input = buf_bytes(&a->input);
	spec->stream = tool->stream;
	spec->profile = PROFILE_NONE;
	spec->tier = r->engine->tier;
	limits(r, tool, spec);
	r->child = child_spawn(r->engine->shop, spec, &ops, r, why);
	if (r->child != NULL)
		r->pid = child_pid(r->child);
	buf_fini(&env);
	return r->child != NULL;
}

bool
spawn(struct run *r, char **why)
{
	const struct task_facts *f = session_task(r->host->session, r->id);
	const struct tool *tool = toolbox_find(r->engine->tools, f->tool);
	struct child_spec spec = { .out_fd = -1, .err_fd = -1, .cwd_fd = -1 };
	struct args a = { 0 };
	bool ok = false;

	if (r->engine->refusal != NULL)
		*why = xstrdup(r->engine->refusal);
	else if (tool == NULL)
		*why = xasprintf("%s: there is no such tool any more", f->tool);
	else
		ok = make_args(tool, f->args, &a, why) &&
		    open_all(r, f, &spec, why) &&
		    start(r, f, tool, &spec, &a, why);
	args_fini(&a);
	fd_close(&spec.out_fd);
	fd_close(&spec.err_fd);
	fd_close(&spec.cwd_fd);
	return ok;
}
