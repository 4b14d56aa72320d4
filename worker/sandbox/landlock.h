/*
 * The second wall, and in tier landlock the one that holds files and TCP: what
 * a policy leaves of the file system, by descriptor. Return -1: errno, and
 * *step is a literal.
 */
#ifndef LANDLOCK_H
#define LANDLOCK_H

struct policy;

/* The kernel's ABI; 0: it has none, or it is off. */
unsigned landlock_abi(void);
/*
 * In the tool's process, with no_new_privs set: for good, and for all that
 * comes of it. What the ABI does not know is left to the other walls.
 */
int	 landlock_enter(const struct policy *, const char **step);

#endif
