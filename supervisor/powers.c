#include "powers.h"

#include <linux/capability.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "buf.h"

struct power {
	unsigned	 cap;
	const char	*name;
};

/* The first: a worker of another user would outlive a root that dies (R9). */
static const struct power needed[] = {
	{ CAP_KILL, "CAP_KILL" }, { CAP_SETUID, "CAP_SETUID" },
	{ CAP_SETGID, "CAP_SETGID" }, { 0, NULL }
};
static const struct power wanted[] = {
	{ CAP_SETPCAP, "CAP_SETPCAP" }, { CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
	{ 0, NULL }
};

static uint32_t
effective(void)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = { { 0 } };

	if (syscall(SYS_capget, &head, caps) == -1)
		return 0;
	return caps[0].effective;
}

/* The names of those that are not there, or NULL. */
static char *
absent(const struct power *p, const char *sequel)
{
	uint32_t have = effective();
	struct buf b = { 0 };

	if (geteuid() != 0)
		return NULL;
	for (; p->name != NULL; p++)
		if (!(have & 1U << p->cap))
			buf_printf(&b, "%s%s", b.len == 0 ?
			    "root without " : ", ", p->name);
	if (b.len == 0)
		return NULL;
	buf_puts(&b, sequel);
	return buf_take(&b);
}

char *
powers_lack(void)
{
	return absent(needed, " cannot run tools as their user, nor be sure "
	    "that they end: name it in CapabilityBoundingSet= of the unit (or "
	    "--cap-add of the container), or start sigboxd as another user");
}

char *
powers_miss(void)
{
	return absent(wanted, ": without it in CapabilityBoundingSet= of the "
	    "unit the sandbox of tools may be a weaker one");
}
