/* User namespaces of one user. Return -1 and errno. */
#ifndef USERNS_H
#define USERNS_H

#include <sys/types.h>

/* For a process that has just entered one: its own ids, onto themselves. */
int	userns_map_self(uid_t, gid_t);
/*
 * One in which root's files are this user's, who must be us; a descriptor. It
 * takes no privilege, and a child that ends.
 */
int	userns_of_root(uid_t, gid_t);

#endif
