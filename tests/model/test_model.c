#include "model.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop.h"
#include "server.h"
#include "xalloc.h"

#define MS	1000U

static struct rig {
	struct loop		*loop;
	struct server		*server;
	char			*base_url;
	struct model_conf	 conf;
	struct model		*model;
	struct ask		*ask;
	struct buf		 log;		/* what the owner was told */
	size_t			 nended;
	uint64_t		 retry_after_us;
	bool			(*until)(void);
	void			(*at_text)(void);
} rig;

static void
on_sent(void *arg)
{
	(void)arg;
	buf_puts(&rig.log, "sent;");
}

static void
on_text(void *arg, struct bytes b)
{
	(void)arg;
	buf_puts(&rig.log, "text ");
	buf_add_bytes(&rig.log, b);
	buf_puts(&rig.log, ";");
	if (rig.at_text != NULL) {
		rig.at_text();
		/* What was lent is still there, even if the ask is cut. */
		cr_assert(b.len > 0 && b.data[b.len - 1] != '\0');
	}
}

static void
on_thought(void *arg, struct bytes b)
{
	(void)arg;
	buf_puts(&rig.log, "thought ");
	buf_add_bytes(&rig.log, b);
	buf_puts(&rig.log, ";");
}

static void
on_call(void *arg, const struct model_call *call)
{
	(void)arg;
	buf_puts(&rig.log, "call ");
	buf_add_bytes(&rig.log, call->name);
	buf_puts(&rig.log, " ");
	buf_add_bytes(&rig.log, call->arguments);
	buf_puts(&rig.log, ";");
}

static void
on_retry(void *arg, uint64_t wait_us, struct bytes why)
{
	(void)arg;
	(void)wait_us;
	cr_expect(why.len > 0);
	buf_puts(&rig.log, "retry;");
}

static void
on_done(void *arg, const struct model_usage *usage)
{
	(void)arg;
	rig.ask = NULL;
	rig.nended++;
	buf_puts(&rig.log, usage->cut_off ? "cut off;" : "done;");
}

static void
on_failed(void *arg, const struct model_failure *failure)
{
	static const char *const kinds[] = { "network", "denied", "quota",
	    "context", "limited", "refused", "server", "nonsense" };

	(void)arg;
	rig.ask = NULL;
	rig.nended++;
	rig.retry_after_us = failure->retry_after_us;
	cr_expect(failure->why.len > 0 && failure->why.len <= 600);
	buf_printf(&rig.log, "failed %s: ", kinds[failure->kind]);
	buf_add_bytes(&rig.log, failure->why);
}

static const struct model_ops ops = { on_sent, on_text, on_thought, on_call,
    on_retry, on_done, on_failed };

static void
set_up(void)
{
	setenv("no_proxy", "*", 1);
	rig.loop = loop_new();
	rig.server = server_new(rig.loop, NULL, &rig.base_url);
	rig.conf = (struct model_conf){ .provider = MODEL_OPENAI,
	    .base_url = rig.base_url, .name = "m" };
}

static void
tear_down(void)
{
	model_free(rig.model);
	server_free(rig.server);
	free(rig.base_url);
	buf_fini(&rig.log);
	loop_free(rig.loop);
}

TestSuite(model, .init = set_up, .fini = tear_down, .timeout = 20);

static struct model *
new_model(void)
{
	char *why = NULL;

	if (rig.model == NULL)
		rig.model = model_new(rig.loop, &rig.conf, &why);
	cr_assert_not_null(rig.model, "%s", why);
	return rig.model;
}

static void
ask(const char *text)
{
	struct buf item = { 0 };
	struct bytes items[1];
	struct model_request r = { .items = items, .nitems = 1 };
	size_t len = rig.log.len;

	buf_printf(&item, "{\"role\":\"user\",\"content\":\"%s\"}", text);
	items[0] = buf_bytes(&item);
	rig.ask = model_ask(new_model(), &r, &ops, NULL);
	buf_fini(&item);
	cr_expect_eq(rig.log.len, len, "called back from within");
}

static void
after(void *arg)
{
	(void)arg;
	if (rig.until())
		loop_stop(rig.loop);
}

static void
run(bool (*until)(void))
{
	rig.until = until;
	loop_run(rig.loop, after, NULL);
}

static bool
has_ended(void)
{
	return rig.nended > 0;
}

