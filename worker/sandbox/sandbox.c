#include "sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caps.h"
#include "check.h"
#include "filter.h"
#include "landlock.h"
#include "mounts.h"
#include "policy.h"
#include "sabotage.h"
#include "tree.h"
#include "userns.h"

/* The first that knows truncate() (3) and signals (6). */
#define ABI_WHOLE	6

int
sandbox_unshare(const struct policy *p, const char **step)
{
	int flags = CLONE_NEWNS;

	if (!sabotage("pids"))
		flags |= CLONE_NEWPID;
	if (policy_is_walled(p) && !sabotage("namespaces"))
		flags |= CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	if (policy_is_walled(p) && !p->net && !sabotage("network"))
		flags |= CLONE_NEWNET;
	if (!caps_has(CAP_SYS_ADMIN)) {
		*step = "user namespace";
		if (unshare(CLONE_NEWUSER) == -1)
			return -1;
		*step = "map of the user namespace";
		if (userns_map_self(p->uid, p->gid) == -1)
			return -1;
	}
	*step = "namespaces";
	return unshare(flags);
}

/*
 * Without walls still a /proc of this namespace alone: what runs outside is
 * not in it, and the init can see in it that nothing of the task is left.
 */
static int
raise_proc(const char **step)
{
	*step = "mount propagation";
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) == -1)
		return -1;
	*step = "/proc";
	return mount("proc", "/proc", "proc",
	    MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

int
sandbox_raise(const struct policy *p, int map, const char **step)
{
	static const char name[] = "sigbox";

	if (!policy_is_walled(p) || sabotage("mounts"))
		return raise_proc(step);
	if (mounts_raise(p, map, step) == -1)
		return -1;
	*step = "host name";
	if (policy_namespace(POLICY_UTS) == p->host[POLICY_UTS])
		return 0;	/* not ours to name; the check says it */
	return sethostname(name, sizeof(name) - 1);
}

int
sandbox_stand(const struct policy *p, const char **step)
{
	*step = "working folder";
	if (!policy_is_walled(p) ||
	    (p->tier != TIER_FULL && p->profile != PROFILE_SCRATCH))
		return 0;		/* we stand there */
	return chdir(policy_home(p));
}

static enum filter
filter_of(const struct policy *p)
{
	if (!policy_is_walled(p))
		return FILTER_TOOL_NONE;
	if (p->tier == TIER_FULL)
		return FILTER_TOOL;
	return p->landlock < ABI_WHOLE ? FILTER_TOOL_OLD :
	    FILTER_TOOL_LANDLOCK;
}

int
sandbox_enter(const struct policy *p, const char **step)
{
	*step = "capabilities";
	if (caps_drop() == -1)
		return -1;
	if (policy_is_walled(p) && p->landlock > 0 && !sabotage("landlock") &&
	    landlock_enter(p, step) == -1)
		return -1;
	*step = "filter";
	if (!sabotage("filter") && filter_enter(filter_of(p)) == -1)
		return -1;
	return check_walls(p, step);
}

int
sandbox_watch(const char **step)
{
	*step = "filter of the worker";
	return filter_enter(FILTER_WORKER);
}

uint64_t
sandbox_hash(const struct policy *p)
{
	return filter_hash(filter_of(p));
}
