/* What the files of the engine share; the world has engine.h. */
#ifndef INNER_H
#define INNER_H

#include <sys/queue.h>
#include <sys/types.h>

#include "child.h"
#include "engine.h"
#include "grant.h"
#include "ids.h"
#include "model.h"
#include "notice.h"
#include "remedy.h"

struct journal;
struct stat;
struct alarm;
struct admit;
struct tool;
struct own;
struct agent;

/* What is due once the records that led to it are durable (C1). */
struct deed {
	enum { DEED_EFFECT, DEED_LIFE, DEED_LOOK } kind;
	struct host		*host;
	struct effect		 fx;
	char			*call;		/* FX_OWN: its own copy */
	uint64_t		 run;
	struct life_effect	 life;
	TAILQ_ENTRY(deed)	 link;		/* on engine.deeds */
};

/* A model request under way. */
struct asking {
	struct host		*host;
	uint64_t		 turn;
	bool			 is_shown;	/* its text, to people */
	bool			 is_later;	/* the turn has said something */
	struct ask		*ask;
	TAILQ_ENTRY(asking)	 link;		/* on host.askings */
};

/* The one that was there at first; folder.c. */
struct folder {
	bool	is_known, is_owned;
	dev_t	dev;
	ino_t	ino;
	uid_t	owner;		/* if is_owned */
};

struct host {
	struct engine		*engine;
	struct session		*session;
	uint64_t		 created;	/* us since the epoch */
	uint64_t		 last;		/* seq of its newest record */
	struct folder		 folder;	/* where its tools work */
	bool			 open;		/* as its row says */
	bool			 spent;		/* its budget, by budget_look() */
	struct host		*parent;	/* if it is a sub-agent's */
	uint64_t		 agent;		/* the task that it is; 0: none */
	bool			 held;		/* its model is not asked */
	bool			 ending;	/* all of it is to end */
	bool			 look_due;	/* DEED_LOOK is queued */
	struct alarm		*alarm;
	TAILQ_HEAD(, asking)	 askings;
	TAILQ_ENTRY(host)	 link;		/* on engine.hosts */
};

#define AGENT_LAST	48	/* bytes of what it did last */

/* A sub-agent at work (T10). */
struct agent {
	struct host	*host;		/* its session */
	int		 out_fd, err_fd;	/* its spools */
	struct buf	 lines;		/* for err, once they are durable */
	char		 last[AGENT_LAST];
	bool		 now;		/* it is to end at once */
	enum { PAUSE_NONE, PAUSE_ASKED, PAUSE_PARTIAL, PAUSE_DONE } pause;
	uint64_t	 pause_by;	/* when it is told, complete or not */
	struct alarm	*alarm;
};

struct run {
	uint64_t		 id;		/* first: ids.h */
	struct engine		*engine;
	struct host		*host;
	struct life		 life;
	struct child		*child;		/* NULL: not yet, or no more */
	struct agent		*agent;		/* instead of it; agent.c */
	bool			 held;		/* suspended with its agent, or */
	bool			 parked;	/* not even waiting, for it */
	struct alarm		*alarm;
	struct notice		 notice;	/* heed.c, and its alarm: */
	struct alarm		*heed_alarm;
	uint64_t		 heed_at;	/* 0: off */
	bool			 is_heeded;	/* its clock runs */
	size_t			 nwatches;	/* patterns that the worker has */
	enum profile		 profile;	/* as granted at its start */
	enum tier		 tier;
	bool			 is_walled_in;	/* those two are known */
	bool			 pending;	/* it waits for consent */
	char			 resumer[65];	/* who wants it to go on */
	struct folder		 folder;	/* of a user's own task */
	unsigned		 landlock;	/* ABI; 0: none */
	uint64_t		 filter;	/* hash; 0: none */
	pid_t			 pid, init, tool_pid;
	unsigned		 percent;
	char			*progress;
	char			*planted;	/* paths for others to run */
	char			*narrowed;	/* in words; NULL: it is not */
	uint64_t		 out, err, out_lost, err_lost;
	uint64_t		 awaited;	/* more output ends a wait */
};

#define CANARIES	2

enum probe_state { PROBE_NEXT, PROBE_RUNNING, PROBE_DONE };

struct probe {
	enum probe_state	 state;
	enum tier		 tier;		/* being tried */
	struct tier_found	 fresh[TIERS];	/* so far */
	struct tier_found	 found[TIERS];	/* the last time */
	struct remedy_facts	 facts;
	struct child		*child;
	char			*folder;	/* around where it works, or NULL */
};

/* Paths that tools must not see, canonical. */
struct hidden {
	char	**at;
	size_t	  n;
};

