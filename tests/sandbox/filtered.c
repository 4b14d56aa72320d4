/* filtered NUMBER PROGRAM ARG...: runs it behind that filter, not as root. */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "filter.h"

#define NOBODY_ID	65534

static int
drop(void)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) == -1 ||
	    setresgid(NOBODY_ID, NOBODY_ID, NOBODY_ID) == -1)
		return -1;
	return setresuid(NOBODY_ID, NOBODY_ID, NOBODY_ID);
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		return 64;
	if (drop() == -1 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    filter_enter((enum filter)atoi(argv[1])) == -1) {
		perror("filtered");
		return 125;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 126;
}