static bool
is_streaming(void)
{
	return rig.log.len > 0 && strstr(rig.log.data, "text") != NULL;
}

static bool
peer_has_left(void)
{
	const struct server_peer *p = TAILQ_FIRST(&rig.server->peers);

	return p != NULL && p->is_closed;
}

#define expect_log(text)	cr_expect_str_eq(rig.log.data, text)
#define expect_in_log(text) \
	cr_expect_not_null(strstr(rig.log.data, text), "%s", rig.log.data)

static void
answer_hi(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_text(p, "hi");
	server_event(p, "[DONE]");
	server_end(p);
}

Test(model, an_answer_streams_through)
{
	rig.server->asked = answer_hi;
	ask("hello");
	run(has_ended);
	expect_log("sent;text hi;done;");
	cr_expect_not_null(strstr(rig.server->request.data,
	    "POST /v1/chat/completions HTTP/1.1\r\n"));
	cr_expect_not_null(strstr(rig.server->request.data,
	    "\r\n\r\n{\"model\":\"m\",\"stream\":true,\"messages\":["
	    "{\"role\":\"user\",\"content\":\"hello\"}]}"));
	cr_expect_null(strstr(rig.server->request.data, "Authorization"));
}

Test(model, what_is_rendered_is_what_is_sent)
{
	struct bytes items[] = { BYTES("{\"role\":\"user\",\"content\":"
	    "\"hello\"}") };
	struct model_request r = { BYTES("sys"), items, 1, BYTES("[{}]") };
	struct buf rendered = { 0 };

	rig.server->asked = answer_hi;
	model_render(new_model(), &r, &rendered);
	model_ask(rig.model, &r, &ops, NULL);
	run(has_ended);
	cr_expect_str_eq(strstr(rig.server->request.data, "\r\n\r\n") + 4,
	    rendered.data);
	cr_expect_str_eq(model_name(rig.model), "openai:m");
	buf_fini(&rendered);
}

static void
answer_in_crumbs(void *arg, struct server_peer *p)
{
	static const char text[] = "HTTP/1.1 200 OK\r\n\r\n"
	    ": hm\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"\xe2\x82"
	    "\xac\"}}]}\r\n\r\ndata: {\"choices\":[{\"delta\":{\"tool_calls\":"
	    "[{\"function\":{\"name\":\"x\",\"arguments\":\"{}\"}}]},"
	    "\"finish_reason\":\"tool_calls\"}]}\n\n";
	char one[2] = "";
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(text) - 1; i++) {
		one[0] = text[i];
		server_say(p, one);
	}
	server_hang_up(p);
}

Test(model, an_answer_in_crumbs_is_the_same)
{
	rig.server->asked = answer_in_crumbs;
	ask("hello");
	run(has_ended);
	expect_log("sent;text \xe2\x82\xac;call x {};done;");
}

static void
answer_json(void *arg, struct server_peer *p)
{
	(void)arg;
	server_answer(p, "200 OK", "Content-Type: application/json\r\n",
	    "{\"choices\":[{\"message\":{\"content\":\"hi\"},"
	    "\"finish_reason\":\"length\"}]}");
}

Test(model, an_answer_that_is_no_stream_will_do)
{
	rig.server->asked = answer_json;
	ask("hello");
	run(has_ended);
	expect_log("sent;text hi;cut off;");
}

static void
fail_once(void *arg, struct server_peer *p)
{
	if (p->server->nrequests > 1)
		answer_hi(arg, p);
	else
		server_answer(p, "500 Oops", "retry-after-ms: 1\r\n", "{}");
}

Test(model, a_server_error_is_tried_again)
{
	rig.server->asked = fail_once;
	ask("hello");
	run(has_ended);
	expect_log("sent;retry;text hi;done;");
	cr_expect_eq(rig.server->nrequests, 2);
}

static void
fail_always(void *arg, struct server_peer *p)
{
	(void)arg;
	server_answer(p, "503 Busy", "retry-after: 0\r\n"
	    "x-request-id: req_7\r\n", "{\"error\":{\"message\":\"busy\"}}");
}

Test(model, enough_tries_are_enough)
{
	rig.server->asked = fail_always;
	ask("hello");
	run(has_ended);
	expect_log("sent;retry;retry;failed server: 503: busy "
	    "(request req_7), after 3 tries");
	cr_expect_eq(rig.server->nrequests, 3);
}

