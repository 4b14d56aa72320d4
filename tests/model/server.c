#include "server.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "log.h"
#include "loop.h"
#include "xalloc.h"

static bool
is_whole(const struct buf *in)
{
	const char *head, *length;
	size_t n = 0;

	if (in->len == 0 || (head = strstr(in->data, "\r\n\r\n")) == NULL)
		return false;
	if ((length = strcasestr(in->data, "\r\ncontent-length:")) != NULL)
		n = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
	return in->len >= (size_t)(head + 4 - in->data) + n;
}

static void
on_read(void *arg, unsigned what)
{
	struct server_peer *p = arg;
	struct server *s = p->server;
	ssize_t n;

	(void)what;
	n = read(p->fd, buf_room(&p->in, 65536), 65536);
	if (n <= 0) {
		p->is_closed = true;
		watch_set(p->watch, 0);
		return;
	}
	p->in.len += (size_t)n;
	p->in.data[p->in.len] = '\0';
	s->nread += (size_t)n;
	if (!is_whole(&p->in))
		return;
	s->nrequests++;
	p->nrequests++;
	buf_fini(&s->request);
	s->request = p->in;
	p->in = (struct buf){ 0 };
	if (s->asked != NULL)
		s->asked(s->arg, p);
}

static void
on_connection(void *arg, unsigned what)
{
	struct server *s = arg;
	struct server_peer *p = xcalloc(1, sizeof(*p));

	(void)what;
	p->server = s;
	if ((p->fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC)) == -1)
		fatal("accept");
	p->watch = watch_new(s->loop, p->fd, LOOP_READ, on_read, p);
	TAILQ_INSERT_TAIL(&s->peers, p, link);
	s->npeers++;
}

static void
bind_path(int fd, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1)
		fatal("bind: %s", path);
}

static unsigned
bind_loopback(int fd)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int small = 65536;

	/* So that what a client has sent is nearly what was read. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		fatal("bind");
	return ntohs(sin.sin_port);
}

struct server *
server_new(struct loop *loop, const char *path, char **base_url)
{
	struct server *s = xcalloc(1, sizeof(*s));

	s->loop = loop;
	TAILQ_INIT(&s->peers);
	s->fd = socket(path == NULL ? AF_INET : AF_UNIX,
	    SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd == -1)
		fatal("socket");
	if (path == NULL) {
		*base_url = xasprintf("http://127.0.0.1:%u/v1",
		    bind_loopback(s->fd));
	} else {
		bind_path(s->fd, path);
		*base_url = xasprintf("unix:%s", path);
	}
	if (listen(s->fd, 1024) == -1)
		fatal("listen");
	s->watch = watch_new(loop, s->fd, LOOP_READ, on_connection, s);
	return s;
}

void
server_free(struct server *s)
{
	struct server_peer *p;

	while ((p = TAILQ_FIRST(&s->peers)) != NULL) {
		TAILQ_REMOVE(&s->peers, p, link);
		watch_free(p->watch);
		fd_close(&p->fd);
		buf_fini(&p->in);
		free(p);
	}
	watch_free(s->watch);
	fd_close(&s->fd);
	buf_fini(&s->request);
	free(s);
}

void
server_say(struct server_peer *p, const char *text)
{
	size_t len = strlen(text);

	/* A test whose client is gone sees that in what it waits for. */
	if (send(p->fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		log_debug("the client is gone");
}

void
server_answer(struct server_peer *p, const char *status, const char *headers,
    const char *body)
{
	char *text = xasprintf("HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n%s",
	    status, headers, strlen(body), body);

	server_say(p, text);
	free(text);
}

void
server_stream(struct server_peer *p)
{
	server_say(p, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n");
}

void
server_event(struct server_peer *p, const char *data)
{
	char *text = xasprintf("%zx\r\ndata: %s\n\n\r\n", strlen(data) + 8,
	    data);

	server_say(p, text);
	free(text);
}

void
server_text(struct server_peer *p, const char *words)
{
	char *data = xasprintf("{\"choices\":[{\"index\":0,\"delta\":"
	    "{\"content\":\"%s\"}}]}", words);

	server_event(p, data);
	free(data);
}

void
server_end(struct server_peer *p)
{
	server_say(p, "0\r\n\r\n");
}

void
server_hang_up(struct server_peer *p)
{
	watch_set(p->watch, 0);
	fd_close(&p->fd);
}
