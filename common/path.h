/* Paths as text alone; nothing is looked up. */
#ifndef PATH_H
#define PATH_H

#include "bytes.h"

/* Absolute, without `.`, `..`, an empty part or a NUL; "/" is. */
bool	path_is_canonical(struct bytes);
/* It is the folder, or lies below it; both canonical. */
bool	path_is_below(const char *path, const char *folder);

#endif
