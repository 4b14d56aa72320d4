/* A folder for one test, and its end. */
#ifndef SCRATCH_H
#define SCRATCH_H

/* New and empty, 0700; the name lives until the process ends. */
const char	*scratch_new(void);
void		 scratch_remove(const char *);	/* with all that is in it */

#endif
