#include "ear.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench.h"
#include "fd.h"
#include "jsonw.h"
#include "xalloc.h"

#define LINES		64		/* connections at a time */
#define PIECE		(256U << 10)	/* of one read */
#define HEAD		"{\"id\":\"c\",\"object\":\"chat.completion.chunk\"," \
			"\"created\":1,\"model\":\"m\",\"choices\":[" \
			"{\"index\":0,\"delta\":"
#define LAST		"data: [DONE]\n\n"

struct line {
	int		 fd;
	struct buf	 in;
	uint64_t	 first;		/* byte of the request that comes */
};

struct calls {
	size_t		 n;
	char		*tool, *args;
	struct calls	*next;
};

struct ear {
	pthread_t	 thread;
	pthread_mutex_t	 lock;		/* of all below, but for the lines */
	int		 listener;
	int		 quit[2];	/* a pipe whose end ends the thread */
	bool		 keep;
	struct calls	*calls;		/* of the next answers, in order */
	struct heard	 heard;
	struct buf	 request;
	struct line	 lines[LINES];	/* the thread's own */
	size_t		 nlines;
};

static void
add_text(struct buf *b)
{
	buf_puts(b, "data: " HEAD "{\"role\":\"assistant\","
	    "\"content\":\"Yes.\"},\"finish_reason\":null}]}\n\n");
}

static void
add_calls(struct buf *b, const struct calls *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		buf_printf(b, "data: " HEAD "{\"tool_calls\":[{\"index\":%zu,"
		    "\"id\":\"call%05zu\",\"type\":\"function\",\"function\":"
		    "{\"name\":\"%s\",\"arguments\":\"", i, i, c->tool);
		jsonw_escape(b, bytes_of(c->args));
		buf_puts(b, "\"}}]},\"finish_reason\":null}]}\n\n");
	}
}

static void
drop_calls(struct ear *e)
{
	struct calls *c = e->calls;

	e->calls = c->next;
	free(c->tool);
	free(c->args);
	free(c);
}

/* The lock is held. */
static void
compose(struct ear *e, struct buf *b)
{
	const char *reason = e->calls == NULL ? "stop" : "tool_calls";
	struct buf body = { 0 };

	if (e->calls == NULL)
		add_text(&body);
	else {
		add_calls(&body, e->calls);
		drop_calls(e);
	}
	buf_printf(&body, "data: " HEAD "{},\"finish_reason\":\"%s\"}]}\n\n"
	    LAST, reason);
	buf_printf(b, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
	    "Connection: %s\r\nContent-Length: %zu\r\n\r\n",
	    e->keep ? "keep-alive" : "close", body.len);
	buf_add_bytes(b, buf_bytes(&body));
	buf_fini(&body);
}

/* All bytes of the request that the buffer begins with; 0: not known yet. */
static size_t
request_len(struct buf *in)
{
	const char *length, *end;

	*buf_room(in, 1) = '\0';
	if ((end = strstr(in->data, "\r\n\r\n")) == NULL)
		return 0;
	length = strcasestr(in->data, "\r\nContent-Length:");
	if (length == NULL || length > end)
		errx(EX_PROTOCOL, "ear: a request without its length");
	return (size_t)(end + 4 - in->data) + strtoul(length + 17, NULL, 10);
}

/* false: the connection ends with the answer. */
static bool
answer(struct ear *e, struct line *l, uint64_t now)
{
	struct buf out = { 0 };
	bool keep;

	pthread_mutex_lock(&e->lock);
	e->heard.first = l->first;
	e->heard.last = now;
	e->heard.n++;
	buf_reset(&e->request);
	buf_add_bytes(&e->request, buf_bytes(&l->in));
	compose(e, &out);
	keep = e->keep;
	pthread_mutex_unlock(&e->lock);
	buf_reset(&l->in);
	l->first = 0;
	/* Who has cut its request is not there any more. */
	if (fd_write_all(l->fd, out.data, out.len) == -1)
		keep = false;
	buf_fini(&out);
	return keep;
}

/* false: it has ended. came: when poll() had said that something is there. */
static bool
read_line(struct ear *e, struct line *l, uint64_t came)
{
	ssize_t n = recv(l->fd, buf_room(&l->in, PIECE), PIECE, MSG_DONTWAIT);
	size_t len;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	if (l->first == 0)
		l->first = came;
	l->in.len += (size_t)n;
	len = request_len(&l->in);
	return len == 0 || l->in.len < len || answer(e, l, bench_now());
}

static void
accept_line(struct ear *e)
{
	int one = 1, fd = accept4(e->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd == -1)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	e->lines[e->nlines++] = (struct line){ .fd = fd };
}

static void
drop_line(struct ear *e, size_t i)
{
	fd_close(&e->lines[i].fd);
	buf_fini(&e->lines[i].in);
	e->lines[i] = e->lines[--e->nlines];
}

