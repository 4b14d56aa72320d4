/*
 * The rig's line to the fake model: a unix stream socket, a question a
 * connection, answered as soon as it is true.
 *
 *	release NAME		lets a hold go, now and later
 *	held NAME		an answer has come to that hold
 *	count			how many requests there are
 *	await FROM TEXT		the number, >= FROM, of a request whose last
 *				user message contains TEXT
 *	cut N			the client has gone away from that answer
 */
#ifndef FAKE_CONTROL_H
#define FAKE_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct book;

struct asker {
	TAILQ_ENTRY(asker)	 link;
	int			 fd;
	char			 question[1024];
	size_t			 len;
};
TAILQ_HEAD(askers, asker);

/* Reads what is there; false: it is gone, or was answered: free it. */
bool	asker_go(struct asker *, struct book *, short revents);

#endif
