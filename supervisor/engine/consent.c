/* Which calls need a person's consent, and for what exactly it is (T13). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "inner.h"
#include "jsonw.h"
#include "log.h"
#include "toolbox.h"
#include "xalloc.h"

/*
 * What has no walls by a word for all needs consent each time, unless the
 * administrator's word on this very tool says otherwise.
 */
bool
consent_is_needed(const struct host *h, const struct tool *tool)
{
	const struct conf_tool *said = conf_tool(&h->engine->conf, tool->name);
	enum profile p;

	if (said->confirm != NULL || tool->confirm || tool_is_agent(tool))
		return tool->confirm;
	return said->profile == NULL && profile_parse(bytes_of(
	    walls_profile(h, tool)), &p) && p == PROFILE_NONE;
}

static void
put_paths(struct buf *b, const char *key, struct bytes paths)
{
	const char *at = paths.data, *end = at + paths.len;

	jsonw_key(b, key);
	jsonw_open(b, '[');
	for (; at < end; at += strlen(at) + 1)
		jsonw_str(b, NULL, at);
	jsonw_close(b, ']');
}

static void
put_names(struct buf *b, const char *key, const struct conf_list *l)
{
	size_t i;

	jsonw_key(b, key);
	jsonw_open(b, '[');
	for (i = 0; i < l->nitems; i++)
		jsonw_str(b, NULL, l->items[i]);
	jsonw_close(b, ']');
}

/* Whatever is written into a file, or put in its place, makes another of it. */
static void
put_file(struct buf *b, const char *key, const char *path)
{
	struct stat st;
	char id[160];

	if (path == NULL)
		return;
	if (stat(path, &st) == -1)
		memset(&st, 0, sizeof(st));
	snprintf(id, sizeof(id), "%ju:%ju %jd %jd.%09ld %jd.%09ld %o %ju",
	    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (intmax_t)st.st_size,
	    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
	    (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec,
	    (unsigned)st.st_mode, (uintmax_t)st.st_uid);
	jsonw_key(b, key);
	jsonw_open(b, '[');
	jsonw_str(b, NULL, path);
	jsonw_str(b, NULL, id);
	jsonw_close(b, ']');
}

void
consent_put_grant(struct buf *b, const struct host *h, const struct tool *tool)
{
	const struct conf *conf = &h->engine->conf;
	struct grant g = { 0 };

	walls_grant(h, tool, &g);
	jsonw_open(b, '{');
	jsonw_str(b, "profile", profile_name(g.profile));
	jsonw_str(b, "net", g.net ? "host" : "no");
	put_paths(b, "rw", buf_bytes(&g.rw));
	put_paths(b, "hide", buf_bytes(&g.hide));
	jsonw_str(b, "confirm", conf_tool(conf, tool->name)->confirm);
	jsonw_str(b, "run_as", conf->tasks.run_as);
	put_names(b, "environment", &conf->tasks.environment);
	put_file(b, "file", tool->path);
	put_file(b, "described", tool->source != NULL && tool->path != NULL &&
	    strcmp(tool->source, tool->path) == 0 ? NULL : tool->source);
	jsonw_close(b, '}');
	grant_fini(&g);
}

/* The last look, before the first byte of the tool. */
bool
consent_holds(const struct host *h, const struct task_facts *f,
    const struct tool *tool, char **why)
{
	struct approval_facts a;
	struct buf now = { 0 };
	bool same;

	if (f->approval == 0)
		return true;
	if (!session_approval(h->session, f->approval, &a) ||
	    a.state != APPROVAL_APPROVED) {
		*why = xasprintf("a%" PRIu64 ": nobody approved it",
		    f->approval);
		return false;
	}
	consent_put_grant(&now, h, tool);
	same = bytes_is(buf_bytes(&now), a.grant);
	if (!same)
		*why = xasprintf("a%" PRIu64 ": the tool, or what it is "
		    "granted, is not what was approved", f->approval);
	buf_fini(&now);
	return same;
}

/* A tool that is gone is granted nothing, which was never asked for. */
bool
host_decide(struct host *h, uint64_t approval, const struct consent *c,
    enum refusal *refusal)
{
	struct event ev = { .kind = EV_DECIDE, .approval = approval,
	    .approve = c->approve, .always = c->always, .by = c->by,
	    .text = c->reason };
	const struct task_facts *f = NULL;
	const struct tool *tool = NULL;
	struct approval_facts a;
	struct buf grant = { 0 };
	bool ok;

	if (session_approval(h->session, approval, &a))
		f = session_task(h->session, a.task);
	if (f != NULL)
		tool = toolbox_find(h->engine->tools, f->tool);
	if (tool != NULL)
		consent_put_grant(&grant, h, tool);
	ev.grant = buf_bytes(&grant);
	*refusal = host_step(h, &ev, &ok)->refusal;
	buf_fini(&grant);
	if (ok && session_approval(h->session, approval, &a))
		log_info("a%" PRIu64 ": %s by %s%s", approval,
		    approval_state_name(a.state), a.by,
		    a.always ? ", always" : "");
	return ok;
}

void
consent_why(struct buf *b, const struct approval_facts *a)
{
	if (a->state == APPROVAL_PENDING)
		buf_printf(b, "waiting for approval a%" PRIu64, a->id);
	else
		buf_printf(b, "a%" PRIu64 ": %s by %s%s%s", a->id,
		    approval_state_name(a->state), a->by,
		    a->why[0] == '\0' ? "" : ": ", a->why);
}
