/* What was planted in a working folder is told, and what was not is not. */
#include "protect.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fd.h"
#include "xalloc.h"

struct world {
	char		 root[64];
	int		 folder;
	struct protect	*before;
};

static void
make(const struct world *w, const char *path, const char *text)
{
	int fd = openat(w->folder, path, O_WRONLY | O_CREAT | O_TRUNC |
	    O_CLOEXEC, 0644);

	cr_assert_neq(fd, -1, "%s: %s", path, strerror(errno));
	cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
	fd_close(&fd);
}

static void
make_folder(const struct world *w, const char *path)
{
	cr_assert_eq(mkdirat(w->folder, path, 0755), 0, "%s", path);
}

static void
look(struct world *w)
{
	protect_free(w->before);
	w->before = protect_look(w->folder);
}

static void
init(struct world *w)
{
	static const char *const folders[] = {
		".git", ".git/hooks", ".git/info", ".git/modules",
		".git/modules/plain", ".git/modules/plain/hooks",
		".git/modules/with", ".git/modules/with/slash",
		".git/modules/with/slash/hooks", ".vscode", ".claude",
		".claude/hooks"
	};
	size_t i;

	*w = (struct world){ .root = "/tmp/sigbox-protect-XXXXXX" };
	cr_assert_not_null(mkdtemp(w->root));
	w->folder = open(w->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		make_folder(w, folders[i]);
	make(w, ".git/HEAD", "ref");
	make(w, ".git/config", "[core]");
	make(w, ".git/hooks/sample", "#!");
	make(w, ".git/modules/plain/HEAD", "ref");
	make(w, ".git/modules/with/slash/HEAD", "ref");
	make(w, ".envrc", "x");
	look(w);
}

static int
remove_it(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
fini(struct world *w)
{
	protect_free(w->before);
	fd_close(&w->folder);
	nftw(w->root, remove_it, 16, FTW_DEPTH | FTW_PHYS);
}

static void
expect(const struct world *w, const char *told)
{
	char text[256];
	bool r = protect_differs(w->before, w->folder, text, sizeof(text));

	cr_expect_str_eq(text, told);
	cr_expect_eq(r, *told != '\0');
}

Test(protect, work_is_not_told)
{
	struct world w;

	init(&w);
	expect(&w, "");
	make(&w, "main.c", "int x;");
	make(&w, ".git/HEAD", "other");
	make(&w, ".git/index", "i");
	make_folder(&w, ".git/objects");
	make_folder(&w, ".github");
	make(&w, ".git/modules/plain/index", "i");
	expect(&w, "");
	fini(&w);
}

Test(protect, what_appears_is_told)
{
	struct world w;

	init(&w);
	make(&w, ".git/hooks/pre-commit", "#!");
	make(&w, ".git/commondir", "../x");
	make(&w, ".git/info/attributes", "x");
	make(&w, ".git/modules/plain/hooks/post-merge", "#!");
	make(&w, ".git/modules/with/slash/hooks/post-merge", "#!");
	make(&w, ".mcp.json", "{}");
	make(&w, ".vscode/tasks.json", "{}");
	expect(&w, ".git/commondir, .git/hooks/pre-commit, "
	    ".git/info/attributes, .git/modules/plain/hooks/post-merge, "
	    ".git/modules/with/slash/hooks/post-merge, .mcp.json, "
	    ".vscode/tasks.json");
	fini(&w);
}

Test(protect, what_changes_is_told_and_what_goes)
{
	struct world w;

	init(&w);
	make(&w, ".git/config", "[alias]");
	cr_assert_eq(fchmodat(w.folder, ".git/hooks/sample", 0755, 0), 0);
	cr_assert_eq(unlinkat(w.folder, ".envrc", 0), 0);
	expect(&w, ".envrc, .git/config, .git/hooks/sample");
	fini(&w);
}

/* Of the same size, and the time of writing set back. */
Test(protect, a_forged_time_does_not_help)
{
	struct timespec times[2];
	struct world w;
	struct stat st;

	init(&w);
	cr_assert_eq(fstatat(w.folder, ".git/config", &st, 0), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	make(&w, ".git/config", "[evil]");
	cr_assert_eq(utimensat(w.folder, ".git/config", times, 0), 0);
	expect(&w, ".git/config");
	fini(&w);
}

Test(protect, a_hook_is_replaced)
{
	struct world w;

	init(&w);
	make(&w, ".git/new", "#!");
	cr_assert_eq(renameat(w.folder, ".git/new", w.folder,
	    ".git/hooks/sample"), 0);
	expect(&w, ".git/hooks/sample");
	fini(&w);
}

/* Moved away and made again: one word for all that is in it. */
Test(protect, the_pinned_is_told_once)
{
	struct world w;

	init(&w);
	cr_assert_eq(renameat(w.folder, ".git", w.folder, "moved"), 0);
	expect(&w, ".git");
	make_folder(&w, ".git");
	make_folder(&w, ".git/hooks");
	make(&w, ".git/hooks/pre-commit", "#!");
	expect(&w, ".git");
	cr_assert_eq(unlinkat(w.folder, ".git/hooks/pre-commit", 0), 0);
	cr_assert_eq(unlinkat(w.folder, ".git/hooks", AT_REMOVEDIR), 0);
	cr_assert_eq(unlinkat(w.folder, ".git", AT_REMOVEDIR), 0);
	cr_assert_eq(symlinkat("moved", w.folder, ".git"), 0);
	expect(&w, ".git");
	fini(&w);
}

/* That of a worktree says where the rest is. */
Test(protect, a_git_file_is_no_folder_to_write_in)
{
	struct world w;

	init(&w);
	cr_assert_eq(renameat(w.folder, ".git", w.folder, "moved"), 0);
	make(&w, ".git", "gitdir: a");
	look(&w);
	expect(&w, "");
	make(&w, ".git", "gitdir: bc");
	expect(&w, ".git");
	fini(&w);
}

Test(protect, links_are_not_followed)
{
	struct world w;

	init(&w);
	make_folder(&w, "else");
	make_folder(&w, "else/hooks");
	cr_assert_eq(symlinkat("../else", w.folder, ".git/modules/link"), 0);
	cr_assert_eq(symlinkat("else", w.folder, ".idea"), 0);
	look(&w);
	make(&w, "else/hooks/x", "#!");
	make(&w, "else/x", "#!");
	expect(&w, "");
	cr_assert_eq(unlinkat(w.folder, ".idea", 0), 0);
	cr_assert_eq(symlinkat("else", w.folder, ".idea"), 0);
	expect(&w, ".idea");
	fini(&w);
}

Test(protect, text_is_cut_with_dots_and_is_clean)
{
	static const char *const told[] = {
		[1] = "", [4] = "...", [11] = "...", [12] = ".envrc, ...",
		[64] = ".envrc, .git/hooks/a?b, .mcp.json"
	};
	struct world w;
	char text[64];
	size_t i;

	init(&w);
	make(&w, ".envrc", "longer");
	make(&w, ".git/hooks/a\nb", "#!");
	make(&w, ".mcp.json", "{}");
	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (told[i] == NULL)
			continue;
		cr_expect(protect_differs(w.before, w.folder, text, i));
		cr_expect_str_eq(text, told[i], "%zu: %s", i, text);
	}
	cr_expect(protect_differs(w.before, w.folder, NULL, 0));
	fini(&w);
}

/* More names than anybody needs: the folder's own times still tell. */
Test(protect, a_flooded_folder_is_still_looked_at)
{
	struct world w;
	char *path;
	int i;

	init(&w);
	for (i = 0; i < 1100; i++) {
		path = xasprintf(".claude/%d", i);
		make(&w, path, "");
		free(path);
	}
	expect(&w, ".claude");
	look(&w);
	expect(&w, "");
	make(&w, ".claude/settings.json", "{}");
	expect(&w, ".claude");
	fini(&w);
}

Test(protect, the_table_pins_git_alone)
{
	size_t i, n = 0;

	for (i = 0; protect_path(i) != NULL; i++) {
		cr_expect_neq(protect_path(i)[0], '/');
		n += protect_is_pinned(i);
		cr_expect_eq(protect_is_pinned(i),
		    strcmp(protect_path(i), ".git") == 0);
	}
	cr_expect_eq(n, 1);
	cr_expect_null(protect_path(i + 1));
}
