/*
 * A private folder on the host, where no mount can make one: HOME and TMPDIR
 * of a tool in tier landlock, in /tmp.
 */
#ifndef PRIVATE_H
#define PRIVATE_H

/* With all that the tool left in it; links are not followed. */
void	 private_remove(const char *path);

#endif
