#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"

#define INODE_EACH	4096U		/* bytes */

static int
set(int tree, uint64_t attributes, unsigned flags)
{
	struct mount_attr attr = { .attr_set = attributes,
	    .propagation = MS_PRIVATE };

	return mount_setattr(tree, "", AT_EMPTY_PATH | flags, &attr,
	    sizeof(attr));
}

static int
or_close(int r, int fd)
{
	int error = errno;

	if (r != -1)
		return fd;
	fd_close(&fd);
	errno = error;
	return -1;
}

int
tree_restrict(int tree, unsigned flags)
{
	uint64_t attributes = MOUNT_ATTR_NOSUID;

	if (flags & TREE_READ_ONLY)
		attributes |= MOUNT_ATTR_RDONLY;
	if (!(flags & TREE_DEVICES))
		attributes |= MOUNT_ATTR_NODEV;
	return set(tree, attributes, AT_RECURSIVE);
}

int
tree_clone(int folder, const char *path, unsigned flags)
{
	int fd;

	fd = open_tree(folder, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
	    AT_RECURSIVE | AT_SYMLINK_NOFOLLOW |
	    (path[0] == '\0' ? AT_EMPTY_PATH : 0));
	if (fd == -1)
		return -1;
	return or_close(tree_restrict(fd, flags), fd);
}

int
tree_map(int tree, int user_namespace)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
	    .userns_fd = (uint64_t)user_namespace };

	return mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr));
}

int
tree_seal(int tree)
{
	return set(tree, MOUNT_ATTR_RDONLY, 0);
}

static int
make(int fs, unsigned attributes)
{
	int fd = -1, error;

	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = fsmount(fs, FSMOUNT_CLOEXEC, attributes);
	error = errno;
	fd_close(&fs);
	errno = error;
	return fd;
}

static int
set_size(int fs, uint64_t size)
{
	char text[32];

	snprintf(text, sizeof(text), "%ju", (uintmax_t)size);
	if (fsconfig(fs, FSCONFIG_SET_STRING, "size", text, 0) == -1)
		return -1;
	snprintf(text, sizeof(text), "%ju", (uintmax_t)size / INODE_EACH + 1);
	return fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", text, 0);
}

int
tree_tmpfs(unsigned mode, uint64_t size)
{
	char text[32];
	int fs;

	if ((fs = fsopen("tmpfs", FSOPEN_CLOEXEC)) == -1)
		return -1;
	snprintf(text, sizeof(text), "%o", mode);
	if (fsconfig(fs, FSCONFIG_SET_STRING, "mode", text, 0) == -1 ||
	    (size != 0 && set_size(fs, size) == -1))
		return or_close(-1, fs);
	return make(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
}

int
tree_proc(void)
{
	int fs;

	if ((fs = fsopen("proc", FSOPEN_CLOEXEC)) == -1)
		return -1;
	return make(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
	    MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY);
}

int
tree_attach(int tree, int target)
{
	return move_mount(tree, "", target, "",
	    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int
tree_find(int root, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
	    .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
	    RESOLVE_BENEATH };

	while (*path == '/')
		path++;
	return (int)syscall(SYS_openat2, root, *path == '\0' ? "." : path,
	    &how, sizeof(how));
}
