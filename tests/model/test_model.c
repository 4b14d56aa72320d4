#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"

#define MS	1000U

TestSuite(model, .init = rig_set_up, .fini = rig_tear_down, .timeout = 60);

Test(model, an_answer_streams_through)
{
	rig.server->asked = rig_answer_hi;
	rig_ask("hello");
	rig_run(rig_has_ended);
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

	rig.server->asked = rig_answer_hi;
	model_render(rig_model(), &r, &rendered);
	model_ask(rig.model, &r, &rig_ops, NULL);
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;text hi;cut off;");
}

static void
fail_once(void *arg, struct server_peer *p)
{
	if (p->server->nrequests > 1)
		rig_answer_hi(arg, p);
	else
		server_answer(p, "500 Oops", "retry-after-ms: 1\r\n", "{}");
}

Test(model, a_server_error_is_tried_again)
{
	rig.server->asked = fail_once;
	rig_ask("hello");
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;retry;retry;failed server: 503: busy "
	    "(request req_7), after 3 tries");
	cr_expect_eq(rig.server->nrequests, 3);
}

Test(model, no_retries_are_none)
{
	rig.conf.retries = MODEL_RETRIES_NONE;
	rig.server->asked = fail_always;
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;failed server: 503: busy (request req_7)");
}

static void
fail_without_end(void *arg, struct server_peer *p)
{
	char kibibyte[1025];
	int i;

	(void)arg;
	memset(kibibyte, 'x', 1024);
	kibibyte[1024] = '\0';
	server_say(p, "HTTP/1.1 400 No\r\n\r\n");
	for (i = 0; i < 64; i++)
		server_say(p, kibibyte);
}

Test(model, an_error_without_end_is_an_error)
{
	rig.server->asked = fail_without_end;
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_in_log("sent;failed refused: 400: xxxx");
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
	rig_ask("hello");
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	unlink(path);
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;retry;failed quota: 429: no money, after 2 tries");
}

static void
hang_up_once(void *arg, struct server_peer *p)
{
	if (p->server->nrequests > 1) {
		rig_answer_hi(arg, p);
		return;
	}
	server_stream(p);
	server_hang_up(p);
}

Test(model, a_stream_cut_before_anything_was_shown_is_asked_again)
{
	rig.server->asked = hang_up_once;
	rig_ask("hello");
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;text hi;failed network: the stream ended before the "
	    "answer did");
}

Test(model, a_stall_is_noticed)
{
	rig.conf.stall_us = 20 * MS;
	rig.server->asked = rig_fall_silent;
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;text hi;failed network: nothing came for 0.02 s");
}

Test(model, a_server_that_never_answers_is_noticed)
{
	rig.conf.first_byte_us = 20 * MS;
	rig.conf.retries = MODEL_RETRIES_NONE;
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;failed network: nothing came for 0.02 s");
	rig_run(rig_peer_has_left);
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
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_log("sent;text hi;done;");
}

#define USAGE(in, out) \
    "{\"choices\":[],\"usage\":{\"prompt_tokens\":" #in "," \
    "\"prompt_tokens_details\":{\"cached_tokens\":3}," \
    "\"completion_tokens\":" #out "}}"

/* The first time without a word of an answer, so that it is tried again. */
static void
use_and_break(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	if (rig.server->nrequests > 1)
		server_event(p, "{\"choices\":[{\"delta\":{\"content\":"
		    "\"hi\"}}]}");
	server_event(p, USAGE(9, 5));
	server_hang_up(p);
}

Test(model, what_a_broken_stream_used_is_told_with_all_its_tries)
{
	rig.server->asked = use_and_break;
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_in_log("sent;retry;text hi;failed network: ");
	cr_expect_eq(rig.server->nrequests, 2);
	cr_expect(rig.usage.input == 18 && rig.usage.cached == 6 &&
	    rig.usage.output == 10);
}

static void
use_and_go_on(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_event(p, USAGE(9, 1));
	server_event(p, "{\"choices\":[{\"delta\":{\"content\":\"hi\"}}],"
	    "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}");
}

Test(model, what_was_used_is_known_before_a_cut)
{
	struct model_usage used;

	rig.server->asked = use_and_go_on;
	rig_ask("hello");
	rig_run(rig_is_streaming);
	model_used(rig.ask, &used);
	model_cut(rig.ask);
	cr_expect(used.input == 9 && used.output == 2);
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
	rig.conf.base_url = "ftp://x";
	expect_no_model("base_url: ftp://x");
	rig.conf.base_url = NULL;
	expect_no_model("base_url: nothing");
	rig.conf.base_url = rig.base_url;
	rig.conf.name = NULL;
	expect_no_model("no name");
	rig.conf.name = "m";
	rig.conf.key_file = "/nonexistent/key";
	expect_no_model("key file /nonexistent/key: No such file");
}

Test(model, the_builtin_answers_in_the_next_turn_of_the_loop)
{
	rig.conf = (struct model_conf){ .provider = MODEL_BUILTIN };
	rig_ask("hello");
	rig_run(rig_has_ended);
	expect_in_log("sent;text I am no AI");
	expect_in_log("done;");
	cr_expect_str_eq(model_name(rig.model), "builtin");
}

Test(model, a_builtin_may_be_cut_before_it_answers)
{
	rig.conf = (struct model_conf){ .provider = MODEL_BUILTIN };
	rig_ask("hello");
	model_cut(rig.ask);
	rig_ask("hello");
	rig_run(rig_has_ended);
	cr_expect_null(strstr(strstr(rig.log.data, "sent;") + 1, "sent;"));
}
