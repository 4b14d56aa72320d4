#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"
#include "conf.h"
#include "fd.h"
#include "text.h"
#include "xalloc.h"

#define FILE_MAX	(1U << 20)	/* more than that is no configuration */

/* A variable's value; its bytes in the environment are wiped. */
static char *
take(const char *name)
{
	char *value = getenv(name), *taken = NULL;

	if (value != NULL && value[0] != '\0') {
		taken = xstrdup(value);
		explicit_bzero(value, strlen(value));
	}
	unsetenv(name);
	return taken;
}

static void
drop(char **secret)
{
	if (*secret != NULL)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

void
conf_env_take(struct conf_env *e)
{
	char *anthropic = take("ANTHROPIC_API_KEY");
	size_t len;

	e->base_url = take("OPENAI_BASE_URL");
	e->model = take("OPENAI_MODEL");
	e->key = take("OPENAI_API_KEY");
	e->anthropic = anthropic != NULL;
	drop(&anthropic);
	if (e->base_url == NULL)
		return;
	len = strlen(e->base_url);
	while (len > 0 && e->base_url[len - 1] == '/')
		e->base_url[--len] = '\0';
}

void
conf_env_fini(struct conf_env *e)
{
	free(e->base_url);
	free(e->model);
	drop(&e->key);
	memset(e, 0, sizeof(*e));
}

static int
fail(char **why, const char *file, int error)
{
	*why = xasprintf("%s: %s", file, strerror(error));
	return -1;
}

static int
read_file(const char *file, struct buf *b, char **why)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	int error;

	if (fd != -1 &&
	    (n = fd_read_all(fd, buf_room(b, FILE_MAX + 1), FILE_MAX + 1)) >= 0)
		b->len += (size_t)n;
	error = n > (ssize_t)FILE_MAX ? EFBIG : errno;
	fd_close(&fd);
	return n < 0 || n > (ssize_t)FILE_MAX ? fail(why, file, error) : 0;
}

static int
parse_file(struct conf *c, const char *file, char **why)
{
	struct buf b = { 0 };
	int rc = read_file(file, &b, why);

	if (rc == 0)
		rc = conf_parse(c, file, buf_bytes(&b), why);
	buf_fini(&b);
	return rc;
}

static int
is_conf(const struct dirent *d)
{
	return fnmatch("*.conf", d->d_name, FNM_PERIOD) == 0;
}

static int
in_byte_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
parse_more(struct conf *c, const char *folder, char **why)
{
	struct dirent **names = NULL;
	char *path;
	int i, rc = 0, n = scandir(folder, &names, is_conf, in_byte_order);

	if (n == -1)
		return errno == ENOENT ? 0 : fail(why, folder, errno);
	for (i = 0; i < n; i++) {
		path = xasprintf("%s/%s", folder, names[i]->d_name);
		if (rc == 0)
			rc = parse_file(c, path, why);
		free(path);
		free(names[i]);
	}
	free(names);
	return rc;
}

static bool
has(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	bool is = access(path, F_OK) == 0;

	free(path);
	return is;
}

/* The user's own folder if there is anything in it, else the system's. */
static char *
find_folder(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *own = NULL;

	if (xdg != NULL && xdg[0] == '/')
		own = xasprintf("%s/sigbox", xdg);
	else if (home != NULL && home[0] == '/')
		own = xasprintf("%s/.config/sigbox", home);
	if (own != NULL && (has(own, "sigbox.conf") || has(own, "conf.d")))
		return own;
	free(own);
	return xstrdup("/etc/sigbox");
}

static int
parse_folder(struct conf *c, char **why)
{
	char *folder = find_folder();
	char *file = xasprintf("%s/sigbox.conf", folder);
	char *more = xasprintf("%s/conf.d", folder);
	int rc = 0;

	if (has(folder, "sigbox.conf"))
		rc = parse_file(c, file, why);
	if (rc == 0)
		rc = parse_more(c, more, why);
	free(more);
	free(file);
	free(folder);
	return rc;
}

/* What a service manager handed over in a file of its own. */
static void
find_credential(struct conf *c)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (c->model.key_file == NULL && folder != NULL &&
	    has(folder, "model.key"))
		c->model.key_file = xasprintf("%s/model.key", folder);
}

static int
read_system(struct conf *c, char **why)
{
	struct buf b = { 0 };

	if (c->session.system_file == NULL)
		return 0;
	if (read_file(c->session.system_file, &b, why) == 0) {
		if (text_is_valid(buf_bytes(&b))) {
			c->session.system = buf_take(&b);
			return 0;
		}
		*why = xasprintf("%s: not valid UTF-8",
		    c->session.system_file);
	}
	buf_fini(&b);
	return -1;
}

int
conf_load(struct conf *c, const char *file, const struct conf_env *env,
    char **why)
{
	struct conf fresh;
	int rc;

	conf_init(&fresh);
	rc = file != NULL ? parse_file(&fresh, file, why) :
	    parse_folder(&fresh, why);
	if (rc == 0) {
		find_credential(&fresh);
		rc = conf_settle(&fresh, env, why);
	}
	if (rc == 0)
		rc = read_system(&fresh, why);
	if (rc == -1) {
		conf_fini(&fresh);
		return -1;
	}
	conf_fini(c);
	*c = fresh;
	return 0;
}
