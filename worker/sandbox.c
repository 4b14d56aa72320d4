#include "sandbox.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "caps.h"

bool
sandbox_has_profile(const char *profile)
{
	static const char *const profiles[] = {
		"none", "read-only", "workspace", "scratch"
	};
	size_t i;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		if (strcmp(profile, profiles[i]) == 0)
			return true;
	return false;
}

/*
 * A /proc of this namespace alone: what runs outside is not in it, and the
 * init can see in it that nothing of the task is left.
 */
int
sandbox_walls(const char *profile, const char **step)
{
	(void)profile;		/* every one of them has this */
	*step = "mount propagation";
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) == -1)
		return -1;
	*step = "mount of /proc";
	return mount("proc", "/proc", "proc",
	    MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* The tool gets what we have, so look at that and not at what we asked for. */
static int
check(const char *profile, const char **step)
{
	errno = EPERM;
	*step = "check of no_new_privs";
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return -1;
	*step = "check of capabilities";
	if (!caps_is_empty())
		return -1;
	*step = "check of the user";
	if (strcmp(profile, "none") != 0 &&
	    (getuid() == 0 || geteuid() == 0 || getgid() == 0))
		return -1;
	return 0;
}

int
sandbox_enter(const char *profile, const char **step)
{
	*step = "capabilities";
	if (caps_drop() == -1)
		return -1;
	return check(profile, step);
}
