#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inner.h"
#include "xalloc.h"

static char folder[] = "/tmp/sigbox-ways-XXXXXX";

/* In the folder: names and what they lead to. */
static const char *const links[][2] = {
	{ "home", "real/ann" },
	{ "real/ann/.config", "../far/./link" },
	{ "real/far/link", NULL },		/* to dots, absolute */
	{ "loop", "loop" },
};

static char *
in_folder(const char *name)
{
	return xasprintf("%s/%s", folder, name);
}

static void
make(void)
{
	static const char *const folders[] = { "real", "real/ann", "real/far",
	    "dots" };
	char *path, *to;
	size_t i;

	cr_assert(mkdtemp(folder) != NULL);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		path = in_folder(folders[i]);
		cr_assert(mkdir(path, 0700) == 0);
		free(path);
	}
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		path = in_folder(links[i][0]);
		to = links[i][1] == NULL ? in_folder("dots") :
		    xstrdup(links[i][1]);
		cr_assert(symlink(to, path) == 0);
		free(path);
		free(to);
	}
}

static void
clear(void)
{
	char *command = xasprintf("rm -r %s", folder);

	cr_expect(system(command) == 0);
	free(command);
}

static void
leads_over(const char *name, const char *const *places, size_t n)
{
	struct engine e = { .users = NULL };
	char *path = in_folder(name), *want;
	size_t i;

	ways_add(&e.guarded, path);
	cr_assert(e.guarded.n == n, "%s: %zu", name, e.guarded.n);
	for (i = 0; i < n; i++) {
		want = in_folder(places[i]);
		cr_expect_str_eq(e.guarded.at[i], want);
		free(want);
	}
	free(path);
	hidden_free(&e);
}

Test(ways, each_link_and_the_end_of_all_is_found, .init = make, .fini = clear)
{
	static const char *const all[] = { "home", "real/ann/.config",
	    "real/far/link", "dots/sigbox/x" };
	static const char *const none[] = { "new/sigbox" };
	char *real = realpath(folder, NULL);

	cr_assert_str_eq(real, folder);
	leads_over("home/.config/sigbox/x", all, 4);
	leads_over("./real/..//new/sigbox", none, 1);
	free(real);
}

Test(ways, a_loop_ends, .init = make, .fini = clear)
{
	static const char *const loop[] = { "loop", "loop/x" };

	leads_over("loop/x", loop, 2);
}

Test(ways, a_relative_path_is_from_here, .init = make, .fini = clear)
{
	struct engine e = { .users = NULL };
	char *want = in_folder("dots/x");

	cr_assert(chdir(folder) == 0);
	ways_add(&e.guarded, "dots/x");
	cr_assert(e.guarded.n == 1);
	cr_expect_str_eq(e.guarded.at[0], want);
	free(want);
	hidden_free(&e);
}
