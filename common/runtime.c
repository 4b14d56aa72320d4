#include "runtime.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xalloc.h"

static char *
absolute(char *path)
{
	char *cwd, *whole;

	if (path[0] == '/' || (cwd = getcwd(NULL, 0)) == NULL)
		return path;
	whole = xasprintf("%s/%s", cwd, path);
	free(cwd);
	free(path);
	return whole;
}

char *
runtime_variable(const char *name)
{
	const char *value = getenv(name);
	size_t len;

	if (value == NULL || (len = strcspn(value, ":")) == 0)
		return NULL;
	return absolute(xmemdup(value, len));
}

char *
runtime_folder(void)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	char *own;

	if ((own = runtime_variable("SIGBOX_RUNTIME")) != NULL ||
	    (own = runtime_variable("RUNTIME_DIRECTORY")) != NULL)
		return own;
	if (xdg != NULL && xdg[0] == '/')	/* a relative one is void */
		return xasprintf("%s/sigbox", xdg);
	if (geteuid() == 0)
		return xstrdup("/run/sigbox");
	return xasprintf("/tmp/sigbox-%u", (unsigned)geteuid());
}

char *
runtime_socket(void)
{
	char *folder = runtime_folder();
	char *path = xasprintf("%s/sigbox.sock", folder);

	free(folder);
	return path;
}

static int
refuse(const char **why, int error, const char *words)
{
	*why = words;
	errno = error;
	return -1;
}

static bool
is_trusted(const struct stat *st)
{
	return st->st_uid == geteuid() || st->st_uid == 0 || geteuid() == 0;
}

int
runtime_check(const char *folder, const char **why)
{
	struct stat st;

	if (lstat(folder, &st) == -1)
		return refuse(why, errno, "cannot be looked at");
	if (!is_trusted(&st))
		return refuse(why, EPERM, "belongs to another user");
	if (S_ISLNK(st.st_mode) && stat(folder, &st) == -1)
		return refuse(why, errno, "a link to nowhere");
	if (!S_ISDIR(st.st_mode))
		return refuse(why, ENOTDIR, "not a folder");
	if (!is_trusted(&st))
		return refuse(why, EPERM, "belongs to another user");
	if ((st.st_mode & 022) != 0)
		return refuse(why, EPERM, "others can write to it");
	return 0;
}

int
runtime_address(struct sockaddr_un *sun, const char *path)
{
	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(sun->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(sun->sun_path, path, strlen(path));
	return 0;
}