static void *
listen_on(void *arg)
{
	struct pollfd p[LINES + 2];
	struct ear *e = arg;
	uint64_t came;
	size_t i;

	for (;;) {
		p[0] = (struct pollfd){ e->quit[0], POLLIN, 0 };
		p[1] = (struct pollfd){ e->nlines < LINES ? e->listener : -1,
		    POLLIN, 0 };
		for (i = 0; i < e->nlines; i++)
			p[i + 2] = (struct pollfd){ e->lines[i].fd, POLLIN, 0 };
		if (poll(p, e->nlines + 2, -1) == -1 && errno != EINTR)
			err(EX_OSERR, "ear: poll");
		came = bench_now();
		if (p[0].revents != 0)
			break;
		for (i = e->nlines; i-- > 0;)
			if (p[i + 2].revents != 0 &&
			    !read_line(e, &e->lines[i], came))
				drop_line(e, i);
		if (p[1].revents != 0)
			accept_line(e);
	}
	while (e->nlines > 0)
		drop_line(e, 0);
	return NULL;
}

static struct sockaddr_in
address(in_port_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = port,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

struct ear *
ear_new(void)
{
	struct ear *e = xcalloc(1, sizeof(*e));
	struct sockaddr_in sin = address(0);

	e->keep = true;
	pthread_mutex_init(&e->lock, NULL);
	e->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (e->listener == -1 ||
	    bind(e->listener, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(e->listener, LINES) == -1 ||
	    pipe2(e->quit, O_CLOEXEC) == -1)
		err(EX_OSERR, "ear");
	if ((errno = pthread_create(&e->thread, NULL, listen_on, e)) != 0)
		err(EX_OSERR, "ear: thread");
	return e;
}

void
ear_free(struct ear *e)
{
	fd_close(&e->quit[1]);
	pthread_join(e->thread, NULL);
	fd_close(&e->quit[0]);
	fd_close(&e->listener);
	pthread_mutex_destroy(&e->lock);
	buf_fini(&e->request);
	while (e->calls != NULL)
		drop_calls(e);
	free(e);
}

unsigned
ear_port(const struct ear *e)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	if (getsockname(e->listener, (struct sockaddr *)&sin, &len) == -1)
		err(EX_OSERR, "ear: port");
	return ntohs(sin.sin_port);
}

void
ear_keep(struct ear *e, bool keep)
{
	pthread_mutex_lock(&e->lock);
	e->keep = keep;
	pthread_mutex_unlock(&e->lock);
}

void
ear_call(struct ear *e, size_t n, const char *tool, const char *args)
{
	struct calls *c = xcalloc(1, sizeof(*c)), **last;

	c->n = n;
	c->tool = xstrdup(tool);
	c->args = xstrdup(args);
	pthread_mutex_lock(&e->lock);
	for (last = &e->calls; *last != NULL; last = &(*last)->next)
		;
	*last = c;
	pthread_mutex_unlock(&e->lock);
}

struct heard
ear_heard(struct ear *e)
{
	struct heard heard;

	pthread_mutex_lock(&e->lock);
	heard = e->heard;
	pthread_mutex_unlock(&e->lock);
	return heard;
}

void
ear_copy(struct ear *e, struct buf *b)
{
	buf_reset(b);
	pthread_mutex_lock(&e->lock);
	buf_add_bytes(b, buf_bytes(&e->request));
	pthread_mutex_unlock(&e->lock);
}

static int
dial(const struct ear *e)
{
	struct sockaddr_in sin = address(htons((in_port_t)ear_port(e)));
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 ||
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(EX_OSERR, "ear: connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static bool
is_whole(const struct buf *b)
{
	const size_t len = sizeof(LAST) - 1;

	return b->len >= len && memcmp(b->data + b->len - len, LAST, len) == 0;
}

static bool
read_answer(int fd)
{
	struct buf b = { 0 };
	bool keep;
	ssize_t n;

	while (!is_whole(&b)) {
		if ((n = read(fd, buf_room(&b, PIECE), PIECE)) <= 0)
			err(EX_PROTOCOL, "ear: the answer ended early");
		b.len += (size_t)n;
	}
	keep = memmem(b.data, b.len, "keep-alive", 10) != NULL;
	buf_fini(&b);
	return keep;
}

double
ear_post(struct ear *e, int *fd, struct bytes request)
{
	uint64_t before = bench_now();

	if (*fd == -1)
		*fd = dial(e);
	if (fd_write_all(*fd, request.data, request.len) == -1)
		err(EX_PROTOCOL, "ear: write");
	if (!read_answer(*fd))
		fd_close(fd);
	return (double)(ear_heard(e).last - before) / 1000;
}
