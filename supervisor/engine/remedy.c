#include "remedy.h"

#include <errno.h>

#define ANY	0		/* error: whichever it is */

/* Of which machines a line is true. */
enum when {
	ALWAYS,
	NO_USER_NAMESPACES,	/* their number is set to none */
	NO_CLONE,		/* the sysctl forbids it to users */
	APPARMOR,		/* the sysctl restricts them */
	CONTAINER, UNIT,
	NO_LANDLOCK,		/* it is not in the list */
	ELSE			/* no line above it was true */
};

/* By the step, as a worker or a spawn names it. */
static const struct line {
	const char	*step;
	int		 error;
	enum when	 when;
	const char	*words;
} lines[] = {
#define ALLOW_NAMESPACES						\
	"kernel.unprivileged_userns_clone is 0: "			\
	"sysctl -w kernel.unprivileged_userns_clone=1"
#define APPARMOR_PROFILE						\
	"kernel.apparmor_restrict_unprivileged_userns is 1: put the "	\
	"AppArmor profile sigbox-worker, which is installed with sigbox " \
	"and allows `userns,` to the worker alone, into "		\
	"/etc/apparmor.d and load it with apparmor_parser -r"
#define CONTAINER_FLAGS							\
	"this is a container: start it with "				\
	"--security-opt seccomp=unconfined "				\
	"--security-opt apparmor=unconfined --init"
#define MASKED_PROC							\
	"parts of /proc are masked in this container: start it with "	\
	"--security-opt systempaths=unconfined"
#define UNIT_SETTINGS							\
	"the unit must not set RestrictNamespaces=, nor a "		\
	"SystemCallFilter= without @mount and unshare"
#define UNIT_MOUNTS							\
	"the unit must not set ProtectKernelTunables=, "		\
	"ProtectControlGroups=, PrivateDevices= or a SystemCallFilter= " \
	"without @mount"
	{ "user namespace", ENOSPC, NO_USER_NAMESPACES,
	    "user.max_user_namespaces is 0: "
	    "sysctl -w user.max_user_namespaces=10000" },
	{ "user namespace", ENOSPC, ELSE,
	    "there are as many user namespaces as user.max_user_namespaces "
	    "allows, or they are nested too deep: raise it with sysctl" },
	{ "user namespace", ANY, NO_CLONE, ALLOW_NAMESPACES },
	{ "user namespace", ANY, APPARMOR, APPARMOR_PROFILE },
	{ "user namespace", EPERM, CONTAINER, CONTAINER_FLAGS },
	{ "user namespace", EPERM, UNIT, UNIT_SETTINGS },
	{ "user namespace", EPERM, ELSE,
	    "something forbids user namespaces: a filter of system calls "
	    "around the supervisor, or a chroot" },
	{ "user namespace", EINVAL, ALWAYS,
	    "this kernel has no user namespaces: CONFIG_USER_NS" },
	{ "user namespace", ENOSYS, ALWAYS,
	    "this kernel, or what imitates one here, has no namespaces" },
	{ "map of the user namespace", ANY, APPARMOR, APPARMOR_PROFILE },
	{ "map of the user namespace", ANY, CONTAINER, CONTAINER_FLAGS },
	{ "namespaces", ENOSPC, ALWAYS,
	    "there are as many namespaces as sysctl allows: raise "
	    "user.max_pid_namespaces, max_mnt_, max_net_, max_ipc_, max_uts_ "
	    "and max_cgroup_namespaces" },
	{ "namespaces", ANY, APPARMOR, APPARMOR_PROFILE },
	{ "namespaces", EPERM, CONTAINER, CONTAINER_FLAGS },
	{ "namespaces", EPERM, UNIT, UNIT_SETTINGS },
	{ "namespaces", EINVAL, ALWAYS,
	    "this kernel lacks a kind of namespace: CONFIG_PID_NS, "
	    "CONFIG_NET_NS, CONFIG_IPC_NS, CONFIG_UTS_NS" },
	{ "host name", EPERM, UNIT,
	    "the unit must not set ProtectHostname=" },
	{ "/proc", EPERM, CONTAINER, MASKED_PROC },
	{ "/proc", EPERM, UNIT, UNIT_MOUNTS },
	{ "/proc", EPERM, ELSE,
	    "parts of /proc are covered by other mounts: a new one is only "
	    "allowed where one can be seen whole" },
	{ "mount propagation", EINVAL, ALWAYS,
	    "/ is no mount point here, as in a chroot: run it outside of that, "
	    "or in a container" },
	{ "mount propagation", ANY, APPARMOR, APPARMOR_PROFILE },
	{ "mount propagation", ANY, CONTAINER, CONTAINER_FLAGS },
	{ "seal of the root", ENOSYS, ALWAYS,
	    "this needs open_tree() and mount_setattr(): Linux 5.12" },
	{ "seal of the root", ANY, APPARMOR, APPARMOR_PROFILE },
	{ "seal of the root", EPERM, CONTAINER, CONTAINER_FLAGS },
	{ "seal of the root", EPERM, UNIT, UNIT_MOUNTS },
	{ "new root", ANY, CONTAINER, CONTAINER_FLAGS },
	{ "pivot_root", ANY, CONTAINER, CONTAINER_FLAGS },
	{ "pivot_root", EINVAL, ELSE,
	    "the root is the kernel's initial ramfs: it cannot be left" },
	{ "user namespace of the working folder", ENOSPC, ALWAYS,
	    "user.max_user_namespaces leaves none: raise it, or give the "
	    "folder to a user that is not root" },
	{ "user namespace of the working folder", ANY, ALWAYS,
	    "give the folder to a user that is not root" },
	{ "id-mapped working folder", ANY, ALWAYS,
	    "its file system cannot show root's files as a user's: put the "
	    "folder on ext4, xfs or btrfs, or give it to a user that is not "
	    "root" },
	{ "place of the working folder", ESTALE, ALWAYS,
	    "another folder was put in its place meanwhile: try again" },
	{ "hidden path in the working folder", ANY, ALWAYS,
	    "work in a folder that does not hold what is hidden from tools" },
	{ "working folder", ENOENT, ALWAYS,
	    "it was removed, or lies where nobody can see it" },
	{ "tier", ENOSYS, NO_LANDLOCK,
	    "Landlock is not in the kernel's list: boot with lsm=landlock,... "
	    "(what is in /sys/kernel/security/lsm, with landlock in front)" },
	{ "tier", ENOSYS, CONTAINER,
	    "a filter of the container's, or its kernel, knows no Landlock: "
	    "--security-opt seccomp=unconfined" },
	{ "tier", ENOSYS, ELSE,
	    "Landlock is missing: Linux 5.13 with CONFIG_SECURITY_LANDLOCK" },
	{ "rw=", ELOOP, ALWAYS,
	    "a path of rw= in the configuration has a symbolic link in it: "
	    "write where it leads to" },
	{ "rw=", ENOENT, ALWAYS,
	    "a path of rw= in the configuration is not there: make it" },
	{ "hide=", ELOOP, ALWAYS,
	    "a path of hide= in the configuration has a symbolic link in it: "
	    "write where it leads to" },
	{ "user", EPERM, ALWAYS,
	    "set run_as= in [tasks] to a user that is not root" },
	{ "check of the filter", ANY, ALWAYS,
	    "this kernel has no seccomp filters: CONFIG_SECCOMP_FILTER" },
	{ "filter", EINVAL, ALWAYS,
	    "this kernel has no seccomp filters: CONFIG_SECCOMP_FILTER" },
	{ "capabilities", EPERM, UNIT,
	    "CapabilityBoundingSet= of the unit must have CAP_SETPCAP, or "
	    "none at all" },
};

#define NLINES	(sizeof(lines) / sizeof(lines[0]))

static bool
is_so(enum when when, const struct remedy_facts *f, bool first)
{
	switch (when) {
	case ALWAYS:
		return true;
	case NO_USER_NAMESPACES:
		return f->user_namespaces == 0;
	case NO_CLONE:
		return f->userns_clone == 0;
	case APPARMOR:
		return f->apparmor > 0 && !f->root;
	case CONTAINER:
		return f->container;
	case UNIT:
		return f->unit && !f->container;
	case NO_LANDLOCK:
		return f->landlock == 0;
	case ELSE:
		return first;
	}
	return false;
}

void
remedy(struct buf *b, const char *step, int error,
    const struct remedy_facts *f)
{
	size_t i, start = b->len;

	for (i = 0; i < NLINES; i++) {
		if (strcmp(step, lines[i].step) != 0 ||
		    (lines[i].error != ANY && lines[i].error != error) ||
		    !is_so(lines[i].when, f, b->len == start))
			continue;
		if (b->len > start)
			buf_puts(b, "; or ");
		buf_puts(b, lines[i].words);
	}
}
