#include "place.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "runtime.h"
#include "xalloc.h"

#define BACKLOG		128
#define FIRST_FD	3		/* where socket activation begins */

static int
refuse(char **why, int error, const char *path, const char *words)
{
	*why = xasprintf("%s: %s", path, words);
	errno = error;
	return -1;
}

static int
fail(char **why, const char *path)
{
	int error = errno;

	return refuse(why, error, path, strerror(error));
}

static char *
state_folder(char **why)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *own;

	if ((own = runtime_variable("SIGBOX_STATE")) != NULL ||
	    (own = runtime_variable("STATE_DIRECTORY")) != NULL)
		return own;
	if (xdg != NULL && xdg[0] == '/')
		return xasprintf("%s/sigbox", xdg);
	if (geteuid() == 0)
		return xstrdup("/var/lib/sigbox");
	if (home != NULL && home[0] == '/')
		return xasprintf("%s/.local/state/sigbox", home);
	refuse(why, ENOENT, "state folder",
	    "neither SIGBOX_STATE nor HOME says where");
	return NULL;
}

/* mkdir -p; what is made is for us alone. */
static int
make_folders(const char *path)
{
	char *copy = xstrdup(path), *slash = copy;
	int rc = 0;

	while (rc == 0 && (slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(copy, 0700) == -1 && errno != EEXIST)
			rc = -1;
		*slash = '/';
	}
	if (rc == 0 && mkdir(copy, 0700) == -1 && errno != EEXIST)
		rc = -1;
	free(copy);
	return rc;
}

/*
 * Readable by others: made tight. Writable by others: somebody may have put
 * something there already, and it is refused.
 */
static int
check_folder(int fd, const char *path, char **why)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return fail(why, path);
	if (st.st_uid != geteuid())
		return refuse(why, EPERM, path, "belongs to another user");
	if ((st.st_mode & 022) != 0)
		return refuse(why, EPERM, path, "others can write to it");
	if ((st.st_mode & 077) != 0 && fchmod(fd, 0700) == -1)
		return fail(why, path);
	return 0;
}

/*
 * A link is followed if we or root made it: in /tmp it could be anybody's.
 * Nobody else can put another one in its place there.
 */
static int
open_folder(const char *path)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	struct stat st;
	int fd;

	if ((fd = open(path, flags | O_NOFOLLOW)) != -1 ||
	    lstat(path, &st) == -1 || !S_ISLNK(st.st_mode))
		return fd;
	if (st.st_uid != geteuid() && st.st_uid != 0) {
		errno = EPERM;
		return -1;
	}
	return open(path, flags);
}

static int
have_folder(const char *path, char **why)
{
	int fd, rc;

	if (make_folders(path) == -1 || (fd = open_folder(path)) == -1)
		return fail(why, path);
	rc = check_folder(fd, path, why);
	fd_close(&fd);
	return rc;
}

static int
refuse_second(int fd, const char *path, char **why)
{
	char pid[16] = "";
	ssize_t n;

	if ((n = pread(fd, pid, sizeof(pid) - 1, 0)) < 0)
		n = 0;
	pid[strspn(pid, "0123456789")] = '\0';
	*why = xasprintf("%s: already running as pid %s", path,
	    pid[0] == '\0' ? "?" : pid);
	errno = EBUSY;
	return -1;
}

/* The lock is the kernel's; the number in the file is for people only (T6). */
static int
take_lock(struct place *p, char **why)
{
	char *path = xasprintf("%s/lock", p->state);
	char pid[16];
	int rc = -1;

	p->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (p->lock == -1)
		fail(why, path);
	else if (flock(p->lock, LOCK_EX | LOCK_NB) == -1) {
		if (errno == EWOULDBLOCK)
			refuse_second(p->lock, p->state, why);
		else
			fail(why, path);
	} else {
		snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
		/* A full disk is no reason to stay away. */
		if (ftruncate(p->lock, 0) == 0)
			(void)!pwrite(p->lock, pid, strlen(pid), 0);
		rc = 0;
	}
	free(path);
	return rc;
}

