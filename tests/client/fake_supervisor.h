/*
 * The other end of the line: a listening socket that says what the test tells
 * it to, and the real sigbox, run against it. One client at a time. Whatever
 * does not come in FAKE_DEADLINE_MS fails the test with words. A test that
 * was left by an assertion leaves a client, but no longer than its line.
 */
#ifndef FAKE_SUPERVISOR_H
#define FAKE_SUPERVISOR_H

#include <criterion/criterion.h>

#include "wire.h"

#define FAKE_DEADLINE_MS	10000

struct fake {
	char		 folder[64];	/* the runtime folder */
	char		*path;		/* the socket's */
	int		 listener;
	int		 fd;		/* the client's line; -1: none yet */
	struct wire	 wire;
	pid_t		 pid;		/* the client */
	int		 in, out_fd, err_fd;
	struct buf	 out, err;	/* what it printed so far */
	size_t		 matched;	/* of out, by fake_printed() */
	bool		 is_tty;	/* in and out are one terminal */
	uint64_t	 version;	/* that it says it speaks */
	const char	*stdout_path;	/* instead of a pipe */
	const char	*term;		/* NULL: dumb */
	const char	*no_colour;	/* of NO_COLOR */
	const char	*client;	/* instead of $SIGBOX */
	const char	*program;	/* that a client starts */
};

void	fake_init(struct fake *);
void	fake_fini(struct fake *);

/* sigbox with these arguments, ended by NULL; stdin open. */
void	fake_run(struct fake *, ...) __attribute__((sentinel));
void	fake_run_argv(struct fake *, char **argv);
/* The same on a terminal of 80 columns. */
void	fake_run_tty(struct fake *, ...) __attribute__((sentinel));
void	fake_type(struct fake *, const char *);
void	fake_close_stdin(struct fake *);

void	fake_greet(struct fake *);	/* accepts, hears OPEN, says WELCOME */
/* Greets, if there is no line yet; then the next frame. */
void	fake_hear(struct fake *, struct frame *, enum frame_type);
void	fake_item(struct fake *, uint64_t request, const char *json);
void	fake_shown(struct fake *, uint64_t request, const char *turn,
	    const char *text);
void	fake_output(struct fake *, uint64_t request, uint64_t offset,
	    struct bytes data, bool ended);
void	fake_send(struct fake *, const struct frame *);
void	fake_done(struct fake *, uint64_t request, uint64_t status,
	    const char *why);
void	fake_hang_up(struct fake *);	/* ends the line */
/* Ends the line, and there will be no other. */
void	fake_vanish(struct fake *);

/* Waits until the text is printed, behind what was found before. */
void	fake_printed(struct fake *, const char *);
/* Waits for the client's end; its exit code, 128+n for a signal. */
int	fake_end(struct fake *);

/* fake_hear() for a frame of one type; f is the test's struct frame. */
#define HEAR(fake, NAME)	fake_hear(fake, &f, FRAME_##NAME)

#define expect_bytes(b, s)						\
	cr_expect(bytes_is(b, s), "%s: \"%.*s\", not \"%s\"", #b,	\
	    (int)(b).len, (b).data, s)
#define expect_text(got, s)						\
	cr_expect_str_eq((got).data == NULL ? "" : (got).data, s)
#define expect_has(got, s)						\
	cr_expect((got).data != NULL && strstr((got).data, s) != NULL,	\
	    "\"%s\" has no \"%s\"", (got).data == NULL ? "" : (got).data, s)

#endif
