#include "http.h"

#include <sys/queue.h>
#include <sys/socket.h>

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "log.h"
#include "loop.h"
#include "wipe.h"
#include "xalloc.h"

#define WARM_MAX	16L		/* idle connections kept */
#define LINGER_US	1000000		/* for the rest of an answer left */
#define DEAD_PEER_MS	30000U		/* sent and not acknowledged */

struct http {
	struct loop				*loop;
	CURLM					*multi;
	struct alarm				*alarm;
	struct http_limits			 limits;
	TAILQ_HEAD(http_calls, http_call)	 calls, ready;
	bool					 telling; /* its owners */
	bool					 dead;	/* freed by one */
};

struct http_call {
	TAILQ_ENTRY(http_call)	 link;		/* calls */
	TAILQ_ENTRY(http_call)	 ready_link;
	struct http		*http;
	CURL			*easy;
	struct curl_slist	 headers[5];
	char			*auth;
	struct bytes		 body;
	struct http_ops		 ops;		/* none: it was left */
	void			*arg;
	struct alarm		*alarm;
	uint64_t		 deadline;
	uint64_t		 armed;		/* no later than that */
	struct buf		 in;		/* came, not told yet */
	char			 error[CURL_ERROR_SIZE];
	const char		*why;
	bool			 left, is_ready, was_sent, tell_sent;
	bool			 is_answered;	/* the body's first byte came */
	bool			 ended;
	bool			 going;		/* in its last callback */
};

/* A descriptor of libcurl's. */
struct http_socket {
	struct http	*http;
	struct watch	*watch;
	int		 fd;
};

static void
make_ready(struct http_call *c)
{
	if (c->is_ready)
		return;
	c->is_ready = true;
	TAILQ_INSERT_TAIL(&c->http->ready, c, ready_link);
}

static void
unlink_call(struct http_call *c)
{
	if (c->is_ready)
		TAILQ_REMOVE(&c->http->ready, c, ready_link);
	TAILQ_REMOVE(&c->http->calls, c, link);
}

static void
free_call(struct http_call *c)
{
	alarm_free(c->alarm);
	if (!c->ended)
		curl_multi_remove_handle(c->http->multi, c->easy);
	curl_easy_cleanup(c->easy);
	buf_fini(&c->in);
	free(c);
}

static void
end_call(struct http_call *c, const char *why)
{
	c->ended = true;
	c->why = why;
	alarm_off(c->alarm);
	curl_multi_remove_handle(c->http->multi, c->easy);
	make_ready(c);
}

static void
destroy(struct http *h)
{
	curl_multi_cleanup(h->multi);
	alarm_free(h->alarm);
	free(h);
	curl_global_cleanup();
}

/*
 * One thing at a time, as the last act: whoever hears of it may cut this call
 * or any other.
 */
static void
tell_one(struct http_call *c)
{
	struct buf in = c->in;

	if (c->tell_sent) {
		c->tell_sent = false;
		c->ops.sent(c->arg);
	} else if (in.len > 0) {
		c->in = (struct buf){ 0 };
		c->ops.data(c->arg, buf_bytes(&in));
		buf_fini(&in);
	} else if (c->ended) {
		unlink_call(c);
		c->going = true;
		if (!c->left)
			c->ops.end(c->arg, c->why);
		free_call(c);
	} else {
		TAILQ_REMOVE(&c->http->ready, c, ready_link);
		c->is_ready = false;
	}
}

/* After each step of libcurl, for it takes no calls inside its callbacks. */
static void
tell_all(struct http *h)
{
	struct http_call *c;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &c);
		if (m->data.result == CURLE_OK)
			end_call(c, NULL);
		else
			end_call(c, c->error[0] != '\0' ? c->error :
			    curl_easy_strerror(m->data.result));
	}
	h->telling = true;
	while ((c = TAILQ_FIRST(&h->ready)) != NULL)
		tell_one(c);
	h->telling = false;
	if (h->dead)
		destroy(h);
}

