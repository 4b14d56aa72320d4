#include "private.h"

#include <fts.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy.h"

/* fts stands in each folder itself, so nothing can be put in its way. */
void
private_remove(const struct policy *p)
{
	char *roots[] = { p->tmp, NULL };
	FTSENT *e;
	FTS *fts;

	if (p->tier == TIER_FULL || p->tmp == NULL)
		return;		/* the mounts made it, or nobody */
	if ((fts = fts_open(roots, FTS_PHYSICAL | FTS_XDEV, NULL)) != NULL) {
		while ((e = fts_read(fts)) != NULL)
			if (e->fts_info == FTS_D)
				chmod(e->fts_accpath, 0700);
			else if (e->fts_info == FTS_DP)
				rmdir(e->fts_accpath);
			else
				unlink(e->fts_accpath);
		fts_close(fts);
	}
}
