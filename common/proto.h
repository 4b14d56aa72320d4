/*
 * What two programs of ours must agree on before the first frame: the
 * version, and what a worker is born with.
 */
#ifndef PROTO_H
#define PROTO_H

#define PROTO_VERSION	1

#define PROTO_NAME	"sigbox-worker"	/* of its process, as in comm */

/*
 * In a worker's environment: "uid:gid:capabilities", the last in hex, as it is
 * to be before it does anything else. Not there: it stays as it was born.
 */
#define PROTO_AS	"SIGBOX_AS"

/* A worker's descriptors (DESIGN part 2; the socket is always 3). */
enum proto_fd {
	PROTO_FD_SOCKET = 3,	/* frames to and from the supervisor */
	PROTO_FD_LIFELINE,	/* read end; its end of file is our death */
	PROTO_FD_OUT,		/* spool of the tool's stdout, O_APPEND */
	PROTO_FD_ERR,		/* spool of the tool's stderr, O_APPEND */
	PROTO_FD_CWD,		/* the tool's working folder, O_PATH */
	PROTO_FD_CGROUP,	/* cgroup.procs for the tool, or /dev/null */
	PROTO_FD_END
};

/* Exit codes of sigbox-worker; anything else is the system's. */
enum proto_exit {
	PROTO_EXIT_DONE = 0,	/* it said ENDED */
	PROTO_EXIT_ORPHAN = 124, /* its parent died before it was armed */
	PROTO_EXIT_REFUSED = 125 /* no byte of the tool ran */
};

#endif
