#include "folder.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "header.h"
#include "own.h"
#include "schema.h"
#include "xalloc.h"

#define SUFFIX	".tool.json"

struct folder {
	const char			*path;
	int				 fd;
	const struct folder_ops		*ops;
	void				*arg;
};

static void
problem(const struct folder *f, const char *name, unsigned line,
    const char *why)
{
	char	*path = xasprintf("%s/%s", f->path, name);

	f->ops->problem(f->arg, path, line, why);
	free(path);
}

static bool
ends_with(const char *s, const char *end)
{
	size_t	 len = strlen(s), n = strlen(end);

	return len > n && strcmp(s + len - n, end) == 0;
}

/* Whoever can change a tool can do all that it may. NULL: fine. */
static const char *
why_not_trusted(const struct stat *st)
{
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "writable by others: chmod go-w";
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return "owned by someone else than root or the supervisor's "
		    "user";
	return NULL;
}

static const char *
why_not_regular(const struct stat *st)
{
	return S_ISDIR(st->st_mode) ? "a folder" : "not a regular file";
}

/*
 * A regular file that can be trusted; a link is followed, and what it leads to
 * is looked at. The first look is so that no device or pipe is ever opened,
 * the second counts. -1: *why.
 */
static int
open_file(const struct folder *f, const char *name, struct stat *st,
    const char **why)
{
	int	 fd = -1;

	if (fstatat(f->fd, name, st, 0) == -1)
		goto fail;
	if (!S_ISREG(st->st_mode)) {
		*why = why_not_regular(st);
		return -1;
	}
	fd = openat(f->fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1 || fstat(fd, st) == -1)
		goto fail;
	*why = S_ISREG(st->st_mode) ? why_not_trusted(st) :
	    why_not_regular(st);
	if (*why != NULL)
		fd_close(&fd);
	return fd;
fail:
	*why = errno == ENOENT ? "a link to nothing" : strerror(errno);
	fd_close(&fd);
	return -1;
}

static bool
read_text(int fd, size_t max, struct buf *text)
{
	ssize_t	 n = fd_read_all(fd, buf_room(text, max), max);

	if (n > 0)
		text->len += (size_t)n;
	return n != -1;
}

