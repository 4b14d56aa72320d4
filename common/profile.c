#include "profile.h"

static const char *const profiles[PROFILES] = {
	[PROFILE_SCRATCH] = "scratch", [PROFILE_READ_ONLY] = "read-only",
	[PROFILE_WORKSPACE] = "workspace", [PROFILE_NONE] = "none"
};

static const char *const tiers[TIERS] = {
	[TIER_NONE] = "none", [TIER_LANDLOCK] = "landlock",
	[TIER_FULL] = "full"
};

static bool
find(struct bytes name, const char *const *names, unsigned n, unsigned *at)
{
	for (*at = 0; *at < n; (*at)++)
		if (bytes_is(name, names[*at]))
			return true;
	return false;
}

const char *
profile_name(enum profile p)
{
	return profiles[p];
}

bool
profile_parse(struct bytes name, enum profile *p)
{
	unsigned at;

	if (!find(name, profiles, PROFILES, &at))
		return false;
	*p = (enum profile)at;
	return true;
}

const char *
tier_name(enum tier t)
{
	return tiers[t];
}

bool
tier_parse(struct bytes name, enum tier *t)
{
	unsigned at;

	if (!find(name, tiers, TIERS, &at))
		return false;
	*t = (enum tier)at;
	return true;
}
