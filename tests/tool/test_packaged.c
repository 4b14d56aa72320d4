#include <criterion/criterion.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "header.h"
#include "own.h"

/* In its own copy of the sources the folder may be writable by a group. */
static struct tool *
read_tool(const char *name)
{
	static char		 text[HEADER_BYTES];
	struct tool		*t = tool_new(name);
	struct tool_note	 error = { 0 };
	char			 path[512];
	ssize_t			 n;
	int			 fd;

	(void)snprintf(path, sizeof(path), "%s/%s", TOOLS, name);
	cr_assert_neq(fd = open(path, O_RDONLY | O_CLOEXEC), -1, "%s", path);
	cr_assert_geq(n = fd_read_all(fd, text, sizeof(text)), 0);
	fd_close(&fd);
	cr_assert_eq(access(path, X_OK), 0, "%s", path);
	cr_assert(header_parse(t, (struct bytes){ text, (size_t)n }, &error),
	    "%s:%u: %s", path, error.line, error.text);
	return t;
}

Test(packaged, each_tool_is_described_without_a_warning)
{
	struct dirent	*entry;
	struct tool	*t;
	size_t		 n = 0, i;
	DIR		*dir = opendir(TOOLS);

	cr_assert_not_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (*entry->d_name == '.')
			continue;
		cr_assert(tool_name_is_valid(bytes_of(entry->d_name)));
		cr_assert_not(own_is_taken(entry->d_name));
		t = read_tool(entry->d_name);
		cr_assert_eq(t->nwarnings, 0, "%s", t->name);
		cr_assert_not_null(t->profile, "%s", t->name);
		cr_assert_neq(t->timeout_us, TOOL_UNSAID, "%s", t->name);
		for (i = 0; i < t->nparams; i++)
			cr_assert_str_neq(t->params[i].describe, "", "%s: %s",
			    t->name, t->params[i].name);
		tool_free(t);
		n++;
	}
	(void)closedir(dir);
	cr_assert_geq(n, 7);
}
