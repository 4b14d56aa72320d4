#include <criterion/criterion.h>

#include <sys/stat.h>

#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "own.h"
#include "toolbox.h"

#define GOOD	"#!/bin/sh\n# @describe Good\n# @option --x <INT>\n"

static char		 root[] = "/tmp/test_toolbox.XXXXXX";
static struct toolbox	*box;

static int
unlink_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
setup(void)
{
	(void)umask(022);
	cr_assert_not_null(mkdtemp(root));
	cr_assert_eq(chdir(root), 0);
	cr_assert_eq(mkdir("a", 0755), 0);
	cr_assert_eq(mkdir("b", 0755), 0);
}

static void
teardown(void)
{
	toolbox_free(box);
	cr_assert_eq(chdir("/"), 0);
	(void)nftw(root, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(toolbox, .init = setup, .fini = teardown);

static void
put(const char *path, mode_t mode, const char *text)
{
	FILE	*f = fopen(path, "w");

	cr_assert_not_null(f);
	cr_assert_neq(fputs(text, f), EOF);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(chmod(path, mode), 0);
}

static void
load(void)
{
	char		 a[64], b[64];
	const char	*folders[] = { "/nowhere/at/all", a, b };

	(void)snprintf(a, sizeof(a), "%s/a", root);
	(void)snprintf(b, sizeof(b), "%s/b", root);
	toolbox_free(box);
	box = toolbox_load(folders, 3);
}

/* The one problem with this file. */
static struct toolbox_problem
problem_of(const char *file)
{
	struct toolbox_problem	 p, found = { 0 };
	size_t			 i, len = strlen(root);

	for (i = 0; i < toolbox_nproblems(box); i++) {
		p = toolbox_problem(box, i);
		if (strcmp(p.path + len + 1, file) == 0) {
			cr_assert_null(found.path, "%s has two", file);
			found = p;
		}
	}
	cr_assert_not_null(found.path, "%s has none", file);
	return found;
}

static void
refused(const char *file, const char *why)
{
	struct toolbox_problem	 p = problem_of(file);

	cr_assert(p.refused);
	cr_assert_str_eq(p.why, why);
}

Test(toolbox, an_executable_with_a_header_is_a_tool)
{
	const struct tool	*t;

	put("a/good.sh", 0755, GOOD);
	load();
	cr_assert_eq(toolbox_nproblems(box), 0);
	cr_assert_eq(toolbox_count(box), OWN_KINDS + 1);
	cr_assert_not_null(t = toolbox_find(box, "good"));
	cr_assert_str_eq(t->describe, "Good");
	cr_assert_str_eq(t->path + strlen(root), "/a/good.sh");
	cr_assert_str_eq(t->source, t->path);
}

Test(toolbox, the_built_in_tools_are_always_there)
{
	load();
	cr_assert_not_null(toolbox_find(box, "exec"));
	cr_assert_not_null(toolbox_find(box, "task_list"));
	cr_assert_null(toolbox_find(box, "good"));
}

Test(toolbox, each_file_that_is_none_is_told_why)
{
	put("a/open", 0775, GOOD);
	put("a/opener", 0757, GOOD);
	put("a/text", 0644, GOOD);
	put("a/.hidden", 0755, GOOD);
	put("a/good~", 0755, GOOD);
	put("a/good.bak", 0755, GOOD);
	put("a/two words", 0755, GOOD);
	put("a/exec", 0755, GOOD);
	put("a/agent.sh", 0755, GOOD);
	put("a/alone.tool.json", 0644, "{\"description\":\"d\"}");
	cr_assert_eq(mkdir("a/folder", 0755), 0);
	cr_assert_eq(mkfifo("a/fifo", 0755), 0);
	cr_assert_eq(symlink("gone", "a/dangling"), 0);
	cr_assert_eq(symlink("/dev/null", "a/device"), 0);
	cr_assert_eq(symlink("loop", "a/loop"), 0);
	load();
	refused("a/open", "writable by others: chmod go-w");
	refused("a/opener", "writable by others: chmod go-w");
	refused("a/text", "not executable: chmod +x");
	refused("a/.hidden", "hidden");
	refused("a/good~", "looks like a backup");
	refused("a/good.bak", "looks like a backup");
	refused("a/two words", "not a name of [A-Za-z0-9_-]{1,64}");
	refused("a/exec", "the name of a built-in tool");
	refused("a/agent.sh", "the name of a built-in tool");
	refused("a/alone.tool.json", "there is no such executable");
	refused("a/folder", "a folder");
	refused("a/fifo", "not a regular file");
	refused("a/dangling", "a link to nothing");
	refused("a/device", "not a regular file");
	refused("a/loop", "Too many levels of symbolic links");
	cr_assert_eq(toolbox_nproblems(box), 15);
	cr_assert_eq(toolbox_count(box), OWN_KINDS);
}

Test(toolbox, a_broken_header_is_refused_with_its_line)
{
	struct buf	 b = { 0 };

	put("a/broken", 0755, "#!/bin/sh\n# @describe d\n# @option x\n");
	put("a/plain", 0755, "#!/bin/sh\necho hello\n");
	load();
	refused("a/broken", "@option: no --name");
	cr_assert_eq(problem_of("a/broken").line, 3);
	refused("a/plain", "header: no @describe");
	toolbox_problem_json(&(struct toolbox_problem){ "/x", 3, "why", true },
	    &b);
	cr_assert_str_eq(b.data, "{\"path\":\"/x\",\"line\":3,\"why\":\"why\","
	    "\"refused\":true}");
	buf_fini(&b);
}

Test(toolbox, a_warning_does_not_refuse)
{
	put("a/good", 0755, GOOD "# @meta colour red\n");
	load();
	cr_assert_not(problem_of("a/good").refused);
	cr_assert_eq(problem_of("a/good").line, 4);
	cr_assert_not_null(toolbox_find(box, "good"));
}

Test(toolbox, a_link_to_a_good_file_is_a_tool)
{
	put("real", 0755, GOOD);
	put("bad", 0777, GOOD);
	cr_assert_eq(symlink("../real", "a/link"), 0);
	cr_assert_eq(symlink("../bad", "a/badlink"), 0);
	load();
	cr_assert_not_null(toolbox_find(box, "link"));
	refused("a/badlink", "writable by others: chmod go-w");
}

Test(toolbox, a_file_of_somebody_else_is_none)
{
	if (geteuid() != 0)
		cr_skip_test("it takes root to give a file away");
	put("a/theirs", 0755, GOOD);
	cr_assert_eq(chown("a/theirs", 12345, 12345), 0);
	load();
	refused("a/theirs", "owned by someone else than root or the "
	    "supervisor's user");
}

Test(toolbox, a_folder_that_others_write_to_is_empty)
{
	put("a/good", 0755, GOOD);
	cr_assert_eq(chmod("a", 0777), 0);
	load();
	refused("a", "writable by others: chmod go-w");
	cr_assert_null(toolbox_find(box, "good"));
}

Test(toolbox, the_later_folder_wins)
{
	put("a/x", 0755, "# @describe early\n");
	put("b/x.py", 0755, "# @describe late\n");
	load();
	cr_assert_str_eq(toolbox_find(box, "x")->describe, "late");
	cr_assert_eq(toolbox_count(box), OWN_KINDS + 1);
	cr_assert_eq(toolbox_nproblems(box), 0);
}

Test(toolbox, a_refused_file_hides_nothing)
{
	put("a/x", 0755, "# @describe early\n");
	put("b/x", 0666, "# @describe late\n");
	load();
	cr_assert_str_eq(toolbox_find(box, "x")->describe, "early");
}

Test(toolbox, two_of_a_name_in_one_folder_are_one)
{
	char	 why[96];

	put("a/x", 0755, "# @describe early\n");
	put("b/x.py", 0755, "# @describe py\n");
	put("b/x.sh", 0755, "# @describe sh\n");
	load();
	cr_assert_str_eq(toolbox_find(box, "x")->describe, "py");
	(void)snprintf(why, sizeof(why), "%s/b/x.py has the same name", root);
	refused("b/x.sh", why);
}

Test(toolbox, a_schema_wins_over_the_header)
{
	const struct tool	*t;

	put("a/x.sh", 0755, GOOD);
	put("a/x.tool.json", 0644, "{\"description\":\"by schema\"}");
	put("a/elf", 0711, "\177ELF");
	put("a/elf.tool.json", 0644, "{\"description\":\"binary\"}");
	load();
	cr_assert_eq(toolbox_nproblems(box), 0);
	t = toolbox_find(box, "x");
	cr_assert_str_eq(t->describe, "by schema");
	cr_assert_str_eq(t->source + strlen(root), "/a/x.tool.json");
	cr_assert_not_null(toolbox_find(box, "elf"));
}

Test(toolbox, a_broken_schema_is_not_replaced_by_the_header)
{
	put("a/x.sh", 0755, GOOD);
	put("a/x.tool.json", 0644, "{\n");
	put("a/y", 0755, GOOD);
	put("a/y.tool.json", 0666, "{\"description\":\"d\"}");
	load();
	cr_assert(problem_of("a/x.tool.json").refused);
	refused("a/y.tool.json", "writable by others: chmod go-w");
	cr_assert_eq(toolbox_count(box), OWN_KINDS);
}

Test(toolbox, nothing_is_run_to_find_a_tool)
{
	char	 text[256];

	(void)snprintf(text, sizeof(text), "#!/bin/sh\n# @describe d\n"
	    "# @option --x=`touch %s/ran`\n# @option --y[`touch %s/ran`]\n"
	    "touch %s/ran\n", root, root, root);
	put("a/x", 0755, text);
	load();
	cr_assert_not_null(toolbox_find(box, "x"));
	cr_assert_eq(access("ran", F_OK), -1);
}

Test(toolbox, the_request_is_the_same_whatever_the_disk_says)
{
	struct buf	 first = { 0 }, second = { 0 };
	json_t		*list;
	const char	*name;

	put("a/mm", 0755, GOOD);
	put("a/zz", 0755, GOOD);
	put("b/aa", 0755, GOOD);
	load();
	toolbox_request(box, &first);
	cr_assert_eq(unlink("a/zz") | unlink("b/aa"), 0);
	put("b/aa", 0755, GOOD);
	put("a/zz", 0755, GOOD);
	load();
	toolbox_request(box, &second);
	cr_assert_str_eq(first.data, second.data);
	cr_assert_not_null(list = json_loads(first.data, 0, NULL));
	cr_assert_eq(json_array_size(list), OWN_KINDS + 3);
	name = json_string_value(json_object_get(json_object_get(
	    json_array_get(list, OWN_KINDS), "function"), "name"));
	cr_assert_str_eq(name, "aa");
	json_decref(list);
	buf_fini(&first);
	buf_fini(&second);
}

Test(toolbox, a_tool_is_shown_as_json)
{
	static const char *const	 keys[] = {
		"name", "describe", "path", "profile", "background", "timeout",
		"grace", "confirm", "net", "parameters", "warnings"
	};
	struct buf			 b = { 0 };
	json_t				*o;
	size_t				 i;

	put("a/good", 0755, GOOD "# @meta timeout 90\n# @meta grace 1500ms\n"
	    "# @meta rw /srv\n# @meta colour red\n");
	load();
	tool_json(toolbox_find(box, "good"), &b);
	cr_assert_not_null(o = json_loads(b.data, 0, NULL), "%s", b.data);
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		cr_assert_not_null(json_object_get(o, keys[i]), "%s", keys[i]);
	cr_assert_eq(json_integer_value(json_object_get(o, "timeout")), 90);
	cr_assert_float_eq(json_real_value(json_object_get(o, "grace")), 1.5,
	    1e-9);
	cr_assert(json_is_null(json_object_get(o, "profile")));
	cr_assert_eq(json_array_size(json_object_get(o, "warnings")), 1);
	json_decref(o);
	buf_fini(&b);
}

Test(toolbox, a_folder_without_a_root_is_refused)
{
	static const char *const	 folders[] = { "tools" };

	box = toolbox_load(folders, 1);
	cr_assert_eq(toolbox_nproblems(box), 1);
	cr_assert_str_eq(toolbox_problem(box, 0).why, "not an absolute path");
}
