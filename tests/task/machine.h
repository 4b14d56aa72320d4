/* What tests must know of the machine that they run on. */
#ifndef MACHINE_H
#define MACHINE_H

#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_CREATE_RULESET_VERSION
#define LANDLOCK_CREATE_RULESET_VERSION	1U
#endif

/* The kernel's own word: the ABI, or less than 1 where there is none. */
static inline int
machine_landlock(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

/* Any unit of time, times SLOWNESS: an emulated machine takes longer. */
static inline uint64_t
machine_slowly(uint64_t time)
{
	const char	*s = getenv("SLOWNESS");
	int		 n = s == NULL ? 1 : atoi(s);

	return n > 1 ? time * (uint64_t)n : time;
}

#endif
