/* What the kernel says of control groups, and what nobody should say. */
#include "hierarchy.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const char mixed[] =
    "9:name=systemd:/\n8:pids:/\n4:memory:/a/b\n2:cpuacct,cpu:/\n1:freezer:/\n"
    "0::/user.slice/x\n";

Test(hierarchy, controllers_are_known_by_their_whole_names)
{
	static const struct { const char *list; unsigned found; } table[] = {
		{ "", 0 }, { "\n", 0 }, { " ,\n", 0 },
		{ "cpuset cpu io memory hugetlb pids rdma misc\n",
		    CONTROLLERS },
		{ "cpuacct,cpuset", 0 }, { "cpu", CONTROLLER_CPU },
		{ "memory\n", CONTROLLER_MEMORY }, { "pid pidss", 0 },
		{ "pids  pids", CONTROLLER_PIDS },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_eq(hierarchy_controllers(bytes_of(table[i].list)),
		    table[i].found, "%s", table[i].list);
}

Test(hierarchy, controllers_are_named_in_a_row)
{
	char text[CONTROLLER_NAMES_MAX];

	cr_expect_str_eq(hierarchy_names(CONTROLLERS, text),
	    "cpu memory pids");
	cr_expect_str_eq(hierarchy_names(CONTROLLER_PIDS, text), "pids");
	cr_expect_str_eq(hierarchy_names(0, text), "");
}

Test(hierarchy, what_version_1_holds_is_not_ours)
{
	cr_expect_eq(hierarchy_held(bytes_of(mixed)), CONTROLLERS);
	cr_expect_eq(hierarchy_held(BYTES("0::/\n")), 0);
	cr_expect_eq(hierarchy_held(BYTES("0:memory:/\n3:pids")),
	    CONTROLLER_PIDS);
	cr_expect_eq(hierarchy_held(BYTES("")), 0);
}

static void
expect_own(const char *text, const char *own, const char *no)
{
	const char *why = "";
	char *is;

	is = hierarchy_own(bytes_of(text), &why);
	if (own != NULL)
		cr_expect(is != NULL && strcmp(is, own) == 0, "%s: %s", text,
		    is == NULL ? why : is);
	else {
		cr_expect_null(is, "%s: %s", text, is);
		cr_expect_not_null(strstr(why, no), "%s: %s", text, why);
	}
	free(is);
}

Test(hierarchy, our_group_is_that_of_version_2)
{
	expect_own(mixed, "/user.slice/x", NULL);
	expect_own("0::/", "/", NULL);
	expect_own("0::/a b:c", "/a b:c", NULL);
	expect_own("0::/..x", "/..x", NULL);
	expect_own("", NULL, "no cgroup2");
	expect_own("8:pids:/\n", NULL, "no cgroup2");
	expect_own("10::/x\n0:\n0::\n0::x", NULL, "no cgroup2");
	expect_own("0::/../other\n", NULL, "outside");
	expect_own("0::/..\n", NULL, "outside");
	expect_own("0::/x (deleted)\n", NULL, "removed");
}

#define LINE(root, point, options)					\
	"38 31 0:38 " root " " point " " options			\
	    " shared:9 master:1 - cgroup2 cgroup2 rw\n"

static void
expect_folder(const char *text, const char *own, const char *folder)
{
	const char *why = "";
	char *is;

	is = hierarchy_folder(bytes_of(text), own, &why);
	if (folder[0] == '/')
		cr_expect(is != NULL && strcmp(is, folder) == 0, "%s: %s", text,
		    is == NULL ? why : is);
	else {
		cr_expect_null(is, "%s: %s", text, is);
		cr_expect_str_eq(why, folder);
	}
	free(is);
}

Test(hierarchy, the_folder_is_found_wherever_it_is_mounted)
{
	expect_folder(LINE("/", "/sys/fs/cgroup", "rw,nosuid"), "/a/b",
	    "/sys/fs/cgroup/a/b");
	expect_folder(LINE("/", "/sys/fs/cgroup", "rw"), "/",
	    "/sys/fs/cgroup");
	expect_folder("31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
	    LINE("/", "/sys/fs/cgroup/unified", "rw"), "/x",
	    "/sys/fs/cgroup/unified/x");
	expect_folder("1 2 0:3 / /m rw - cgroup2 none rw", "/", "/m");
	expect_folder(LINE("/", "/a\\040b\\134c\\12", "rw"), "/\\040",
	    "/a b\\c\\12/\\040");
}

Test(hierarchy, a_mount_of_a_part_shows_what_is_in_that_part)
{
	expect_folder(LINE("/a", "/m", "rw"), "/a/b", "/m/b");
	expect_folder(LINE("/a", "/m", "rw"), "/a", "/m");
	expect_folder(LINE("/a", "/m", "rw"), "/ab",
	    "no cgroup2 mount shows our group");
	expect_folder(LINE("/..", "/m", "rw"), "/",
	    "no cgroup2 mount shows our group");
	expect_folder(LINE("/a", "/m", "rw") LINE("/", "/n", "rw"), "/b",
	    "/n/b");
}

Test(hierarchy, one_that_may_be_written_to_is_preferred)
{
	expect_folder(LINE("/", "/m", "ro") LINE("/", "/n", "ro,nosuid")
	    LINE("/", "/o", "rw"), "/", "/o");
	expect_folder(LINE("/", "/m", "ro,nosuid") LINE("/", "/n", "ro"), "/",
	    "/m");
	expect_folder(LINE("/", "/m", "rootcontext"), "/", "/m");
}

Test(hierarchy, odd_lines_are_passed_over)
{
	static const char *const odd[] = { "", "\n\n", " ", "cgroup2",
	    "38 31 0:38 / /m", "38 31 0:38 / /m rw shared:1",
	    "38 31 0:38 / /m rw -", "38 31 0:38 / /m rw - ",
	    "38 31 0:38 / /m rw - cgroup cgroup2 rw",
	    "38 31 0:38 / /m rw cgroup2 -" };
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		expect_folder(odd[i], "/", "no cgroup2 mount");
}

Test(hierarchy, a_number_is_one_behind_its_own_key)
{
	const struct bytes text = BYTES("populated 1\nfrozen 0\noom 12x\n"
	    "oom_kill\noom_kill  3\nlow -1\nmax \n");
	uint64_t n = 9;

	cr_expect(hierarchy_number(text, "populated", &n));
	cr_expect_eq(n, 1);
	cr_expect(hierarchy_number(text, "frozen", &n));
	cr_expect_eq(n, 0);
	cr_expect_not(hierarchy_number(text, "oom", &n));
	cr_expect_not(hierarchy_number(text, "oom_kill", &n));
	cr_expect_not(hierarchy_number(text, "low", &n));
	cr_expect_not(hierarchy_number(text, "max", &n));
	cr_expect_not(hierarchy_number(text, "populate", &n));
	cr_expect_not(hierarchy_number(BYTES(""), "frozen", &n));
}

Test(hierarchy, only_names_of_ours_are_swept)
{
	cr_expect(hierarchy_is_supervisor("sigbox-0123456789abcdef"));
	cr_expect_not(hierarchy_is_supervisor("sigbox-0123456789abcde"));
	cr_expect_not(hierarchy_is_supervisor("sigbox-0123456789abcdef0"));
	cr_expect_not(hierarchy_is_supervisor("sigbox-0123456789ABCDEF"));
	cr_expect_not(hierarchy_is_supervisor("sigbox-"));
	cr_expect_not(hierarchy_is_supervisor("sigbox.service"));
	cr_expect_not(hierarchy_is_supervisor(""));
}
