/*
 * What a tool may do in a session (B1, B2), from all who have a say: [sandbox]
 * for all, [session NAME], [tool NAME], and the tool's own header. Pure.
 *
 * The first three are the administrator's. A session's section bounds all that
 * happens in it; within that a tool's own section counts, and where there is
 * none, [sandbox]. A header only narrows what is left, and only where the
 * tool's section is silent. Nothing in a working folder is asked.
 */
#ifndef GRANT_H
#define GRANT_H

#include "buf.h"
#include "profile.h"

/* What one of them says; NULL and no paths: nothing. Borrowed. */
struct grant_say {
	const char		*profile;
	const char		*net;		/* "no" or "host" */
	const char *const	*rw, *const *hide;	/* canonical paths */
	size_t			 nrw, nhide;
};

struct grant_voices {
	struct grant_say	sandbox;	/* profile and net are said */
	struct grant_say	session, tool, header;
};

struct grant {
	enum profile	 profile;
	bool		 net;			/* the host's network */
	struct buf	 rw, hide;		/* paths, each ended by NUL */
};

/* The grant is zeroed at first, or an earlier one. */
void	 grant_make(struct grant *, const struct grant_voices *);
void	 grant_fini(struct grant *);
/* Never wider than it was when this profile was recorded. */
void	 grant_bound(struct grant *, const char *profile);
/*
 * What the header asks for and does not get, for its author and the
 * administrator, the caller's to free; NULL: nothing.
 */
char	*grant_excess(const struct grant_voices *, const char *tool);

#endif
