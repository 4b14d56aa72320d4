/*
 * What root must be able to do to run tools as somebody else and to end them.
 * NULL: all of it, or this is not root. Else words, the caller's to free.
 */
#ifndef POWERS_H
#define POWERS_H

/* Without these nothing can be started and surely ended: do not begin. */
char	*powers_lack(void);
/* Without these the sandbox is weaker, or none: the probe will tell. */
char	*powers_miss(void);

#endif
