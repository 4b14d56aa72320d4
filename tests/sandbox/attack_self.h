/*
 * The same program in other parts: the victim, and what a set-uid program
 * would be. What it is called decides.
 */
#ifndef ATTACK_SELF_H
#define ATTACK_SELF_H

#include <stdbool.h>

bool	self_is_called(const char *part);	/* "--victim", "--ids" */
int	self_run(const char *part);
/* Effective uid 0, or any capability; for the caller's own process. */
bool	self_is_mighty(void);

#endif
