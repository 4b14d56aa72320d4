/*
 * The host that attempts are made against: files in places of every kind,
 * somebody who listens on every kind of socket, another process of the same
 * user, and a working folder with a repository in it. One for each column, so
 * that what one tried is not there for the next.
 */
#ifndef STAGE_H
#define STAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "buf.h"

struct stage {
	uid_t	 uid;		/* the tool's, and the files' */
	bool	 root_folder;	/* the working folder is root's */
	char	 base[64];	/* below /tmp: hidden, work, spool */
	char	 work[80], hidden[80], spool[80];
	char	 shown[64];	/* "": without root there is none */
	char	 home[64], run[64], state[80], canary[96], worker[80];
	char	 private[96];	/* in the working folder, hidden */
	char	 attack[96], tools[80], nested[80];
	pid_t	 victim;
	int	 victim_out;	/* what it got: signals, a byte each */
	int	 dgrams[8];	/* what they got: the names of attempts */
	int	 streams[8];
	unsigned ndgrams, nstreams;
	int	 shm, sem, msg;
	char	 mq[32], posix_shm[32];
	struct buf hide;	/* paths, each ended by NUL */
	struct buf facts;	/* name=value, each ended by NUL */
	struct buf before;	/* how all that is outside looked */
};

/* Of WORKER and ATTACK, the programs; exits where it cannot be set. */
void	 stage_init(struct stage *, uid_t, bool root_folder);
void	 stage_fini(struct stage *);
/* One more fact, for the process that knows it. */
void	 stage_tell(struct stage *, const char *name, const char *value);
/* The repository and the project files as they were at first. */
void	 stage_renew(struct stage *);
/*
 * Calls heard() with the name of each attempt whose signal or datagram has
 * arrived outside.
 */
void	 stage_hear(struct stage *, void (*heard)(void *, const char *name),
	    void *arg);
/* Calls found() for each path that is not what it was, or has a set-id bit. */
void	 stage_compare(struct stage *, void (*found)(void *, const char *path),
	    void *arg);
/*
 * Processes of the user but for the victim, when their end was waited for, 1 s;
 * what is left then is killed. As root: the uid is nobody else's.
 */
unsigned stage_alive(const struct stage *);

#endif
