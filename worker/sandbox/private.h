/*
 * A private folder on the host, where no mount can make one: HOME and TMPDIR
 * of a tool in tier landlock. Named by a path in /tmp; 0700.
 */
#ifndef PRIVATE_H
#define PRIVATE_H

char	*private_make(void);		/* the caller frees; NULL: errno */
/* With all that the tool left in it; links are not followed. */
void	 private_remove(const char *path);

#endif
