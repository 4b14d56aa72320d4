#include "rig.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS_MAX	4
#define PROMISE_US	50000	/* C3: admission to the request on the wire */

char *
rig_call(struct rig *r, const char *command)
{
	json_t *args = json_pack("{s:s}", "command", command);
	char *text = json_dumps(args, JSON_COMPACT), *line;

	if (text == NULL || asprintf(&line, "@call exec %s", text) == -1)
		abort();
	free(text);
	json_decref(args);
	return rig_keep(r, line);
}

struct job *
rig_exec(struct rig *r, const char *command)
{
	return rig_spawn(r, "say", "--json", rig_call(r, command), NULL);
}

static bool
has_pairs(const json_t *line, const char *const (*pairs)[2], size_t n)
{
	const char *s;
	size_t i;

	for (i = 0; i < n; i++) {
		s = json_string_value(json_object_get(line, pairs[i][0]));
		if (s == NULL || strcmp(s, pairs[i][1]) != 0)
			return false;
	}
	return true;
}

json_t *
rig_record(struct rig *r, const char *kind, ...)
{
	const char *pairs[PAIRS_MAX][2], *key;
	struct job *events;
	json_t *line;
	size_t n = 0;
	va_list ap;

	va_start(ap, kind);
	while ((key = va_arg(ap, const char *)) != NULL && n < PAIRS_MAX) {
		pairs[n][0] = key;
		pairs[n++][1] = va_arg(ap, const char *);
	}
	va_end(ap);
	events = rig_spawn(r, "events", "-A", "--since", "0", "-f", "--json",
	    NULL);
	do
		line = rig_expect_json(events, "kind", kind);
	while (!has_pairs(line, (const char *const (*)[2])pairs, n));
	rig_kill(events, SIGKILL);
	rig_finish(events);
	return line;
}

json_t *
rig_records(struct rig *r)
{
	return rig_lines(rig_ok(r, "events", "--since", "0", "--json", NULL));
}

json_t *
rig_task(struct rig *r, const char *id)
{
	return rig_ok(r, "show", "--json", id, NULL)->json;
}

json_t *
rig_transcript(struct rig *r)
{
	return rig_lines(rig_ok(r, "transcript", "--json", "main", NULL));
}

size_t
rig_says(json_t *transcript, const char *role, const char *text)
{
	size_t i, n = 0;
	json_t *item;

	json_array_foreach(transcript, i, item)
		n += strcmp(rig_str(item, "role"), role) == 0 &&
		    strcmp(rig_str(item, "text"), text) == 0;
	return n;
}

size_t
rig_tellings(json_t *messages, const char *task)
{
	size_t i, n = 0;
	char open[64];
	json_t *m;

	snprintf(open, sizeof(open), "<task-event id=\"%s\"", task);
	json_array_foreach(messages, i, m)
		n += rig_occurs(rig_str(m, "content"), open);
	return n;
}

json_t *
rig_last_request(struct rig *r)
{
	return rig_request(r, rig_count(r));
}

void
rig_configure(struct rig *r, const char *more)
{
	char *text;

	if (asprintf(&text, "%s[tasks]\ntools=%s\n%s", rig_read(r,
	    "sigbox.conf"), rig_path(r, "tools"), more) == -1)
		abort();
	rig_write(r, "sigbox.conf", text, 0644);
	free(text);
	rig_ok(r, "reload", NULL);
}

static int
by_size(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Any single one may meet a moment in which the machine is somebody else's. */
void
rig_judge_times(int *us, size_t n)
{
	qsort(us, n, sizeof(*us), by_size);
	cr_log_info("admission to request: median %d us, slowest %d us",
	    us[n / 2], us[n - 1]);
	cr_expect(us[n - 1] <= RIG_SOON_US);
#ifndef __SANITIZE_ADDRESS__
	cr_expect(us[n / 2] <= PROMISE_US, "%d us", us[n / 2]);
#endif
}