/* From NAME.tool.json. 1: it is; 0: there is none; -1: it is broken. */
static int
describe_by_schema(const struct folder *f, struct tool *t)
{
	struct tool_note	 error = { 0 };
	struct buf		 text = { 0 };
	struct stat		 st;
	char			*name = xasprintf("%s" SUFFIX, t->name);
	const char		*why;
	int			 fd, result = -1;

	if (fstatat(f->fd, name, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
	    errno == ENOENT) {
		free(name);
		return 0;
	}
	if ((fd = open_file(f, name, &st, &why)) == -1)
		problem(f, name, 0, why);
	else if (!read_text(fd, SCHEMA_BYTES + 1, &text))
		problem(f, name, 0, strerror(errno));
	else if (!schema_parse(t, buf_bytes(&text), &error))
		problem(f, name, error.line, error.text);
	else
		result = 1;
	if (result == 1)
		t->source = xasprintf("%s/%s", f->path, name);
	tool_note_fini(&error);
	buf_fini(&text);
	fd_close(&fd);
	free(name);
	return result;
}

static bool
describe_by_header(const struct folder *f, struct tool *t, const char *file,
    int fd)
{
	struct tool_note	 error = { 0 };
	struct buf		 text = { 0 };
	bool			 fine = false;

	if (!read_text(fd, HEADER_BYTES + 1, &text))
		problem(f, file, 0, strerror(errno));
	else if (!header_parse(t, buf_bytes(&text), &error))
		problem(f, file, error.line, error.text);
	else
		fine = true;
	if (fine)
		t->source = xstrdup(t->path);
	tool_note_fini(&error);
	buf_fini(&text);
	return fine;
}

/* NULL: it was said why not. */
static struct tool *
describe(const struct folder *f, const char *file, const char *name, int fd)
{
	struct tool	*t = tool_new(name);

	t->path = xasprintf("%s/%s", f->path, file);
	switch (describe_by_schema(f, t)) {
	case 1:
		return t;
	case 0:
		if (describe_by_header(f, t, file, fd))
			return t;
		break;
	default:
		break;
	}
	tool_free(t);
	return NULL;
}

static void
take_tool(const struct folder *f, const char *file, const char *name)
{
	struct tool	*t = NULL;
	const char	*why;
	struct stat	 st;
	int		 fd;

	if ((fd = open_file(f, file, &st, &why)) == -1)
		problem(f, file, 0, why);
	else if ((st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		problem(f, file, 0, "not executable: chmod +x");
	else
		t = describe(f, file, name, fd);
	fd_close(&fd);
	if (t != NULL)
		f->ops->tool(f->arg, t);
}

/* A NAME.tool.json is read with its executable; alone it is of no use. */
static bool
has_executable(char *const *names, size_t n, const char *schema)
{
	size_t	 len = strlen(schema) - strlen(SUFFIX), i;

	for (i = 0; i < n; i++)
		if (strncmp(names[i], schema, len) == 0 &&
		    (names[i][len] == '\0' || (names[i][len] == '.' &&
		    !ends_with(names[i], SUFFIX))))
			return true;
	return false;
}

/* The file's name without its extension. */
static char *
tool_name(const char *file)
{
	const char	*dot = strrchr(file, '.');

	return xmemdup(file, dot == NULL ? strlen(file) :
	    (size_t)(dot - file));
}

static const char *
why_not_named(const char *file)
{
	if (*file == '.')
		return "hidden";
	if (ends_with(file, "~") || ends_with(file, ".bak") ||
	    ends_with(file, ".orig") || ends_with(file, ".rej") ||
	    ends_with(file, ".swp") || ends_with(file, ".tmp") ||
	    strstr(file, ".dpkg-") != NULL || *file == '#')
		return "looks like a backup";
	return NULL;
}

static void
take_file(const struct folder *f, char *const *names, size_t n, size_t at)
{
	const char	*file = names[at], *why = why_not_named(file);
	char		*name = tool_name(file);

	if (ends_with(file, SUFFIX)) {
		if (!has_executable(names, n, file))
			problem(f, file, 0, "there is no such executable");
	} else if (why != NULL)
		problem(f, file, 0, why);
	else if (!tool_name_is_valid(bytes_of(name)))
		problem(f, file, 0, "not a name of [A-Za-z0-9_-]{1,64}");
	else if (own_is_taken(name))
		problem(f, file, 0, "the name of a built-in tool");
	else
		take_tool(f, file, name);
	free(name);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
read_names(DIR *dir, char ***names)
{
	struct dirent	*entry;
	size_t		 n = 0;

	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		*names = xreallocarray(*names, n + 1, sizeof(**names));
		(*names)[n++] = xstrdup(entry->d_name);
	}
	if (n > 0)
		qsort(*names, n, sizeof(**names), compare);
	return n;
}

static void
scan(struct folder *f)
{
	char	**names = NULL;
	DIR	 *dir = fdopendir(f->fd);
	size_t	  n, i;

	if (dir == NULL) {
		f->ops->problem(f->arg, f->path, 0, strerror(errno));
		fd_close(&f->fd);
		return;
	}
	n = read_names(dir, &names);
	for (i = 0; i < n; i++)
		take_file(f, names, n, i);
	for (i = 0; i < n; i++)
		free(names[i]);
	free(names);
	(void)closedir(dir);
}

void
folder_scan(const char *path, const struct folder_ops *ops, void *arg)
{
	struct folder	 f = { path, -1, ops, arg };
	const char	*why = NULL;
	struct stat	 st;

	if (*path != '/') {
		ops->problem(arg, path, 0, "not an absolute path");
		return;
	}
	f.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f.fd == -1 && errno == ENOENT)
		return;
	if (f.fd == -1 || fstat(f.fd, &st) == -1)
		why = strerror(errno);
	else
		why = why_not_trusted(&st);
	if (why == NULL) {
		scan(&f);
		return;
	}
	ops->problem(arg, path, 0, why);
	fd_close(&f.fd);
}
