#include "rig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGS_MAX	32

static void
exec_job(struct rig *r, const char *path, char **argv, int in, int out,
    int err)
{
	char **environment = rig_environment(r);

	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	close_range(3, ~0U, 0);
	if (chdir(rig_path(r, "work")) == -1)
		_exit(126);
	rig_become(r);
	execve(path, argv, environment);
	_exit(127);
}

struct job *
rig_program(struct rig *r, const char *path, char **argv)
{
	struct job *j = calloc(1, sizeof(*j));
	int in[2], out[2], err[2];

	if (j == NULL || pipe2(in, O_CLOEXEC) == -1 ||
	    pipe2(out, O_CLOEXEC) == -1 || pipe2(err, O_CLOEXEC) == -1)
		rig_fail(r, "pipe: %s", strerror(errno));
	if ((j->pid = fork()) == 0)
		exec_job(r, path, argv, in[0], out[1], err[1]);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	j->in = in[1];
	j->out_fd = out[0];
	j->err_fd = err[0];
	j->out = strdup("");
	j->err = strdup("");
	j->code = -1;
	j->rig = r;
	j->next = r->jobs;
	r->jobs = j;
	return j;
}

static struct job *
spawn(struct rig *r, va_list ap)
{
	char *argv[ARGS_MAX] = { (char *)"sigbox" };
	size_t n = 0;

	while (argv[n] != NULL && n < ARGS_MAX - 2)
		argv[++n] = va_arg(ap, char *);
	return rig_program(r, getenv("SIGBOX"), argv);
}

struct job *
rig_spawn(struct rig *r, ...)
{
	struct job *j;
	va_list ap;

	va_start(ap, r);
	j = spawn(r, ap);
	va_end(ap);
	return j;
}

/* Reads what is there; closes at the end. */
static void
take(int *fd, char **text, size_t *len)
{
	char part[65536];
	ssize_t n;

	while (*fd != -1) {
		n = read(*fd, part, sizeof(part));
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			close(*fd);
			*fd = -1;
			return;
		}
		*text = realloc(*text, *len + (size_t)n + 1);
		if (*text == NULL)
			abort();
		memcpy(*text + *len, part, (size_t)n);
		*len += (size_t)n;
		(*text)[*len] = '\0';
	}
}

/* Waits until it says something more or ends; false: it has ended. */
static bool
pump(struct job *j, uint64_t deadline)
{
	struct pollfd p[] = { { j->out_fd, POLLIN, 0 },
	    { j->err_fd, POLLIN, 0 } };
	uint64_t now = rig_now();

	if (j->out_fd == -1 && j->err_fd == -1)
		return false;
	if (now >= deadline || poll(p, 2, (int)((deadline - now) / 1000 + 1))
	    == -1)
		rig_fail(j->rig, "a client says no more than\n%s%s", j->out,
		    j->err);
	take(&j->out_fd, &j->out, &j->nout);
	take(&j->err_fd, &j->err, &j->nerr);
	return true;
}

struct job *
rig_finish(struct job *j)
{
	uint64_t deadline = rig_now() + 2 * RIG_DEADLINE_MS * 1000ULL;
	char *end;
	int status = 0;

	if (j->code != -1)
		return j;
	if (j->in != -1)
		close(j->in);
	j->in = -1;
	while (pump(j, deadline))
		continue;
	waitpid(j->pid, &status, 0);
	j->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
	end = strchr(j->out, '\n');
	j->json = json_loadb(j->out, end == NULL ? j->nout :
	    (size_t)(end - j->out), 0, NULL);
	if (j->json != NULL)
		rig_keep_json(j->rig, j->json);
	return j;
}

struct job *
rig_run(struct rig *r, ...)
{
	struct job *j;
	va_list ap;

	va_start(ap, r);
	j = spawn(r, ap);
	va_end(ap);
	return rig_finish(j);
}

struct job *
rig_ok(struct rig *r, ...)
{
	struct job *j;
	va_list ap;

	va_start(ap, r);
	j = spawn(r, ap);
	va_end(ap);
	rig_finish(j);
	if (j->code != 0)
		rig_fail(r, "a client ends with %d\n%s%s", j->code, j->out,
		    j->err);
	return j;
}

void
rig_expect(struct job *j, const char *text)
{
	uint64_t deadline = rig_now() + RIG_DEADLINE_MS * 1000ULL;
	const char *at;

	while ((at = strstr(j->out + j->matched, text)) == NULL)
		if (!pump(j, deadline))
			rig_fail(j->rig, "a client ended without \"%s\"\n%s%s",
			    text, j->out, j->err);
	j->matched = (size_t)(at - j->out) + strlen(text);
}

/* The next whole line, or NULL. */
static json_t *
next_line(struct job *j)
{
	const char *at = j->out + j->matched, *end = strchr(at, '\n');
	json_t *line;

	if (end == NULL)
		return NULL;
	line = json_loadb(at, (size_t)(end - at), 0, NULL);
	j->matched = (size_t)(end - j->out) + 1;
	if (line == NULL)
		rig_fail(j->rig, "no JSON: %.*s", (int)(end - at), at);
	rig_keep_json(j->rig, line);
	return line;
}

json_t *
rig_expect_json(struct job *j, const char *key, const char *value)
{
	uint64_t deadline = rig_now() + RIG_DEADLINE_MS * 1000ULL;
	const char *s;
	json_t *line;

	for (;;) {
		while ((line = next_line(j)) == NULL)
			if (!pump(j, deadline))
				rig_fail(j->rig, "a client ended without "
				    "%s %s\n%s%s", key, value, j->out, j->err);
		s = json_string_value(json_object_get(line, key));
		if (s != NULL && strcmp(s, value) == 0)
			return line;
	}
}

void
rig_kill(struct job *j, int sig)
{
	if (j->code == -1)
		kill(j->pid, sig);
}

json_t *
rig_lines(struct job *j)
{
	json_t *list = json_array(), *line;

	rig_finish(j);
	j->matched = 0;
	while ((line = next_line(j)) != NULL)
		json_array_append(list, line);
	rig_keep_json(j->rig, list);
	return list;
}

json_t *
rig_find(json_t *list, const char *key, const char *value)
{
	const char *s;
	json_t *v;
	size_t i;

	json_array_foreach(list, i, v) {
		s = json_string_value(json_object_get(v, key));
		if (s != NULL && strcmp(s, value) == 0)
			return v;
	}
	return NULL;
}

const char *
rig_str(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));
	char *text;

	if (s != NULL)
		return s;
	text = json_dumps(object, JSON_COMPACT);
	rig_fail(NULL, "no string %s in %s", key, text == NULL ? "" : text);
}

json_int_t
rig_int(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);
	char *text;

	if (json_is_number(v))
		return (json_int_t)json_number_value(v);
	text = json_dumps(object, JSON_COMPACT);
	rig_fail(NULL, "no number %s in %s", key, text == NULL ? "" : text);
}

size_t
rig_occurs(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}
