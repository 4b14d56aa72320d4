#include <criterion/criterion.h>
#include <errno.h>

#include "remedy.h"

/* Settings as on a machine where all is well, but for some. */
#define SET(number, clone, restricted, lsm)				\
	.user_namespaces = (number), .userns_clone = (clone),		\
	.apparmor = (restricted), .landlock = (lsm)
#define NONE	REMEDY_UNKNOWN
#define PLAIN	SET(1000, NONE, NONE, 1)

static const struct {
	const char		*step;
	int			 error;
	struct remedy_facts	 facts;
	const char		*has, *has_not;
} table[] = {
	{ "user namespace", ENOSPC, { SET(0, NONE, NONE, 1) },
	    "sysctl -w user.max_user_namespaces=", "nested" },
	{ "user namespace", ENOSPC, { PLAIN }, "nested too deep", NULL },
	{ "user namespace", EPERM, { SET(1000, 0, NONE, 1) },
	    "kernel.unprivileged_userns_clone=1", "AppArmor" },
	{ "mount propagation", EACCES, { SET(1000, NONE, 1, 1), .root = true,
	    .container = true }, "--security-opt", "sigbox-worker" },
	{ "user namespace", EPERM, { PLAIN, .unit = true },
	    "RestrictNamespaces=", "--security-opt" },
	{ "user namespace", EPERM, { PLAIN, .unit = true, .container = true },
	    "--security-opt seccomp=", "RestrictNamespaces=" },
	{ "user namespace", EPERM, { PLAIN }, "a filter of system calls",
	    NULL },
	{ "map of the user namespace", EACCES, { SET(1000, NONE, 1, 1) },
	    "`userns,`", NULL },
	{ "namespaces", EPERM, { SET(1000, NONE, 1, 1), .container = true },
	    "--security-opt", NULL },
	{ "namespaces", EPERM, { PLAIN, .unit = true }, "SystemCallFilter=",
	    NULL },
	{ "mount propagation", EACCES, { SET(1000, NONE, 1, 1) },
	    "sigbox-worker", NULL },
	{ "/proc", EPERM, { PLAIN, .container = true }, "masked", NULL },
	{ "/proc", EPERM, { PLAIN }, "covered by other mounts", NULL },
	{ "id-mapped working folder", EINVAL, { PLAIN },
	    "ext4, xfs or btrfs", NULL },
	{ "tier", ENOSYS, { SET(1000, NONE, NONE, 0) }, "lsm=landlock", NULL },
	{ "tier", ENOSYS, { PLAIN }, "CONFIG_SECURITY_LANDLOCK", NULL },
	{ "hide=", ELOOP, { PLAIN }, "symbolic link", NULL },
	{ "capabilities", EPERM, { PLAIN, .unit = true },
	    "CapabilityBoundingSet=", NULL },
};

Test(remedy, each_failure_has_the_words_that_mend_it)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_reset(&b);
		remedy(&b, table[i].step, table[i].error, &table[i].facts);
		cr_expect(b.len > 0 && strstr(b.data, table[i].has) != NULL,
		    "row %zu: %s", i, b.len == 0 ? "nothing" : b.data);
		cr_expect(table[i].has_not == NULL || b.len == 0 ||
		    strstr(b.data, table[i].has_not) == NULL,
		    "row %zu: %s", i, b.data);
	}
	buf_fini(&b);
}

Test(remedy, what_nobody_knows_has_no_words)
{
	struct remedy_facts f = { PLAIN, .container = true, .unit = true };
	struct buf b = { 0 };

	remedy(&b, "exec", ENOENT, &f);
	remedy(&b, "check of sockets", ENOTRECOVERABLE, &f);
	cr_expect(b.len == 0);
	buf_fini(&b);
}

Test(remedy, two_causes_are_joined)
{
	struct remedy_facts f = { SET(1000, 0, 1, 1) };
	struct buf b = { 0 };

	remedy(&b, "user namespace", EPERM, &f);
	cr_expect(b.len > 0 && strstr(b.data, "; or ") != NULL &&
	    strstr(b.data, "userns_clone") < strstr(b.data, "AppArmor"),
	    "%s", b.data);
	buf_fini(&b);
}
