/* sigbox: the command line. What it can do is the table of verbs. */
#include <locale.h>
#include <signal.h>

#include "fd.h"
#include "show.h"
#include "usage.h"
#include "verb.h"

const struct verb *const verb_list[] = {
	&verb_chat, &verb_say, &verb_tasks, &verb_show, &verb_log, &verb_stop,
	&verb_suspend, &verb_resume, &verb_move, &verb_input, &verb_wait,
	&verb_watch, &verb_run,
	&verb_tools, &verb_interrupt, &verb_detach, &verb_queue,
	&verb_approvals, &verb_approve, &verb_deny,
	&verb_sessions, &verb_new, &verb_transcript, &verb_export,
	&verb_compact, &verb_fork, &verb_delete, &verb_events, &verb_status, &verb_doctor, &verb_reload,
	&verb_shutdown, NULL
};

static const struct verb *
find(const char *name)
{
	for (size_t i = 0; verb_list[i] != NULL; i++)
		if (strcmp(verb_list[i]->name, name) == 0 ||
		    (verb_list[i]->alias != NULL &&
		    strcmp(verb_list[i]->alias, name) == 0))
			return verb_list[i];
	return NULL;
}

static int
no_such_verb(const char *name)
{
	show_error("%s: no such verb", name);
	return EX_USAGE;
}

static int
help(int argc, char **argv)
{
	const struct verb *v;

	if (argc < 2) {
		usage_all();
	} else if ((v = find(argv[1])) != NULL) {
		usage_verb(v);
	} else {
		return no_such_verb(argv[1]);
	}
	show_flush();
	return 0;
}

static bool
has_options(const struct client *c)
{
	for (size_t i = 0; i < VERB_NOPTIONS; i++)
		if (c->opt[i] != NULL)
			return true;
	return false;
}

static int
run(const struct verb *v, struct client *c)
{
	int status;

	c->ask.verb = v->name;
	c->ask.start = c->ask.start && !v->no_start;
	if (c->argc < v->min || (v->max != -1 && c->argc > v->max))
		return verb_usage(c, "%s", c->argc < v->min ?
		    "something is missing" : "too many words");
	status = v->run(c);
	show_flush();
	return status;
}

int
main(int argc, char **argv)
{
	const struct verb *v = &verb_chat;
	struct client c = { .session = "" };
	int status = 0;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_DFL);
	if (fd_null() == -1)
		return EX_OSERR;
	ask_init(&c.ask, "sigbox", true);
	if (!usage_parse(&c, NULL, argc, argv, &status))
		return status;
	if (c.argc > 0 && strcmp(c.argv[0], "help") == 0)
		return help(c.argc, c.argv);
	if (c.argc > 0) {
		if ((v = find(c.argv[0])) == NULL)
			return no_such_verb(c.argv[0]);
		if (has_options(&c))
			return verb_usage(&c, "the options of %s go behind it",
			    v->name);
		if (!usage_parse(&c, v, c.argc, c.argv, &status))
			return status;
	}
	status = run(v, &c);
	ask_fini(&c.ask);
	return status;
}