struct engine {
	struct engine_world	 w;
	struct conf		 conf;
	char			*tasks_dir;
	struct journal		*journal;
	struct model		*model;
	struct model		**retired;	/* that requests under way use */
	size_t			 nretired;
	struct toolbox		*tools;
	struct buf		 tools_json;
	char			*system;
	struct shop		*shop;
	struct admit		*admit;
	TAILQ_HEAD(, host)	 hosts;
	struct ids		 runs;
	size_t			 npending;	/* of runs */
	size_t			 nagents;	/* of runs: those at work */
	TAILQ_HEAD(deeds_head, deed) deeds;
	uint64_t		 seq;		/* of the newest record */
	struct out		 out;
	struct host		*stepping;
	struct alarm		*retry;		/* a commit that failed */
	struct alarm		*tidy;		/* when nobody waits */
	struct alarm		*expire;	/* of old output */
	struct user		*users;
	const struct engine_observer *observer;
	void			*observer_arg;
	struct probe		 probe;
	enum tier		 tier;		/* the strongest there is */
	char			*refusal;	/* of tasks with walls, or NULL */
	struct hidden		 homes, own, secrets;
	struct hidden		 guarded;	/* own, also what is not there */
	struct cgroups		*groups;	/* NULL: none, and */
	char			*no_groups;	/* why, in words */
	char			*canaries[CANARIES];	/* files; NULL: none */
	bool			 closing, closed, disk_full;
	size_t			 shown_sessions, shown_runs;	/* in the title */
	size_t			 shown_agents;
};

/* engine.c */
void	deed_effect(struct host *, const struct effect *);
void	deed_life(struct run *, const struct life_effect *);
void	deed_look(struct host *);
void	deeds_forget(struct engine *, const struct host *);

/* reload.c */
void	models_free(struct engine *);

/* groups.c */
void	groups_open(struct engine *);
void	groups_close(struct engine *);		/* after the shop is gone */
/* Whether a task in this tier gets one. */
bool	groups_are_used(const struct engine *, enum tier);
/* Gives it one, if it is to have one; false: *why, the caller's to free. */
bool	groups_put(struct engine *, uint64_t task, struct child_spec *,
	    char **why);

/* host.c */
struct host *host_new(struct engine *, const char *name);
/* Its first record; of the event all but kind and owner is said. */
void	host_create(struct host *, struct event *);
void	hosts_recover(struct engine *);
void	hosts_free(struct engine *);
void	hosts_limit(struct engine *);
void	host_limit(struct host *);
void	host_step_quietly(struct host *, struct event *);
/* A session for a sub-agent, in its parent's folder. */
struct host *host_bear(struct host *parent, const char *name,
	    const struct origin *);
/* The one is a sub-agent's that is a task of the other. */
bool	host_is_below(const struct host *, const struct host *up);

/* budget.c: tokens that a session and its sub-agents may use */
bool	budget_is_spent(const struct host *);
/* It used that, by an EV_USAGE: those above it learn of it, and look. */
void	budget_use(struct host *, const struct event *);
/* What follows for it from what was used, and for all of its tree. */
void	budget_look(const struct host *);
/* One that begins beyond it waits before its first request. */
void	budget_join(struct run *);
void	budgets_look(struct engine *);		/* when others may be used */
/* What runs again after a restart, by what is left of them now. */
void	budgets_recover(struct engine *);

/* asking.c */
void	asking_start(struct host *, uint64_t turn);
void	asking_cut(struct host *, uint64_t turn);
void	askings_free(struct host *);

/* agent.c: a task that is a session of its own (T10) */
bool	run_is_agent(const struct run *);
/* Whether the session may start it now; false: *why. */
bool	agent_may_start(struct host *, const struct own *, char **why);
/* false: *why. */
bool	agent_start(struct run *, const struct task_facts *,
	    const struct tool *, char **why);
/* false: the effect is not for the session of an agent. */
bool	agent_deed(struct run *, const struct life_effect *);
/* After a restart: it goes on. false: it never began. */
bool	agent_recover(struct run *, const struct task_facts *);
void	agent_leave(struct run *);	/* it has ended; before run_free() */
void	agent_free(struct run *);
void	agent_look(struct host *);	/* DEED_LOOK: what came of it */

/* agent_log.c: what it does, for people */
void	agent_note(struct host *, const struct record *);
void	agent_read_log(struct run *);	/* anew, from the journal */
void	agent_show(struct run *);	/* what is durable by now */

