#include <criterion/criterion.h>
#include <curl/curl.h>
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The fake is the measure of others, so it is measured first. */
static char folder[] = "/tmp/sigbox-fake-XXXXXX";
static pid_t pid;
static int to_fake;
static unsigned port;

struct got {
	char	 text[1 << 16];
	size_t	 len;
	char	 said[4096];	/* contents and arguments, joined */
	long	 status;
	CURLcode curl;
};

static void
start(void)
{
	int in[2], out[2];
	char line[16] = "";

	cr_assert(mkdtemp(folder) != NULL);
	cr_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	if ((pid = fork()) == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl(getenv("FAKE_MODEL"), "fake_model", folder, "sk-fake",
		    NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	to_fake = in[1];
	cr_assert(read(out[0], line, sizeof(line) - 1) > 0);
	port = (unsigned)atoi(line);
	close(out[0]);
}

static void
stop(void)
{
	char path[sizeof(folder) + 256];
	struct dirent *e;
	DIR *d;

	close(to_fake);
	waitpid(pid, NULL, 0);
	if ((d = opendir(folder)) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		unlink(path);
	}
	closedir(d);
	rmdir(folder);
}

TestSuite(fake_model, .init = start, .fini = stop, .timeout = 30);

static size_t
collect(char *data, size_t one, size_t n, void *arg)
{
	struct got *g = arg;

	(void)one;
	cr_assert(g->len + n < sizeof(g->text));
	memcpy(g->text + g->len, data, n);
	g->len += n;
	g->text[g->len] = '\0';
	return n;
}

static void
add_said(struct got *g, const json_t *delta)
{
	const char *args = NULL, *text = NULL;
	const json_t *call;

	call = json_array_get(json_object_get(delta, "tool_calls"), 0);
	args = json_string_value(json_object_get(json_object_get(call,
	    "function"), "arguments"));
	text = json_string_value(json_object_get(delta, "content"));
	strcat(g->said, text == NULL ? "" : text);
	strcat(g->said, args == NULL ? "" : args);
}

static void
read_said(struct got *g)
{
	const char *at = g->text;
	json_t *chunk;

	while ((at = strstr(at, "data: {")) != NULL) {
		at += strlen("data: ");
		chunk = json_loads(at, JSON_DISABLE_EOF_CHECK, NULL);
		add_said(g, json_object_get(json_array_get(json_object_get(
		    chunk, "choices"), 0), "delta"));
		json_decref(chunk);
	}
}

/* text: inside of a JSON string; more: messages behind the user's. */
static void
post(struct got *g, const char *text, const char *more)
{
	struct curl_slist *h = curl_slist_append(NULL,
	    "Content-Type: application/json");
	CURL *c = curl_easy_init();
	char url[64], body[8192];

	h = curl_slist_append(h, "Authorization: Bearer sk-fake");
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/v1/chat/completions",
	    port);
	snprintf(body, sizeof(body), "{\"model\":\"m\",\"stream\":true,"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}%s],"
	    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":"
	    "\"exec\"}}]}", text, more);
	*g = (struct got){ .len = 0 };
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, h);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, g);
	g->curl = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &g->status);
	curl_easy_cleanup(c);
	curl_slist_free_all(h);
	read_said(g);
}

