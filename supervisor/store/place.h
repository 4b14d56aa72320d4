/*
 * Where a supervisor lives (S2): the state folder with the journal and the
 * tasks' output, the runtime folder with the socket, and the lock that makes
 * it the only one there. Folders are 0700, the socket is 0600, and what
 * belongs to somebody else is refused. The runtime folder's rule is in
 * common/runtime.h, since the clients follow it too.
 *
 *	state: $SIGBOX_STATE, $STATE_DIRECTORY, $XDG_STATE_HOME/sigbox,
 *	root: /var/lib/sigbox, anybody else: $HOME/.local/state/sigbox
 */
#ifndef PLACE_H
#define PLACE_H

#include <stdbool.h>

struct place {
	char	*state;
	char	*tasks;		/* state/tasks, a folder for each task */
	char	*runtime;
	char	*socket;
	int	 lock;		/* held until place_close(); also across fork */
	int	 listener;	/* -1 until place_listen() */
	bool	 given;		/* the listener came with us, and stays */
};

/*
 * Finds and makes the folders and takes the lock; call it in the process that
 * stays. -1: errno, and *why in words for the administrator, the caller's to
 * free. EBUSY: another supervisor runs here ("already running as pid 42").
 */
int	 place_open(struct place *, char **why);
/*
 * The listening socket: non-blocking, closed on exec; the one that socket
 * activation passed ($LISTEN_FDS), else a new one; what a dead supervisor left
 * is replaced. Unsets LISTEN_*. -1 as above; EBUSY: somebody answers there.
 */
int	 place_listen(struct place *, char **why);
/* Removes the socket if we made it, gives the lock back. */
void	 place_close(struct place *);

#endif
