/*
 * A supervisor with one task, or two, of which a process is killed at every
 * system call of another, each in a new run. Nothing of it may be left, no
 * process, mount or file; and if the supervisor lives, it tells the end once
 * and runs another task.
 *
 * SWEEP_ALL=1 tries each call, else a few, by SWEEP_SEED. It is printed.
 */
#ifndef SWEEP_H
#define SWEEP_H

#include "rig.h"
#include "tracer.h"

struct sweep {
	struct tracer_plan plan;
	bool	with_other;	/* another task is up when it begins */
};

/* For each pair: who is counted, and who is killed. Once in a test. */
void	sweep_pairs(const struct rig_case *, struct sweep,
	    const char *const *pairs, size_t n);

#endif
