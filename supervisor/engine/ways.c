/*
 * The places that decide where a path leads: each link on the way, and the end
 * of it. What is not there counts as a folder that may come to be.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inner.h"
#include "xalloc.h"

#define LINKS	40		/* as the kernel follows */

struct walk {
	char		*done;		/* no link in it; "": the root */
	char		*rest, *at;	/* and where it goes on in that */
	unsigned	 nlinks;
};

static void
begin(struct walk *w, const char *path)
{
	char *cwd = *path == '/' ? NULL : getcwd(NULL, 0);

	*w = (struct walk){ .done = xstrdup(""), .rest = cwd == NULL ?
	    xstrdup(path) : xasprintf("%s/%s", cwd, path) };
	w->at = w->rest;
	free(cwd);
}

static void
go_to(struct walk *w, char *done)
{
	free(w->done);
	w->done = done;
}

/* The rest is after what the link says. */
static void
follow(struct walk *w, const char *to)
{
	char *rest = w->at == NULL ? xstrdup(to) :
	    xasprintf("%s/%s", to, w->at);

	free(w->rest);
	w->rest = w->at = rest;
	if (*to == '/')
		*w->done = '\0';
}

static void
step(struct walk *w, const char *part, struct hidden *h)
{
	char *next = xasprintf("%s/%s", w->done, part), to[4096], *slash;
	ssize_t n = -1;

	if (strcmp(part, "..") == 0) {
		if ((slash = strrchr(w->done, '/')) != NULL)
			*slash = '\0';
	} else if (w->nlinks < LINKS &&
	    (n = readlink(next, to, sizeof(to) - 1)) > 0) {
		to[n] = '\0';
		w->nlinks++;
		hidden_add(h, next);
		follow(w, to);
		return;
	} else {
		go_to(w, xstrdup(next));
	}
	free(next);
}

void
ways_add(struct hidden *h, const char *path)
{
	const char *part;
	struct walk w;

	if (path == NULL)
		return;
	begin(&w, path);
	while ((part = strsep(&w.at, "/")) != NULL)
		if (*part != '\0' && strcmp(part, ".") != 0)
			step(&w, part, h);
	if (*w.done != '\0')
		hidden_add(h, xstrdup(w.done));
	free(w.done);
	free(w.rest);
}
