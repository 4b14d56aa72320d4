/* A request is looked at here, and handed to the one that acts on it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "question.h"
#include "xalloc.h"

static void
reload(struct peer *p, const struct frame_reload *f)
{
	char *why = NULL;

	if (engine_reload(p->desk->engine, &why))
		answer_done(p, f->request, 0, "%s", "");
	else
		answer_done(p, f->request, 78, "%s", why);
	free(why);
}

static void
shutdown_(struct peer *p, const struct frame_shutdown *f)
{
	answer_done(p, f->request, 0, "%s", "");
	p->desk->shutdown(p->desk->shutdown_arg, f->now);
}

static void
cancel(struct peer *p, const struct frame_cancel *f)
{
	struct question *q = question_find(p, f->which);

	if (q == NULL) {
		answer_done(p, f->request, 65, "no such request is open");
		return;
	}
	question_done(q, 75, "cancelled");
	answer_done(p, f->request, 0, "%s", "");
}

#define VERB(NAME, name, handler)					\
static void								\
do_##name(struct peer *p, const struct frame *f)			\
{									\
	handler(p, &f->name);						\
}
#include "verbs.def"
#undef VERB

static const struct {
	enum frame_type	type;
	void		(*act)(struct peer *, const struct frame *);
} verbs[] = {
#define VERB(NAME, name, handler)	{ FRAME_##NAME, do_##name },
#include "verbs.def"
#undef VERB
};

/* The frame table lets nothing else come from a client that talks. */
void
verb_dispatch(struct peer *p, const struct frame *f)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (verbs[i].type == f->type)
			verbs[i].act(p, f);
}

bool
verb_is_name(struct bytes b)
{
	size_t i;

	if (b.len == 0 || b.len > 64 || bytes_is(b, "all") || b.data[0] == '.')
		return false;
	for (i = 0; i < b.len; i++)
		if (!isalnum((unsigned char)b.data[i]) &&
		    strchr("._-", b.data[i]) == NULL)
			return false;
	return true;
}

/* The name as a string; NULL: answered already. */
static char *
session_name_of(struct peer *p, uint64_t request, struct bytes session)
{
	if (session.len == 0)
		return xstrdup("main");
	if (verb_is_name(session))
		return xmemdup(session.data, session.len);
	answer_done(p, request, 65, "%.*s: not a session's name",
	    (int)session.len, session.data);
	return NULL;
}

struct host *
verb_host(struct peer *p, uint64_t request, struct bytes session)
{
	char *name = session_name_of(p, request, session);
	struct host *h;

	if (name == NULL)
		return NULL;
	if ((h = host_find(p->desk->engine, name)) == NULL)
		answer_done(p, request, 65, "%s: no such session", name);
	free(name);
	return h;
}

/* An empty mode is the configuration's. */
static bool
default_mode(struct peer *p, struct bytes mode, enum mode *m)
{
	if (mode.len == 0)
		mode = bytes_of(engine_conf(p->desk->engine)->session.mode);
	return mode_parse(mode, m);
}

struct host *
verb_host_make(struct peer *p, uint64_t request, struct bytes session,
    struct bytes cwd, struct bytes mode)
{
	char *name = session_name_of(p, request, session), *folder;
	struct host *h;
	enum mode m;

	if (name == NULL)
		return NULL;
	if ((h = host_find(p->desk->engine, name)) != NULL) {
		free(name);
		return h;
	}
	if (!default_mode(p, mode, &m)) {
		answer_done(p, request, 64, "%.*s: no such mode",
		    (int)mode.len, mode.data);
	} else if (cwd.len == 0 || cwd.data[0] != '/') {
		answer_done(p, request, 65, "a session is made in a folder, "
		    "named by an absolute path");
	} else {
		folder = xmemdup(cwd.data, cwd.len);
		h = host_make(p->desk->engine, name, folder, m);
		free(folder);
	}
	free(name);
	return h;
}

struct host *
verb_task(struct peer *p, uint64_t request, struct bytes id, uint64_t *task)
{
	struct host *h = NULL;

	*task = record_id(id, 't');
	if (*task != 0)
		h = host_of(p->desk->engine, 't', *task);
	if (h != NULL && session_task(host_session(h), *task) != NULL)
		return h;
	answer_done(p, request, 65, "%.*s: no such task", (int)id.len, id.data);
	return NULL;
}

bool
verb_busy(struct peer *p, uint64_t request)
{
	const char *why = engine_is_busy(p->desk->engine);

	if (why != NULL)
		answer_done(p, request, 75, "%s", why);
	return why != NULL;
}

void
verb_refusal(struct peer *p, uint64_t request, struct bytes what,
    enum refusal why)
{
	static const struct {
		int		 status;
		const char	*words;
	} answers[] = {
		[REFUSAL_NONE] = { 0, "" },
		[REFUSAL_BUSY] = { 75, "a turn is active" },
		[REFUSAL_EXPECT] = { 75, "it is not as expected; nothing was "
		    "done" },
		[REFUSAL_GONE] = { 65, "there is no such thing (any more)" },
		[REFUSAL_BAD] = { 65, "there is nothing in it" },
	};

	answer_done(p, request, answers[why].status, "%.*s%s%s",
	    why == REFUSAL_NONE ? 0 : (int)what.len, what.data,
	    why == REFUSAL_NONE || what.len == 0 ? "" : ": ",
	    answers[why].words);
}
