#include "protect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "fd.h"
#include "walk.h"
#include "xalloc.h"

/*
 * In: what runs without being asked for, when a person enters or opens the
 * folder, or uses git or an agent in it. Out: what one runs by its name, as a
 * Makefile, and what runs elsewhere, as workflows of a forge.
 */
static const char *const paths[] = {
	".git",
	/* Git takes its configuration from where commondir points. */
	".git/commondir", ".git/config", ".git/config.worktree", ".git/hooks",
	".git/info/attributes",
	/* Hooks of git by other names. */
	".husky", ".pre-commit-config.yaml", "lefthook.yml",
	/* Shells and editors. */
	".devcontainer", ".devcontainer.json", ".envrc", ".exrc", ".idea",
	".nvim.lua", ".vscode", ".zed",
	/* Agents. */
	".aider.conf.yml", ".claude", ".codex", ".cursor", ".gemini",
	".mcp.json", ".opencode", ".windsurf", "opencode.json",
};

#define NPATHS		(sizeof(paths) / sizeof(paths[0]))
#define PINNED		0

/* Of each submodule; its name is not known before. */
#define MODULES		".git/modules"
#define MODULES_DEPTH	3
static const char *const of_module[] = { "config", "hooks" };

/*
 * A tool may have filled folders to exhaust us. One with too many names is
 * only looked at from outside, as are all once there are too many in all.
 */
#define NAMES_MAX	1000
#define FACTS_MAX	16384
#define MODULES_MAX	1000

struct protect {
	struct facts	 facts;
	unsigned	 nmodules;
};

struct names {
	char		*list[NAMES_MAX];
	size_t		 n;
};

const char *
protect_path(size_t i)
{
	return i < NPATHS ? paths[i] : NULL;
}

bool
protect_is_pinned(size_t i)
{
	return i == PINNED;
}

static void
names_clear(struct names *names)
{
	while (names->n > 0)
		free(names->list[--names->n]);
}

static int
names_add(void *arg, int at, const char *name)
{
	struct names *names = arg;

	(void)at;
	errno = E2BIG;
	if (names->n == NAMES_MAX)
		return -1;
	names->list[names->n++] = xstrdup(name);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order, so that our limits meet the same ones each time. */
static int
names_read(struct names *names, int folder)
{
	names->n = 0;
	if (walk_each(folder, names_add, names) == -1) {
		names_clear(names);
		return -1;
	}
	qsort(names->list, names->n, sizeof(names->list[0]), compare);
	return 0;
}

/* Of a link what it is, not where it leads. */
static bool
stat_of(int at, const char *name, struct stat *st)
{
	return fstatat(at, name, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
add_names(struct protect *p, int at, const char *path,
    const struct names *names)
{
	struct stat st;
	char *below;
	size_t i;

	for (i = 0; i < names->n; i++) {
		if (!stat_of(at, names->list[i], &st))
			continue;
		below = xasprintf("%s/%s", path, names->list[i]);
		facts_add(&p->facts, below, &st, FACTS_ALL);
		free(below);
	}
}

/* false: it is not known what is in it. */
static bool
look_inside(struct protect *p, int at, const char *name, const char *path)
{
	struct names names;
	struct stat st;
	bool fits = false;
	int fd;

	if ((fd = walk_one(at, name, &st)) == -1)
		return false;
	if (names_read(&names, fd) == 0) {
		fits = p->facts.n + names.n <= FACTS_MAX;
		if (fits)
			add_names(p, fd, path, &names);
		names_clear(&names);
	}
	fd_close(&fd);
	return fits;
}

static void
look_at(struct protect *p, int at, const char *name, const char *path)
{
	enum facts_depth depth = FACTS_ALL;
	struct stat st;

	if (!stat_of(at, name, &st))
		return;
	if (S_ISDIR(st.st_mode) && look_inside(p, at, name, path))
		depth = FACTS_IDENTITY;
	facts_add(&p->facts, path, &st, depth);
}

/* A folder is written in; a file, which leads to one elsewhere, is not. */
static void
look_at_pinned(struct protect *p, int folder)
{
	struct stat st;

	if (stat_of(folder, paths[PINNED], &st))
		facts_add(&p->facts, paths[PINNED], &st,
		    S_ISDIR(st.st_mode) ? FACTS_KIND : FACTS_ALL);
}

static void
look_at_covered(struct protect *p, int folder, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char *parent;
	int fd;

	if (slash == NULL) {
		look_at(p, folder, path, path);
		return;
	}
	parent = xmemdup(path, (size_t)(slash - path));
	if ((fd = walk_open(folder, parent, &st)) != -1)
		look_at(p, fd, slash + 1, path);
	fd_close(&fd);
	free(parent);
}

static void	look_at_modules(struct protect *, int fd, const char *path,
		    unsigned depth);

/* Names of submodules have slashes: this may be no more than a part of one. */
static void
look_at_module(struct protect *p, int at, const char *name, const char *path,
    unsigned depth)
{
	struct stat st;
	char *below;
	size_t i;
	int fd;

	if ((fd = walk_one(at, name, &st)) == -1)
		return;
	for (i = 0; i < sizeof(of_module) / sizeof(of_module[0]); i++) {
		below = xasprintf("%s/%s", path, of_module[i]);
		look_at(p, fd, of_module[i], below);
		free(below);
	}
	if (S_ISDIR(st.st_mode) && depth > 0 && !stat_of(fd, "HEAD", &st))
		look_at_modules(p, fd, path, depth - 1);
	fd_close(&fd);
}

static void
look_at_modules(struct protect *p, int fd, const char *path, unsigned depth)
{
	struct names names = { .n = 0 };
	struct stat st;
	char *below;
	size_t i;

	if ((p->nmodules >= MODULES_MAX || names_read(&names, fd) == -1) &&
	    fstat(fd, &st) == 0)
		facts_add(&p->facts, path, &st, FACTS_ALL);
	for (i = 0; i < names.n; i++) {
		p->nmodules++;
		below = xasprintf("%s/%s", path, names.list[i]);
		look_at_module(p, fd, names.list[i], below, depth);
		free(below);
	}
	names_clear(&names);
}

struct protect *
protect_look(int folder)
{
	struct protect *p = xcalloc(1, sizeof(*p));
	struct stat st;
	size_t i;
	int fd;

	look_at_pinned(p, folder);
	for (i = 0; i < NPATHS; i++)
		if (!protect_is_pinned(i))
			look_at_covered(p, folder, paths[i]);
	if ((fd = walk_open(folder, MODULES, &st)) != -1)
		look_at_modules(p, fd, MODULES, MODULES_DEPTH);
	fd_close(&fd);
	facts_sort(&p->facts);
	return p;
}

bool
protect_differs(const struct protect *p, int folder, char *text, size_t size)
{
	struct protect *now = protect_look(folder);
	bool r;

	r = facts_differ(&p->facts, &now->facts, text, size);
	protect_free(now);
	return r;
}

void
protect_free(struct protect *p)
{
	if (p == NULL)
		return;
	facts_fini(&p->facts);
	free(p);
}
