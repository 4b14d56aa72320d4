#include <sys/socket.h>

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"
#include "xalloc.h"

TestSuite(http, .init = rig_set_up, .fini = rig_tear_down, .timeout = 60);

static void
stay_open(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_text(p, "hi");
	server_event(p, "[DONE]");
}

Test(http, done_is_told_without_the_end_of_the_connection)
{
	rig.server->asked = stay_open;
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;text hi;done;");
	/* The rest comes late, and the connection is kept for another. */
	server_end(TAILQ_FIRST(&rig.server->peers));
	rig.server->asked = rig_answer_hi;
	rig_ask("again");
	rig_run(rig_two_have_ended);
	expect_log("sent;text hi;done;sent;text hi;done;");
	cr_expect_not(rig_peer_has_left());
}

Test(http, a_connection_is_used_again)
{
	rig.server->asked = rig_answer_hi;
	rig_ask("hello");
	rig_run(rig_has_ended);
	rig_ask("again");
	rig_run(rig_two_have_ended);
	cr_expect_eq(rig.server->npeers, 1);
	cr_expect_eq(rig.server->nrequests, 2);
}

/* As if it had closed the idle connection just before. */
static void
hang_up_on_reuse(void *arg, struct server_peer *p)
{
	if (p->nrequests > 1)
		server_hang_up(p);
	else
		rig_answer_hi(arg, p);
}

Test(http, an_idle_connection_that_died_costs_nobody_a_try)
{
	rig.server->asked = hang_up_on_reuse;
	rig_ask("hello");
	rig_run(rig_has_ended);
	rig_ask("again");
	rig_run(rig_two_have_ended);
	expect_log("sent;text hi;done;sent;text hi;done;");
	cr_expect_eq(rig.server->npeers, 2);
	cr_expect_eq(rig.server->nrequests, 3);
}

Test(http, nobody_listens)
{
	server_free(rig.server);
	rig.conf.retries = MODEL_RETRIES_NONE;
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_in_log("failed network: Failed to connect to 127.0.0.1 port");
	free(rig.base_url);
	rig.server = server_new(rig.loop, NULL, &rig.base_url);
}

Test(http, a_cut_closes_the_connection_at_once)
{
	rig.server->asked = rig_fall_silent;
	rig_ask("hello");
	rig_run(rig_is_streaming);
	model_cut(rig.ask);
	rig_run(rig_peer_has_left);
	expect_log("sent;text hi;");
}

static void
cut_it(void)
{
	model_cut(rig.ask);
}

/* In one read, so that there is more to tell when the owner acts. */
static void
say_two_things(void *arg, struct server_peer *p)
{
	(void)arg;
	server_say(p, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
	    "data: {\"choices\":[{\"delta\":{\"content\":\"hi\","
	    "\"reasoning\":\"hm\"}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"}}]}\n\n");
}

Test(http, an_ask_may_be_cut_in_its_own_callback)
{
	rig.server->asked = say_two_things;
	rig.at_text = cut_it;
	rig_ask("hello");
	rig_run(rig_peer_has_left);
	expect_log("sent;thought hm;text hi;");
}

static void
free_all(void)
{
	model_free(rig.model);
	rig.model = NULL;
}

Test(http, the_model_may_be_freed_in_a_callback)
{
	rig.server->asked = say_two_things;
	rig.at_text = free_all;
	rig_ask("hello");
	rig_ask("beside it");
	rig_run(rig_peer_has_left);
	expect_in_log("thought hm;text hi;");
	cr_expect_null(strstr(rig.log.data, "text hi;thought"));
}

static void
ask_more(void)
{
	rig.at_text = NULL;
	rig_ask("more");
}

Test(http, an_ask_may_be_made_in_a_callback)
{
	rig.server->asked = rig_answer_hi;
	rig.at_text = ask_more;
	rig_ask("hello");
	rig_run(rig_two_have_ended);
	expect_log("sent;text hi;done;sent;text hi;done;");
}

#define MANY	100

static void
answer_when_all_are_here(void *arg, struct server_peer *p)
{
	struct server_peer *one;

	if (p->server->nrequests == MANY)
		TAILQ_FOREACH(one, &p->server->peers, link)
			rig_answer_hi(arg, one);
}

