/*
 * A private folder on the host, where no mount can make one: HOME and TMPDIR
 * of a tool in tier landlock, in /tmp.
 */
#ifndef PRIVATE_H
#define PRIVATE_H

struct policy;

/* If there is one: with all that the tool left in it; no link is followed. */
void	 private_remove(const struct policy *);

#endif
