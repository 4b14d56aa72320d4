#include "identity.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proto.h"

struct identity {
	unsigned	uid, gid;
	uint32_t	caps;		/* of the first 32 */
};

static bool
parse(const char *text, struct identity *id)
{
	char more;

	/* -1 is no user: it means that nothing is to change. */
	return sscanf(text, "%u:%u:%x%c", &id->uid, &id->gid, &id->caps,
	    &more) == 3 && id->uid != UINT32_MAX && id->gid != UINT32_MAX;
}

static int
keep_caps(uint32_t keep)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3,
	    0 };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &head, caps) == -1)
		return -1;
	keep &= caps[0].permitted;
	caps[0] = (struct __user_cap_data_struct){ keep, keep, 0 };
	caps[1] = (struct __user_cap_data_struct){ 0, 0, 0 };
	return (int)syscall(SYS_capset, &head, caps);
}

static int
become(const struct identity *id, const char **step)
{
	*step = "setgroups";
	if (setgroups(0, NULL) == -1)
		return -1;
	*step = "keepcaps";
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1)
		return -1;
	*step = "setresgid";
	if (setresgid(id->gid, id->gid, id->gid) == -1)
		return -1;
	*step = "setresuid";
	if (setresuid(id->uid, id->uid, id->uid) == -1)
		return -1;
	/* These changes took it away, and it must be missed for no longer. */
	*step = "death signal";
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		return -1;
	*step = "capabilities";
	if (keep_caps(id->caps) == -1)
		return -1;
	*step = "keepcaps";
	return prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
}

int
identity_take(const char **step)
{
	const char *text = getenv(PROTO_AS);
	struct identity id;

	if (text == NULL)
		return 0;
	*step = "identity";
	errno = EINVAL;
	if (!parse(text, &id))
		return -1;
	if (become(&id, step) == -1)
		return -1;
	/*
	 * Of a process that is not dumpable /proc belongs to root, and it must
	 * write its own maps.
	 */
	*step = "dumpable";
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}
