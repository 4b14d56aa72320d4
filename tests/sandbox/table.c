/*
 * Every attempt of attack.def against every kind of sandbox. It prints a test
 * for each attempt, in TAP; with --table or --why, all that is known of them.
 * A word behind that picks the columns that have it in their names.
 */
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"
#include "stage.h"
#include "trial.h"

/* One that nobody else has: what is sent to all of them hits only ours. */
#define FIRST_UID	61000
#define NUIDS		1000

static const struct column	wanted[] = {
	{ "full", "workspace", true },
	{ "full", "workspace", true, .root_folder = true },
	{ "full", "workspace", false },
	{ "full", "workspace", false, .net = true },
	{ "full", "read-only", true },
	{ "full", "read-only", false },
	{ "full", "scratch", true },
	{ "full", "scratch", false },
	{ "landlock", "workspace", true },
	{ "landlock", "workspace", false },
	{ "landlock", "read-only", true },
	{ "landlock", "read-only", false },
	{ "landlock", "scratch", true },
	{ "landlock", "scratch", false },
};

#define NCOLUMNS	(sizeof(wanted) / sizeof(wanted[0]))

struct table {
	struct cell	 control[NATTEMPTS];
	struct column	 columns[NCOLUMNS];
	unsigned	 ncolumns;
};

static const char *const	words[OUTCOMES] = {
	[LOST] = "LOST", [ESCAPE] = "ESCAPE", [HELD_BACK] = "held",
	[NOT_TRIED] = "-", [TOLD] = "told", [ALLOWED] = "allowed",
	[KNOWN] = "known"
};

static uid_t
tool_uid(void)
{
	return geteuid() != 0 ? geteuid() :
	    FIRST_UID + (uid_t)(getpid() % NUIDS);
}

static const char *
name_of(const struct column *c)
{
	static char name[64];

	snprintf(name, sizeof(name), "%s/%s/%s%s%s", c->tier, c->profile,
	    c->is_root ? "root" : "user", c->root_folder ? "+mapped" : "",
	    c->net ? "+net" : "");
	return name;
}

