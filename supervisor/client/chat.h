/*
 * A conversation by lines: each line of stdin is a message and is sent at
 * once, whatever is still being answered. Answers, and what happens to tasks,
 * are shown as they come. Not an editor of lines: the terminal's own is used.
 */
#ifndef CHAT_H
#define CHAT_H

#include "screen.h"
#include "show.h"
#include "verb.h"

struct chat;
struct chat_task;
struct question;

/* How a question's answers are taken; NULL: dropped. */
struct chat_answer {
	void	(*item)(struct chat *, struct question *, const json_t *);
	void	(*output)(struct chat *, struct question *,
		    const struct frame_output *);
	/* After the words for an error; the question is gone after it. */
	void	(*done)(struct chat *, struct question *, int status);
	bool	is_background;	/* nobody waits for its end */
	bool	is_silent;	/* its errors are of no interest */
};

struct question {
	uint64_t			 request;
	const struct chat_answer	*answer;
	struct show			 show;	/* what some collect */
	struct buf			 text;
	TAILQ_ENTRY(question)		 link;
};

struct chat {
	struct client		*client;
	struct screen		 screen;
	TAILQ_HEAD(, question)	 questions;	/* open ones */
	TAILQ_HEAD(, chat_task)	 tasks;		/* chat_event.c's */
	const char		*session;	/* by its name */
	char			*cwd;
	char			*mode;		/* "": the session's own */
	struct buf		 in;		/* of stdin, no line yet */
	uint64_t		 newest;	/* whose status counts */
	uint64_t		 interrupted;	/* ms, when Ctrl-C came last */
	bool			 is_live;	/* events are followed */
	bool			 is_person;	/* stdin is a terminal */
	bool			 has_ended;	/* no more lines, or /quit */
	bool			 is_left;	/* waits for nothing more */
	int			 status;
};

int	chat_run(struct client *, const char *mode);

/* The question is asked and put on the list; NULL: it could not be. */
struct question *chat_ask(struct chat *, struct frame *,
	    const struct chat_answer *);
/* Words of ours on a line: [t7 exec exited 0 after 12 s]. */
void	chat_remark(struct chat *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* An error of a line; its exit code if it is the last one. */
void	chat_refuse(struct chat *, int status, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
void	chat_say(struct chat *, struct bytes text, const char *mode);

/* chat_word.c: a line that begins with '/'. false: it is a message. */
bool	chat_word(struct chat *, char *line);
/* chat_event.c: follows what happens in the session. */
void	chat_follow(struct chat *);
void	chat_follow_since(struct chat *, uint64_t seq);
void	chat_forget_tasks(struct chat *);

#endif
