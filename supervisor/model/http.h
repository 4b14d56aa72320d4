/*
 * POST with a streamed answer: libcurl's multi interface in the loop. It
 * calls back from the loop alone, never from within a call made here, and
 * anything may be ended inside a callback. No time limit on the whole: a
 * healthy stream may last for ever. Retries are not made here, except where a
 * server closed an idle connection just as it was used again.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdint.h>

#include "bytes.h"

struct loop;
struct http;
struct http_call;

struct http_limits {
	uint64_t	connect_us;
	uint64_t	first_byte_us;	/* of the body, once all is sent */
	uint64_t	stall_us;	/* between bytes */
};

struct http_post {
	const char	*url;		/* http or https */
	const char	*socket;	/* a Unix socket's path, or NULL */
	char		*auth;		/* a header line, or NULL; not copied */
	struct bytes	 body;		/* JSON; not copied */
};

struct http_ops {
	/* The last byte of the request was handed to the socket. */
	void	(*sent)(void *arg);
	void	(*data)(void *arg, struct bytes);
	/*
	 * why NULL: the whole answer is here. The call is gone on return,
	 * whatever is done to it here.
	 */
	void	(*end)(void *arg, const char *why);
};

/* NULL: libcurl cannot start. */
struct http	*http_new(struct loop *, const struct http_limits *);
/* Cuts what is open, in silence. */
void		 http_free(struct http *);

/* auth and body must live until the call has ended or is cut. */
struct http_call *http_post(struct http *, const struct http_post *,
		    const struct http_ops *, void *arg);
unsigned	 http_status(const struct http_call *);	/* 0: not yet */
const char	*http_header(const struct http_call *, const char *name);

/* At once and in silence: the connection is closed. */
void		 http_cut(struct http_call *);
/*
 * Nobody listens any more, but all that matters has come: a moment is given
 * to the rest of the answer, so that the connection can be used again.
 */
void		 http_leave(struct http_call *);

#endif
