/*
 * Where the sandbox enters: its walls stand in the init, before there is a
 * tool; the tool enters it right before its exec. Both say which step failed
 * (a literal) and leave errno; the worker then says REFUSED, and no byte of
 * the tool runs. Never weaker than asked.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdbool.h>

/* Whether there is such a profile (B1). */
bool	sandbox_has_profile(const char *);
/* In the init, which is alone in its namespaces but for the worker. */
int	sandbox_walls(const char *profile, const char **step);
/* In the tool's process: gives up what is left, then checks what it has. */
int	sandbox_enter(const char *profile, const char **step);

#endif
