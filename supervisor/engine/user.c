/*
 * Under root a tool is the owner of its folder, or where that is root whom the
 * configuration names (B3); never root. The name service is asked once for
 * each: it may be slow, and the loop waits for it.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "inner.h"
#include "xalloc.h"

#define NOGROUP	65534

static struct user *
remember(struct engine *e, const struct passwd *pw)
{
	struct user *u;

	if (pw == NULL)
		return NULL;
	u = xcalloc(1, sizeof(*u));
	u->uid = pw->pw_uid;
	u->gid = pw->pw_gid;
	u->name = xstrdup(pw->pw_name);
	u->home = xstrdup(pw->pw_dir);
	u->shell = xstrdup(pw->pw_shell);
	u->is_listed = true;
	u->next = e->users;
	e->users = u;
	return u;
}

const struct user *
user_by_name(struct engine *e, const char *name)
{
	const struct user *u;

	for (u = e->users; u != NULL; u = u->next)
		if (u->is_listed && strcmp(u->name, name) == 0)
			return u;
	return remember(e, getpwnam(name));
}

/*
 * A folder's owner need not be in any list of users. The group of his number
 * may be in one, with rights of its own, so he gets that of nobody.
 */
static const struct user *
nameless(struct engine *e, uid_t uid)
{
	static char none[] = "nobody", root[] = "/", shell[] = "/bin/sh";
	struct passwd pw = { .pw_name = none, .pw_dir = root,
	    .pw_shell = shell, .pw_uid = uid, .pw_gid = NOGROUP };
	struct user *u = remember(e, &pw);

	u->is_listed = false;
	return u;
}

const struct user *
user_by_uid(struct engine *e, uid_t uid)
{
	const struct user *u;

	for (u = e->users; u != NULL; u = u->next)
		if (u->uid == uid)
			return u;
	u = remember(e, getpwuid(uid));
	return u != NULL ? u : nameless(e, uid);
}

void
users_free(struct engine *e)
{
	struct user *u;

	while ((u = e->users) != NULL) {
		e->users = u->next;
		free(u->name);
		free(u->home);
		free(u->shell);
		free(u);
	}
}

const struct user *
user_for(struct engine *e, const struct stat *st, const char *cwd, char **why)
{
	const char *run_as = e->conf.tasks.run_as;
	const struct user *u = NULL;

	if (st->st_uid != 0)
		return user_by_uid(e, st->st_uid);
	if (run_as != NULL)
		u = user_by_name(e, run_as);
	else if ((u = user_by_name(e, "sigbox")) == NULL)
		u = user_by_name(e, "nobody");
	if (u != NULL && u->uid != 0)
		return u;
	*why = xasprintf("%s belongs to root, and tools never run as root: set "
	    "run_as= in [tasks] to a user that is not root", cwd);
	return NULL;
}
