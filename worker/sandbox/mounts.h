/*
 * The first wall of tier full: the host as the profile shows it, built in a
 * mount namespace of our own, by descriptors only. No path is walked that a
 * tool could have written, and a folder is only ever made in a tmpfs of ours.
 */
#ifndef MOUNTS_H
#define MOUNTS_H

struct policy;

/*
 * In the init, which stands in the working folder. `map` is a user namespace
 * for a working folder of root's, or -1. Afterwards the worker, too, sees the
 * new view, but still stands where it stood. -1: errno, and *step is a literal.
 */
int	mounts_raise(const struct policy *, int map, const char **step);

#endif
