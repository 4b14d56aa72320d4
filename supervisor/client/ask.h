/*
 * The line to the supervisor: questions out, answers in. Several questions may
 * be open at once; each has a number that its answers repeat. The line is made
 * when the first question is asked, so that wrong usage never starts a
 * supervisor. Words for every error go to stderr here; a caller only passes
 * the exit code on.
 */
#ifndef ASK_H
#define ASK_H

#include <sysexits.h>

#include "wire.h"

#define ASK_EXIT_LEFT	130	/* by Ctrl-C, as a shell has it */

/* What comes; NULL: not expected, dropped. Borrowed until the call returns. */
struct ask_ops {
	void	(*item)(void *arg, const struct frame_item *);
	void	(*shown)(void *arg, const struct frame_shown *);
	void	(*output)(void *arg, const struct frame_output *);
	void	(*done)(void *arg, const struct frame_done *);
};

struct ask {
	const char		*verb;		/* for words */
	bool			 start;		/* one, if there is none */
	bool			 end_is_fine;	/* no words about its end */
	int			 fd;		/* -1: nothing was asked yet */
	int			 signals;	/* -1: not caught */
	struct wire		 wire;
	uint64_t		 pid;		/* as it says */
	uint64_t		 last;		/* number given */
	const struct ask_ops	*ops;
	void			*arg;
	uint64_t		 awaited;	/* by ask_do(); 0: none */
	bool			 was_left;	/* Ctrl-C ended ask_do() */
	int			 status;	/* its, or why no line */
};

enum ask_event {
	ASK_LOST = 1,		/* no more line; status says which exit code */
	ASK_INPUT = 2,		/* the descriptor asked about is ready */
	ASK_SIGNAL = 4		/* Ctrl-C */
};

void	 ask_init(struct ask *, const char *verb, bool start);
void	 ask_fini(struct ask *);
/* From now on Ctrl-C is an ASK_SIGNAL. */
void	 ask_catch_signals(struct ask *);

/*
 * The number of the question, put into the frame. 0: it was not asked, and
 * ask.status is the exit code: a field is not text or too long (65), there is
 * no supervisor (69), we may not speak to it (77).
 */
uint64_t ask_send(struct ask *, struct frame *);

/*
 * Writes, waits (ms; -1 for ever) for an answer, for input (-1: none) or for
 * Ctrl-C, and hands what came to ops. Events, 0 if only answers came or time
 * is up. Also ends the program in silence when nobody reads stdout any more.
 */
unsigned ask_wait(struct ask *, int input, int timeout);

/* What was asked is out, or there is no line, or it takes more than ms. */
void	 ask_flush(struct ask *, int ms);
/*
 * One question and all its answers; the exit code. Says DONE's why. Ctrl-C
 * ends it where signals are caught: 130, and the rest is not waited for.
 */
int	 ask_do(struct ask *, struct frame *, const struct ask_ops *,
	    void *arg);
/* The exit code that DONE stands for, after saying its why. */
int	 ask_verdict(const struct ask *, const struct frame_done *);

#endif
