/* The filters as a text that can be reviewed, and its golden copy's maker. */
#ifndef FILTER_TABLE_H
#define FILTER_TABLE_H

#include <stdint.h>
#include <stdio.h>

#define TABLE_LAST	600		/* no call has a higher number yet */

/* The name in calls.def; NULL: none. */
const char	*table_name(uint32_t nr);
void		 table_write(FILE *);

#endif
