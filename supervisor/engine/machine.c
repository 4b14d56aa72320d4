/* What of this machine explains why a sandbox does not stand. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "inner.h"

#define TEXT_MAX	512

/* false: there is no such file, or nobody may read it. */
static bool
read_text(const char *path, char text[TEXT_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd != -1)
		n = fd_read_all(fd, text, TEXT_MAX - 1);
	fd_close(&fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

static long long
setting(const char *path)
{
	char text[TEXT_MAX];

	return read_text(path, text) ? atoll(text) : REMEDY_UNKNOWN;
}

static int
has_landlock(void)
{
	char text[TEXT_MAX];

	if (!read_text("/sys/kernel/security/lsm", text))
		return REMEDY_UNKNOWN;
	return strstr(text, "landlock") != NULL;
}

static bool
is_container(void)
{
	return getenv("container") != NULL ||
	    access("/.dockerenv", F_OK) == 0 ||
	    access("/run/.containerenv", F_OK) == 0 ||
	    access("/run/systemd/container", F_OK) == 0;
}

void
machine_look(struct remedy_facts *f)
{
	*f = (struct remedy_facts){ .root = geteuid() == 0,
	    .container = is_container(),
	    .unit = getenv("INVOCATION_ID") != NULL,
	    .user_namespaces = setting("/proc/sys/user/max_user_namespaces"),
	    .userns_clone = (int)setting(
	    "/proc/sys/kernel/unprivileged_userns_clone"),
	    .apparmor = (int)setting("/proc/sys/kernel/"
	    "apparmor_restrict_unprivileged_userns"),
	    .landlock = has_landlock() };
}
