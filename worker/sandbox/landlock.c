#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>

#include "fd.h"
#include "policy.h"
#include "ruleset.h"
#include "walk.h"

static const char *const hidden[] = {
#define HIDDEN(path)	path,
#define REPLACED(path)	path,
#include "hidden.def"
#undef HIDDEN
#undef REPLACED
	NULL
};

/*
 * In tier full the mounts hide the rest already. Of /dev no rule may cover
 * the whole: the self-check has a file in there that must stay shut.
 */
static const char *const hidden_in_view[] = { "/dev", NULL };

static const char *const devices[] = {
	"null", "zero", "full", "random", "urandom", NULL
};

/* Private, where the mounts made them so. */
static const char *const temporary[] = {
	"/tmp", "/var/tmp", "/dev/shm", NULL
};

/* All that profile scratch has of a host; no /proc, which is everybody's. */
static const char *const scratch[] = {
#define SYSTEM(path)	path,
#define SHOWN(path)	path,
#include "shown.def"
#undef SYSTEM
#undef SHOWN
	NULL
};

struct landlock {
	const struct policy	 *p;
	struct ruleset		  rules;
	const char *const	 *fixed, *const *hide;	/* to leave out */
	const char		**step;
	char			  path[PATH_MAX];	/* where grant() is */
};

static bool
is_view(const struct landlock *l)
{
	return l->p->tier == TIER_FULL;
}

static bool
list_has(const char *const *list, const char *path)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(path, *list) == 0)
			return true;
	return false;
}

static bool
list_covers(const char *const *list, const char *path)
{
	for (; list != NULL && *list != NULL; list++)
		if (policy_is_below(path, *list))
			return true;
	return false;
}

static bool
list_reaches_below(const char *const *list, const char *path)
{
	for (; list != NULL && *list != NULL; list++)
		if (policy_is_inside(*list, path))
			return true;
	return false;
}

static bool
hides_below(const struct landlock *l, const char *path)
{
	return list_reaches_below(l->fixed, path) ||
	    list_reaches_below(l->hide, path);
}

/* Not there, a link, not for us, or no file: then nothing is to be granted. */
static bool
is_nothing(void)
{
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ||
	    errno == EACCES || errno == EBADFD;
}

