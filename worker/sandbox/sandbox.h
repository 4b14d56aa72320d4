/*
 * The sandbox, in the order in which a task meets it: the worker prepares, the
 * init raises the walls around both, the tool enters what is left right before
 * its exec. All say which step failed (a literal) and leave errno; the worker
 * then says REFUSED, and no byte of the tool runs. Never weaker than asked.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <stdint.h>

struct policy;

#define SANDBOX_FDS	4	/* 0, 1, 2 and progress: all that a tool has (B4) */

/* The namespaces that this process and its next child shall be in. */
int	 sandbox_unshare(const struct policy *, const char **step);
/* In the init, which is alone in its namespaces but for the worker. */
int	 sandbox_raise(const struct policy *, int map, const char **step);
/* In the worker, after that: where its tool will stand. */
int	 sandbox_stand(const struct policy *, const char **step);
/* In the tool's process: gives up what is left, then checks what it has. */
int	 sandbox_enter(const struct policy *, const char **step);
/* In the worker and its init, once they need no more than to watch. */
int	 sandbox_watch(const char **step);
/* Of the filter that the tool has. */
uint64_t sandbox_hash(const struct policy *);

#endif
