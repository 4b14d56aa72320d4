/*
 * One worker: it is spawned, told its START, and followed to its end. What it
 * says is checked against the frame table and its phase; a worker that breaks
 * them is killed and reported, never believed.
 *
 * Nothing here blocks, and no callback is called from inside a verb. Signals
 * go to a pidfd, or to the group while its leader is not reaped (T6). This is
 * not a task's life: grace, limits and retries are its owner's.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "bytes.h"
#include "profile.h"

struct cgroup;
struct loop;
struct shop;
struct child;

/*
 * What all children share: the worker's file, the lifeline whose end is every
 * task's death, and the reaping (SIGCHLD; this process becomes a subreaper and
 * reaps strangers too). Make it early, once, on the main thread: it keeps low
 * descriptors so that a spawn stays flat when many are open. NULL: *why is
 * words, the caller's to free. Freed after the loop has run for the last
 * time; what still lives is killed.
 */
struct shop	*shop_new(struct loop *, const char *worker_path, char **why);
void		 shop_free(struct shop *);

/* All of it is copied, or duplicated, before child_spawn() returns. */
struct child_spec {
	uint64_t	 task;
	const char	*tool, *session;	/* 64 bytes at most */
	const char	*path;			/* absolute */
	struct bytes	 argv, env;		/* strings, each ended by NUL */
	struct bytes	 input;			/* empty: /dev/null */
	bool		 stream;		/* child_input() follows */
	enum profile	 profile;
	enum tier	 tier;			/* as probed */
	bool		 net;			/* the host's network */
	struct bytes	 hide, rw;		/* paths, each ended by NUL */
	const char	*tools;			/* a folder to show, or NULL */
	const char	*canary;		/* no tool may see it, or NULL */
	unsigned	 landlock;		/* the ABI at the probe */
	uint64_t	 tmp;			/* of private folders; 0: default */
	uint64_t	 cap;			/* of each spool; 0: none */
	struct bytes	 watch;			/* patterns, ended by NUL */
	uint64_t	 nofile, nproc, as, fsize, cpu;	/* 0: inherited */
	int		 out_fd, err_fd;	/* of spool_make() */
	int		 cwd_fd;		/* working folder, O_PATH */
	/*
	 * NULL: none. From child_spawn() on the child's, whatever that says:
	 * it is killed, removed and freed with it.
	 */
	struct cgroup	*cgroup;
	uint64_t	 start_us;		/* to RUNNING; 0: 30 s */
	bool		 drop;			/* to uid and gid (B3) */
	uid_t		 uid;
	gid_t		 gid;
};

/* The group stands and the tool was exec'ed. Pids as ps shows them. */
struct child_running {
	pid_t		 init, tool;		/* 0: there is none */
	unsigned	 landlock;		/* ABI; 0: no such wall */
	uint64_t	 filter;		/* hash; 0: none */
};

/* No byte of the tool ran: which step failed, its errno, and words. */
struct child_refusal {
	struct bytes	 step;
	int		 error;
	struct bytes	 why;
};

/* The tool's own process ended; `alive` others of the task still run (T12). */
struct child_exit {
	int		 code;
	int		 signal;		/* 0: it exited with code */
	uint64_t	 alive;
	struct bytes	 names;			/* some of them, by commas */
};

enum child_how {
	CHILD_DONE,		/* it said ENDED: all output is in the spools */
	CHILD_REFUSED,		/* no byte of the tool ran */
	CHILD_KILLED,		/* by SIGKILL, ours or somebody's */
	CHILD_CRASHED,		/* any other end before ENDED */
	CHILD_LIED		/* it broke the frame table and was killed */
};

struct child_end {
	enum child_how	 how;
	bool		 known;			/* the tool's status is: */
	int		 code, signal;
	uint64_t	 out, err;		/* bytes, as last said */
	uint64_t	 out_lost, err_lost;	/* from their middle */
	bool		 oom;			/* so its cgroup says */
	const char	*why;			/* for people; "" if DONE, and
						 * nothing is to be said */
};

/*
 * Every one is called from the loop; text lives as long as the call. NULL: it
 * is not wanted.
 */
struct child_ops {
	void	(*running)(void *arg, const struct child_running *);
	/* No byte of the tool ran; gone follows. */
	void	(*refused)(void *arg, const struct child_refusal *);
	void	(*progress)(void *arg, unsigned percent, struct bytes text);
		    /* percent > 100: not said */
	void	(*grew)(void *arg, uint64_t out, uint64_t err);
	/* The tool took some of its input; `waiting` bytes it did not. */
	void	(*fed)(void *arg, size_t waiting);
	/* `count` lines matched the pattern of that number; the newest. */
	void	(*seen)(void *arg, size_t watch, uint64_t count,
		    struct bytes line);
	/*
	 * Answers child_gauge(): used by all processes of it; partial: a last
	 * line without an end, which is `line`.
	 */
	void	(*gauged)(void *arg, uint64_t cpu_us, bool partial,
		    struct bytes line);
	void	(*exited)(void *arg, const struct child_exit *);
	/*
	 * Confirmed by the kernel; complete: also what had left the group. A
	 * frozen cgroup always is.
	 */
	void	(*suspended)(void *arg, bool complete);
	/* Somebody else's SIGSTOP or SIGCONT to the group. */
	void	(*stopped_outside)(void *arg, bool stopped);
	void	(*note)(void *arg, struct bytes what, struct bytes why);
	/*
	 * Exactly once, last: the socket ended, the worker is reaped, and so is
	 * what it left to us; its cgroup is removed. child_free() is due, here
	 * or later.
	 */
	void	(*gone)(void *arg, const struct child_end *);
};

/* NULL: nothing was started; *why is words, the caller's to free. */
struct child	*child_spawn(struct shop *, const struct child_spec *,
		    const struct child_ops *, void *arg, char **why);
/* Before gone: SIGKILL, in silence; nothing is called any more. */
void		 child_free(struct child *);

/* The worker's, which is its group's. */
pid_t		 child_pid(const struct child *);

/*
 * All idempotent. Before RUNNING there is no group: stop means SIGKILL to the
 * worker, suspend is done when RUNNING comes. After gone: nothing.
 */
void		 child_term(struct child *);	/* SIGTERM, then SIGCONT (T3) */
/* To the end of it, worker alive to report; after 1 s the worker as well. */
void		 child_kill(struct child *);
void		 child_suspend(struct child *);
void		 child_resume(struct child *);
/*
 * Queues bytes for a tool with stream; eof: the last ones. false, and nothing
 * was queued: CHILD_INPUT_MAX would be passed (wait for fed), there is no
 * stream, or its end was said.
 */
bool		 child_input(struct child *, struct bytes, bool eof);

/* One more pattern, with the next number, also for what was printed before. */
void		 child_match(struct child *, struct bytes pattern);
/* Before RUNNING and after its last word: nothing. */
void		 child_gauge(struct child *);

#define CHILD_INPUT_MAX	(256U << 10)	/* bytes not yet taken by the tool */

#endif
