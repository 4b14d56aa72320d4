/* Capabilities: read, and given up for good. Return -1 and errno. */
#ifndef CAPS_H
#define CAPS_H

#include <stdbool.h>

bool	caps_has(unsigned cap);		/* effective */
bool	caps_is_empty(void);		/* in all three sets */
/*
 * All of them: ambient, bounding set and securebits where we may, then the
 * three sets; no_new_privs. What is exec'ed later gets none back.
 */
int	caps_drop(void);

#endif