Test(model, no_retries_are_none)
{
	rig.conf.retries = MODEL_RETRIES_NONE;
	rig.server->asked = fail_always;
	ask("hello");
	run(has_ended);
	expect_log("sent;failed server: 503: busy (request req_7)");
}

static void
limit_for_an_hour(void *arg, struct server_peer *p)
{
	(void)arg;
	server_answer(p, "429 Slow down", "Retry-After: 3600\r\n", "slow down");
}

Test(model, a_long_wait_is_not_waited_for)
{
	rig.server->asked = limit_for_an_hour;
	ask("hello");
	run(has_ended);
	expect_log("sent;failed limited: 429: slow down");
	cr_expect_eq(rig.retry_after_us, UINT64_C(3600) * 1000 * MS);
}

static void
deny(void *arg, struct server_peer *p)
{
	(void)arg;
	server_answer(p, "401 No", "", "{\"error\":{\"message\":"
	    "\"Incorrect API key provided: sk-se*****89.\"}}");
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert_neq(fd, -1);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

Test(model, a_denial_names_the_file_and_not_the_key)
{
	char path[] = "/tmp/test_model_key.XXXXXX";

	close(mkstemp(path));
	write_file(path, " sk-secret-0123456789\n");
	rig.conf.key_file = path;
	rig.server->asked = deny;
	ask("hello");
	unlink(path);
	run(has_ended);
	expect_in_log("failed denied: 401: the key in /tmp/test_model_key.");
	cr_expect_null(strstr(rig.log.data, "sk-"));
	cr_expect_not_null(strstr(rig.server->request.data,
	    "\r\nAuthorization: Bearer sk-secret-0123456789\r\n"));
}

static void
echo_key(void *arg, struct server_peer *p)
{
	(void)arg;
	server_answer(p, "400 No", "", "you sent sk-secret-0123456789 and "
	    "sk-secret-0123456789");
}

Test(model, a_server_that_repeats_the_key_is_not_quoted)
{
	rig.conf.key = "sk-secret-0123456789";
	rig.server->asked = echo_key;
	ask("hello");
	run(has_ended);
	expect_log("sent;failed refused: 400: you sent ******************** "
	    "and ********************");
}

static void
say_html(void *arg, struct server_peer *p)
{
	(void)arg;
	server_answer(p, "200 OK", "Content-Type: text/html\r\n",
	    "<!DOCTYPE html><html>");
}

Test(model, html_is_nonsense)
{
	rig.server->asked = say_html;
	ask("hello");
	run(has_ended);
	expect_in_log("failed nonsense: the server sent a page of HTML");
	cr_expect_eq(rig.server->nrequests, 1);
}

static void
redirect(void *arg, struct server_peer *p)
{
	(void)arg;
	server_answer(p, "302 Found", "Location: http://127.0.0.2/\r\n", "");
}

Test(model, a_redirect_is_told_and_not_followed)
{
	rig.server->asked = redirect;
	ask("hello");
	run(has_ended);
	expect_in_log("failed refused: 302: "
	    " (redirects to http://127.0.0.2/)");
}

static void
report_error_in_stream(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_event(p, p->server->nrequests == 1 ?
	    "{\"error\":{\"message\":\"overloaded\"}}" :
	    "{\"error\":{\"code\":\"insufficient_quota\","
	    "\"message\":\"no money\"}}");
}

Test(model, an_error_in_a_stream_is_an_error)
{
	rig.server->asked = report_error_in_stream;
	ask("hello");
	run(has_ended);
	expect_log("sent;retry;failed quota: 429: no money, after 2 tries");
}

static void
hang_up_once(void *arg, struct server_peer *p)
{
	if (p->server->nrequests > 1) {
		answer_hi(arg, p);
		return;
	}
	server_stream(p);
	server_hang_up(p);
}

Test(model, a_stream_cut_before_anything_was_shown_is_asked_again)
{
	rig.server->asked = hang_up_once;
	ask("hello");
	run(has_ended);
	expect_log("sent;retry;text hi;done;");
}

static void
hang_up_later(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_text(p, "hi");
	server_hang_up(p);
}

Test(model, a_stream_cut_after_something_was_shown_has_failed)
{
	rig.server->asked = hang_up_later;
	ask("hello");
	run(has_ended);
	expect_in_log("sent;text hi;failed network: ");
	cr_expect_eq(rig.server->nrequests, 1);
}

static void
end_early(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_text(p, "hi");
	server_end(p);
}

Test(model, a_stream_that_ends_early_has_failed)
{
	rig.server->asked = end_early;
	ask("hello");
	run(has_ended);
	expect_log("sent;text hi;failed network: the stream ended before the "
	    "answer did");
}

static void
fall_silent(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_text(p, "hi");
}

Test(model, a_stall_is_noticed)
{
	rig.conf.stall_us = 20 * MS;
	rig.server->asked = fall_silent;
	ask("hello");
	run(has_ended);
	expect_log("sent;text hi;failed network: nothing came for 0.02 s");
}

Test(model, a_server_that_never_answers_is_noticed)
{
	rig.conf.first_byte_us = 20 * MS;
	rig.conf.retries = MODEL_RETRIES_NONE;
	ask("hello");
	run(has_ended);
	expect_log("sent;failed network: nothing came for 0.02 s");
	run(peer_has_left);
}

static void
finish_and_fall_silent(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_event(p, "{\"choices\":[{\"delta\":{\"content\":\"hi\"},"
	    "\"finish_reason\":\"stop\"}]}");
}

Test(model, an_answer_that_had_its_reason_to_finish_is_done)
{
	rig.conf.stall_us = 20 * MS;
	rig.server->asked = finish_and_fall_silent;
	ask("hello");
	run(has_ended);
	expect_log("sent;text hi;done;");
}

static void
stay_open(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_text(p, "hi");
	server_event(p, "[DONE]");
}

static bool
two_have_ended(void)
{
	return rig.nended == 2;
}

Test(model, done_is_told_without_the_end_of_the_connection)
{
	rig.server->asked = stay_open;
	ask("hello");
	run(has_ended);
	expect_log("sent;text hi;done;");
	/* The rest comes late, and the connection is used again. */
	server_end(TAILQ_FIRST(&rig.server->peers));
	rig.server->asked = answer_hi;
	ask("again");
	run(two_have_ended);
	expect_log("sent;text hi;done;sent;text hi;done;");
}

Test(model, a_connection_is_used_again)
{
	rig.server->asked = answer_hi;
	ask("hello");
	run(has_ended);
	ask("again");
	run(two_have_ended);
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
		answer_hi(arg, p);
}

Test(model, an_idle_connection_that_died_costs_nobody_a_try)
{
	rig.server->asked = hang_up_on_reuse;
	ask("hello");
	run(has_ended);
	ask("again");
	run(two_have_ended);
	expect_log("sent;text hi;done;sent;text hi;done;");
	cr_expect_eq(rig.server->npeers, 2);
	cr_expect_eq(rig.server->nrequests, 3);
}

Test(model, nobody_listens)
{
	server_free(rig.server);
	rig.conf.retries = MODEL_RETRIES_NONE;
	ask("hello");
	run(has_ended);
	expect_in_log("failed network: Failed to connect to 127.0.0.1 port");
	free(rig.base_url);
	rig.server = server_new(rig.loop, NULL, &rig.base_url);
}

Test(model, a_cut_closes_the_connection_at_once)
{
	rig.server->asked = fall_silent;
	ask("hello");
	run(is_streaming);
	model_cut(rig.ask);
	run(peer_has_left);
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

Test(model, an_ask_may_be_cut_in_its_own_callback)
{
	rig.server->asked = say_two_things;
	rig.at_text = cut_it;
	ask("hello");
	run(peer_has_left);
	expect_log("sent;thought hm;text hi;");
}

static void
free_all(void)
{
	model_free(rig.model);
	rig.model = NULL;
}

Test(model, the_model_may_be_freed_in_a_callback)
{
	rig.server->asked = say_two_things;
	rig.at_text = free_all;
	ask("hello");
	ask("beside it");
	run(peer_has_left);
	expect_in_log("thought hm;text hi;");
	cr_expect_null(strstr(rig.log.data, "text hi;thought"));
}

static void
ask_more(void)
{
	rig.at_text = NULL;
	ask("more");
}

Test(model, an_ask_may_be_made_in_a_callback)
{
	rig.server->asked = answer_hi;
	rig.at_text = ask_more;
	ask("hello");
	run(two_have_ended);
	expect_log("sent;text hi;done;sent;text hi;done;");
}

#define MANY	100

static void
answer_when_all_are_here(void *arg, struct server_peer *p)
{
	struct server_peer *one;

	if (p->server->nrequests == MANY)
		TAILQ_FOREACH(one, &p->server->peers, link)
			answer_hi(arg, one);
}

static bool
many_have_ended(void)
{
	return rig.nended == MANY;
}

Test(model, a_hundred_asks_run_side_by_side)
{
	int i;

	rig.server->asked = answer_when_all_are_here;
	for (i = 0; i < MANY; i++)
		ask("hello");
	run(many_have_ended);
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

Test(model, sent_is_told_without_an_answer)
{
	ask("hello");
	run(is_sent);
	cr_expect_eq(rig.server->nread, 0, "told a turn of the loop late");
	run(is_asked);
}

/* The kernel holds some of it, a few mebibytes at most. */
Test(model, sent_is_told_when_the_last_byte_left)
{
	const size_t size = 16U << 20;
	char *text = letters(size);

	ask(text);
	free(text);
	run(is_sent);
	cr_expect_gt(rig.server->nread, size / 2);
	cr_expect_eq(rig.server->nrequests, 0);
	rig.server->asked = answer_hi;
	run(has_ended);
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

Test(model, no_worker_inherits_a_connection)
{
	int fd, flags, nfound = 0;

	rig.server->asked = fall_silent;
	ask("hello");
	run(is_streaming);
	for (fd = 0; fd < 256; fd++) {
		if (!is_open_socket(fd))
			continue;
		nfound++;
		flags = fcntl(fd, F_GETFD);
		cr_expect(flags & FD_CLOEXEC);
	}
	cr_expect_eq(nfound, 1);
}

Test(model, a_unix_socket_will_do)
{
	char dir[] = "/tmp/test_model.XXXXXX", *path;

	cr_assert_not_null(mkdtemp(dir));
	path = xasprintf("%s/sock", dir);
	server_free(rig.server);
	free(rig.base_url);
	rig.server = server_new(rig.loop, path, &rig.base_url);
	rig.server->asked = answer_hi;
	rig.conf.base_url = rig.base_url;
	ask("hello");
	run(has_ended);
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

Test(model, a_cut_does_not_wait_for_a_name_server)
{
	cr_assert_eq(pipe2(resolver_entered, O_CLOEXEC), 0);
	cr_assert_eq(pipe2(resolver_gate, O_CLOEXEC), 0);
	rig.conf.base_url = "http://slow.test/v1";
	ask("hello");
	run(is_resolving);
	model_cut(rig.ask);
	/* We got here: nobody joined the thread, which only now may go on. */
	cr_assert_eq(write(resolver_gate[1], "x", 1), 1);
	cr_expect_eq(rig.log.len, 0);
}

static void
expect_no_model(const char *words)
{
	char *why = NULL;

	cr_expect_null(model_new(rig.loop, &rig.conf, &why));
	cr_assert_not_null(why);
	cr_expect_not_null(strstr(why, words), "%s", why);
	free(why);
}

Test(model, a_wrong_config_is_told_in_words)
{
	char path[] = "/tmp/test_model_key.XXXXXX";

	rig.conf.base_url = "ftp://x";
	expect_no_model("base_url: ftp://x");
	rig.conf.base_url = rig.base_url;
	rig.conf.name = NULL;
	expect_no_model("no name");
	rig.conf.name = "m";
	rig.conf.key_file = "/nonexistent/key";
	expect_no_model("key file /nonexistent/key: No such file");
	rig.conf.key_file = "/dev/null";
	expect_no_model("key file /dev/null: no regular file");
	close(mkstemp(path));
	rig.conf.key_file = path;
	expect_no_model(": empty");
	write_file(path, "two words\n");
	expect_no_model("neither blanks");
	unlink(path);
}

Test(model, the_builtin_answers_in_the_next_turn_of_the_loop)
{
	rig.conf = (struct model_conf){ .provider = MODEL_BUILTIN };
	ask("hello");
	run(has_ended);
	expect_in_log("sent;text I am no AI");
	expect_in_log("done;");
	cr_expect_str_eq(model_name(rig.model), "builtin");
}

Test(model, a_builtin_may_be_cut_before_it_answers)
{
	rig.conf = (struct model_conf){ .provider = MODEL_BUILTIN };
	ask("hello");
	model_cut(rig.ask);
	ask("hello");
	run(has_ended);
	cr_expect_null(strstr(strstr(rig.log.data, "sent;") + 1, "sent;"));
}