/* The watch that called may be gone when libcurl returns. */
static void
on_socket(void *arg, unsigned what)
{
	struct http_socket *s = arg;
	struct http *h = s->http;
	int flags = 0, running;

	if (what & LOOP_READ)
		flags |= CURL_CSELECT_IN;
	if (what & LOOP_WRITE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(h->multi, s->fd, flags, &running);
	tell_all(h);
}

static void
on_alarm(void *arg)
{
	struct http *h = arg;
	int running;

	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	tell_all(h);
}

static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *own)
{
	struct http_socket *s = own;
	struct http *h = arg;
	unsigned want = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		curl_multi_assign(h->multi, fd, NULL);
		if (s != NULL)
			watch_free(s->watch);
		free(s);
		return 0;
	}
	if (what & CURL_POLL_IN)
		want |= LOOP_READ;
	if (what & CURL_POLL_OUT)
		want |= LOOP_WRITE;
	if (s != NULL) {
		watch_set(s->watch, want);
		return 0;
	}
	s = xcalloc(1, sizeof(*s));
	s->http = h;
	s->fd = fd;
	s->watch = watch_new(h->loop, fd, want, on_socket, s);
	curl_multi_assign(h->multi, fd, s);
	return 0;
}

static int
want_alarm(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	if (ms < 0)
		alarm_off(h->alarm);
	else
		alarm_at(h->alarm, loop_now() + (uint64_t)ms * 1000);
	return 0;
}

struct http *
http_new(struct loop *loop, const struct http_limits *limits)
{
	struct http *h;

	/* It copies the header with the key; nothing it frees keeps it (M4). */
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_free,
	    wipe_realloc, strdup, calloc) != CURLE_OK)
		return NULL;
	h = xcalloc(1, sizeof(*h));
	h->loop = loop;
	h->limits = *limits;
	TAILQ_INIT(&h->calls);
	TAILQ_INIT(&h->ready);
	h->alarm = alarm_new(loop, on_alarm, h);
	if ((h->multi = curl_multi_init()) == NULL)
		goto fail;
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, want_alarm);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, WARM_MAX);
	return h;
fail:
	alarm_free(h->alarm);
	free(h);
	curl_global_cleanup();
	return NULL;
}

void
http_free(struct http *h)
{
	struct http_call *c;

	if (h == NULL)
		return;
	while ((c = TAILQ_FIRST(&h->calls)) != NULL)
		http_cut(c);
	if (h->telling)
		h->dead = true;
	else
		destroy(h);
}

/* Later is cheap, for it is at each piece; only sooner moves the alarm. */
static void
set_deadline(struct http_call *c, uint64_t us)
{
	c->deadline = loop_now() + us;
	if (c->armed != 0 && c->armed <= c->deadline)
		return;
	c->armed = c->deadline;
	alarm_at(c->alarm, c->armed);
}

static size_t
on_data(char *data, size_t size, size_t n, void *arg)
{
	struct http_call *c = arg;

	(void)size;
	if (c->left)
		return n;
	c->is_answered = true;
	set_deadline(c, c->http->limits.stall_us);
	buf_add(&c->in, data, n);
	make_ready(c);
	return n;
}

/* libcurl counts what the socket took, right after it took it. */
static int
on_progress(void *arg, curl_off_t down_all, curl_off_t down,
    curl_off_t up_all, curl_off_t up)
{
	struct http_call *c = arg;

	(void)down_all;
	(void)down;
	(void)up_all;
	if (c->was_sent || c->left || (size_t)up < c->body.len)
		return 0;
	c->was_sent = c->tell_sent = true;
	if (!c->is_answered)
		set_deadline(c, c->http->limits.first_byte_us);
	make_ready(c);
	return 0;
}

/*
 * libcurl's own sockets would be inherited. And a connection that was warm
 * may be dead without a word: better to hear of it in half a minute than
 * after the patience that a thinking model gets.
 */