/* Each in a process of its own, which may become another user. */
static void
apart(struct stage *s, struct column *c, struct cell *control)
{
	pid_t pid;
	int status;

	fflush(stdout);
	if ((pid = fork()) == -1)
		err(71, "fork");
	if (pid == 0) {
		if (c != NULL)
			trial_column(s, c);
		else
			trial_control(s, control);
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		warnx("%s: status %#x", c == NULL ? "control" : name_of(c),
		    status);
}

/* A file that bears the name of an attempt that may do so is not damage. */
static void
found(void *arg, const char *path)
{
	struct column *c = arg;
	const char *name = strrchr(path, '/') + 1;
	size_t len = strlen(c->damage);
	unsigned i;

	for (i = 0; i < NATTEMPTS; i++)
		if (strcmp(attempts[i].name, name) == 0 &&
		    (c->cells[i].outcome == ALLOWED ||
		    c->cells[i].outcome == KNOWN))
			return;
	if (strstr(c->damage, name) == NULL)
		snprintf(c->damage + len, sizeof(c->damage) - len, " %s",
		    name);
}

static void
try_column(struct column *c)
{
	struct stage s;

	stage_init(&s, tool_uid(), c->root_folder);
	apart(&s, c, NULL);
	c->left = stage_alive(&s);
	stage_compare(&s, found, c);
	stage_fini(&s);
}

static void
try_all(struct table *t, const char *only)
{
	struct stage s;
	unsigned i;

	stage_init(&s, tool_uid(), false);
	apart(&s, NULL, t->control);
	stage_fini(&s);
	for (i = 0; i < NCOLUMNS; i++) {
		if ((wanted[i].is_root && geteuid() != 0) || (only != NULL &&
		    strstr(name_of(&wanted[i]), only) == NULL))
			continue;
		t->columns[t->ncolumns] = wanted[i];
		try_column(&t->columns[t->ncolumns++]);
	}
}

static const char *
control_word(const struct table *t, unsigned at)
{
	if (attempts[at].control == NEVER)
		return "never";
	if (t->control[at].outcome != ESCAPE)
		return "NONE";
	return attempts[at].control == ROOT ? "root" : "user";
}

static void
print_head(const struct table *t)
{
	unsigned i;

	for (i = 0; i < t->ncolumns; i++)
		printf("%c  %s\n", 'a' + (int)i, name_of(&t->columns[i]));
	printf("%4s %-20s %-6s", "case", "attempt", "control");
	for (i = 0; i < t->ncolumns; i++)
		printf(" %-7c", 'a' + (int)i);
	printf("\n");
}

static void
print_table(const struct table *t)
{
	unsigned at, i;

	print_head(t);
	for (at = 0; at < NATTEMPTS; at++) {
		printf("%4d %-20s %-6s", attempts[at].number,
		    attempts[at].name, control_word(t, at));
		for (i = 0; i < t->ncolumns; i++)
			printf(" %-7s",
			    words[t->columns[i].cells[at].outcome]);
		printf(" %s\n", attempts[at].words);
		if (attempts[at].control != NEVER &&
		    t->control[at].outcome != ESCAPE)
			printf("%25s no control: %s\n", "",
			    t->control[at].why);
	}
}

/* All that was said of each. */
static void
print_why(const struct table *t)
{
	unsigned at, i;

	for (at = 0; at < NATTEMPTS; at++) {
		printf("# %s control: %s\n", attempts[at].name,
		    t->control[at].why);
		for (i = 0; i < t->ncolumns; i++)
			printf("# %s %s: %s:%s\n", attempts[at].name,
			    name_of(&t->columns[i]),
			    words[t->columns[i].cells[at].outcome],
			    t->columns[i].cells[at].why);
	}
}

static bool
is_bad(const struct column *c, unsigned at)
{
	enum outcome o = c->cells[at].outcome;

	return o == ESCAPE || o == LOST;
}

static void
print_attempt(const struct table *t, unsigned at)
{
	unsigned i, nbad = 0;

	for (i = 0; i < t->ncolumns; i++)
		nbad += is_bad(&t->columns[i], at);
	printf("%sok %u - %s: %s", nbad > 0 ? "not " : "", at + 1,
	    attempts[at].name, attempts[at].words);
	if (nbad == 0 && strcmp(control_word(t, at), "NONE") == 0)
		printf(" # SKIP no control: %s", t->control[at].why);
	printf("\n");
	for (i = 0; i < t->ncolumns; i++)
		if (is_bad(&t->columns[i], at))
			printf("# %s: %s:%s\n", name_of(&t->columns[i]),
			    words[t->columns[i].cells[at].outcome],
			    t->columns[i].cells[at].why);
}

/* A tier that this kernel does not have, and no other. */
static bool
must_be_refused(const struct column *c)
{
	return strcmp(c->tier, "landlock") == 0 && machine_landlock() < 1;
}

static void
print_column(const struct column *c, unsigned number)
{
	bool ok = (c->refused[0] != '\0') == must_be_refused(c) &&
	    c->damage[0] == '\0' && c->left == 0;

	printf("%sok %u - %s: nothing is changed or left\n",
	    ok ? "" : "not ", number, name_of(c));
	if (c->refused[0] != '\0')
		printf("# refused: %s\n", c->refused);
	if (c->damage[0] != '\0')
		printf("# changed:%s\n", c->damage);
	if (c->left > 0)
		printf("# %u processes are left\n", c->left);
}

static unsigned
print_tap(const struct table *t)
{
	unsigned at, i, nescapes = 0;

	printf("1..%u\n", NATTEMPTS + t->ncolumns);
	for (at = 0; at < NATTEMPTS; at++) {
		print_attempt(t, at);
		for (i = 0; i < t->ncolumns; i++)
			nescapes += is_bad(&t->columns[i], at);
	}
	for (i = 0; i < t->ncolumns; i++)
		print_column(&t->columns[i], NATTEMPTS + i + 1);
	printf("# %u escapes\n", nescapes);
	return nescapes;
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "--tap";
	struct table *t;

	t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t == MAP_FAILED)
		err(71, "memory");
	/* The mounts of a stage are nobody else's, and end with us. */
	if (geteuid() == 0 && (unshare(CLONE_NEWNS) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1))
		err(71, "mount namespace");
	/* What a column leaves is ours to reap. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	try_all(t, argc > 2 ? argv[2] : NULL);
	if (strcmp(mode, "--table") == 0)
		print_table(t);
	if (strcmp(mode, "--why") == 0)
		print_why(t);
	return print_tap(t) == 0 ? 0 : 1;
}
