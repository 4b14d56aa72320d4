#include "try.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fd.h"

static int
said(int r)
{
	return r == -1 ? errno : 0;
}

static int
try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);
	int r = said(fd);

	fd_close(&fd);
	return r;
}

static int
try_list(const char *path)
{
	return try_open(path, O_RDONLY | O_DIRECTORY);
}

static int
try_exec(const char *path)
{
	execl(path, path, (char *)NULL);
	return errno;
}

static int
try_make(const char *path)
{
	int r = try_open(path, O_WRONLY | O_CREAT | O_EXCL);

	return r != 0 ? r : said(unlink(path));
}

/* In a folder that all tests share. */
static const char *
own_name(const char *folder, const struct place *p)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s%s-new", folder,
	    strrchr(p->root, '/'));
	return path;
}

#define PATH(name, verb, path) \
	int try_##name(const struct place *p) \
	{ \
		(void)p; \
		return verb(path); \
	}
#define READ(path)	try_open((path), O_RDONLY)
#define IN(below)	place_path(p, below)

PATH(read_outside, READ, IN("outside/secret"))
PATH(read_by_dots, READ, IN("work/../outside/secret"))
PATH(read_by_link, READ, IN("work/link"))
PATH(list_outside, try_list, IN("outside"))
PATH(run_outside, try_exec, IN("outside/run"))
PATH(make_outside, try_make, IN("outside/new"))
PATH(read_own, READ, IN("work/own"))
PATH(read_sub, READ, IN("work/sub/own"))
PATH(make_in_rw, try_make, IN("rw/new"))
PATH(make_in_tmp, try_make, IN("tmp/new"))
PATH(make_in_tools, try_make, IN("tools/new"))
PATH(run_tool, try_exec, IN("tools/run"))
PATH(run_of_host, try_exec, "/usr/bin/true")
PATH(read_passwd, READ, "/etc/passwd")
PATH(read_hostname, READ, "/etc/hostname")
PATH(read_cpuinfo, READ, "/proc/cpuinfo")
PATH(list_root, try_list, "/")
PATH(list_dev, try_list, "/dev")
PATH(list_home, try_list, "/home")
PATH(list_run, try_list, "/run")
PATH(list_sys, try_list, "/sys")
PATH(list_tmp, try_list, "/tmp")
PATH(list_var_lib, try_list, "/var/lib")
PATH(make_in_tmp_of_host, try_make, own_name("/tmp", p))
PATH(make_in_shm, try_make, own_name("/dev/shm", p))
PATH(open_ptmx, READ, "/dev/ptmx")
PATH(read_walled, READ, "/dev/walled")

int
try_append_outside(const struct place *p)
{
	return try_open(IN("outside/secret"), O_WRONLY | O_APPEND);
}

int
try_truncate_open_outside(const struct place *p)
{
	return try_open(IN("outside/secret"), O_WRONLY | O_TRUNC);
}

int
try_truncate_outside(const struct place *p)
{
	return said(truncate(IN("outside/secret"), 6));
}

int
try_truncate_own(const struct place *p)
{
	return said(truncate(IN("work/own"), 3));
}

int
try_write_own(const struct place *p)
{
	return try_open(IN("work/own"), O_RDWR | O_TRUNC);
}

int
try_write_by_link(const struct place *p)
{
	return try_open(IN("work/link"), O_WRONLY | O_APPEND);
}

int
try_write_walled(const struct place *p)
{
	(void)p;
	return try_open("/dev/walled", O_WRONLY);
}

int
try_unlink_outside(const struct place *p)
{
	int r = said(unlink(IN("outside/run")));

	return r != 0 ? r : try_open(IN("outside/run"), O_CREAT | O_RDWR);
}

int
try_mkdir_outside(const struct place *p)
{
	int r = said(mkdir(IN("outside/folder"), 0755));

	return r != 0 ? r : said(rmdir(IN("outside/folder")));
}

/* Of a folder that is not empty the kernel asks for the right first. */
int
try_rmdir_outside(const struct place *p)
{
	int r = said(rmdir(IN("outside")));

	return r == ENOTEMPTY ? 0 : r;
}

int
try_rename_out(const struct place *p)
{
	int r = said(rename(IN("work/own"), IN("outside/own")));

	return r != 0 ? r : said(rename(IN("outside/own"), IN("work/own")));
}

int
try_link_in(const struct place *p)
{
	int r = said(link(IN("outside/secret"), IN("work/secret")));

	return r != 0 ? r : said(unlink(IN("work/secret")));
}

int
try_rename_across(const struct place *p)
{
	int r = said(rename(IN("work/own"), IN("work/sub/moved")));

	return r != 0 ? r : said(rename(IN("work/sub/moved"), IN("work/own")));
}

static int
bind_path(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const union { void *p; struct sockaddr *sa; } at = { &un };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	strlcpy(un.sun_path, path, sizeof(un.sun_path));
	r = bind(fd, at.sa, sizeof(un));
	fd_close(&fd);
	return r;
}

int
try_make_all_kinds(const struct place *p)
{
	const char *path = IN("work/new");

	if (try_make(path) != 0 ||
	    mkdir(path, 0755) == -1 || rmdir(path) == -1 ||
	    mkfifo(path, 0600) == -1 || unlink(path) == -1 ||
	    symlink("own", path) == -1 || unlink(path) == -1 ||
	    link(IN("work/own"), path) == -1 || unlink(path) == -1 ||
	    bind_path(path) == -1 || unlink(path) == -1)
		return errno;
	return 0;
}

int
try_use_devices(const struct place *p)
{
	int n, fd, r;

	(void)p;
	if ((r = try_open("/dev/null", O_RDWR | O_CREAT | O_TRUNC)) != 0 ||
	    (r = try_open("/dev/zero", O_RDWR)) != 0 ||
	    (r = try_open("/dev/full", O_RDWR)) != 0 ||
	    (r = try_open("/dev/urandom", O_RDWR)) != 0)
		return r;
	if ((fd = open("/dev/random", O_RDONLY | O_CLOEXEC)) == -1)
		return errno;
	r = said(ioctl(fd, _IOR('R', 0, int), &n));
	fd_close(&fd);
	return r;
}

int
try_ask_ptmx(const struct place *p)
{
	unsigned n;
	int fd, r;

	(void)p;
	if ((fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)) == -1)
		return EBADF;
	r = said(ioctl(fd, TIOCGPTN, &n));
	fd_close(&fd);
	return r;
}

/* The address of one of the test's own sockets. */
static int
connect_as(int listener, int family)
{
	struct sockaddr_storage ss;
	const union { void *p; struct sockaddr *sa; } at = { &ss };
	socklen_t len = sizeof(ss);
	int fd, r;

	if (getsockname(listener, at.sa, &len) == -1)
		return errno;
	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r = said(connect(fd, at.sa, len));
	fd_close(&fd);
	return r;
}

int
try_connect_tcp(const struct place *p)
{
	return connect_as(p->tcp, AF_INET);
}

int
try_connect_abstract(const struct place *p)
{
	return connect_as(p->abstract, AF_UNIX);
}

int
try_bind_tcp(const struct place *p)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const union { void *p; struct sockaddr *sa; } at = { &in };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	(void)p;
	r = said(bind(fd, at.sa, sizeof(in)));
	fd_close(&fd);
	return r;
}

int
try_signal_other(const struct place *p)
{
	return said(kill(p->other, 0));
}

int
try_read_environ(const struct place *p)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/environ", p->other);
	return try_open(path, O_RDONLY);
}

int
try_keep_descriptors(const struct place *p)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n == p->descriptors ? 0 : EMFILE;
}
