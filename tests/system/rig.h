/*
 * The real binaries in a folder of their own: a supervisor (sigboxd -f), the
 * scripted model that it talks to (fake_script.h), and clients. It is the
 * instrument of the system tests, not a part of what they judge.
 *
 * Everything that goes wrong in the rig, and every wait that outlasts
 * RIG_DEADLINE_MS, fails the running test with words. What the functions
 * return is the rig's and lives until rig_free(). A guard process clears up
 * behind a test that did not come that far.
 */
#ifndef RIG_H
#define RIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * It did not wait for a tool, a retry or a peer. How soon it was is for the
 * benchmarks to say: a test has the machine never to itself.
 */
#define RIG_SOON_US	5000000
#define RIG_DEADLINE_MS	20000

struct rig_conf {
	const char	*conf;		/* more of the config file, or NULL */
	bool		 as_nobody;	/* an ordinary user runs all of it */
	bool		 many_sessions;	/* requests of several may differ */
	bool		 no_namespaces;	/* the supervisor can make none */
};

struct rig {
	struct rig_conf	 conf;
	char		*folder;	/* state, run, work, home, model, ... */
	const char	*name;		/* its last part, in all environments */
	char		*socket;	/* of the supervisor */
	pid_t		 pid;		/* the supervisor; 0: not running */
	pid_t		 model_pid;
	unsigned	 port;
	int		 model_stdin, guard;
	struct job	*jobs;
	char		**strings;	/* what was returned */
	size_t		 nstrings;
	json_t		*jsons;
};

struct job {
	pid_t		 pid;
	int		 in, out_fd, err_fd;
	char		*out, *err;	/* so far */
	size_t		 nout, nerr;
	size_t		 matched;	/* of out, by rig_expect() */
	int		 code;		/* exit code, 128+n; -1: runs */
	json_t		*json;		/* first line of out, when finished */
	struct job	*next;
	struct rig	*rig;
};

struct rig	*rig_new(const struct rig_conf *);	/* NULL: as usual */
/*
 * Stops all, and fails the test if a process is left, a request was refused
 * by the judge, or what was sent to the model was rewritten later (C4).
 */
void		 rig_free(struct rig *);

/* The supervisor. start waits until it takes connections. */
void		 rig_start(struct rig *);
void		 rig_crash(struct rig *);		/* kill -9, reaped */
void		 rig_signal(struct rig *, int sig);
int		 rig_exit(struct rig *);		/* its wait status */
char		*rig_log(struct rig *);			/* its stderr so far */
char		*rig_path(struct rig *, const char *in_folder);
void		 rig_write(struct rig *, const char *in_folder,
		    const char *text, mode_t);
char		*rig_read(struct rig *, const char *in_folder);
/* Adds to the configuration, which then knows the folder tools, too. */
void		 rig_configure(struct rig *, const char *more);

/* sigbox with these arguments, ended by NULL, in the folder work. */
struct job	*rig_run(struct rig *, ...) __attribute__((sentinel));
struct job	*rig_ok(struct rig *, ...) __attribute__((sentinel));
struct job	*rig_spawn(struct rig *, ...) __attribute__((sentinel));
struct job	*rig_program(struct rig *, const char *path, char **argv);
struct job	*rig_finish(struct job *);		/* until it exits */
void		 rig_expect(struct job *, const char *text);
/* The next line of its output that is an object with this key and string. */
json_t		*rig_expect_json(struct job *, const char *key,
		    const char *value);
void		 rig_kill(struct job *, int sig);

/* Each line of a finished job's output, as a list. */
json_t		*rig_lines(struct job *);
json_t		*rig_find(json_t *list, const char *key, const char *value);
const char	*rig_str(const json_t *, const char *key);
json_int_t	 rig_int(const json_t *, const char *key);
size_t		 rig_occurs(const char *text, const char *what);

/* The model: fake_control.h has the words. */
void		 rig_release(struct rig *, const char *name);
void		 rig_held(struct rig *, const char *name);
uint64_t	 rig_await(struct rig *, uint64_t from, const char *text);
void		 rig_cut(struct rig *, uint64_t n);
uint64_t	 rig_count(struct rig *);
json_t		*rig_request(struct rig *, uint64_t n);	/* its messages */
const char	*rig_content(json_t *messages, size_t i); /* -1: the last */
struct rig_times {
	uint64_t	first_us, last_us;	/* monotonic */
	uint64_t	real_us;		/* since the epoch */
};
struct rig_times rig_times(struct rig *, uint64_t n);
uint64_t	 rig_now(void);			/* monotonic, us */
/* How many requests extend none of the earlier ones; the first is none. */
size_t		 rig_branches(struct rig *);

/* Processes of this rig whose command line begins with the text. */
size_t		 rig_processes(struct rig *, const char *text);
pid_t		 rig_process(struct rig *, const char *text);	/* the one */
void		 rig_there(struct rig *, const char *text); /* until one is */
/* Until there is none; text NULL: none at all but the rig's own. */
void		 rig_gone(struct rig *, const char *text);
uint64_t	 rig_memory(pid_t, const char *what);	/* status, kB */
char		 rig_state(pid_t);		/* R S D T Z ..., 0 none */

/* A pipe in the folder work for tools to write to, and what they wrote. */
int		 rig_fifo(struct rig *, const char *name);
void		 rig_told(int fifo, const char *text);	/* until it is there */

/* A raw connection; and whether the supervisor has ended it. */
int		 rig_connect(struct rig *);
void		 rig_hung_up(int fd);

/*
 * Said with the verbs. exec: `say --json` of a message that makes the model
 * call exec. record: the first record of this kind whose strings are as the
 * pairs of key and value say, ended by NULL; waits until there is one.
 */
struct job	*rig_exec(struct rig *, const char *command);
char		*rig_call(struct rig *, const char *command); /* its line */
json_t		*rig_record(struct rig *, const char *kind, ...)
		    __attribute__((sentinel));
json_t		*rig_records(struct rig *);		/* all so far */
json_t		*rig_task(struct rig *, const char *id);	/* show --json */
json_t		*rig_transcript(struct rig *);	/* of main */
/* How many items of a role have exactly this text. */
size_t		 rig_says(json_t *transcript, const char *role,
		    const char *text);
/* How often an event of the task stands in a request's messages. */
size_t		 rig_tellings(json_t *messages, const char *task);
json_t		*rig_last_request(struct rig *);	/* its messages */
/* C3 is held against the middle one of n, RIG_SOON_US against all; sorts. */
void		 rig_judge_times(int *us, size_t n);

/* For the rig's own files. */
char		*rig_keep(struct rig *, char *);
void		 rig_keep_json(struct rig *, json_t *);
char		**rig_environment(struct rig *);
void		 rig_become(const struct rig *); /* in a child: the user */
void		 rig_lose_namespaces(void);	/* in a child, of a user */
int		 rig_guard(const struct rig *);
void		 rig_sweep(const char *name, const char *folder);
size_t		 rig_scan(const char *name, const char *text, pid_t *, size_t);
void		 rig_start_model(struct rig *);
void		 rig_check_requests(struct rig *);
/* Those of a running supervisor are as its journals say. */
void		 rig_check_heads(struct rig *);
char		*rig_head(const json_t *messages);	/* caller frees; or NULL */
void		 rig_fail(struct rig *, const char *, ...)
		    __attribute__((format(printf, 2, 3), noreturn));

#endif
