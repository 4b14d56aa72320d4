/*
 * The tools that the supervisor itself brings (T9): how they are told to the
 * model, and its calls of them read. They are carried out elsewhere; only exec
 * and agent become tasks, and only exec a process.
 */
#ifndef OWN_H
#define OWN_H

#include "args.h"

enum own_kind {
	OWN_TASK_LIST, OWN_TASK_OUTPUT, OWN_TASK_WAIT, OWN_TASK_STOP,
	OWN_TASK_SUSPEND, OWN_TASK_RESUME, OWN_TASK_INPUT, OWN_TASK_MOVE,
	OWN_TASK_WATCH, OWN_EXEC, OWN_AGENT, OWN_AGENT_SEND
};

#define OWN_KINDS	(OWN_AGENT_SEND + 1)
#define OWN_SESSION_MAX	64
#define OWN_WAIT_MAX_US	UINT64_C(60000000)

/* Zeroed is empty; own_fini() frees what own_parse() left in it. */
struct own {
	enum own_kind	 kind;
	char		**ids;		/* wait, stop, suspend, resume */
	size_t		 nids;
	bool		 all;		/* "all" was among them */
	bool		 for_all;	/* task_wait: until each has ended */
	/* task_output _input _move _watch, agent_send */
	char		*id;
	uint64_t	 offset;	/* task_output; UINT64_MAX: not given */
	uint64_t	 wait_us;	/* at most OWN_WAIT_MAX_US */
	uint64_t	 timeout_us;	/* exec; TOOL_UNSAID: not given */
	bool		 now;		/* task_stop */
	char		*text;		/* task_input; NULL: none; agent's task,
					   agent_send */
	size_t		 text_len;
	bool		 eof;		/* task_input */
	char		*command;	/* exec */
	char		*cwd;		/* exec; NULL: the session's */
	/* exec, task_move; NULL: not said */
	char		*after;		/* ids by blanks; "none" */
	char		*after_if;	/* ok, any */
	char		*priority;	/* low, normal, high */
	bool		 first;		/* task_move */
	char		*tools;		/* agent: names by blanks; NULL: all */
	char		*model, *session;	/* agent; NULL: not given */
	char		*mode;		/* agent_send; NULL: not given */
	char		*watch;		/* exec, task_watch; NULL: none */
};

bool		 own_is_taken(const char *name);
const char	*own_name(enum own_kind);
/* A new tool as the model shall see it; path is NULL. */
struct tool	*own_tool(enum own_kind);

/* false: *why is for the model, the caller frees it; *o is empty. */
bool		 own_parse(const char *name, struct bytes args, struct own *o,
		    char **why);
void		 own_fini(struct own *);

/*
 * /bin/sh -c command, nothing on its input, no SIGBOX_ARG_*. folder: where it
 * first goes, which is tried by the tool and not for it; NULL: it stays.
 */
void		 own_exec_args(const struct own *, const char *folder,
		    struct args *);

#endif
