/*
 * What a START asks of the sandbox, made ready once in the worker, before
 * anything is forked; the init, the keeper and the tool read it.
 */
#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "profile.h"

struct frame_start;

/* Namespaces that a tool shares with nobody; the network only if it has none. */
enum { POLICY_NET, POLICY_IPC, POLICY_UTS, POLICY_CGROUP, POLICY_MNT, POLICY_NS };

struct policy {
	enum profile	 profile;
	enum tier	 tier;
	bool		 net;		/* the host's network */
	unsigned	 landlock;	/* its ABI here; 0: the kernel has none */
	uid_t		 uid;		/* the tool's, and ours */
	gid_t		 gid;
	char		*cwd;		/* the working folder's path, and */
	dev_t		 cwd_dev;	/* its identity, as the supervisor */
	ino_t		 cwd_ino;	/* opened it */
	bool		 cwd_is_root;	/* of uid 0, who made us somebody else */
	bool		 cwd_is_ro;	/* the host's own mount is read-only */
	char		*tools;		/* shown read-only; NULL: none */
	char		*tmp;		/* private, HOME and TMPDIR; NULL: none */
	uint64_t	 tmp_size;	/* bytes; 0: what the kernel takes */
	char		*canary;	/* a file that no tool may see; or NULL */
	/* Absolute and canonical, ended by NULL; from the administrator. */
	char		**hide, **rw;
	ino_t		 host[POLICY_NS];	/* the host's namespaces */
};

/*
 * From a START whose working folder is PROTO_FD_CWD. Looks at the host, while
 * it can be seen. -1: errno, and *step is a literal.
 */
int	policy_init(struct policy *, const struct frame_start *,
	    const char **step);

/* The number of the namespace that we are in now; 0: errno. */
ino_t	policy_namespace(int);

/* Whether there are walls at all. */
bool	policy_is_walled(const struct policy *);
/* Whether the tool may write in its working folder. */
bool	policy_is_writable(const struct policy *);
/* Where the tool starts. */
const char *policy_home(const struct policy *);

/* `path` is `folder` or lies below it; both canonical. */
bool	policy_is_below(const char *path, const char *folder);
/* The latter. */
bool	policy_is_inside(const char *path, const char *folder);

#endif
