#include "toolbox.h"

#include <stdlib.h>

#include "folder.h"
#include "jsonw.h"
#include "own.h"
#include "xalloc.h"

struct problem {
	char		*path;
	unsigned	 line;
	char		*why;
	bool		 refused;
};

struct entry {
	struct tool	*tool;
	size_t		 folder;	/* 0: built in, else counted from 1 */
};

/* The first OWN_KINDS entries are the built-in tools. */
struct toolbox {
	struct entry	*entries;
	size_t		 nentries;
	size_t		 folder;	/* the one at hand */
	struct problem	*problems;
	size_t		 nproblems;
};

static void
add_problem(struct toolbox *box, const char *path, unsigned line,
    const char *why, bool refused)
{
	box->problems = xreallocarray(box->problems, box->nproblems + 1,
	    sizeof(*box->problems));
	box->problems[box->nproblems++] = (struct problem){ xstrdup(path),
	    line, xstrdup(why), refused };
}

static void
on_problem(void *arg, const char *path, unsigned line, const char *why)
{
	add_problem(arg, path, line, why, true);
}

void
toolbox_warn(struct toolbox *box, const char *path, const char *why)
{
	add_problem(box, path, 0, why, false);
}

static void
add_tool(struct toolbox *box, struct tool *t)
{
	box->entries = xreallocarray(box->entries, box->nentries + 1,
	    sizeof(*box->entries));
	box->entries[box->nentries++] = (struct entry){ t, box->folder };
}

static size_t
find(const struct toolbox *box, const char *name)
{
	size_t	 i;

	for (i = 0; i < box->nentries; i++)
		if (strcmp(box->entries[i].tool->name, name) == 0)
			break;
	return i;
}

static void
warn(struct toolbox *box, const struct tool *t)
{
	size_t	 i;

	for (i = 0; i < t->nwarnings; i++)
		add_problem(box, t->source, t->warnings[i].line,
		    t->warnings[i].text, false);
}

/* A later folder wins; within one, a.py stays when a.sh comes. */
static void
on_tool(void *arg, struct tool *t)
{
	struct toolbox	*box = arg;
	size_t		 at = find(box, t->name);
	struct entry	*e = &box->entries[at];
	char		*why;

	if (at < box->nentries && e->folder == box->folder) {
		why = xasprintf("%s has the same name", e->tool->path);
		add_problem(box, t->path, 0, why, true);
		free(why);
		tool_free(t);
		return;
	}
	warn(box, t);
	if (at == box->nentries) {
		add_tool(box, t);
		return;
	}
	tool_free(e->tool);
	*e = (struct entry){ t, box->folder };
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->tool->name,
	    ((const struct entry *)b)->tool->name);
}

struct toolbox *
toolbox_load(const char *const *folders, size_t n)
{
	static const struct folder_ops	 ops = { on_tool, on_problem };
	struct toolbox			*box = xcalloc(1, sizeof(*box));
	size_t				 i;

	for (i = 0; i < OWN_KINDS; i++)
		add_tool(box, own_tool((enum own_kind)i));
	for (i = 0; i < n; i++) {
		box->folder = i + 1;
		folder_scan(folders[i], &ops, box);
	}
	qsort(box->entries + OWN_KINDS, box->nentries - OWN_KINDS,
	    sizeof(*box->entries), compare);
	return box;
}

void
toolbox_free(struct toolbox *box)
{
	size_t	 i;

	if (box == NULL)
		return;
	for (i = 0; i < box->nentries; i++)
		tool_free(box->entries[i].tool);
	for (i = 0; i < box->nproblems; i++) {
		free(box->problems[i].path);
		free(box->problems[i].why);
	}
	free(box->entries);
	free(box->problems);
	free(box);
}

struct tool *
toolbox_find(const struct toolbox *box, const char *name)
{
	size_t	 at = find(box, name);

	return at == box->nentries ? NULL : box->entries[at].tool;
}

size_t
toolbox_count(const struct toolbox *box)
{
	return box->nentries;
}

struct tool *
toolbox_at(const struct toolbox *box, size_t i)
{
	return box->entries[i].tool;
}

size_t
toolbox_nproblems(const struct toolbox *box)
{
	return box->nproblems;
}

struct toolbox_problem
toolbox_problem(const struct toolbox *box, size_t i)
{
	const struct problem	*p = &box->problems[i];

	return (struct toolbox_problem){ p->path, p->line, p->why, p->refused };
}

void
toolbox_problem_json(const struct toolbox_problem *p, struct buf *b)
{
	jsonw_open(b, '{');
	jsonw_str(b, "path", p->path);
	jsonw_u64(b, "line", p->line);
	jsonw_str(b, "why", p->why);
	jsonw_bool(b, "refused", p->refused);
	jsonw_close(b, '}');
}

void
toolbox_request(const struct toolbox *box, struct buf *b)
{
	size_t	 i;

	jsonw_open(b, '[');
	for (i = 0; i < box->nentries; i++)
		tool_request(box->entries[i].tool, b);
	jsonw_close(b, ']');
}
