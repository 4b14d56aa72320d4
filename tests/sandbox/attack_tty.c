/* Terminals and devices. */
#include "attack.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#define WIDE	0x100000000L

/* A terminal, if one is to be had at all. */
static int
terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (fd == -1 && scene.pts != NULL)
		fd = open(scene.pts, O_RDWR | O_NOCTTY | O_CLOEXEC);
	return fd;
}

static enum verdict
inject(long request)
{
	char c = ' ';
	int fd = terminal();

	if (fd == -1)
		return held("open");
	return judge(syscall(SYS_ioctl, fd, request, &c), "TIOCSTI");
}

TRY(tiocsti)
{
	return inject(TIOCSTI);
}

TRY(tiocsti_wide)
{
	return inject(TIOCSTI | WIDE);
}

/*
 * Whether the wall stands where there is no terminal to try it on: what is
 * none says so, unless the call does not get there.
 */
TRY(tiocsti_reach)
{
	char c = ' ';

	return judge_reach(ioctl(STDIN_FILENO, TIOCSTI, &c), "TIOCSTI");
}

TRY(tiocsti_reach_wide)
{
	char c = ' ';

	return judge_reach(syscall(SYS_ioctl, STDIN_FILENO, TIOCSTI | WIDE,
	    &c), "TIOCSTI");
}

/* On what is no console: TIOCLINUX, to paste. */
TRY(tioclinux_reach)
{
	char code = 3;

	return judge_reach(ioctl(STDIN_FILENO, TIOCLINUX, &code),
	    "TIOCLINUX");
}

TRY(pts_open)
{
	return judge_open(scene.pts == NULL ? "" : scene.pts, O_RDWR);
}

TRY(pts_take)
{
	int fd;

	if (scene.pts == NULL)
		return untried("no terminal");
	if ((fd = open(scene.pts, O_RDWR | O_NOCTTY)) == -1)
		return held("open");
	setsid();
	return judge(ioctl(fd, TIOCSCTTY, 0), "TIOCSCTTY");
}

TRY(ptmx)
{
	return judge(posix_openpt(O_RDWR | O_NOCTTY), "posix_openpt");
}

TRY(pts_ptmx)
{
	return judge_open("/dev/pts/ptmx", O_RDWR);
}

static enum verdict
judge_devices(const char *const *devices)
{
	enum verdict v = untried("none is there");

	for (; *devices != NULL; devices++)
		if ((v = judge_open(*devices, O_RDONLY)) == ESCAPED)
			return v;
	return v;
}

TRY(dev_disk)
{
	return judge_devices((const char *const []){ "/dev/vda", "/dev/sda",
	    "/dev/nvme0n1", "/dev/loop0", NULL });
}

TRY(dev_memory)
{
	return judge_devices((const char *const []){ "/dev/mem", "/dev/kmsg",
	    "/dev/port", NULL });
}

TRY(dev_control)
{
	return judge_devices((const char *const []){ "/dev/fuse",
	    "/dev/net/tun", "/dev/kvm", "/dev/loop-control",
	    "/dev/userfaultfd", NULL });
}

TRY(dev_input)
{
	return judge_devices((const char *const []){ "/dev/input/event0",
	    "/dev/uinput", "/dev/tty1", "/dev/console", NULL });
}