static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	unsigned dead_ms = DEAD_PEER_MS;
	int fd;

	(void)arg;
	(void)purpose;
	fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
	if (fd != -1 && a->family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms,
		    sizeof(dead_ms));
	return fd == -1 ? CURL_SOCKET_BAD : fd;
}

static void
on_deadline(void *arg)
{
	struct http_call *c = arg;
	struct http *h = c->http;

	if (loop_now() < c->deadline) {
		c->armed = c->deadline;
		alarm_at(c->alarm, c->armed);
		return;
	}
	end_call(c, c->error);
	snprintf(c->error, sizeof(c->error), "nothing came for %.3g s",
	    (double)(c->is_answered ? h->limits.stall_us :
	    h->limits.first_byte_us) / 1e6);
	tell_all(h);
}

/*
 * An empty Expect, or a large body would wait a second for a 100 that no
 * server sends (C3).
 */
static struct curl_slist *
set_headers(struct http_call *c)
{
	static char type[] = "Content-Type: application/json",
	    accept[] = "Accept: text/event-stream, application/json",
	    expect[] = "Expect:",
	    agent[] = "User-Agent: sigbox/" SIGBOX_VERSION;
	char *lines[] = { type, accept, expect, agent, c->auth };
	size_t i, n = c->auth == NULL ? 4 : 5;

	for (i = 0; i < n; i++) {
		c->headers[i].data = lines[i];
		c->headers[i].next = i + 1 < n ? &c->headers[i + 1] : NULL;
	}
	return c->headers;
}

static void
set_callbacks(struct http_call *c)
{
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_PRIVATE, c);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(e, CURLOPT_XFERINFODATA, c);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
}

static void
set_options(struct http_call *c, const struct http_post *post)
{
	CURL *e = c->easy;

	curl_easy_setopt(e, CURLOPT_URL, post->url);
	if (post->socket != NULL)
		curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, post->socket);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	/*
	 * HTTP/2 where TLS offers it: a message beside an answer that still
	 * streams shares its connection and waits for no handshake (C3).
	 */
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, set_headers(c));
	curl_easy_setopt(e, CURLOPT_POST, 1L);
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)c->body.len);
	curl_easy_setopt(e, CURLOPT_POSTFIELDS, c->body.data);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)((c->http->limits.connect_us + 999) / 1000));
	/* Else removing a handle joins the thread that resolves its name. */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_DNS_CACHE_TIMEOUT, 300L);
}

struct http_call *
http_post(struct http *h, const struct http_post *post,
    const struct http_ops *ops, void *arg)
{
	struct http_call *c = xcalloc(1, sizeof(*c));

	c->http = h;
	c->auth = post->auth;
	c->body = post->body;
	c->ops = *ops;
	c->arg = arg;
	if ((c->easy = curl_easy_init()) == NULL)
		fatalx(71, "http: out of memory");
	set_callbacks(c);
	set_options(c, post);
	c->alarm = alarm_new(h->loop, on_deadline, c);
	set_deadline(c, h->limits.connect_us + h->limits.first_byte_us);
	TAILQ_INSERT_TAIL(&h->calls, c, link);
	curl_multi_add_handle(h->multi, c->easy);
	return c;
}

unsigned
http_status(const struct http_call *c)
{
	long status = 0;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	return (unsigned)status;
}

const char *
http_header(const struct http_call *c, const char *name)
{
	struct curl_header *h;

	if (curl_easy_header(c->easy, name, 0, CURLH_HEADER, -1, &h) !=
	    CURLHE_OK)
		return NULL;
	return h->value;
}

void
http_cut(struct http_call *c)
{
	if (c->going)
		return;
	unlink_call(c);
	free_call(c);
}

void
http_leave(struct http_call *c)
{
	if (c->ended) {
		http_cut(c);
		return;
	}
	c->left = true;
	c->tell_sent = false;
	buf_fini(&c->in);
	set_deadline(c, LINGER_US);
}
