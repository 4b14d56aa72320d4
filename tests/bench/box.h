/*
 * A real supervisor in a folder of its own, whose model is an ear, and one
 * client of it in this process. Whatever fails, and every wait of more than
 * BOX_DEADLINE_MS, ends the program, in words; the kernel then ends the rest.
 */
#ifndef BOX_H
#define BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"
#include "frame.h"
#include "wire.h"

#define BOX_DEADLINE_MS	30000

struct ear;

struct box {
	char		*dir;		/* state, home, work */
	pid_t		 pid;		/* 0: does not run */
	pid_t		 guard_pid;	/* removes dir when we are gone */
	int		 guard;		/* its pipe */
	int		 fd;		/* to it */
	struct wire	 wire;
	uint64_t	 request;	/* last number given to one */
};

/*
 * A folder and a configuration; conf: more of it, or NULL. Nothing runs. In
 * memory, where there is such a file system, no disk blurs what we take
 * ourselves; on the disk every record waits for it.
 */
enum box_where { BOX_IN_MEMORY, BOX_ON_DISK };
struct box	*box_new(const struct ear *, enum box_where, const char *conf);
void		 box_free(struct box *);	/* at once, with all tasks */
char		*box_path(const struct box *, const char *in_dir); /* free it */

/*
 * From fork to WELCOME, in ms. Its socket was made before, as systemd does it,
 * so that nothing is polled for. program: $SIGBOXD, or what stands for it.
 */
double		 box_start(struct box *, const char *program);
void		 box_stop(struct box *);	/* SIGTERM, and waits */
void		 box_kill(struct box *);	/* SIGKILL, and waits */
void		 box_forget(struct box *);	/* its state; it does not run */

/* Sends a request, and gives it its number. */
uint64_t	 box_ask(struct box *, struct frame *);
/* The next answer to the newest request; false: it was DONE. */
bool		 box_hear(struct box *, struct frame *);
void		 box_done(struct box *);	/* whatever is answered */

/* A message in mode now, until it is answered. In us since it was sent. */
struct said {
	double	admitted;	/* the client was told so */
	double	first, last;	/* bytes of its request came to the ear */
};
struct said	 box_say(struct box *, struct ear *, const char *session);

/*
 * Makes the model of the session call exec n times, and waits until those
 * commands run; they hold the session's turn.
 */
void		 box_hold(struct box *, struct ear *, const char *session,
		    size_t n, const char *command);
/* The same of sub-agents, each of which calls exec n times. */
void		 box_delegate(struct box *, struct ear *, const char *session,
		    size_t agents, size_t n, const char *command);
/* Of its sub-agents one is suspended, one stopped and that end told. */
void		 box_hinder(struct box *, struct ear *, const char *session);
/*
 * Starts n of them as a user does, in the session "tasks", and waits until
 * they run; no more are begun when the time is up. Returns how many run.
 */
size_t		 box_run(struct box *, size_t n, const char *command,
		    double seconds);
void		 box_stop_tasks(struct box *);	/* all, at once; until ended */

uint64_t	 box_memory(const struct box *, const char *what); /* kB */
/* In us so far. A busy machine stretches the clock, and this much less. */
double		 box_cpu(const struct box *);

#endif
