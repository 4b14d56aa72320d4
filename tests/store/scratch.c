#include "scratch.h"

#include <err.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "xalloc.h"

const char *
scratch_new(void)
{
	const char *tmp = getenv("TMPDIR");
	static char *dir;

	dir = xasprintf("%s/sigbox-store-XXXXXX", tmp == NULL ? "/tmp" : tmp);
	if (mkdtemp(dir) == NULL)
		err(1, "%s", dir);
	return dir;
}

static int
one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
scratch_remove(const char *dir)
{
	if (nftw(dir, one, 16, FTW_DEPTH | FTW_PHYS) == -1)
		warn("%s", dir);
}
