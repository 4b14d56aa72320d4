/*
 * Who is a task's process: all that descends from us. What a task leaves
 * behind stays a descendant, since its worker or a reaper beside it adopts it.
 */
#ifndef KIN_H
#define KIN_H

#include <stdbool.h>
#include <sys/types.h>

/* pid 0: of a namespace that ours does not see, so none of ours. */
bool	kin_is_ours(pid_t, uid_t);

#endif
