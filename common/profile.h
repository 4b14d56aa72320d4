/*
 * What a tool may do (B1) and what keeps it there (B2), by name: supervisor,
 * worker and configuration mean the same by a word.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include "bytes.h"

/* From narrow to wide. */
enum profile {
	PROFILE_SCRATCH,	/* the system's programs, an empty folder */
	PROFILE_READ_ONLY,	/* the host, what is hidden aside */
	PROFILE_WORKSPACE,	/* and the working folder is writable */
	PROFILE_NONE,		/* no walls */
	PROFILES
};

/* From weak to strong. */
enum tier {
	TIER_NONE,		/* a keeper alone: only for PROFILE_NONE */
	TIER_LANDLOCK,		/* a keeper, Landlock and seccomp */
	TIER_FULL,		/* namespaces, seccomp, and Landlock if any */
	TIERS
};

const char	*profile_name(enum profile);
bool		 profile_parse(struct bytes, enum profile *);
const char	*tier_name(enum tier);
bool		 tier_parse(struct bytes, enum tier *);

#endif
