/*
 * Changing what is outside, and, in a profile that only reads, the working
 * folder. Every attempt has a file of its name in each folder.
 */
#include "attack.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE	(1 << 1)
#endif
#define FS_IOC_GETFLAGS_	_IOR('f', 1, long)
#define FS_IOC_SETFLAGS_	_IOW('f', 2, long)
#define FS_NOATIME		0x80

/* The file outside that is this attempt's, or a return. */
#define OUTSIDE(path)							\
	const char *path = in(scene.shown, me);				\
	if (path[0] == '\0')						\
		return untried("no folder outside")

TRY(write_out)
{
	return judge_open(in(scene.shown, me), O_WRONLY);
}

TRY(append_out)
{
	return judge_open(in(scene.shown, me), O_WRONLY | O_APPEND);
}

TRY(open_trunc_out)
{
	return judge_open(in(scene.shown, me), O_RDONLY | O_TRUNC);
}

TRY(create_out)
{
	OUTSIDE(path);
	unlink(path);
	return judge(open(path, O_WRONLY | O_CREAT | O_EXCL, 0644), "open");
}

TRY(tmpfile_out)
{
	if (scene.shown == NULL)
		return untried("no folder outside");
	return judge(open(scene.shown, O_WRONLY | O_TMPFILE, 0644),
	    "O_TMPFILE");
}

TRY(truncate_out)
{
	OUTSIDE(path);
	return judge(truncate(path, 1), "truncate");
}

TRY(unlink_out)
{
	OUTSIDE(path);
	return judge(unlink(path), "unlink");
}

TRY(mkdir_out)
{
	return scene.shown == NULL ? untried("no folder outside") :
	    judge(mkdir(in(scene.shown, "made_by_mkdir"), 0755), "mkdir");
}

TRY(symlink_out)
{
	return scene.shown == NULL ? untried("no folder outside") :
	    judge(symlink("/", in(scene.shown, "made_by_symlink")), "symlink");
}

TRY(mkfifo_out)
{
	return scene.shown == NULL ? untried("no folder outside") :
	    judge(mkfifo(in(scene.shown, "made_by_mkfifo"), 0644), "mkfifo");
}

TRY(rename_out)
{
	OUTSIDE(path);
	return judge(rename(path, in(scene.shown, "renamed")), "rename");
}

/* From the working folder over a file outside. */
TRY(rename_over_out)
{
	OUTSIDE(path);
	return judge(rename(me, path), "rename");
}

TRY(rename_in)
{
	OUTSIDE(path);
	return judge(rename(path, "renamed_in"), "rename");
}

TRY(exchange_out)
{
	OUTSIDE(path);
	return judge(syscall(SYS_renameat2, AT_FDCWD, me, AT_FDCWD, path,
	    RENAME_EXCHANGE), "renameat2");
}

TRY(link_out)
{
	OUTSIDE(path);
	unlink(path);
	return judge(link(me, path), "link");
}

/* A name in the working folder for a file outside, then a write to that. */
TRY(link_in)
{
	OUTSIDE(path);
	unlink(me);
	if (link(path, me) == -1)
		return held("link");
	return judge_open(me, O_WRONLY);
}

TRY(chmod_out)
{
	OUTSIDE(path);
	return judge(chmod(path, 0666), "chmod");
}

TRY(chmod_hidden)
{
	return scene.hidden == NULL ? untried("no hidden folder") :
	    judge(chmod(in(scene.hidden, me), 0666), "chmod");
}

TRY(fchmodat2_out)
{
	OUTSIDE(path);
	return judge(syscall(452, AT_FDCWD, path, 0666, 0), "fchmodat2");
}

TRY(chown_out)
{
	OUTSIDE(path);
	return judge(chown(path, getuid(), getgid()), "chown");
}

TRY(utimes_out)
{
	struct timespec times[2] = { { 1, 0 }, { 1, 0 } };

	OUTSIDE(path);
	return judge(utimensat(AT_FDCWD, path, times, 0), "utimensat");
}

TRY(xattr_out)
{
	OUTSIDE(path);
	return judge(setxattr(path, "user.sigbox", "x", 1, 0), "setxattr");
}