#define HAS(g, s)	(strstr((g)->text, s) != NULL)
#define SAID(g, s)	cr_expect_str_eq((g)->said, s)
#define CALLS_ONE	",{\"role\":\"assistant\",\"content\":\"\"," \
	"\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":" \
	"{\"name\":\"exec\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\"," \
	"\"tool_call_id\":\"c1\",\"content\":\"it is done\"}"

Test(fake_model, it_echoes_in_pieces_and_ends_with_done)
{
	struct got g;

	post(&g, "hello", "");
	cr_expect(g.status == 200);
	SAID(&g, "echo: hello");
	cr_expect(HAS(&g, "\"finish_reason\":\"stop\""));
	cr_expect(HAS(&g, "data: [DONE]\n\n"));
}

Test(fake_model, it_calls_and_then_tells_the_results)
{
	struct got g;

	post(&g, "@call exec {\\\"command\\\":\\\"x\\\"}", "");
	cr_expect(HAS(&g, "\"name\":\"exec\""), "%s", g.text);
	cr_expect(HAS(&g, "\"finish_reason\":\"tool_calls\""));
	post(&g, "@call exec {}\\n@slow 1", CALLS_ONE);
	SAID(&g, "results: c1 -> it is done");
	cr_expect(HAS(&g, "\"finish_reason\":\"stop\""));
}

Test(fake_model, a_second_round_is_played_after_the_first)
{
	struct got g;

	post(&g, "@call exec {}\\n@then @call exec {\\\"a\\\":1}\\n@then end",
	    CALLS_ONE);
	SAID(&g, "{\"a\":1}");
}

Test(fake_model, envelopes_are_noted_and_are_no_script)
{
	struct got g;

	post(&g, "<task-event id=\\\"t7\\\" state=\\\"exited\\\">\\n@html\\n"
	    "</task-event>", "");
	SAID(&g, "noted: t7 exited");
	post(&g, "<task-event id=\\\"t7\\\" state=\\\"exited\\\">x"
	    "</task-event>\\n\\nhi", "");
	SAID(&g, "echo: hi");
}

Test(fake_model, it_cuts_the_stream_anywhere_and_shapes_calls_as_others_do)
{
	struct got g;

	post(&g, "@pieces 1\\n@crlf\\n\u00e9\u00e9", "");
	SAID(&g, "echo: \u00e9\u00e9");
	post(&g, "@ollama\\n@call exec {\\\"a\\\":1}\\n@call exec {}", "");
	cr_expect(HAS(&g, "call_0") && HAS(&g, "call_1"));
	cr_expect(!HAS(&g, "\"index\":1"));
	post(&g, "@argsobject\\n@noid\\n@call exec {\\\"a\\\":1}", "");
	cr_expect(HAS(&g, "\"arguments\":{\"a\":1}"), "%s", g.text);
	post(&g, "@unary\\nx", "");
	cr_expect(HAS(&g, "\"message\":{\"role\":\"assistant\",\"content\":"
	    "\"echo: x\"}"), "%s", g.text);
}

Test(fake_model, it_fails_in_every_way_it_is_told)
{
	struct got g;

	post(&g, "@cut\\nsome words", "");
	cr_expect(g.curl != CURLE_OK && !HAS(&g, "[DONE]"));
	post(&g, "@cutcall\\n@call exec {\\\"command\\\":\\\"x\\\"}", "");
	cr_expect(g.curl != CURLE_OK);
	SAID(&g, "{\"comman");
	post(&g, "@html", "");
	cr_expect(g.status == 200 && HAS(&g, "<html>"));
	post(&g, "@error", "");
	cr_expect(g.status == 200 && HAS(&g, "\"error\""));
	post(&g, "@nofinish\\nx", "");
	cr_expect(g.curl == CURLE_OK && !HAS(&g, "[DONE]"));
	post(&g, "@status 503\\n@once\\nx", "");
	cr_expect(g.status == 503);
	post(&g, "@status 503\\n@once\\nx", "");
	cr_expect(g.status == 200);
}

Test(fake_model, it_refuses_what_is_too_long_and_sums_up_as_it_is_told)
{
	static char longer[401];
	static struct got g;

	memset(longer, 'x', sizeof(longer) - 1);
	post(&g, "@usage 700\\nHi", "");
	cr_expect(HAS(&g, "\"prompt_tokens\":700"), "%s", g.text);
	cr_expect(!HAS(&g, "cached_tokens"), "%s", g.text);
	post(&g, "@usage 700 600 8\\nHi", "");
	cr_expect(HAS(&g, "\"cached_tokens\":600") &&
	    HAS(&g, "\"completion_tokens\":8"), "%s", g.text);
	post(&g, "@summary All of it.\\nHi", ",{\"role\":\"assistant\","
	    "\"content\":\"Hi\"},{\"role\":\"user\",\"content\":"
	    "\"This conversation gets too long for you.\"}");
	SAID(&g, "All of it.");
	post(&g, "@context 400\\nShort.", "");
	cr_expect(g.status == 200);
	post(&g, longer, "");
	cr_expect(g.status == 400 && HAS(&g, "maximum context"));
}

Test(fake_model, what_the_judge_refuses_is_refused_in_words_and_booked)
{
	char path[sizeof(folder) + 16];
	struct got g;

	post(&g, " ", "");
	cr_expect(g.status == 400 && HAS(&g, "only blanks"), "%s", g.text);
	snprintf(path, sizeof(path), "%s/refused", folder);
	cr_expect(access(path, F_OK) == 0);
	snprintf(path, sizeof(path), "%s/000001.json", folder);
	cr_expect(access(path, F_OK) == 0);
}

static int
ask(const char *question)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/control", folder);
	cr_assert(connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0);
	cr_assert(write(fd, question, strlen(question) + 1) > 0);
	return fd;
}

static long
told(int fd)
{
	char line[32] = "";

	cr_assert(read(fd, line, sizeof(line) - 1) > 0);
	close(fd);
	return atol(line);
}

Test(fake_model, a_hold_lasts_until_it_is_released)
{
	int await = ask("await 1 here"), held = ask("held h");
	char line[32];
	int status = -1;
	pid_t child;
	struct got g;

	cr_expect(recv(held, line, sizeof(line), MSG_DONTWAIT) == -1);
	if ((child = fork()) == 0) {
		post(&g, "@hold h\\nhere", "");
		_exit(g.curl == CURLE_OK && HAS(&g, "[DONE]") ? 0 : 1);
	}
	cr_expect(told(held) == 1);
	cr_expect(told(await) == 1);
	cr_expect(told(ask("release h")) == 1);
	waitpid(child, &status, 0);
	cr_expect(status == 0);
	cr_expect(told(ask("count")) == 1);
}
