/*
 * The tools there are: the built-in ones, and each file of the tools folders
 * that is one (O4). Nothing is run to find them; only the first lines are
 * read. A toolbox does not change while it lives: to look again, load another.
 */
#ifndef TOOLBOX_H
#define TOOLBOX_H

#include "tool.h"

struct toolbox;

/* A file that is no tool, or a warning about one that is. */
struct toolbox_problem {
	const char	*path;
	unsigned	 line;		/* 0: none in particular */
	const char	*why;
	bool		 refused;	/* it is no tool */
};

/*
 * Folders are absolute; later ones win; one that is not there is empty. Never
 * NULL: what is wrong is a problem.
 */
struct toolbox	*toolbox_load(const char *const *folders, size_t n);
void		 toolbox_free(struct toolbox *);

/* NULL: none. The owner may lay the configuration over it by meta_set(). */
struct tool	*toolbox_find(const struct toolbox *, const char *name);
/* Built-in ones first, then by name. */
size_t		 toolbox_count(const struct toolbox *);
struct tool	*toolbox_at(const struct toolbox *, size_t);
size_t		 toolbox_nproblems(const struct toolbox *);
struct toolbox_problem toolbox_problem(const struct toolbox *, size_t);
/* A warning about a tool that only its owner can know of. */
void		 toolbox_warn(struct toolbox *, const char *path,
		    const char *why);
/* {"path":..,"line":..,"why":..,"refused":..} */
void		 toolbox_problem_json(const struct toolbox_problem *,
		    struct buf *);

/*
 * The array of tools for a model request: the same files give the same bytes,
 * whatever order the disk has them in (C4).
 */
void		 toolbox_request(const struct toolbox *, struct buf *);

#endif
