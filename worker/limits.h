/*
 * Resource limits of the tool, set in the tool itself before its exec, so that
 * neither worker nor init can hit them. A limit above the inherited hard one
 * becomes that one. Return -1 and errno.
 */
#ifndef LIMITS_H
#define LIMITS_H

#include <stdint.h>

struct limits {
	uint64_t	 nofile, nproc, as, fsize, cpu;	/* 0: inherited */
};

int	limits_set(const struct limits *);
/* The caller becomes a member of the cgroup whose cgroup.procs this is. */
int	limits_join(int procs);
/* The worker's own: no core, which could show what the tool was told. */
int	limits_no_core(void);

/*
 * The tool dies before its worker, and that before the supervisor, when memory
 * runs out. The file is opened while it is still ours to open; a child forked
 * between raise and lower is born with the tool's score. What the system does
 * not let us set stays as it is.
 */
struct oom {
	int	 fd;		/* -1: cannot be had */
	int	 base;		/* our own score */
};

void	oom_open(struct oom *);
void	oom_close(struct oom *);
void	oom_raise(struct oom *);
void	oom_lower(struct oom *);

#endif
