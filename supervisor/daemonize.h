/*
 * Into the background, and back only when it is known how it went: who started
 * us waits until we serve, or gets our words and our exit code.
 */
#ifndef DAEMONIZE_H
#define DAEMONIZE_H

struct daemonize {
	int	fd;		/* to who waits; -1: nobody, we are in front */
};

/* Forks; only the child returns. -1: *why is the caller's to free. */
int	daemonize_start(struct daemonize *, char **why);
/* We serve: stderr becomes FOLDER/sigboxd.log, and the parent exits 0. */
void	daemonize_ready(struct daemonize *, const char *folder);
/* We do not: the parent prints why and exits with code. */
void	daemonize_failed(struct daemonize *, int code, const char *why);

#endif
