/*
 * A file that runs with more than its caller's rights, left in the working
 * folder: by every call that takes a mode.
 */
#include "attack.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MODE	04755
#define WIDE	0x100000000L

static enum verdict
judge_mode(long result, const char *what)
{
	struct stat st;

	if (result == -1)
		return held(what);
	if (stat(me, &st) == -1)
		return held("stat");
	errno = 0;
	return st.st_mode & (S_ISUID | S_ISGID) ? escaped(what) :
	    held("done without the bit");
}

static int
own_file(void)
{
	unlink(me);
	return open(me, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
}

#define OWN(fd)								\
	int fd = own_file();						\
	if (fd == -1)							\
		return held("a file of its own")

TRY(suid_chmod)
{
	OWN(fd);
	(void)fd;
	return judge_mode(chmod(me, MODE), "chmod");
}

TRY(sgid_chmod)
{
	OWN(fd);
	(void)fd;
	return judge_mode(chmod(me, 02755), "chmod");
}

/* What the kernel cuts off must not confuse the wall. */
TRY(suid_chmod_wide)
{
	OWN(fd);
	(void)fd;
	return judge_mode(syscall(SYS_chmod, me, MODE | WIDE), "chmod");
}

TRY(suid_chmod_high)
{
	OWN(fd);
	(void)fd;
	return judge_mode(syscall(SYS_chmod, me, MODE | 0x10000L), "chmod");
}

TRY(suid_fchmod)
{
	OWN(fd);
	return judge_mode(fchmod(fd, MODE), "fchmod");
}

TRY(suid_fchmodat)
{
	OWN(fd);
	(void)fd;
	return judge_mode(syscall(SYS_fchmodat, AT_FDCWD, me, MODE),
	    "fchmodat");
}

TRY(suid_fchmodat2)
{
	OWN(fd);
	(void)fd;
	return judge_mode(syscall(452, AT_FDCWD, me, MODE, 0), "fchmodat2");
}

TRY(suid_creat)
{
	unlink(me);
	return judge_mode(syscall(SYS_creat, me, MODE), "creat");
}

TRY(suid_open)
{
	unlink(me);
	return judge_mode(syscall(SYS_open, me, O_WRONLY | O_CREAT, MODE),
	    "open");
}

TRY(suid_open_wide)
{
	unlink(me);
	return judge_mode(syscall(SYS_open, me, (O_WRONLY | O_CREAT) | WIDE,
	    MODE | WIDE), "open");
}

TRY(suid_openat)
{
	unlink(me);
	return judge_mode(syscall(SYS_openat, AT_FDCWD, me,
	    O_WRONLY | O_CREAT, MODE), "openat");
}

TRY(suid_openat2)
{
	unsigned long how[3] = { O_WRONLY | O_CREAT, MODE, 0 };

	unlink(me);
	return judge_mode(syscall(SYS_openat2, AT_FDCWD, me, how,
	    sizeof(how)), "openat2");
}

TRY(suid_tmpfile)
{
	char path[64];
	int fd;

	unlink(me);
	fd = (int)syscall(SYS_openat, AT_FDCWD, ".", O_WRONLY | O_TMPFILE,
	    MODE);
	if (fd == -1)
		return held("O_TMPFILE");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return judge_mode(linkat(AT_FDCWD, path, AT_FDCWD, me,
	    AT_SYMLINK_FOLLOW), "linkat");
}

TRY(suid_mknod)
{
	unlink(me);
	return judge_mode(syscall(SYS_mknod, me, S_IFREG | MODE, 0), "mknod");
}

TRY(suid_mknodat)
{
	unlink(me);
	return judge_mode(syscall(SYS_mknodat, AT_FDCWD, me, S_IFREG | MODE,
	    0), "mknodat");
}

/* A file type of none is a regular file too. */
TRY(suid_mknod_typeless)
{
	unlink(me);
	return judge_mode(syscall(SYS_mknod, me, MODE, 0), "mknod");
}

TRY(file_capability)
{
	struct vfs_cap_data cap = {
		.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
		.data = { { 1U << CAP_SYS_ADMIN, 0 } }
	};

	OWN(fd);
	return judge(fsetxattr(fd, "security.capability", &cap, sizeof(cap),
	    0), "fsetxattr");
}

TRY(mknod_char)
{
	unlink(me);
	return judge(mknod(me, S_IFCHR | 0666, 1 << 8 | 5), "mknod");
}

TRY(mknod_block)
{
	unlink(me);
	return judge(mknod(me, S_IFBLK | 0600, 7 << 8), "mknod");
}

/* What is there already, as if it had been planted. */
TRY(run_helper)
{
	if (scene.helper == NULL)
		return untried("no such program without root");
	execl(scene.helper, "helper", "--ids", (char *)NULL);
	return held("exec");
}

TRY(run_capable)
{
	if (scene.capable == NULL)
		return untried("no such program without root");
	execl(scene.capable, "capable", "--ids", (char *)NULL);
	return held("exec");
}

TRY(run_helper_here)
{
	if (access("helper", F_OK) == -1)
		return held("access");
	execl("helper", "helper", "--ids", (char *)NULL);
	return held("exec");
}
