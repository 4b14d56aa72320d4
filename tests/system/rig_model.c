#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "check_request.h"

void
rig_start_model(struct rig *r)
{
	int in[2], out[2];
	char line[16] = "";

	if (getenv("FAKE_MODEL") == NULL)
		rig_fail(r, "FAKE_MODEL names no fake model; meson test does");
	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1)
		rig_fail(r, "pipe: %s", strerror(errno));
	if ((r->model_pid = fork()) == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close_range(3, ~0U, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(getenv("FAKE_MODEL"), "fake_model",
		    rig_path(r, "model"), "sk-fake", NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	r->model_stdin = in[1];
	if (read(out[0], line, sizeof(line) - 1) <= 0)
		rig_fail(r, "the fake model does not start");
	close(out[0]);
	r->port = (unsigned)atoi(line);
}

static uint64_t
ask(struct rig *r, const char *question)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct pollfd p = { -1, POLLIN, 0 };
	char line[32] = "";

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s",
	    rig_path(r, "model/control"));
	p.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(p.fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    write(p.fd, question, strlen(question) + 1) == -1)
		rig_fail(r, "the fake model: %s", strerror(errno));
	if (poll(&p, 1, RIG_DEADLINE_MS) != 1)
		rig_fail(r, "the model waits in vain: %s", question);
	if (read(p.fd, line, sizeof(line) - 1) <= 0)
		rig_fail(r, "the fake model is gone");
	close(p.fd);
	return strtoul(line, NULL, 10);
}

void
rig_release(struct rig *r, const char *name)
{
	char question[256];

	snprintf(question, sizeof(question), "release %s", name);
	ask(r, question);
}

void
rig_held(struct rig *r, const char *name)
{
	char question[256];

	snprintf(question, sizeof(question), "held %s", name);
	ask(r, question);
}

uint64_t
rig_await(struct rig *r, uint64_t from, const char *text)
{
	char question[1024];

	snprintf(question, sizeof(question), "await %ju %s", (uintmax_t)from,
	    text);
	return ask(r, question);
}

void
rig_cut(struct rig *r, uint64_t n)
{
	char question[64];

	snprintf(question, sizeof(question), "cut %ju", (uintmax_t)n);
	ask(r, question);
}

uint64_t
rig_count(struct rig *r)
{
	return ask(r, "count");
}

static struct body
body_of(struct rig *r, uint64_t n)
{
	char name[64];
	const char *text;

	snprintf(name, sizeof(name), "model/%06ju.json", (uintmax_t)n);
	if ((text = rig_read(r, name)) == NULL)
		rig_fail(r, "there is no request %ju", (uintmax_t)n);
	return (struct body){ text, strlen(text) };
}

json_t *
rig_request(struct rig *r, uint64_t n)
{
	struct body b = body_of(r, n);
	json_t *root = json_loadb(b.data, b.len, JSON_DECODE_INT_AS_REAL,
	    NULL);

	if (root == NULL)
		rig_fail(r, "request %ju is no JSON", (uintmax_t)n);
	rig_keep_json(r, root);
	return json_object_get(root, "messages");
}

const char *
rig_content(json_t *messages, size_t i)
{
	size_t n = json_array_size(messages);

	return rig_str(json_array_get(messages, i >= n ? n - 1 : i),
	    "content");
}

struct rig_times
rig_times(struct rig *r, uint64_t n)
{
	const char *at = rig_read(r, "model/log");
	uintmax_t number, first, last, real;

	for (; at != NULL && *at != '\0'; at = strchr(at, '\n') + 1)
		if (sscanf(at, "%ju %ju %ju %ju", &number, &first, &last,
		    &real) == 4 && number == n)
			return (struct rig_times){ first, last, real };
	rig_fail(r, "request %ju is not in the log", (uintmax_t)n);
}

/* The same head in front; or none, and the same system text and first words. */
static bool
is_same_front(const json_t *a, const json_t *b)
{
	char *heads[2] = { rig_head(a), rig_head(b) };
	bool same = heads[0] != NULL && heads[1] != NULL &&
	    strcmp(heads[0], heads[1]) == 0;

	if (heads[0] == NULL && heads[1] == NULL)
		same = json_equal(json_array_get(a, 0),
		    json_array_get(b, 0)) && json_equal(json_array_get(a, 1),
		    json_array_get(b, 1));
	free(heads[0]);
	free(heads[1]);
	return same;
}

static bool
is_same_session(struct rig *r, struct body a, struct body b)
{
	struct body list[2] = { a, b };
	json_t *root[2];
	bool same;
	size_t i;

	if (!r->conf.many_sessions)
		return true;
	for (i = 0; i < 2; i++)
		root[i] = json_loadb(list[i].data, list[i].len,
		    JSON_DECODE_INT_AS_REAL, NULL);
	same = is_same_front(json_object_get(root[0], "messages"),
	    json_object_get(root[1], "messages"));
	json_decref(root[0]);
	json_decref(root[1]);
	return same;
}

static void
check_pairs(struct rig *r, const struct body *b, size_t n)
{
	size_t i, j;
	char *why;

	for (j = 1; j < n; j++)
		for (i = 0; i < j; i++) {
			if (!is_same_session(r, b[i], b[j]))
				continue;
			why = check_parting(b[i], b[j]);
			if (why != NULL)
				rig_fail(r, "request %zu after %zu: %s", j + 1,
				    i + 1, why);
		}
}

static struct body *
bodies(struct rig *r, size_t n)
{
	struct body *b = calloc(n + 1, sizeof(*b));
	size_t i;

	if (b == NULL)
		abort();
	for (i = 0; i < n; i++)
		b[i] = body_of(r, i + 1);
	return b;
}

/* What it says last is what is wrong with it, as a rule. */
static void
fail_refused(struct rig *r, const char *refused)
{
	struct body b = body_of(r, strtoul(refused, NULL, 10));
	const char *end = strstr(b.data, "],\"tools\"");
	size_t len = end == NULL ? b.len : (size_t)(end - b.data);
	size_t from = len > 700 ? len - 700 : 0;

	rig_fail(r, "a server would refuse: %s... %.*s", refused,
	    (int)(len - from), b.data + from);
}

void
rig_check_requests(struct rig *r)
{
	const char *refused = rig_read(r, "model/refused");
	size_t n = rig_count(r);
	struct body *b;

	if (refused != NULL)
		fail_refused(r, refused);
	b = bodies(r, n);
	check_pairs(r, b, n);
	free(b);
}

size_t
rig_branches(struct rig *r)
{
	size_t i, j, branches = 0, n = rig_count(r);
	struct body *b = bodies(r, n);
	bool extends;
	char *why;

	for (j = 1; j < n; j++) {
		extends = false;
		for (i = 0; i < j && !extends; i++) {
			why = check_prefix(b[i], b[j]);
			extends = why == NULL;
			free(why);
		}
		branches += !extends;
	}
	free(b);
	return branches;
}
