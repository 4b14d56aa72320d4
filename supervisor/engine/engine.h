/*
 * The engine joins what decides with what does: the loop's callbacks become
 * events, the effects become I/O. It owns the sessions, the running tasks and
 * the journal's queue; it decides nothing that another file could.
 *
 * Order (C1): whatever a callback brought is stepped at once; at the end of
 * the loop's iteration engine_after() commits the records and only then tells
 * observers and carries out the effects.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "conf.h"
#include "life.h"
#include "profile.h"
#include "session.h"

struct engine;
struct host;			/* a session that is in memory */
struct run;			/* a task that is not ended */
struct loop;
struct model;
struct toolbox;

struct engine_world {
	struct loop	*loop;
	const char	*state;		/* folders, see place.h */
	const char	*worker;	/* path of sigbox-worker */
	const struct conf_env *env;
	const char	*conf_file;	/* NULL: where it is looked for */
};

/*
 * Told after the commit. Text that streams is told at once: it is shown live
 * and checkpointed a second behind.
 */
struct engine_observer {
	void	(*effect)(void *arg, struct host *, const struct effect *);
	void	(*sent)(void *arg, struct host *, uint64_t turn);
	void	(*shown)(void *arg, struct host *, uint64_t turn, struct bytes);
	void	(*settled)(void *arg);	/* after all effects of an iteration */
	void	(*stalled)(void *arg);	/* instead, where the commit failed */
	void	(*closed)(void *arg);	/* nothing is left: the loop may stop */
};

/* NULL: *why is words, the caller's to free; *code is a sysexits' one. */
struct engine	*engine_new(const struct engine_world *, int *code, char **why);
void		 engine_free(struct engine *);
void		 engine_observe(struct engine *, const struct engine_observer *,
		    void *arg);
void		 engine_after(void *engine);	/* see loop_run() */
/* false: *why; the old configuration and tools stay. */
bool		 engine_reload(struct engine *, char **why);
/* Refuse new work, stop every task, then closed(). now: at once. */
void		 engine_close(struct engine *, bool now);
bool		 engine_is_closing(const struct engine *);

/* Why no new work is taken; NULL: it is. A literal. */
const char	*engine_is_busy(const struct engine *);
const struct conf *engine_conf(const struct engine *);
struct toolbox	*engine_tools(const struct engine *);
struct model	*engine_model(const struct engine *);
struct journal	*engine_journal(const struct engine *);

/* What the probe found of a tier (B2). */
struct tier_found {
	bool		 is_tried, works;
	char		*step, *why;	/* where it failed */
	int		 error;
	unsigned	 landlock;	/* the ABI; 0: none */
	uint64_t	 filter;	/* its hash; 0: none */
};
const struct tier_found *engine_found(const struct engine *, enum tier);
/* Adds what would mend it; nothing where nobody knows. */
void		 engine_remedy(const struct engine *, enum tier, struct buf *);
/* "" while it is not known, and where no task with walls can run. */
const char	*engine_tier(const struct engine *);
/* No task with walls can run: why, and what would mend it. */
const char	*engine_refusal(const struct engine *);
const char	*engine_cgroup_words(const struct engine *);
const char	*engine_tasks_dir(const struct engine *);
size_t		 engine_nruns(const struct engine *);
size_t		 engine_nqueued(const struct engine *);
size_t		 engine_nagents(const struct engine *);

/* host.c: sessions. NULL: there is none of that name. */
struct host	*host_find(struct engine *, const char *name);
struct host	*host_make(struct engine *, const char *name, const char *cwd,
		    enum mode);
/* As it stands now, but for its tasks; the name must be free. */
struct host	*host_fork(struct host *, const char *name);
/* Whose id is it ("t7")? NULL: nobody's. */
struct host	*host_of(struct engine *, char letter, uint64_t id);
struct host	*host_next(struct engine *, struct host *);	/* NULL: the first */
void		 host_delete(struct host *);
/* The task that it is, a sub-agent's at work; 0: none. */
uint64_t	 host_agent(const struct host *);
struct session	*host_session(struct host *);
const char	*host_name(const struct host *);
uint64_t	 host_number(struct host *, char letter);	/* a new id */
/*
 * Steps the session; out is the engine's own, good until the next step.
 * It first tells the session how the output of its held tasks stands.
 */
struct out	*host_step(struct host *, struct event *, bool *ok);
/* The bytes of the request that the model would get next. */
void		 host_next_request(struct host *, struct buf *);

/* consent.c: a person's answer to a request (T13). */
struct consent {
	bool		approve, always;
	struct bytes	by, reason;	/* clean text */
};
/* false: *why; it is not pending, or never was. */
bool		 host_decide(struct host *, uint64_t approval,
		    const struct consent *, enum refusal *why);
/* Adds how it stands, in words. */
void		 consent_why(struct buf *, const struct approval_facts *);

/* How a task is to be run, in words (T7); empty: not said. */
struct wish {
	struct bytes	after;		/* ids, by commas or blanks; or none */
	struct bytes	condition;	/* ok, any */
	struct bytes	priority;	/* low, normal, high */
	struct bytes	place;		/* of one that waits: first, last */
};

/* run.c: tasks. NULL: it has ended, or never was. */
struct run	*run_find(struct engine *, uint64_t task);
const struct life *run_life(const struct run *);
unsigned	 run_percent(const struct run *);	/* > 100: not said */
const char	*run_progress(const struct run *);
void		 run_bytes(const struct run *, uint64_t *out, uint64_t *err);
const char	*run_why(const struct run *);		/* it waits for a place */
/* It was told to go on, and waits for a place. */
bool		 run_returns(const struct run *);
pid_t		 run_pid(const struct run *);
/* false: it cannot be done in its state. */
bool		 run_stop(struct run *, const char *by, uint64_t grace_us, bool now);
bool		 run_suspend(struct run *, const char *by);
bool		 run_resume(struct run *, const char *by);
bool		 run_input(struct run *, struct bytes, bool eof);
/* heed.c: one pattern more; false: *why is words, the caller's to free. */
bool		 run_watch(struct host *, uint64_t task, struct bytes pattern,
		    const char *by, char **why);
/* A user's own task (O5); 0: *why is words, the caller's to free. */
uint64_t	 run_start(struct host *, const char *tool, struct bytes args,
		    const char *cwd, const struct wish *, char **why);

/* terms.c: one that waits to start waits otherwise. false: *why. */
bool		 host_move(struct host *, uint64_t task, const struct wish *,
		    const char *by, char **why);

/* budget.c: a session of that name may have a budget; usage NULL: not known */
bool		 engine_has_budget(const struct engine *);
bool		 host_is_over_budget(const struct host *);
/* A sub-agent's: nobody's word resumes it before there are tokens again. */
bool		 run_is_over_budget(const struct run *);
void		 present_usage(struct buf *, const struct usage_facts *);
/* The same of a session, and its budget; NULL: it is not in memory. */
void		 present_budget(struct buf *, const struct engine *,
		    const struct host *, const char *name);

/* present.c: what --json shows */
void		 present_number(struct buf *, const char *key, bool is,
		    uint64_t);		/* or null */
void		 present_task(struct buf *, struct host *, uint64_t task);
void		 present_approval(struct buf *, struct host *,
		    const struct approval_facts *);
void		 present_id(struct buf *, const char *key, char letter, uint64_t id);
/* Adds "parent" and "task" of a session, null of a user's own. */
void		 present_origin(struct buf *, struct engine *, const char *name);

#endif
