/*
 * fake_model FOLDER KEY: a model that says what its user tells it to say
 * (fake_script.h). Listens on 127.0.0.1, prints the port, answers until its
 * stdin ends. Questions about it go to FOLDER/control (fake_control.h).
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_answer.h"
#include "fake_book.h"
#include "fake_control.h"
#include "fake_line.h"

struct fake {
	struct book	*book;
	const char	*key;
	int		 http, control;
	struct lines	 lines;
	struct askers	 askers;
	size_t		 n;		/* of both */
};

static int
listen_http(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sin);
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    listen(fd, 256) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(71, "127.0.0.1");
	printf("%u\n", ntohs(sin.sin_port));
	fflush(stdout);
	return fd;
}

static int
listen_control(const char *folder)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/control", folder);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1 ||
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, 64) == -1)
		err(71, "%s", sun.sun_path);
	return fd;
}

static void
accept_line(struct fake *f)
{
	struct line *l;
	int one = 1;
	int fd = accept4(f->http, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd == -1)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	l = line_new(fd, f->book, f->key);
	TAILQ_INSERT_TAIL(&f->lines, l, link);
	f->n++;
}

static void
accept_asker(struct fake *f)
{
	struct asker *a;
	int fd = accept4(f->control, NULL, NULL, SOCK_CLOEXEC);

	if (fd == -1)
		return;
	if ((a = calloc(1, sizeof(*a))) == NULL)
		abort();
	a->fd = fd;
	TAILQ_INSERT_TAIL(&f->askers, a, link);
	f->n++;
}

static void
go_lines(struct fake *f, const struct pollfd *p)
{
	struct line *l, *next;

	TAILQ_FOREACH_SAFE(l, &f->lines, link, next)
		if (!line_go(l, p++->revents)) {
			TAILQ_REMOVE(&f->lines, l, link);
			line_free(l);
			f->n--;
		}
}

/* p NULL: nothing came from them, but what they ask may be true by now. */
static void
go_askers(struct fake *f, const struct pollfd *p)
{
	struct asker *a, *next;

	TAILQ_FOREACH_SAFE(a, &f->askers, link, next)
		if (!asker_go(a, f->book, p == NULL ? 0 : p++->revents)) {
			TAILQ_REMOVE(&f->askers, a, link);
			close(a->fd);
			free(a);
			f->n--;
		}
}

static int
next_due(const struct fake *f)
{
	uint64_t now = book_now(), due = 0;
	const struct line *l;

	TAILQ_FOREACH(l, &f->lines, link)
		if (l->due != 0 && (due == 0 || l->due < due))
			due = l->due;
	if (due == 0)
		return -1;
	return due <= now ? 0 : (int)((due - now + 999) / 1000);
}

static bool
turn(struct fake *f, struct pollfd *p)
{
	const struct line *l;
	const struct asker *a;
	size_t nlines = 0, n = 3;

	p[0] = (struct pollfd){ STDIN_FILENO, POLLIN, 0 };
	p[1] = (struct pollfd){ f->http, POLLIN, 0 };
	p[2] = (struct pollfd){ f->control, POLLIN, 0 };
	TAILQ_FOREACH(l, &f->lines, link) {
		p[n++] = (struct pollfd){ l->fd, line_events(l), 0 };
		nlines++;
	}
	TAILQ_FOREACH(a, &f->askers, link)
		p[n++] = (struct pollfd){ a->fd, POLLIN, 0 };
	if (poll(p, n, next_due(f)) == -1)
		err(71, "poll");
	go_askers(f, p + 3 + nlines);
	go_lines(f, p + 3);
	go_askers(f, NULL);
	if (p[1].revents != 0)
		accept_line(f);
	if (p[2].revents != 0)
		accept_asker(f);
	return p[0].revents == 0;
}

int
main(int argc, char **argv)
{
	struct fake f = { .lines = TAILQ_HEAD_INITIALIZER(f.lines),
	    .askers = TAILQ_HEAD_INITIALIZER(f.askers) };
	struct pollfd *p = NULL;
	bool on = true;

	if (argc != 3)
		errx(64, "usage: fake_model FOLDER KEY");
	signal(SIGPIPE, SIG_IGN);
	f.book = book_open(argv[1]);
	f.key = argv[2];
	f.control = listen_control(argv[1]);
	f.http = listen_http();
	while (on) {
		p = reallocarray(p, f.n + 3, sizeof(*p));
		if (p == NULL)
			err(71, NULL);
		on = turn(&f, p);
	}
	free(p);
	return 0;
}
