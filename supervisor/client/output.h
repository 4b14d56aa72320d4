/*
 * What a task printed, followed by questions (LOG): each answer brings some
 * bytes, the next question asks from behind them. It owns no line; the owner
 * of the ask passes on what came.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "ask.h"

struct output_stream {
	const char	*name;		/* "out", "err" */
	int		 fd;		/* where it is shown, 1 or 2 */
	uint64_t	 since;
	uint64_t	 request;	/* open; 0: none */
	bool		 was_heard;	/* since the question: anything, */
	bool		 has_grown;	/* bytes, */
	bool		 has_ended;	/* the end */
	struct buf	 rest;		/* a character that is not whole yet */
};

struct output {
	struct ask		*ask;
	char			*id;
	bool			 wait;	/* until the task ends */
	bool			 json;
	bool			 quiet;	/* no words about what is lost */
	struct output_stream	 streams[2];	/* out, err */
};

void	output_init(struct output *, struct ask *, const char *id);
void	output_fini(struct output *);
/* Asks for streams[i]; false: ask.status. */
bool	output_start(struct output *, int i);
bool	output_is_open(const struct output *);
/* An answer; true: it was to a question of ours. */
bool	output_take(struct output *, const struct frame_output *);
/* Asks again if there is more. An error ends the stream; you have the words. */
bool	output_done(struct output *, const struct frame_done *);

#endif
