#include "facts.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

#define DOTS	"..."

struct text {
	char		*at;
	size_t		 len, size;
	bool		 is_cut;
};

/* The time of change too: a tool can set that of writing back. */
static struct stat
reduce(const struct stat *st, enum facts_depth depth)
{
	struct stat r = { .st_mode = st->st_mode & S_IFMT,
	    .st_dev = st->st_dev, .st_ino = st->st_ino };

	if (depth == FACTS_KIND)
		return r;
	r.st_mode = st->st_mode;
	r.st_uid = st->st_uid;
	r.st_gid = st->st_gid;
	if (depth == FACTS_IDENTITY)
		return r;
	r.st_size = st->st_size;
	r.st_mtim = st->st_mtim;
	r.st_ctim = st->st_ctim;
	return r;
}

static bool
is_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_mode == b->st_mode && a->st_dev == b->st_dev &&
	    a->st_ino == b->st_ino && a->st_uid == b->st_uid &&
	    a->st_gid == b->st_gid && a->st_size == b->st_size &&
	    is_time(a->st_mtim, b->st_mtim) &&
	    is_time(a->st_ctim, b->st_ctim);
}

void
facts_add(struct facts *f, const char *path, const struct stat *st,
    enum facts_depth depth)
{
	f->list = xreallocarray(f->list, f->n + 1, sizeof(f->list[0]));
	f->list[f->n++] = (struct fact){ xstrdup(path), reduce(st, depth) };
}

static int
weight(char c)
{
	return c == '/' ? 1 : (unsigned char)c + (c != '\0');
}

/* What is in a folder follows it at once: there is nothing before a slash. */
static int
compare(const void *a, const void *b)
{
	const char *x = ((const struct fact *)a)->path;
	const char *y = ((const struct fact *)b)->path;

	for (; *x != '\0' && *x == *y; x++)
		y++;
	return weight(*x) - weight(*y);
}

void
facts_sort(struct facts *f)
{
	if (f->n > 0)
		qsort(f->list, f->n, sizeof(f->list[0]), compare);
}

static void
put(struct text *t, const char *s)
{
	for (; *s != '\0' && t->len + 1 < t->size; s++)
		t->at[t->len++] = *s >= ' ' && *s <= '~' ? *s : '?';
	if (t->size > 0)
		t->at[t->len] = '\0';
}

/* A name is in it as a whole or not at all. */
static void
put_path(struct text *t, const char *path)
{
	const char *comma = t->len > 0 ? ", " : "";
	size_t need = strlen(comma) + strlen(path) + sizeof(", " DOTS);

	if (t->is_cut)
		return;
	t->is_cut = t->len + need > t->size;
	put(t, comma);
	put(t, t->is_cut ? DOTS : path);
}

static bool
is_in(const char *path, const char *folder)
{
	size_t n = folder == NULL ? 0 : strlen(folder);

	return n > 0 && strncmp(path, folder, n) == 0 && path[n] == '/';
}

bool
facts_differ(const struct facts *a, const struct facts *b, char *text,
    size_t size)
{
	struct text t = { .at = text, .size = size };
	const char *path, *last = NULL;
	size_t i = 0, j = 0;
	bool same;
	int order;

	put(&t, "");
	while (i < a->n || j < b->n) {
		order = i == a->n ? 1 : j == b->n ? -1 :
		    compare(&a->list[i], &b->list[j]);
		path = order > 0 ? b->list[j].path : a->list[i].path;
		same = order == 0 && is_same(&a->list[i].st, &b->list[j].st);
		i += order <= 0;
		j += order >= 0;
		if (same || is_in(path, last))
			continue;
		put_path(&t, path);
		last = path;
	}
	return last != NULL;
}

void
facts_fini(struct facts *f)
{
	while (f->n > 0)
		free(f->list[--f->n].path);
	free(f->list);
	f->list = NULL;
}
