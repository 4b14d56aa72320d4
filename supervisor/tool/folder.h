/*
 * One tools folder: which of its files are tools, and why the others are none
 * (O4). Nothing is run; what decides is on the file itself: its name, kind,
 * mode, owner, and its first lines or the NAME.tool.json beside it.
 */
#ifndef FOLDER_H
#define FOLDER_H

#include "tool.h"

struct folder_ops {
	void	(*tool)(void *arg, struct tool *);	/* now arg's */
	void	(*problem)(void *arg, const char *path, unsigned line,
		    const char *why);
};

/* In order of name. A folder that is not there is empty. */
void	folder_scan(const char *path, const struct folder_ops *, void *arg);

#endif
