/* Scripts that make sub-agents, and a scene of three at work. */
#ifndef AGENTS_H
#define AGENTS_H

#include "rig.h"

struct rig	*start(const char *conf);	/* of many sessions */

/*
 * A line of a script that calls a tool with one string, and with what more, an
 * object, says; one that calls agent with such a script; lines as one text.
 */
char	*call(struct rig *, const char *tool, const char *key,
	    const char *value, const char *more);
char	*agent(struct rig *, const char *task);
char	*lines(struct rig *, const char *, ...) __attribute__((sentinel));

struct job	*say(struct rig *, const char *text);
const char	*text_of(struct job *said);
const char	*state(struct rig *, const char *task);
json_t		*session(struct rig *, const char *name);	/* or NULL */
json_t		*tasks_of(struct rig *, const char *session);
/* Of the first record of a kind about a task, in any session. */
json_int_t	 seq_of(struct rig *, const char *kind, const char *task);
void		 tell(int fifo);	/* a line, to who reads it */

/*
 * t1, t2 and t3 are sub-agents, each with two tools, t4 to t9, that run until
 * its gate is opened.
 */
struct scene {
	struct rig	*r;
	int		 gate[3];
};
struct scene	 three(void);
void		 open_gate(struct scene *, int n);	/* 1 to 3 */
pid_t		 tool(struct rig *, const char *session, size_t i);
void		 ask_five(struct rig *);	/* each is answered, soon */
/* Until it was told of a task's end and has said what it says to that. */
void		 woken(struct rig *, const char *task);
/* The end is told once in what was asked last. */
void		 expect_told_once(struct rig *, const char *task);

#endif