static int
set_path(struct landlock *l, size_t at, const char *slash, const char *name)
{
	size_t left = sizeof(l->path) - at;

	if ((size_t)snprintf(l->path + at, left, "%s%s", slash, name) < left)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

static int	grant(struct landlock *, int fd, const struct stat *);

static int
grant_name(struct landlock *l, int at, const char *name)
{
	struct stat st;
	int fd, r;

	if (list_has(l->fixed, l->path) || list_has(l->hide, l->path))
		return 0;
	if ((fd = walk_one(at, name, &st)) == -1)
		return is_nothing() ? 0 : -1;
	r = grant(l, fd, &st);
	fd_close(&fd);
	return r == -1 && is_nothing() ? 0 : r;
}

static int
grant_child(void *arg, int at, const char *name)
{
	struct landlock *l = arg;
	size_t n = strlen(l->path);
	int r;

	/* The root's path ends in its slash already. */
	if (set_path(l, n, n == 1 ? "" : "/", name) == -1)
		return -1;
	r = grant_name(l, at, name);
	l->path[n] = '\0';
	return r;
}

/*
 * To read and execute what is at l->path, less what is hidden below. A rule
 * counts for all that is below and cannot be taken back there, so a folder
 * with something hidden gets none, not even for its list of names.
 */
static int
grant(struct landlock *l, int fd, const struct stat *st)
{
	if (!hides_below(l, l->path))
		return ruleset_allow(&l->rules, fd, st, RIGHT_READ);
	return walk_each(fd, grant_child, l);
}

static int
grant_path(struct landlock *l, const char *path)
{
	struct stat st;
	int fd, r;

	if (set_path(l, 0, "", path) == -1 ||
	    (fd = walk_open(AT_FDCWD, path, &st)) == -1)
		return -1;
	r = grant(l, fd, &st);
	fd_close(&fd);
	return r;
}

static int
allow_path(struct landlock *l, int at, const char *path, enum right right)
{
	struct stat st;
	int fd, r;

	if ((fd = walk_open(at, path, &st)) == -1)
		return -1;
	r = ruleset_allow(&l->rules, fd, &st, right);
	fd_close(&fd);
	return r;
}

/* Of our own tables: what this system lacks is not needed. */
static int
allow_each(struct landlock *l, int at, const char *const *names,
    enum right right)
{
	for (; *names != NULL; names++)
		if (allow_path(l, at, *names, right) == -1 && !is_nothing())
			return -1;
	return 0;
}

static int
grant_scratch(struct landlock *l)
{
	const char *const *path;

	for (path = scratch; *path != NULL; path++)
		if (!list_covers(l->hide, *path) &&
		    grant_path(l, *path) == -1 && !is_nothing())
			return -1;
	return 0;
}

static int
grant_host(struct landlock *l)
{
	*l->step = "Landlock of the host's files";
	if (is_view(l)) {
		/* Of what is mounted any name may be seen. */
		if (allow_path(l, AT_FDCWD, "/", RIGHT_LIST) == -1 ||
		    allow_each(l, AT_FDCWD, temporary, RIGHT_WRITE) == -1)
			return -1;
	} else if (l->p->profile == PROFILE_SCRATCH)
		return grant_scratch(l);
	return grant_path(l, "/");
}

static int
grant_devices(struct landlock *l)
{
	struct stat st;
	int fd, r;

	*l->step = "Landlock of devices";
	if ((fd = walk_open(AT_FDCWD, "/dev", &st)) == -1)
		return -1;
	r = ruleset_allow(&l->rules, fd, &st, RIGHT_LIST);
	if (r == 0)
		r = allow_each(l, fd, devices, RIGHT_DEVICE);
	fd_close(&fd);
	return r;
}

/*
 * What is hidden below could be kept only by leaving out the folder itself,
 * and then nothing new could be made in it.
 */
static int
allow_writing(struct landlock *l, const char *path)
{
	if (!hides_below(l, path))
		return allow_path(l, AT_FDCWD, path, RIGHT_WRITE);
	errno = EPERM;
	return -1;
}

/* What the policy names, also where it lies in a hidden folder. */
static int
grant_named(struct landlock *l)
{
	const struct policy *p = l->p;
	char *const *rw;

	*l->step = "Landlock of the tools";
	if (p->tools != NULL && grant_path(l, p->tools) == -1)
		return -1;
	*l->step = "Landlock of the temporary folder";
	if (p->tmp != NULL && allow_writing(l, p->tmp) == -1)
		return -1;
	*l->step = "Landlock of what rw= names";
	for (rw = p->rw; rw != NULL && *rw != NULL; rw++)
		if (allow_writing(l, *rw) == -1)
			return -1;
	return 0;
}

static int
grant_opened_cwd(struct landlock *l, int fd, const struct stat *st)
{
	const struct policy *p = l->p;

	if (st->st_dev != p->cwd_dev || st->st_ino != p->cwd_ino) {
		errno = ESTALE;
		return -1;
	}
	if (policy_is_writable(p))
		return ruleset_allow(&l->rules, fd, st, RIGHT_WRITE);
	return grant(l, fd, st);
}

static int
grant_cwd(struct landlock *l)
{
	const struct policy *p = l->p;
	struct stat st;
	int fd, r;

	*l->step = "hidden path in the working folder";
	errno = EPERM;
	if (policy_is_writable(p) && hides_below(l, p->cwd))
		return -1;
	/* We stand in it, though its path may not be ours to walk. */
	*l->step = "Landlock of the working folder";
	if (set_path(l, 0, "", p->cwd) == -1 ||
	    (fd = walk_open(AT_FDCWD, "", &st)) == -1)
		return -1;
	r = grant_opened_cwd(l, fd, &st);
	fd_close(&fd);
	return r;
}

static int
grant_all(struct landlock *l)
{
	if (grant_host(l) == -1 || grant_devices(l) == -1 ||
	    grant_named(l) == -1)
		return -1;
	return l->p->profile == PROFILE_SCRATCH ? 0 : grant_cwd(l);
}

static int
enter(struct landlock *l)
{
	const struct policy *p = l->p;
	int r;

	*l->step = "ruleset of Landlock";
	if (ruleset_open(&l->rules, p->landlock, p->net) == -1)
		return -1;
	if ((r = grant_all(l)) == 0) {
		*l->step = "domain of Landlock";
		r = ruleset_enter(&l->rules);
	}
	ruleset_close(&l->rules);
	return r;
}

int
landlock_enter(const struct policy *p, const char **step)
{
	struct landlock l = { .p = p, .step = step };

	if (p->profile == PROFILE_NONE)
		return 0;
	if (p->landlock == 0 && p->tier == TIER_FULL)
		return 0;
	*step = "Landlock";
	errno = ENOSYS;
	if (p->landlock == 0)
		return -1;
	l.fixed = is_view(&l) ? hidden_in_view : hidden;
	/* Only to be read: C has no implicit way to promise that. */
	l.hide = is_view(&l) ? NULL : (const char *const *)p->hide;
	return enter(&l);
}