int
place_open(struct place *p, char **why)
{
	struct sockaddr_un sun;
	int error;

	memset(p, 0, sizeof(*p));
	p->lock = p->listener = -1;
	p->runtime = runtime_folder();
	p->socket = runtime_socket();
	if ((p->state = state_folder(why)) == NULL)
		goto fail;
	p->tasks = xasprintf("%s/tasks", p->state);
	if (runtime_address(&sun, p->socket) == -1) {
		refuse(why, errno, p->socket, "longer than the 107 bytes that "
		    "a socket's path may have; SIGBOX_RUNTIME can say another "
		    "folder");
		goto fail;
	}
	if (have_folder(p->state, why) == -1 || take_lock(p, why) == -1 ||
	    have_folder(p->tasks, why) == -1 ||
	    have_folder(p->runtime, why) == -1)
		goto fail;
	return 0;
fail:
	error = errno;
	place_close(p);
	errno = error;
	return -1;
}

static bool
is_listening(int fd)
{
	int domain = 0, listening = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	    domain == AF_UNIX &&
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 &&
	    listening != 0;
}

/* How many descriptors from FIRST_FD on are meant for this very process. */
static int
count_given(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int n = 0;

	if (pid != NULL && fds != NULL && atol(pid) == (long)getpid())
		n = atoi(fds);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return n;
}

static int
take_given(struct place *p, int n, char **why)
{
	struct sockaddr_un sun;
	socklen_t len = sizeof(sun);
	int fd = FIRST_FD;

	if (n > 1)
		return refuse(why, EINVAL, "LISTEN_FDS", "one socket, please");
	if (!is_listening(fd))
		return refuse(why, EINVAL, "LISTEN_FDS",
		    "not a listening unix socket");
	memset(&sun, 0, sizeof(sun));
	if (fd_cloexec(fd, 1) == -1 || fd_nonblock(fd) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sun, &len) == -1)
		return fail(why, "LISTEN_FDS");
	p->listener = fd;
	p->given = true;
	free(p->socket);
	p->socket = xmemdup(sun.sun_path,
	    strnlen(sun.sun_path, sizeof(sun.sun_path)));
	return 0;
}

/*
 * The lock covers the state folder; a supervisor of another state could still
 * share this runtime folder, and a socket that answers is not ours to remove.
 */
static int
remove_stale(const struct place *p, const struct sockaddr_un *sun, char **why)
{
	struct stat st;
	int fd, rc;

	if (lstat(p->socket, &st) == -1)
		return errno == ENOENT ? 0 : fail(why, p->socket);
	if (!S_ISSOCK(st.st_mode))
		return refuse(why, EEXIST, p->socket,
		    "in the way, not a socket");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return fail(why, p->socket);
	rc = connect(fd, (const struct sockaddr *)sun, sizeof(*sun));
	if (rc == 0 || errno != ECONNREFUSED) {
		fd_close(&fd);
		return refuse(why, EBUSY, p->socket,
		    "another supervisor answers there");
	}
	fd_close(&fd);
	return unlink(p->socket) == -1 ? fail(why, p->socket) : 0;
}

static int
make_socket(struct place *p, char **why)
{
	struct sockaddr_un sun;
	mode_t mask;
	int fd, rc;

	/* place_open() has seen that it fits. */
	if (runtime_address(&sun, p->socket) == -1 ||
	    remove_stale(p, &sun, why) == -1)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return fail(why, p->socket);
	mask = umask(0177);
	rc = bind(fd, (const struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	if (rc == -1 || listen(fd, BACKLOG) == -1) {
		fail(why, p->socket);
		fd_close(&fd);
		return -1;
	}
	p->listener = fd;
	return 0;
}

int
place_listen(struct place *p, char **why)
{
	int n = count_given();

	return n > 0 ? take_given(p, n, why) : make_socket(p, why);
}

void
place_close(struct place *p)
{
	if (p->listener != -1 && !p->given)
		unlink(p->socket);
	fd_close(&p->listener);
	fd_close(&p->lock);
	free(p->state);
	free(p->tasks);
	free(p->runtime);
	free(p->socket);
	p->state = p->tasks = p->runtime = p->socket = NULL;
}
