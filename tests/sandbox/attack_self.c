#include "attack_self.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attack.h"

/* In memory as such, so not as a literal that the attacker has as well. */
static char	kept[sizeof(SECRET)];

bool
self_is_mighty(void)
{
	struct __user_cap_header_struct head = {
		_LINUX_CAPABILITY_VERSION_3, 0
	};
	struct __user_cap_data_struct caps[2] = { { 0, 0, 0 } };

	syscall(SYS_capget, &head, caps);
	return geteuid() == 0 || getegid() == 0 || caps[0].effective != 0 ||
	    caps[0].permitted != 0 || caps[0].inheritable != 0 ||
	    caps[1].effective != 0 || caps[1].permitted != 0;
}

/*
 * It stands in a hidden folder, holds the file in there open and has the
 * secret in its memory; it tells where, and then every signal it gets.
 */
static int
be_victim(void)
{
	sigset_t all;
	int fd, signo;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	memcpy(kept, SECRET, sizeof(SECRET));
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if ((fd = open("secret", O_RDONLY)) == -1)
		return 66;
	printf("%d %lu\n", fd, (unsigned long)kept);
	fflush(stdout);
	for (;;) {
		unsigned char c;

		if ((signo = sigwaitinfo(&all, NULL)) == -1)
			continue;
		c = (unsigned char)signo;
		if (write(STDOUT_FILENO, &c, 1) != 1)
			return 0;
	}
}

bool
self_is_called(const char *part)
{
	return strcmp(part, "--victim") == 0 || strcmp(part, "--ids") == 0;
}

int
self_run(const char *part)
{
	if (strcmp(part, "--victim") == 0)
		return be_victim();
	return self_is_mighty() ? 0 : 1;
}
