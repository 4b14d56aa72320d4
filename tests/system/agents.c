#include "agents.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rig *
start(const char *conf)
{
	return rig_new(&(struct rig_conf){ .conf = conf,
	    .many_sessions = true });
}

/* A line of a script that calls a tool with one string, or with JSON more. */
char *
call(struct rig *r, const char *tool, const char *key, const char *value,
    const char *more)
{
	json_t *args = json_pack("{s:s}", key, value);
	char *text, *line;

	if (more != NULL) {
		json_t *rest = json_loads(more, 0, NULL);

		cr_assert(rest != NULL, "%s", more);
		json_object_update(args, rest);
		json_decref(rest);
	}
	text = json_dumps(args, JSON_COMPACT);
	if (text == NULL || asprintf(&line, "@call %s %s", tool, text) == -1)
		abort();
	free(text);
	json_decref(args);
	return rig_keep(r, line);
}

char *
agent(struct rig *r, const char *task)
{
	return call(r, "agent", "task", task, NULL);
}

char *
lines(struct rig *r, const char *first, ...)
{
	char *text = strdup(first), *more;
	const char *line;
	va_list ap;

	va_start(ap, first);
	while ((line = va_arg(ap, const char *)) != NULL) {
		if (asprintf(&more, "%s\n%s", text, line) == -1)
			abort();
		free(text);
		text = more;
	}
	va_end(ap);
	return rig_keep(r, text);
}

const char *
text_of(struct job *said)
{
	return rig_str(rig_finish(said)->json, "text");
}

struct job *
say(struct rig *r, const char *text)
{
	return rig_ok(r, "say", "--json", text, NULL);
}

const char *
state(struct rig *r, const char *task)
{
	return rig_str(rig_task(r, task), "state");
}

json_t *
session(struct rig *r, const char *name)
{
	return rig_find(rig_lines(rig_ok(r, "sessions", "--json", NULL)),
	    "name", name);
}

/* The tasks of a session, in their order. */
json_t *
tasks_of(struct rig *r, const char *name)
{
	return rig_lines(rig_ok(r, "tasks", "-s", name, "-a", "--json", NULL));
}

/* The seq of the first record of a kind about a task, in all sessions. */
json_int_t
seq_of(struct rig *r, const char *kind, const char *task)
{
	return rig_int(rig_record(r, kind, "task", task, NULL), "seq");
}

void
tell(int fifo)
{
	cr_assert(write(fifo, "\n", 1) == 1);
}

/* Two tools that wait at a gate, of a sub-agent that tells when they are up. */
static char *
at_gate(struct rig *r, int n)
{
	char a[96], b[96];

	snprintf(a, sizeof(a), "echo up >up; read x <gate%d; echo done %d", n,
	    n);
	snprintf(b, sizeof(b), "echo up >up; read x <gate%d; echo also %d", n,
	    n);
	return agent(r, lines(r, rig_call(r, a), rig_call(r, b), NULL));
}

/* t1, t2 and t3 are sub-agents, t4 to t9 their tools. */
struct scene
three(void)
{
	struct scene s = { .r = start(NULL) };
	int up = rig_fifo(s.r, "up"), i;
	char name[16];

	for (i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "gate%d", i + 1);
		s.gate[i] = rig_fifo(s.r, name);
	}
	rig_ok(s.r, "say", "-d", lines(s.r, at_gate(s.r, 1), at_gate(s.r, 2),
	    at_gate(s.r, 3), NULL), NULL);
	for (i = 0; i < 6; i++)
		rig_told(up, "up\n");
	return s;
}

pid_t
tool(struct rig *r, const char *name, size_t i)
{
	json_t *task = json_array_get(tasks_of(r, name), i);

	rig_record(r, "state", "task", rig_str(task, "id"), "state", "running",
	    NULL);
	return (pid_t)rig_int(rig_task(r, rig_str(task, "id")), "tool_pid");
}

void
open_gate(struct scene *s, int n)
{
	tell(s->gate[n - 1]);
	tell(s->gate[n - 1]);
}

void
ask_five(struct rig *r)
{
	char text[32];
	struct job *said;
	int i;

	for (i = 1; i <= 5; i++) {
		snprintf(text, sizeof(text), "Question %d?", i);
		said = say(r, text);
		cr_expect(strstr(text_of(said), text), "%s", text_of(said));
		cr_expect(rig_int(said->json, "request_us") <= RIG_SOON_US);
	}
}

/* Each end once in what the conversation is told, and no more later. */
void
expect_told_once(struct rig *r, const char *task)
{
	rig_await(r, 1, "Is all told?");
	cr_expect(rig_tellings(rig_last_request(r), task) == 1, "%s", task);
}

void
woken(struct rig *r, const char *task)
{
	const char *event, *turn;

	event = rig_str(rig_record(r, "event", "task", task, NULL), "event");
	turn = rig_str(rig_record(r, "told", "event", event, NULL), "turn");
	rig_record(r, "finished", "turn", turn, NULL);
}
