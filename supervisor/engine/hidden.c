/*
 * What no tool may see, whatever a configuration says: the homes of people,
 * and where this supervisor keeps its own.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "inner.h"
#include "path.h"
#include "runtime.h"
#include "xalloc.h"

#define PEOPLE	1000		/* the first uid of a person */

void
hidden_add(struct hidden *h, char *path)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (strcmp(h->at[i], path) == 0) {
			free(path);
			return;
		}
	h->at = xreallocarray(h->at, h->n + 1, sizeof(*h->at));
	h->at[h->n++] = path;
}

/* What is not there is not hidden; what cannot be looked at is, as written. */
static void
add_real(struct hidden *h, const char *path)
{
	char *real;

	if (path == NULL)
		return;
	if ((real = realpath(path, NULL)) == NULL && errno != ENOENT &&
	    path_is_canonical(bytes_of(path)))
		real = xstrdup(path);
	if (real != NULL && strcmp(real, "/") != 0)
		hidden_add(h, real);
	else
		free(real);
}

static void
add_homes(struct hidden *h)
{
	const struct passwd *pw;

	setpwent();
	while ((pw = getpwent()) != NULL)
		if ((pw->pw_uid >= PEOPLE || pw->pw_uid == 0) &&
		    pw->pw_dir[0] == '/' &&
		    strcmp(pw->pw_dir, "/nonexistent") != 0)
			add_real(h, pw->pw_dir);
	endpwent();
	add_real(h, getenv("HOME"));
}

static void
add_own(struct engine *e, void (*put)(struct hidden *, const char *),
    struct hidden *h)
{
	char *runtime = runtime_folder(), *ours = NULL;
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	put(h, e->w.state);
	put(h, runtime);
	put(h, "/etc/sigbox");
	if (config != NULL && *config == '/')
		ours = xasprintf("%s/sigbox", config);
	else if (home != NULL && *home == '/')
		ours = xasprintf("%s/.config/sigbox", home);
	put(h, ours);
	free(ours);
	free(runtime);
}

void
hidden_free(struct engine *e)
{
	struct hidden *each[] = { &e->homes, &e->own, &e->secrets,
	    &e->guarded };
	size_t i, k;

	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		for (k = 0; k < each[i]->n; k++)
			free(each[i]->at[k]);
		free(each[i]->at);
		*each[i] = (struct hidden){ NULL, 0 };
	}
}

void
hidden_load(struct engine *e)
{
	hidden_free(e);
	add_homes(&e->homes);
	add_own(e, add_real, &e->own);
	add_own(e, ways_add, &e->guarded);
	ways_add(&e->guarded, e->w.conf_file);
	/* A file that -c names may lie among others that are no secret. */
	add_real(&e->secrets, e->w.conf_file);
	add_real(&e->secrets, e->conf.model.key_file);
}

const char *
hidden_guarded(const struct hidden *h, const char *folder)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (path_is_below(h->at[i], folder))
			return h->at[i];
	return NULL;
}

/* What is below these is hidden with them, by every sandbox. */
static const char *const covered[] = {
#define HIDDEN(path)	path,
#define REPLACED(path)	path,
#include "hidden.def"
#undef HIDDEN
#undef REPLACED
};

static bool
is_below_any(const char *path, struct bytes rw)
{
	size_t i;

	for (i = 0; i < rw.len; i += strlen(rw.data + i) + 1)
		if (path_is_below(path, rw.data + i))
			return true;
	return false;
}

static bool
is_covered(const char *path, const char *folder, struct bytes rw)
{
	size_t i;

	if (path_is_below(path, folder) || is_below_any(path, rw))
		return false;
	for (i = 0; i < sizeof(covered) / sizeof(covered[0]); i++)
		if (path_is_below(path, covered[i]))
			return true;
	return false;
}

/* All but the working folder itself, which may be a home. */
void
hidden_put(struct buf *b, const struct hidden *h, const char *folder,
    struct bytes rw)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (strcmp(h->at[i], folder) != 0 &&
		    !is_covered(h->at[i], folder, rw))
			buf_add(b, h->at[i], strlen(h->at[i]) + 1);
}
