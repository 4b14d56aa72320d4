#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "caps.h"
#include "fd.h"
#include "policy.h"
#include "sandbox.h"
#include "walled.h"

#define NFDS		64	/* more than a worker ever has */

static bool
opens(const char *path, int flags)
{
	int fd;

	fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (fd == -1)
		return false;
	fd_close(&fd);
	return true;
}

static bool
no_new_privs(const struct policy *p)
{
	(void)p;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static bool
no_capabilities(const struct policy *p)
{
	(void)p;
	return caps_is_empty();
}

/* Who never had CAP_SETPCAP could not empty it; with tier full we had it. */
static bool
no_bounding_set(const struct policy *p)
{
	unsigned long cap;
	int r;

	if (p->tier != TIER_FULL)
		return true;
	for (cap = 0; (r = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) >= 0; cap++)
		if (r != 0)
			return false;
	return cap > 0;
}

static bool
the_user(const struct policy *p)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	return getresuid(&r, &e, &s) == 0 && getresgid(&rg, &eg, &sg) == 0 &&
	    r == p->uid && e == p->uid && s == p->uid && p->uid != 0 &&
	    rg == p->gid && eg == p->gid && sg == p->gid && p->gid != 0;
}

static bool
a_filter(const struct policy *p)
{
	(void)p;
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
}

static bool
no_new_namespaces(const struct policy *p)
{
	(void)p;
	return unshare(CLONE_NEWUSER) == -1;
}

static bool
a_pid_namespace(const struct policy *p)
{
	return p->tier != TIER_FULL || (getpid() == 2 && getppid() == 0);
}

static bool
no_sockets(const struct policy *p)
{
	int fd;

	fd = socket(p->tier == TIER_FULL ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
	if (fd == -1)
		return true;
	fd_close(&fd);
	return false;
}

static bool
is_apart(const struct policy *p, int which)
{
	ino_t now = policy_namespace(which);

	return now != 0 && now != p->host[which];
}

static bool
a_network_of_its_own(const struct policy *p)
{
	return p->tier != TIER_FULL || p->net || is_apart(p, POLICY_NET);
}

static bool
namespaces_of_its_own(const struct policy *p)
{
	return p->tier != TIER_FULL || (is_apart(p, POLICY_IPC) &&
	    is_apart(p, POLICY_UTS) && is_apart(p, POLICY_CGROUP) &&
	    is_apart(p, POLICY_MNT));
}

static bool
a_sealed_root(const struct policy *p)
{
	struct statvfs fs;

	if (opens("/etc/sigbox.check", O_WRONLY | O_CREAT | O_EXCL))
		return false;
	return p->tier != TIER_FULL || (statvfs("/", &fs) == 0 &&
	    (fs.f_flag & ST_RDONLY) && (fs.f_flag & ST_NOSUID) &&
	    (fs.f_flag & ST_NODEV));
}

static bool
is_listed(char *const *list, const char *path)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, path) == 0)
			return true;
	return false;
}

/* Something else is meant to be seen there. */
static bool
is_shown(const struct policy *p, const char *path)
{
	return strcmp(path, p->cwd) == 0 || is_listed(p->rw, path) ||
	    (p->tools != NULL && strcmp(path, p->tools) == 0);
}

/* Not there, or nothing but what we put there. */
static bool
is_hidden(const struct policy *p, const char *path)
{
	struct statfs fs;

	if (p->tier != TIER_FULL)
		return !opens(path, O_RDONLY);
	return statfs(path, &fs) == -1 || (fs.f_type == TMPFS_MAGIC &&
	    (fs.f_flags & ST_RDONLY) &&
	    (uint64_t)fs.f_blocks * (uint64_t)fs.f_bsize == COVER_SIZE);
}

static bool
nothing_hidden(const struct policy *p)
{
	static const char *const hidden[] = {
#define HIDDEN(path)	path,
#define REPLACED(path)
#include "hidden.def"
#undef HIDDEN
#undef REPLACED
	};
	char **path;
	size_t i;

	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (!is_shown(p, hidden[i]) && !is_hidden(p, hidden[i]))
			return false;
	for (path = p->hide; *path != NULL; path++)
		if (!is_shown(p, *path) && !is_hidden(p, *path))
			return false;
	return true;
}

