#include "policy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "caps.h"
#include "fd.h"
#include "frame.h"
#include "landlock.h"
#include "proto.h"
#include "xalloc.h"

/* Paths, each ended by NUL; NULL: not such. */
static char **
paths(struct bytes s)
{
	char **list, *copy, *at;
	size_t n = 0, i;

	if (s.len > 0 && s.data[s.len - 1] != '\0')
		return NULL;
	for (i = 0; i < s.len; i++)
		n += s.data[i] == '\0';
	list = xcalloc(n + 1, sizeof(*list));
	copy = xmemdup(s.data, s.len);
	for (i = 0, at = copy; i < n; i++, at += strlen(at) + 1) {
		if (*at != '/')
			return NULL;
		list[i] = at;
	}
	return list;
}

static char *
text(struct bytes s)
{
	return s.len == 0 ? NULL : xmemdup(s.data, s.len);
}

/* One that was deleted has a path that leads elsewhere, or nowhere. */
static int
look_at_cwd(struct policy *p)
{
	char path[64], to[4096];
	struct statvfs fs;
	struct stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", PROTO_FD_CWD);
	if ((n = readlink(path, to, sizeof(to))) == -1 ||
	    fstat(PROTO_FD_CWD, &st) == -1 || fstatvfs(PROTO_FD_CWD, &fs) == -1)
		return -1;
	errno = ENAMETOOLONG;
	if ((size_t)n == sizeof(to))
		return -1;
	errno = ENOENT;
	if (to[0] != '/' || st.st_nlink == 0)
		return -1;
	p->cwd = xmemdup(to, (size_t)n);
	p->cwd_dev = st.st_dev;
	p->cwd_ino = st.st_ino;
	/* Who was no root before can write in it as much as ever. */
	p->cwd_is_root = st.st_uid == 0 && p->uid != 0 && caps_has(CAP_SETPCAP);
	p->cwd_is_ro = fs.f_flag & ST_RDONLY;
	return 0;
}

/* What cannot be seen here either would prove nothing later. */
static int
look_at_canary(const struct policy *p)
{
	int fd;

	if (p->canary == NULL)
		return 0;
	if ((fd = open(p->canary, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	fd_close(&fd);
	return 0;
}

ino_t
policy_namespace(int which)
{
	static const char *const paths[] = {
		[POLICY_NET] = "/proc/self/ns/net",
		[POLICY_IPC] = "/proc/self/ns/ipc",
		[POLICY_UTS] = "/proc/self/ns/uts",
		[POLICY_CGROUP] = "/proc/self/ns/cgroup",
		[POLICY_MNT] = "/proc/self/ns/mnt"
	};
	struct stat st;

	return stat(paths[which], &st) == -1 ? 0 : st.st_ino;
}

static int
look_at_namespaces(struct policy *p)
{
	int i;

	for (i = 0; i < POLICY_NS; i++)
		if ((p->host[i] = policy_namespace(i)) == 0)
			return -1;
	return 0;
}

/* The tier is the supervisor's word; what it takes must be here. */
static int
judge(const struct policy *p, unsigned landlock)
{
	errno = EINVAL;
	if (policy_is_walled(p) && p->tier == TIER_NONE)
		return -1;
	errno = ENOSYS;
	if (policy_is_walled(p) && p->landlock < landlock)
		return -1;
	if (policy_is_walled(p) && p->tier == TIER_LANDLOCK &&
	    p->landlock == 0)
		return -1;
	return 0;
}

int
policy_init(struct policy *p, const struct frame_start *f, const char **step)
{
	*p = (struct policy){ .net = f->net, .uid = geteuid(),
	    .gid = getegid(), .landlock = landlock_abi(),
	    .tmp_size = f->tmp };
	*step = "start";
	errno = EINVAL;
	if (!profile_parse(f->profile, &p->profile) ||
	    !tier_parse(f->tier, &p->tier) ||
	    (p->hide = paths(f->hide)) == NULL ||
	    (p->rw = paths(f->rw)) == NULL)
		return -1;
	*step = "tier";
	if (judge(p, (unsigned)f->landlock) == -1)
		return -1;
	p->tools = text(f->tools);
	p->canary = text(f->canary);
	*step = "working folder";
	if (look_at_cwd(p) == -1)
		return -1;
	if (!policy_is_walled(p))
		return 0;
	*step = "canary";
	if (look_at_canary(p) == -1)
		return -1;
	*step = "namespaces of the host";
	return look_at_namespaces(p);
}

bool
policy_is_walled(const struct policy *p)
{
	return p->profile != PROFILE_NONE;
}

/* The whole host is no folder to work in. */
bool
policy_is_writable(const struct policy *p)
{
	return p->profile == PROFILE_WORKSPACE && !p->cwd_is_ro &&
	    strcmp(p->cwd, "/") != 0;
}

const char *
policy_home(const struct policy *p)
{
	return p->profile == PROFILE_SCRATCH ? p->tmp : p->cwd;
}

bool
policy_is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	if (strcmp(folder, "/") == 0)
		return true;
	return strncmp(path, folder, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/');
}

bool
policy_is_inside(const char *path, const char *folder)
{
	return strcmp(path, folder) != 0 && policy_is_below(path, folder);
}
