#include "filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter_code.h"

int
filter_enter(enum filter which)
{
	const struct filter_code *c = &filter_code[which];
	struct sock_fprog prog = {
		.len = c->len,
		/* The kernel copies it. */
		.filter = (struct sock_filter *)(uintptr_t)c->insns
	};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0)
		return 0;
	if (errno != ENOSYS)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}

uint64_t
filter_hash(enum filter which)
{
	return filter_code[which].hash;
}
