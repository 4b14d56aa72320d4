/*
 * What a START asks of the sandbox, made ready once in the worker, before
 * anything is forked; I, T and the keeper read it.
 */
#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>
#include <sys/types.h>

#include "profile.h"

struct frame_start;

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
	bool		 cwd_is_root;	/* it belongs to uid 0, and we do not */
	char		*tools;		/* shown read-only; NULL: none */
	char		*tmp;		/* private, HOME and TMPDIR; NULL: none */
	char		*canary;	/* a file that no tool may see; or NULL */
	/* Absolute and canonical, ended by NULL; from the administrator. */
	char		**hide, **rw;
};

#endif