/* agent_hold.c: all below it stands still, goes on, ends */
void	agent_hold(struct run *);
void	agent_let_go(struct run *);
void	agent_end(struct run *, bool now);
void	agent_check(struct run *);	/* how far that is */
/* A task of the session has begun: is it to stand still? */
void	agent_join(struct host *, struct run *);
/* Adds where the whole of its answer is. */
void	agent_put_place(struct buf *, const struct run *);
/* The session of an agent at work, or NULL. */
struct host *agent_host(const struct run *);

/* offer.c: which tools a session may call */
bool	tool_is_agent(const struct tool *);
bool	offer_has(const struct host *, const struct tool *);
/* What the session's model is told of itself and its tools. */
void	offer_put(const struct host *, struct buf *tools, struct buf *system);

/* classify.c */
struct lent {			/* what the event borrows from */
	struct buf	 why;		/* the result of one that is refused */
	struct buf	 grant;
	struct buf	 after;
	char		*cwd, *watch;
};
/* Fills in what the call is. */
void	classify(struct host *, uint64_t turn, const struct model_call *,
	    struct event *, struct lent *);
void	lent_fini(struct lent *);

/* room.c: whose section [session NAME] holds for it */
const char *host_room(const struct host *);
/* Not for a sub-agent that is new: the configuration or a client says it. */
bool	room_is_users(const struct engine *, const char *name);
/* Adds the names that one which comes of it looks for, by blanks. */
void	rooms_put(struct buf *, const struct host *);

/* consent.c */
bool	consent_is_needed(const struct host *, const struct tool *);
/* Adds what it would be granted now: an object, the same if all is the same. */
void	consent_put_grant(struct buf *, const struct host *,
	    const struct tool *);
/* Whether the task has the consent that it needs, if any; false: *why. */
bool	consent_holds(const struct host *, const struct task_facts *,
	    const struct tool *, char **why);

/* errand.c: a call of one of our own tools is carried out (T9) */
void	errand(struct host *, uint64_t turn, const char *call);
/* It has printed more than somebody waits for. */
void	errand_grew(struct run *);

/* run.c */
void	run_begin(struct host *, uint64_t task);
void	run_deed(struct run *, const struct life_effect *);
/* After a restart: what had not begun waits on, all else is over. */
void	run_recover(struct host *, const struct task_facts *);
void	runs_forget(struct engine *, const struct host *);
void	run_feed(struct run *, struct life_event *);
void	runs_admit(struct engine *);
void	runs_free(struct engine *);

/* place.c: in line for a place, and places given away (T7) */
void	place_queue(struct run *);
void	place_change(struct run *);		/* its terms are others */
/* Out of the line while its sub-agent is suspended; and into it again. */
void	place_park(struct run *);
void	place_unpark(struct run *);
void	place_give(struct run *);		/* it has its turn */
void	place_follow(struct run *);		/* as its life's state asks */
/* It is to go on. false: it has its place, and may do so at once. */
bool	place_return(struct run *, const char *by);
/* Why it does not go on yet, in words. false: it has its place, or is to wait. */
bool	place_why(const struct run *, char *buf, size_t size);
/* It has ended; what was to run after it is free, or will never run. */
void	place_leave(struct engine *, uint64_t task, bool ok);

/* wait.c: before its start */
void	run_wait(struct run *);
void	run_wait_no_more(struct run *);		/* for consent */
void	run_release(struct run *);		/* consent is given */
void	run_refuse(struct run *);		/* or is not */

/*
 * terms.c: what a call of ours wishes; what is said beside it, if that is not
 * NULL, wins.
 */
struct wish wish_of(const struct own *, const struct wish *beside);
/*
 * Reads them, with the ids in *after, which they borrow. false: *why.
 */
bool	terms_read(struct host *, const struct wish *, struct terms *,
	    struct buf *after, char **why);
/* Adds how it ended, for one that was to run after it. */
void	terms_say_end(struct buf *, const struct host *, uint64_t task);
/* heed.c: what is said of a task while it runs */
void	heed_init(struct run *);
void	heed_fini(struct run *);
void	heed_state(struct run *);	/* of its life, after each step */
void	heed_grew(struct run *);
void	heed_seen(void *run, size_t watch, uint64_t count, struct bytes line);
void	heed_gauged(void *run, uint64_t cpu_us, bool partial,
	    struct bytes line);
void	heed_end(struct run *);		/* before that is on record */
/* Adds what the worker is to begin with; each ended by NUL. */
void	heed_patterns(struct run *, struct buf *);
void	heed_watch(struct run *);	/* it has one more */

/* spawn.c: all that a worker gets; follow.c: what it says */
bool	spawn(struct run *, char **why);
extern const struct child_ops run_ops;
/* Whom the worker becomes before its exec, as user_for() says; false: *why. */
bool	spawn_as(struct engine *, const struct stat *, const char *cwd,
	    struct child_spec *, char **why);

