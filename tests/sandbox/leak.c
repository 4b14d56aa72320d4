#include "leak.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "attack.h"
#include "stage.h"

#define NLEAKS	3	/* of each kind */

char **
leak_environment(void)
{
	static char secret[] = "SIGBOX_SECRET=" SECRET;
	static char *env[] = { secret, NULL };

	return env;
}

/* Its standard input, and what /dev/tty is. */
static void
take_terminal(struct stage *s)
{
	int master, slave;
	char *name;

	if (setsid() == -1)
		return;
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1 ||
	    (name = ptsname(master)) == NULL)
		err(71, "terminal");
	if (chown(name, s->uid, s->uid) == -1 ||
	    (slave = open(name, O_RDWR)) == -1 ||
	    ioctl(slave, TIOCSCTTY, 0) == -1 ||
	    dup2(slave, STDIN_FILENO) == -1)
		err(71, "%s", name);
	close(slave);
	stage_tell(s, "pts", name);
}

void
leak_all(struct stage *s)
{
	struct rlimit core = { 0, RLIM_INFINITY };
	char path[128];
	int i, ok = 0;

	take_terminal(s);
	setrlimit(RLIMIT_CORE, &core);
	snprintf(path, sizeof(path), "%s/secret", s->hidden);
	for (i = 0; i < NLEAKS; i++) {
		ok |= open(path, O_RDONLY);
		ok |= open("/", O_RDONLY | O_DIRECTORY);
		ok |= open(s->hidden, O_PATH | O_DIRECTORY);
	}
	if (ok == -1)
		err(71, "%s", path);
}
