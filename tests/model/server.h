/*
 * A server of HTTP in the test's own loop: it reads whole requests and says
 * what the test makes it say. It aborts where a test cannot go on.
 */
#ifndef SERVER_H
#define SERVER_H

#include <sys/queue.h>

#include "buf.h"

struct loop;
struct server;

/* A connection of a client. */
struct server_peer {
	TAILQ_ENTRY(server_peer)	 link;
	struct server			*server;
	struct watch			*watch;
	int				 fd;
	struct buf			 in;
	size_t				 nrequests;
	bool				 is_closed;	/* by the client */
};

struct server {
	struct loop				*loop;
	struct watch				*watch;
	int					 fd;
	TAILQ_HEAD(server_peers, server_peer)	 peers;	/* also closed ones */
	size_t					 npeers, nrequests;
	size_t					 nread;	/* bytes */
	struct buf				 request; /* the last, whole */
	/* A request is whole; NULL: nothing happens. */
	void	(*asked)(void *, struct server_peer *);
	void	*arg;
};

/* path NULL: on the loopback address; *base_url is the caller's to free. */
struct server	*server_new(struct loop *, const char *path, char **base_url);
void		 server_free(struct server *);
void		 server_say(struct server_peer *, const char *);
/* With these header lines, each of which ends in CRLF, and that body. */
void		 server_answer(struct server_peer *, const char *status,
		    const char *headers, const char *body);
/* The head of a stream, then server_event() and server_end(). */
void		 server_stream(struct server_peer *);
void		 server_event(struct server_peer *, const char *data);
void		 server_text(struct server_peer *, const char *text);
void		 server_end(struct server_peer *);	/* of the body */
void		 server_hang_up(struct server_peer *);

#endif
