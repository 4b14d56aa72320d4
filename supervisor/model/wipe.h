/* Memory for who handles secrets: what is freed is wiped first (M4). */
#ifndef WIPE_H
#define WIPE_H

#include <stddef.h>

void	 wipe_free(void *);
void	*wipe_realloc(void *, size_t);	/* NULL: out of memory */

#endif