/* By a descriptor that may only read. */
TRY(fchmod_out)
{
	int fd;

	OUTSIDE(path);
	if ((fd = open(path, O_RDONLY)) == -1)
		return held("open");
	return judge(fchmod(fd, 0666), "fchmod");
}

TRY(flags_out)
{
	long flags;
	int fd;

	OUTSIDE(path);
	if ((fd = open(path, O_RDONLY)) == -1 ||
	    ioctl(fd, FS_IOC_GETFLAGS_, &flags) == -1)
		return held("flags");
	flags ^= FS_NOATIME;
	return judge(ioctl(fd, FS_IOC_SETFLAGS_, &flags), "FS_IOC_SETFLAGS");
}

/* A lease or a lock would let a tool hold up the host. */
TRY(lock_out)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	OUTSIDE(path);
	if ((fd = open(path, O_RDWR)) == -1)
		return held("open");
	return judge(fcntl(fd, F_SETLK, &lock), "lock");
}

/* These ask for no right to write. */
TRY(flock_out)
{
	int fd;

	OUTSIDE(path);
	if ((fd = open(path, O_RDONLY)) == -1)
		return held("open");
	return judge(flock(fd, LOCK_EX | LOCK_NB), "flock");
}

TRY(lease_out)
{
	int fd;

	OUTSIDE(path);
	if ((fd = open(path, O_RDONLY)) == -1)
		return held("open");
	return judge(fcntl(fd, F_SETLEASE, F_RDLCK), "F_SETLEASE");
}

TRY(write_link)
{
	return judge_open("link_to_write", O_WRONLY);
}

TRY(write_self_root)
{
	OUTSIDE(path);
	return judge_open(in("/proc/self/root", path), O_WRONLY);
}

TRY(write_warden_root)
{
	OUTSIDE(path);
	return judge_open(in(proc(warden, "root"), path), O_WRONLY);
}

/* A descriptor that may only read, turned into one that writes. */
TRY(write_reopened)
{
	char again[64];
	int fd;

	OUTSIDE(path);
	if ((fd = open(path, O_RDONLY)) == -1)
		return held("open");
	snprintf(again, sizeof(again), "/proc/self/fd/%d", fd);
	return judge_open(again, O_WRONLY);
}

TRY(write_nested)
{
	return judge_open(in(scene.nested, "secret"), O_WRONLY);
}

TRY(create_nested)
{
	if (scene.nested == NULL)
		return untried("no mount outside");
	return judge(open(in(scene.nested, "made"), O_WRONLY | O_CREAT, 0644),
	    "open");
}

TRY(write_etc)
{
	return judge_open("/etc/passwd", O_WRONLY);
}

TRY(write_root)
{
	return judge(open("/", O_WRONLY | O_TMPFILE, 0644), "O_TMPFILE");
}

TRY(write_canary)
{
	return judge_open(scene.canary == NULL ? "" : scene.canary, O_WRONLY);
}

TRY(write_state)
{
	return judge_open(in(scene.state, "secret"), O_WRONLY);
}

TRY(write_worker)
{
	return judge_open(scene.worker == NULL ? "" : scene.worker, O_WRONLY);
}

/* What runs cannot be written to, but be replaced. */
TRY(replace_worker)
{
	if (scene.worker == NULL)
		return untried("not this user's file");
	return judge(rename(scene.worker, in(scene.shown, "replaced")),
	    "rename");
}

TRY(write_warden_exe)
{
	return judge_open(proc(warden, "exe"), O_WRONLY);
}

TRY(work_write)
{
	return judge_open(me, O_WRONLY);
}

TRY(work_truncate)
{
	return judge(truncate(me, 1), "truncate");
}

TRY(work_unlink)
{
	return judge(unlink(me), "unlink");
}

TRY(work_rename)
{
	return judge(rename(me, "renamed_here"), "rename");
}

TRY(work_chmod)
{
	struct stat st;

	if (stat(me, &st) == -1)
		return held("stat");
	return judge(chmod(me, 0600), "chmod");
}

/* Another name for what is outside, made before the start. */
TRY(write_hardlink)
{
	return judge_open("hard_link", O_WRONLY);
}