static bool
many_have_ended(void)
{
	return rig.nended == MANY;
}

Test(http, a_hundred_asks_run_side_by_side)
{
	int i;

	rig.server->asked = answer_when_all_are_here;
	for (i = 0; i < MANY; i++)
		rig_ask("hello");
	rig_run(many_have_ended);
	cr_expect_null(strstr(rig.log.data, "failed"));
	cr_expect_eq(rig.server->npeers, MANY);
}

static char *
letters(size_t n)
{
	char *s = xmalloc(n + 1);

	memset(s, 'x', n);
	s[n] = '\0';
	return s;
}

static bool
is_sent(void)
{
	return rig.log.len > 0 && strstr(rig.log.data, "sent;") != NULL;
}

static bool
is_asked(void)
{
	return rig.server->nrequests > 0;
}

Test(http, sent_is_told_without_an_answer)
{
	rig_ask("hello");
	rig_run(is_sent);
	cr_expect_eq(rig.server->nread, 0, "told a turn of the loop late");
	rig_run(is_asked);
}

/* The kernel holds some of it, a few mebibytes at most. */
Test(http, sent_is_told_when_the_last_byte_left)
{
	const size_t size = 16U << 20;
	char *text = letters(size);

	rig_ask(text);
	free(text);
	rig_run(is_sent);
	cr_expect_gt(rig.server->nread, size / 2);
	cr_expect_eq(rig.server->nrequests, 0);
	rig.server->asked = rig_answer_hi;
	rig_run(rig_has_ended);
	expect_log("sent;text hi;done;");
	cr_expect_null(strcasestr(rig.server->request.data, "\r\nexpect:"));
}

static bool
is_open_socket(int fd)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	return getpeername(fd, (struct sockaddr *)&sin, &len) == 0 &&
	    sin.sin_family == AF_INET &&
	    strtoul(strrchr(rig.base_url, ':') + 1, NULL, 10) ==
	    ntohs(sin.sin_port);
}

Test(http, no_worker_inherits_a_connection)
{
	int fd, flags, nfound = 0;

	rig.server->asked = rig_fall_silent;
	rig_ask("hello");
	rig_run(rig_is_streaming);
	for (fd = 0; fd < 256; fd++) {
		if (!is_open_socket(fd))
			continue;
		nfound++;
		flags = fcntl(fd, F_GETFD);
		cr_expect(flags & FD_CLOEXEC);
	}
	cr_expect_eq(nfound, 1);
}

Test(http, a_unix_socket_will_do)
{
	char dir[] = "/tmp/test_model.XXXXXX", *path;

	cr_assert_not_null(mkdtemp(dir));
	path = xasprintf("%s/sock", dir);
	server_free(rig.server);
	free(rig.base_url);
	rig.server = server_new(rig.loop, path, &rig.base_url);
	rig.server->asked = rig_answer_hi;
	rig.conf.base_url = rig.base_url;
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;text hi;done;");
	unlink(path);
	rmdir(dir);
	free(path);
}

/*
 * libcurl resolves in a thread. This one, in place of libc's, does not come
 * back until it is told to.
 */
static int resolver_entered[2], resolver_gate[2];

int	getaddrinfo(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **);

int
getaddrinfo(const char *host, const char *service,
    const struct addrinfo *hints, struct addrinfo **list)
{
	char c = 0;

	(void)host;
	(void)service;
	(void)hints;
	*list = NULL;
	if (write(resolver_entered[1], &c, 1) != 1 ||
	    read(resolver_gate[0], &c, 1) == -1)
		abort();
	return EAI_NONAME;
}

static bool
is_resolving(void)
{
	char c;

	return read(resolver_entered[0], &c, 1) == 1;
}

Test(http, a_cut_does_not_wait_for_a_name_server)
{
	cr_assert_eq(pipe2(resolver_entered, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(resolver_gate, O_CLOEXEC), 0);
	rig.conf.base_url = "http://slow.test/v1";
	rig_ask("hello");
	rig_run(is_resolving);
	model_cut(rig.ask);
	/* We got here: nobody joined the thread, which only now may go on. */
	cr_assert_eq(write(resolver_gate[1], "x", 1), 1);
	cr_expect_eq(rig.log.len, 0);
}
