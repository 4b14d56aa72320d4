/*
 * The last word before the exec: what should be impossible is tried, and found
 * impossible. -1: *step names the check that failed, a literal.
 */
#ifndef CHECK_H
#define CHECK_H

struct policy;

/* In the tool's process, with all walls around it. */
int	check_walls(const struct policy *, const char **step);

#endif
