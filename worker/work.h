/*
 * One task, from START to ENDED: the line to the supervisor, the tool, its
 * pipes, its boundary. It decides nothing: it does what frames say, reports
 * what happens, and goes when nothing is left or when the line ends.
 */
#ifndef WORK_H
#define WORK_H

#include "boundary.h"
#include "feed.h"
#include "policy.h"
#include "progress.h"
#include "pump.h"
#include "tool.h"
#include "watch.h"
#include "wire.h"

struct protect;

#define WORK_TITLE_MAX	192

struct work {
	struct wire	 wire;
	bool		 line_ended;
	struct boundary	 boundary;
	struct policy	 policy;
	struct tool	 tool;
	int		 folder;	/* the working folder, to compare */
	struct protect	*before;	/* what stood there; NULL: none */
	struct pump	 out, err;
	struct feed	 feed;
	struct progress	 progress;
	struct watch	 watch;
	int		 sigfd;		/* SIGCHLD */

	bool		 tool_ended;	/* with: */
	int		 code, signo;
	bool		 counted;	/* who is left is known: */
	uint64_t	 alive;
	char		 names[256];
	bool		 said_exit;
	bool		 forced;	/* KILL, or nobody listens */
	bool		 clearing;	/* the boundary was told to end */

	uint64_t	 tell_at;	/* us; what grows is not told before */
	uint64_t	 told_out, told_err, told_fed;
	char		 title[WORK_TITLE_MAX];	/* in front of the state */
};

/* The worker's exit code, one of proto.h's. */
int	work_run(struct work *);

/*
 * HELLO, START, the boundary, the tool's exec, RUNNING. false: *code is to be
 * exited with; if it is PROTO_EXIT_REFUSED, REFUSED was said.
 */
bool	begin(struct work *, int *code);

/* line.c */
void	line_say(struct work *, const struct frame *);
void	line_note(struct work *, const char *what, const char *why);
/* All that was said is in the socket, or the line has ended. */
void	line_flush(struct work *);
/* What grew, at most ten times a second. */
void	line_tell(struct work *);
/* When to come again; 0: there is nothing. */
uint64_t line_untold(const struct work *);

/* seen.c: what is watched for; patterns: each ended by NUL */
void	seen_start(struct work *, struct bytes patterns);
void	seen_match(struct work *, const struct frame_match *);
/* What is due; and when there is more, 0: nothing. */
void	seen_tell(struct work *);
uint64_t seen_due(const struct work *);
void	seen_end(struct work *);	/* no more output comes */
/* GAUGED, with how the output ends. */
void	seen_gauged(struct work *, uint64_t cpu_us);

#endif
