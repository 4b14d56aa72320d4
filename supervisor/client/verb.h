/*
 * A verb of the command line: one constant each, listed once in main.c. Its
 * options are rows, from which parsing and help are made.
 */
#ifndef VERB_H
#define VERB_H

#include "ask.h"

#define VERB_MODES	"now|steer|interrupt|queue|rollback|reject|ask"
#define VERB_NOPTIONS	8	/* rows of one verb at most */

struct verb_option {
	const char	*name;		/* NULL ends the rows */
	char		 letter;	/* 0: none */
	const char	*arg;		/* NULL: a flag; a|b|c: one of these */
	const char	*help;
};

/* What a verb is called with. Its option i is opt[i]: NULL, or the value. */
struct client {
	struct ask	 ask;
	const char	*session;	/* as -s says; "": the default one */
	bool		 json;
	bool		 quiet;
	const char	*opt[VERB_NOPTIONS];
	int		 argc;		/* what is left: operands */
	char		**argv;
};

struct verb {
	const char	*name;
	const char	*alias;		/* or NULL */
	const char	*operands;	/* for usage */
	const char	*about;		/* one line */
	const struct verb_option *options; /* NULL: none */
	bool		 no_start;	/* never starts a supervisor */
	bool		 verbatim;	/* behind an operand nothing is ours */
	int		 min, max;	/* operands; max -1: any number */
	int		(*run)(struct client *);	/* the exit code */
};

extern const struct verb *const verb_list[];	/* ends with NULL */
extern const struct verb verb_chat, verb_say, verb_tasks, verb_show, verb_log,
    verb_stop, verb_suspend, verb_resume, verb_move, verb_input, verb_wait,
    verb_run, verb_tools, verb_interrupt, verb_detach, verb_queue, verb_sessions,
    verb_new, verb_transcript, verb_export, verb_delete, verb_events,
    verb_approvals, verb_approve, verb_deny, verb_status, verb_doctor,
    verb_reload, verb_shutdown, verb_compact, verb_fork, verb_watch;

/* Words, and the exit code for wrong usage or wrong data. */
int	verb_usage(const struct client *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Seconds, maybe with a fraction, to ms; false: they are none. */
bool	verb_seconds(const char *, uint64_t *ms);
bool	verb_number(const char *, uint64_t *);
/* All of stdin in *b, at most max bytes; false: the words were said. */
bool	verb_stdin(const struct client *, struct buf *, size_t max);
/* The folder we are in; empty if it is gone. The caller frees. */
char	*verb_cwd(void);

/* Sends, shows every item by the columns (NULL: keys), gives the exit code. */
struct show_column;
int	verb_ask(struct client *, struct frame *, const struct show_column *);
/* The same where no words are an answer: items are for --json only. */
int	verb_order(struct client *, struct frame *);

#endif