/*
 * folder.c: opens it, O_PATH, by a path without a link; -1: *why, also where it
 * is not the one that is known. Of one that is not, it is known from then on.
 */
int	folder_open(struct folder *, const char *path, struct stat *,
	    char **why);
void	folder_remember(struct folder *, const char *path);
#define FOLDER_OWNER	16
/* For the record, in words that are owner. */
struct bytes folder_owner(const struct folder *, char owner[FOLDER_OWNER]);
/* All that is known of it after a restart; "": not even that. */
void	folder_owned(struct folder *, struct bytes uid);
/* For the caller to free: without links, or as it is where none is there. */
char	*folder_real(const char *path);
char	*folder_path(int fd);	/* of an open one */

/* user.c: who a tool is under root, asked of the name service once each */
struct user {
	uid_t		 uid;
	gid_t		 gid;
	char		*name, *home, *shell;
	bool		 is_listed;	/* the name service knows it */
	struct user	*next;
};
const struct user *user_by_name(struct engine *, const char *);
const struct user *user_by_uid(struct engine *, uid_t);
/* The owner of the folder, or for root's own whom the configuration names. */
const struct user *user_for(struct engine *, const struct stat *,
	    const char *cwd, char **why);
void	users_free(struct engine *);

/* probe.c: which boundary this machine has, end to end; again on reload */
void	probe_start(struct engine *);
void	probe_free(struct engine *);
void	probe_fini(struct engine *);
void	machine_look(struct remedy_facts *);		/* machine.c */

/*
 * stage.c: its working folder, made anew for each tier and given to whom the
 * spec says; the descriptor, O_PATH, or -1: *why. It is there until removed.
 */
int	stage_open(struct engine *, const struct child_spec *, char **why);
void	stage_remove(struct engine *);

/* tier.c: and what that means */
void	probe_judge(struct engine *);
bool	tier_for(const struct engine *, enum profile, enum tier *, char **why);
const char *tier_promise(enum profile, enum tier, bool has_group);
		    /* "": all of T4 */

/* walls.c: what one task is granted and gets to see */
struct walls {
	struct grant	 grant;
	struct buf	 hide;
	char		*path, *tools;	/* of its tool, and the folder of that */
	char		*narrowed;	/* why the folder is not writable */
};
void	walls_voices(const struct conf *, const char *session,
	    const struct tool *, struct grant_voices *);
void	walls_grant(const struct host *, const struct tool *, struct grant *);
const char *walls_profile(const struct host *, const struct tool *);
/*
 * From w->grant, and the tool's path or NULL: fills in the spec, which borrows
 * from w until walls_fini(). false: *why.
 */
bool	walls_raise(struct engine *, struct walls *, const char *path,
	    struct child_spec *, char **why);
void	walls_fini(struct walls *);

/* hidden.c: engine.homes, .own, .secrets and .guarded */
void	hidden_load(struct engine *);
void	hidden_free(struct engine *);
void	hidden_add(struct hidden *, char *path);	/* takes it; once each */
/* What a tool that may write all in this folder could make ours; NULL: none. */
const char *hidden_guarded(const struct hidden *, const char *folder);
/*
 * Adds those that a tool in this folder, which may write the paths in rw, would
 * see otherwise; each ended by NUL.
 */
void	hidden_put(struct buf *, const struct hidden *, const char *folder,
	    struct bytes rw);

/* ways.c: adds the links on the way to it, and where it really is, or would. */
void	ways_add(struct hidden *, const char *path);

/*
 * trace.c: a link of this name in the state folder; and the end of it and of
 * what it leads to, which begins so: a file, or a folder of empty ones
 */
bool	trace_make(const struct engine *, const char *name, const char *path);
void	trace_undo(const struct engine *, const char *name, const char *start);

/*
 * canary.c: the path of one that is there, and that neither the working folder
 * nor what may be written shows. NULL: each would be shown. false: there is
 * none to be had, *why: a check of nothing is none.
 */
bool	canary(struct engine *, const char *folder, struct bytes rw,
	    const char **path, char **why);
void	canaries_free(struct engine *);

/* compose.c: a task's output as text for a model */
void	compose_tail(struct buf *, const struct engine *, uint64_t task,
	    bool errors, uint64_t *out, uint64_t *err);
void	compose_result(struct buf *, const struct engine *,
	    const struct record_end *);
void	compose_part(struct buf *, const struct engine *, uint64_t task,
	    uint64_t offset);
/* A line that tells how it stands, or how it ended. */
void	compose_state(struct buf *, const struct task_facts *);

#endif
