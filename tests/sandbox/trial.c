#include "trial.h"

#include <err.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "attack.h"
#include "buf.h"
#include "leak.h"
#include "machine.h"
#include "profile.h"
#include "stage.h"
#include "task.h"

#define PATIENCE	UINT64_C(20000000)	/* us, for many attempts */
#define MOMENT		UINT64_C(4000000)	/* us, for one */
#define SCOPED_ABI	6

struct trial {
	struct task	 task;
	struct column	*column;
};

static const struct {
	unsigned	 at;
	const char	*tier, *profile;
	enum outcome	 outcome;
	const char	*reason;
} expectations[] = {
#define EXPECT(name, tier, profile, outcome, reason)	\
	{ AT_##name, tier, profile, outcome, reason },
#include "expect.def"
#undef EXPECT
};

static bool
is_like(const char *text, const char *pattern)
{
	return strcmp(pattern, "*") == 0 || strcmp(pattern, text) == 0;
}

/* "unscoped": tier landlock of a kernel that lets signals out of a domain. */
static bool
is_tier(const char *tier, const char *pattern)
{
	if (strcmp(pattern, "unscoped") == 0)
		return strcmp(tier, "landlock") == 0 &&
		    machine_landlock() < SCOPED_ABI;
	return is_like(tier, pattern);
}

static bool
is_expected(const struct column *c, unsigned at, unsigned i)
{
	return expectations[i].at == at &&
	    is_tier(c->tier, expectations[i].tier) &&
	    (is_like(c->profile, expectations[i].profile) ||
	    (c->net && strcmp(expectations[i].profile, "+net") == 0));
}

static void
settle(struct column *c, unsigned at, enum outcome outcome, const char *why)
{
	struct cell *cell = &c->cells[at];
	unsigned i;

	cell->outcome = outcome;
	snprintf(cell->why, sizeof(cell->why), "%s", why);
	if (outcome != ESCAPE)
		return;
	for (i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++)
		if (is_expected(c, at, i)) {
			cell->outcome = expectations[i].outcome;
			snprintf(cell->why, sizeof(cell->why), "%s",
			    expectations[i].reason);
		}
}

static int
find(const char *name)
{
	unsigned i;

	for (i = 0; i < NATTEMPTS; i++)
		if (strcmp(attempts[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* The worker's last word has the name: .git of git_config_write. */
static bool
is_told(const struct trial *t, unsigned at)
{
	const char *name = attempts[at].name;
	char planted[32];

	snprintf(planted, sizeof(planted), ".%.*s", (int)strcspn(name, "_"),
	    name);
	return (attempts[at].flags & TELL) &&
	    strstr(t->task.note, planted) != NULL;
}

static enum outcome
outcome_of(const struct trial *t, unsigned at, int code)
{
	switch (code) {
	case ESCAPED:
		return is_told(t, at) ? TOLD : ESCAPE;
	case HELD:
	case DONE:		/* until somebody has heard of it */
		return HELD_BACK;
	case UNTRIED:
		return NOT_TRIED;
	default:
		return LOST;
	}
}

/* "NAME CODE WHY" */
static void
take_line(struct trial *t, char *line)
{
	char *code = strchr(line, ' ');
	int at;

	if (code == NULL)
		return;
	*code++ = '\0';
	if ((at = find(line)) == -1)
		return;
	settle(t->column, (unsigned)at, outcome_of(t, (unsigned)at,
	    atoi(code)), code + strcspn(code, " "));
}

static void
run_many(struct trial *t)
{
	struct buf names = { 0 };
	char *text, *at, *line;
	unsigned i;

	for (i = 0; i < NATTEMPTS; i++)
		if (attempts[i].flags == 0)
			buf_add(&names, attempts[i].name,
			    strlen(attempts[i].name) + 1);
	task_run(&t->task, &names, machine_slowly(PATIENCE));
	buf_fini(&names);
	at = text = task_output(&t->task);
	while ((line = strsep(&at, "\n")) != NULL)
		take_line(t, line);
	free(text);
}

/* What could end the worker: whether it did, the task's end tells. */
static void
judge_alone(struct trial *t, unsigned i, const char *text)
{
	const struct task *task = &t->task;
	const struct child_end *end = &task->end;

	if (task->late || task->stopped)
		settle(t->column, i, ESCAPE, "it stands still");
	else if (!task->gone || end->how == CHILD_REFUSED)
		return;
	else if (end->how != CHILD_DONE)
		settle(t->column, i, ESCAPE, "the worker died");
	else if ((attempts[i].flags & STRAY) && task->alive == 0)
		settle(t->column, i, ESCAPE, "a process was overlooked");
	else
		settle(t->column, i, end->known && end->signal == 0 ?
		    outcome_of(t, i, end->code) : HELD_BACK, text);
}

static void
run_alone(struct trial *t, unsigned i)
{
	struct buf name = { 0 };
	char *text;

	buf_add(&name, attempts[i].name, strlen(attempts[i].name) + 1);
	task_run(&t->task, &name, machine_slowly(MOMENT));
	buf_fini(&name);
	text = task_output(&t->task);
	text[strcspn(text, "\n")] = '\0';
	judge_alone(t, i, text);
	free(text);
}

static void
hear(void *arg, const char *name)
{
	struct trial *t = arg;
	int at = find(name);

	if (at != -1 && t->column->cells[at].outcome != ESCAPE)
		settle(t->column, (unsigned)at, ESCAPE, "it arrived outside");
}

static void
become(struct stage *s, bool is_root)
{
	if (is_root || geteuid() != 0)
		return;
	if (setgroups(0, NULL) == -1 ||
	    setresgid(s->uid, s->uid, s->uid) == -1 ||
	    setresuid(s->uid, s->uid, s->uid) == -1)
		err(71, "setresuid");
	/* As after an exec: what it owns in /proc is its own. */
	prctl(PR_SET_DUMPABLE, 1);
}

static void
run_all(struct trial *t)
{
	const char *refused = t->task.refused;
	unsigned i;

	run_many(t);
	for (i = 0; i < NATTEMPTS && refused[0] == '\0'; i++) {
		if (attempts[i].flags & TELL)
			stage_renew(t->task.stage);
		if (attempts[i].flags != 0)
			run_alone(t, i);
	}
	snprintf(t->column->refused, sizeof(t->column->refused), "%s",
	    refused);
	for (i = 0; i < NATTEMPTS && refused[0] != '\0'; i++)
		settle(t->column, i, NOT_TRIED, "refused");
}

void
trial_column(struct stage *s, struct column *c)
{
	struct trial t = { .column = c };

	become(s, c->is_root);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	leak_all(s);
	putenv(leak_environment()[0]);
	task_init(&t.task, s);
	t.task.is_root = c->is_root;
	t.task.net = c->net;
	if (!tier_parse(bytes_of(c->tier), &t.task.tier) ||
	    !profile_parse(bytes_of(c->profile), &t.task.profile))
		errx(70, "%s/%s", c->tier, c->profile);
	/* Such a hide= is refused: Landlock cannot take away again. */
	if (t.task.tier == TIER_LANDLOCK && t.task.profile ==
	    PROFILE_WORKSPACE)
		s->hide.len = strlen(s->state) + 1;
	run_all(&t);
	stage_hear(s, hear, &t);
	task_fini(&t.task);
}
