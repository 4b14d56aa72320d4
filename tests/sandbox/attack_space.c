/* Namespaces and mounts: to leave those it is in, or to make others. */
#include "attack.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WIDE	0x100000000L

REACH(fs_open, SYS_fsopen, "tmpfs", 0)
REACH(fs_pick, SYS_fspick, AT_FDCWD, "/", 0)
REACH(tree_open, SYS_open_tree, AT_FDCWD, "/", 1)
REACH(move_mount, SYS_move_mount, -1, "", AT_FDCWD, "/nonexistent", 4)
REACH(mount_attr, 442, AT_FDCWD, "/nonexistent", 0, (long [4]){ 0 }, 32)
REACH(pivot, SYS_pivot_root, "/nonexistent", "/nonexistent")
REACH(chroot, SYS_chroot, ".")
REACH(unshare_user, SYS_unshare, CLONE_NEWUSER)
REACH(unshare_mount, SYS_unshare, CLONE_NEWNS)
REACH(unshare_net, SYS_unshare, CLONE_NEWNET)
REACH(unshare_pid, SYS_unshare, CLONE_NEWPID)
REACH(unshare_ipc, SYS_unshare, CLONE_NEWIPC)
REACH(unshare_uts, SYS_unshare, CLONE_NEWUTS)
REACH(unshare_cgroup, SYS_unshare, CLONE_NEWCGROUP)
REACH(unshare_time, SYS_unshare, 0x80)

/* The child ends at once. */
static enum verdict
judge_child(long pid, const char *what)
{
	if (pid == 0)
		_exit(0);
	return judge(pid, what);
}

TRY(clone_user)
{
	return judge_child(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0,
	    0, 0), "clone");
}

TRY(clone_user_wide)
{
	return judge_child(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD | WIDE,
	    0, 0, 0, 0), "clone");
}

TRY(clone3_user)
{
	struct clone_args a = { .flags = CLONE_NEWUSER,
	    .exit_signal = SIGCHLD };

	return judge_child(syscall(SYS_clone3, &a, sizeof(a)), "clone3");
}

TRY(clone_mount)
{
	return judge_child(syscall(SYS_clone, CLONE_NEWNS | SIGCHLD, 0, 0, 0,
	    0), "clone");
}

/* What a user namespace is good for. */
TRY(user_mount)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return held("unshare");
	return judge(mount("none", ".", "tmpfs", 0, NULL), "mount");
}

TRY(user_overlay)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1)
		return held("unshare");
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return held("mount");
	return judge(mount("overlay", "/mnt", "overlay", 0,
	    "lowerdir=/usr:/etc"), "overlay");
}

TRY(mount_tmpfs)
{
	return judge(mount("none", ".", "tmpfs", 0, NULL), "mount");
}

TRY(mount_bind)
{
	return judge(mount("/", ".", NULL, MS_BIND | MS_REC, NULL), "mount");
}

TRY(mount_proc)
{
	return judge(mount("proc", ".", "proc", 0, NULL), "mount");
}

TRY(mount_rw)
{
	return judge(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL),
	    "remount");
}

TRY(mount_shared)
{
	return judge(mount(NULL, "/", NULL, MS_SHARED, NULL), "mount");
}

/* What hides something is a mount. */
TRY(unmount_mask)
{
	static const char *const masks[] = { "/tmp", "/home", "/run", "/root",
	    "/dev", "/sys", "/proc" };
	size_t i;
	int last = 0;

	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if (umount2(masks[i], MNT_DETACH) == 0)
			return escaped(masks[i]);
		else if (errno != EINVAL || last == 0)
			last = errno;
	errno = last;
	return held("umount2");
}

static enum verdict
judge_setns(pid_t pid)
{
	static const char *const kinds[] = { "ns/mnt", "ns/user", "ns/pid",
	    "ns/net", "ns/uts", "ns/ipc", "ns/cgroup" };
	size_t i;
	int fd;

	if (pid == 0)
		return untried("nobody to join");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if ((fd = open(proc(pid, kinds[i]), O_RDONLY)) == -1)
			continue;
		if (setns(fd, 0) == 0)
			return escaped(kinds[i]);
		close(fd);
	}
	return held("setns");
}

TRY(setns_victim)
{
	return judge_setns((pid_t)number(scene.victim));
}

TRY(setns_warden)
{
	return judge_setns(warden);
}

TRY(setns_self)
{
	return judge_setns(getpid());
}

TRY(setns_pidfd)
{
	int fd;

	if (scene.victim == NULL)
		return untried("no victim");
	fd = (int)syscall(SYS_pidfd_open, number(scene.victim), 0);
	if (fd == -1)
		return held("pidfd_open");
	return judge(setns(fd, CLONE_NEWUTS), "setns");
}