static bool
no_canary(const struct policy *p)
{
	return p->canary == NULL || !opens(p->canary, O_RDONLY);
}

/* In tier landlock the canary has told. */
static bool
a_second_wall(const struct policy *p)
{
	return p->tier != TIER_FULL || p->landlock == 0 ||
	    (access(WALLED_FILE, F_OK) == 0 && !opens(WALLED_FILE, O_RDONLY));
}

static bool
the_folder(const struct policy *p)
{
	struct stat st;

	if (p->profile == PROFILE_SCRATCH)
		return !opens(p->cwd, O_WRONLY | O_TMPFILE) ||
		    policy_is_below(p->cwd, p->tmp);
	return stat(".", &st) == 0 && st.st_dev == p->cwd_dev &&
	    st.st_ino == p->cwd_ino;
}

/* A file without a name leaves nothing behind if it can be made after all. */
static bool
is_sealed(const struct policy *p, const struct statvfs *fs)
{
	if (opens(".", O_WRONLY | O_TMPFILE))
		return false;
	/* Not every file system can, and that is no answer. */
	if (p->tier == TIER_FULL)
		return fs->f_flag & ST_RDONLY;
	if (errno == EACCES || errno == EROFS || errno == EPERM)
		return true;
	if (!opens(".sigbox.check", O_WRONLY | O_CREAT | O_EXCL))
		return true;
	unlink(".sigbox.check");
	return false;
}

static bool
a_folder_as_agreed(const struct policy *p)
{
	struct statvfs fs;

	if (p->profile == PROFILE_SCRATCH)
		return true;
	if (!policy_is_writable(p))
		return statvfs(".", &fs) == 0 && is_sealed(p, &fs);
	return statvfs(".", &fs) == 0 && !(fs.f_flag & ST_RDONLY) &&
	    (p->tier != TIER_FULL || (fs.f_flag & ST_NOSUID)) &&
	    (!p->cwd_is_root || access(".", W_OK) == 0);
}

static bool
no_terminal(const struct policy *p)
{
	(void)p;
	return !opens("/dev/tty", O_RDWR);
}

static bool
ends_at_exec(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags == -1 || (flags & FD_CLOEXEC);
}

/* All above those that it is to have; none is higher than the worker's own. */
static bool
no_descriptors(const struct policy *p)
{
	int fd;

	(void)p;
	for (fd = SANDBOX_FDS; fd < NFDS; fd++)
		if (!ends_at_exec(fd))
			return false;
	return true;
}

static const struct {
	const char	*step;
	bool		(*holds)(const struct policy *);
	bool		 always;	/* without walls, too */
} checks[] = {
	{ "check of no_new_privs", no_new_privs, true },
	{ "check of capabilities", no_capabilities, true },
	{ "check of the bounding set", no_bounding_set, false },
	{ "check of the user", the_user, false },
	{ "check of the filter", a_filter, true },
	{ "check of new namespaces", no_new_namespaces, false },
	{ "check of the pid namespace", a_pid_namespace, false },
	{ "check of sockets", no_sockets, false },
	{ "check of the network", a_network_of_its_own, false },
	{ "check of the namespaces", namespaces_of_its_own, false },
	{ "check of the root", a_sealed_root, false },
	{ "check of hidden folders", nothing_hidden, false },
	{ "check of the canary", no_canary, false },
	{ "check of Landlock", a_second_wall, false },
	{ "check of the working folder", the_folder, false },
	{ "check of what may be written", a_folder_as_agreed, false },
	{ "check of the terminal", no_terminal, false },
	{ "check of descriptors", no_descriptors, true },
};

int
check_walls(const struct policy *p, const char **step)
{
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (!checks[i].always && !policy_is_walled(p))
			continue;
		if (checks[i].holds(p))
			continue;
		*step = checks[i].step;
		errno = ENOTRECOVERABLE;
		return -1;
	}
	return 0;
}
