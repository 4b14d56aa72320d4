/* A supervisor that runs attempts as its task, one after the other. */
#ifndef TASK_H
#define TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "child.h"
#include "profile.h"

struct stage;

struct task {
	struct stage	*stage;
	enum tier	 tier;
	enum profile	 profile;
	bool		 is_root;	/* we are; not the tool */
	bool		 net;
	struct loop	*loop;
	struct shop	*shop;
	uint64_t	 ntasks;
	struct child	*child;		/* while it runs */
	/* Of the last one; neither gone nor stopped: it took too long. */
	bool		 gone, late, stopped;
	uint64_t	 alive;		/* when the tool itself had ended */
	struct child_end end;
	char		 refused[400];	/* why it did not run */
	char		 note[320];	/* what the worker remarked */
};

void	 task_init(struct task *, struct stage *);
void	 task_fini(struct task *);
/*
 * Attempts by name, each ended by NUL, to the end of it. One that stands
 * still, or is not gone after so many microseconds, is killed in silence.
 */
void	 task_run(struct task *, const struct buf *names, uint64_t patience);
/* What the last one printed; the caller frees. */
char	*task_output(struct task *);

#endif
