#include "caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sabotage.h"

#define CAP_VERSION	_LINUX_CAPABILITY_VERSION_3
#define NWORDS	_LINUX_CAPABILITY_U32S_3

static int
get(struct __user_cap_data_struct *caps)
{
	struct __user_cap_header_struct head = { CAP_VERSION, 0 };

	return (int)syscall(SYS_capget, &head, caps);
}

bool
caps_has(unsigned cap)
{
	struct __user_cap_data_struct caps[NWORDS];

	return get(caps) == 0 && (caps[cap / 32].effective & 1U << cap % 32);
}

bool
caps_is_empty(void)
{
	struct __user_cap_data_struct caps[NWORDS];
	uint32_t any = 0;
	int i;

	if (get(caps) == -1)
		return false;
	for (i = 0; i < NWORDS; i++)
		any |= caps[i].effective | caps[i].permitted |
		    caps[i].inheritable;
	return any == 0;
}

/*
 * Without CAP_SETPCAP these two cannot be had; then no_new_privs alone sees to
 * it that an exec brings nothing back.
 */
static int
drop_bounding(void)
{
	unsigned long cap;

	if (!caps_has(CAP_SETPCAP) || sabotage("bounding"))
		return 0;
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == -1)
			return -1;
	return prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
	    SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
	    SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED |
	    SECBIT_KEEP_CAPS_LOCKED, 0, 0, 0);
}

static int
drop_sets(void)
{
	struct __user_cap_header_struct head = { CAP_VERSION, 0 };
	struct __user_cap_data_struct none[NWORDS] = { { 0, 0, 0 } };

	if (sabotage("capabilities"))
		return 0;
	return (int)syscall(SYS_capset, &head, none);
}

int
caps_drop(void)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1 ||
	    drop_bounding() == -1 || drop_sets() == -1)
		return -1;
	return sabotage("no_new_privs") ? 0 :
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
