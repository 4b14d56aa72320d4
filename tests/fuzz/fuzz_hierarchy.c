/*
 * What the kernel says of mounts and control groups, written by anybody: our
 * group, a NUL, and then mountinfo, or any other of the files.
 */
#include "fuzz.h"
#include "hierarchy.h"

const struct bytes fuzz_seeds[] = {
	SEED("9:name=systemd:/\n8:pids:/\n2:cpuacct,cpu:/\n0::/a/b\n\0"
	    "38 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"),
	SEED("0::/a\n\0" "31 23 0:28 / /m rw shared:9 - tmpfs tmpfs rw\n"
	    "38 31 0:38 /a /m\\040\\134x ro,nosuid master:1 - cgroup2 c ro\n"
	    "39 31 0:38 / /n rw - cgroup2 c rw\n"),
	SEED("0::/../x\n\0populated 1\nfrozen 0\n"),
	SEED("0::/x (deleted)\n\0cpuset cpu io memory pids\n"),
	{ NULL, 0 }
};

static void
check_folder(struct bytes mounts, const char *own)
{
	const char *why = NULL;
	char *folder, *again;

	folder = hierarchy_folder(mounts, own, &why);
	again = hierarchy_folder(mounts, own, &why);
	CHECK((folder == NULL) == (again == NULL));
	CHECK(folder != NULL || (why != NULL && why[0] != '\0'));
	CHECK(folder == NULL || strcmp(folder, again) == 0);
	free(folder);
	free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes group = { (const char *)data, len }, rest = { "", 0 };
	char names[CONTROLLER_NAMES_MAX], *own;
	const char *nul, *why = NULL;
	uint64_t value = 0;
	unsigned found;

	if (len > 0 && (nul = memchr(group.data, 0, len)) != NULL) {
		group.len = (size_t)(nul - group.data);
		rest = (struct bytes){ nul + 1, len - group.len - 1 };
	}
	CHECK((hierarchy_held(group) & ~(unsigned)CONTROLLERS) == 0);
	own = hierarchy_own(group, &why);
	CHECK(own != NULL ? own[0] == '/' : why != NULL);
	check_folder(rest, own == NULL ? "/" : own);
	free(own);
	found = hierarchy_controllers(rest);
	CHECK(hierarchy_controllers(bytes_of(hierarchy_names(found, names))) ==
	    found);
	CHECK(!hierarchy_number(rest, "frozen", &value) ||
	    memmem(rest.data, rest.len, "frozen ", 7) != NULL);
	return 0;
}
