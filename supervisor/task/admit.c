#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admit_own.h"
#include "xalloc.h"

static int
user_cmp(const struct user *a, const struct user *b)
{
	return (a->uid > b->uid) - (a->uid < b->uid);
}

static int
session_cmp(const struct session *a, const struct session *b)
{
	return strcmp(a->name, b->name);
}

static int
task_cmp(const struct task *a, const struct task *b)
{
	return (a->id > b->id) - (a->id < b->id);
}

/* RB_GENERATE_STATIC, but for compilers that count what is not called. */
#define TREE(name, type) \
	RB_GENERATE_INTERNAL(name, type, entry, type##_cmp, \
	    __attribute__((__unused__)) static)
TREE(users, user)
TREE(sessions, session)
TREE(tasks, task)

static struct task *
task_find(const struct admit *a, uint64_t id)
{
	struct task	key = { .id = id };
	/* The macros know no const; a search changes nothing. */
	struct tasks	tasks = a->tasks;

	return RB_FIND(tasks, &tasks, &key);
}

static struct user *
user_get(struct admit *a, uid_t uid)
{
	struct user	key = { .uid = uid };
	struct user	*u = RB_FIND(users, &a->users, &key);

	if (u != NULL)
		return u;
	u = xcalloc(1, sizeof(*u));
	u->uid = uid;
	RB_INSERT(users, &a->users, u);
	return u;
}

static struct session *
session_get(struct admit *a, const char *name, uid_t uid)
{
	struct session	*s, *old;

	s = xcalloc(1, sizeof(*s));
	s->name = xstrdup(name);
	if ((old = RB_INSERT(sessions, &a->sessions, s)) != NULL) {
		free(s->name);
		free(s);
		return old;
	}
	TAILQ_INIT(&s->queue);
	s->user = user_get(a, uid);
	s->user->nsessions++;
	return s;
}

static void
session_drop(struct admit *a, struct session *s)
{
	struct user	*u = s->user;

	if (s->ntasks > 0)
		return;
	if (--u->nsessions == 0) {
		RB_REMOVE(users, &a->users, u);
		free(u);
	}
	RB_REMOVE(sessions, &a->sessions, s);
	free(s->name);
	free(s);
}

static void
task_forget(struct admit *a, struct task *t)
{
	struct session	*s = t->session;

	RB_REMOVE(tasks, &a->tasks, t);
	free(t->after);
	free(t);
	s->ntasks--;
	session_drop(a, s);
}

/* Its session is in the ring from the first that waits to the last. */
static void
count_waiting(struct admit *a, struct session *s)
{
	a->waiting++;
	if (s->waiting++ == 0)
		TAILQ_INSERT_TAIL(&a->ring, s, link);
}

static void
count_no_more(struct admit *a, struct session *s)
{
	a->waiting--;
	if (--s->waiting == 0)
		TAILQ_REMOVE(&a->ring, s, link);
}

static void
take_place(struct admit *a, struct task *t)
{
	t->state = ADMIT_PLACED;
	a->placed++;
	t->session->placed++;
	t->session->user->placed++;
}

static void
give_place(struct admit *a, struct task *t)
{
	a->placed--;
	t->session->placed--;
	t->session->user->placed--;
}

static bool
is_full(size_t n, unsigned limit)
{
	return limit != 0 && n >= limit;
}

static bool
has_room(const struct admit *a, const struct session *s)
{
	return !is_full(a->placed, a->limits.all) &&
	    !is_full(s->placed, a->limits.session) &&
	    !is_full(s->user->placed, a->limits.user);
}

struct admit *
admit_new(const struct admit_limits *limits)
{
	struct admit	*a = xcalloc(1, sizeof(*a));

	a->limits = *limits;
	RB_INIT(&a->users);
	RB_INIT(&a->sessions);
	RB_INIT(&a->tasks);
	TAILQ_INIT(&a->ring);
	TAILQ_INIT(&a->blocked);
	TAILQ_INIT(&a->returning);
	TAILQ_INIT(&a->refused);
	return a;
}

void
admit_free(struct admit *a)
{
	struct task	*t, *next;

	if (a == NULL)
		return;
	RB_FOREACH_SAFE(t, tasks, &a->tasks, next)
		task_forget(a, t);
	free(a);
}

void
admit_limit(struct admit *a, const struct admit_limits *limits)
{
	a->limits = *limits;
}

void
admit_add(struct admit *a, const struct admit_task *terms)
{
	struct task	*t = xcalloc(1, sizeof(*t));

	t->id = terms->id;
	t->session = session_get(a, terms->session, terms->uid);
	t->session->ntasks++;
	count_waiting(a, t->session);
	line_join(a, t, terms);
	if (RB_INSERT(tasks, &a->tasks, t) != NULL)
		abort();	/* an id that is known already */
}

bool
admit_change(struct admit *a, const struct admit_task *terms)
{
	struct task	*t = task_find(a, terms->id);

	if (t == NULL || !line_waits(t))
		return false;
	line_leave(a, t);
	line_join(a, t, terms);
	return true;
}

static uint64_t
start_next(struct admit *a)
{
	struct session	*s;
	struct task	*t;

	TAILQ_FOREACH(s, &a->ring, link)
		if (!TAILQ_EMPTY(&s->queue) && has_room(a, s))
			break;
	if (s == NULL)
		return 0;
	TAILQ_REMOVE(&a->ring, s, link);
	TAILQ_INSERT_TAIL(&a->ring, s, link);
	t = TAILQ_FIRST(&s->queue);
	line_leave(a, t);
	line_start(t);
	count_no_more(a, s);
	take_place(a, t);
	return t->id;
}

/*
 * Whoever is at a limit of his own keeps his turn; whoever had one goes to
 * the end. So a busy user's sessions neither lose nor jump the others' turns.
 * Who goes on had his turn when he began.
 */
uint64_t
admit_next(struct admit *a)
{
	struct task	*t;

	if (is_full(a->placed, a->limits.all))
		return 0;
	TAILQ_FOREACH(t, &a->returning, link)
		if (has_room(a, t->session))
			break;
	if (t == NULL)
		return start_next(a);
	TAILQ_REMOVE(&a->returning, t, link);
	take_place(a, t);
	return t->id;
}

bool
admit_done(struct admit *a, uint64_t id)
{
	struct task	*t = task_find(a, id);

	if (t == NULL || line_waits(t) || t->state == ADMIT_REFUSED)
		return false;
	if (t->state == ADMIT_PLACED)
		give_place(a, t);
	else if (t->state == ADMIT_RETURNING)
		TAILQ_REMOVE(&a->returning, t, link);
	task_forget(a, t);
	return true;
}

bool
admit_remove(struct admit *a, uint64_t id)
{
	struct task	*t = task_find(a, id);

	if (t == NULL || !line_waits(t))
		return false;
	line_leave(a, t);
	count_no_more(a, t->session);
	task_forget(a, t);
	return true;
}

uint64_t
admit_refused(struct admit *a, uint64_t *because)
{
	struct task	*t = TAILQ_FIRST(&a->refused);
	uint64_t	 id;

	if (t == NULL)
		return 0;
	id = t->id;
	*because = t->because;
	TAILQ_REMOVE(&a->refused, t, link);
	count_no_more(a, t->session);
	task_forget(a, t);
	return id;
}

bool
admit_pause(struct admit *a, uint64_t id)
{
	struct task	*t = task_find(a, id);

	if (t == NULL || t->state != ADMIT_PLACED)
		return false;
	give_place(a, t);
	t->state = ADMIT_PAUSED;
	return true;
}

bool
admit_stay(struct admit *a, uint64_t id)
{
	struct task	*t = task_find(a, id);

	if (t == NULL || t->state != ADMIT_RETURNING)
		return false;
	TAILQ_REMOVE(&a->returning, t, link);
	t->state = ADMIT_PAUSED;
	return true;
}

bool
admit_return(struct admit *a, uint64_t id)
{
	struct task	*t = task_find(a, id);

	if (t == NULL || (t->state != ADMIT_PAUSED &&
	    t->state != ADMIT_RETURNING))
		return false;
	if (t->state == ADMIT_PAUSED)
		TAILQ_INSERT_TAIL(&a->returning, t, link);
	t->state = ADMIT_RETURNING;
	return true;
}

bool
admit_force(struct admit *a, uint64_t id)
{
	struct task	*t = task_find(a, id);

	if (t == NULL || (t->state != ADMIT_PAUSED &&
	    t->state != ADMIT_RETURNING))
		return false;
	if (t->state == ADMIT_RETURNING)
		TAILQ_REMOVE(&a->returning, t, link);
	take_place(a, t);
	return true;
}

static void
say_limit(char *buf, size_t size, size_t n, const char *of, const char *whose)
{
	snprintf(buf, size, "%zu task%s%s run%s, %s limit", n,
	    n == 1 ? "" : "s", of, n == 1 ? "s" : "", whose);
}

static bool
say_full(const struct admit *a, const struct session *s, char *buf, size_t size)
{
	if (is_full(s->placed, a->limits.session))
		say_limit(buf, size, s->placed, " of this session", "its");
	else if (is_full(s->user->placed, a->limits.user))
		say_limit(buf, size, s->user->placed, " of this user",
		    "the user's");
	else if (is_full(a->placed, a->limits.all))
		say_limit(buf, size, a->placed, "", "the supervisor's");
	return !has_room(a, s);
}

bool
admit_why(const struct admit *a, uint64_t id, char *buf, size_t size)
{
	const struct task	*t = task_find(a, id);

	*buf = '\0';
	if (t == NULL || (!line_waits(t) && t->state != ADMIT_RETURNING))
		return false;
	if (t->state == ADMIT_BLOCKED)
		line_say_after(t, buf, size);
	else if (say_full(a, t->session, buf, size))
		return true;
	else if (t->state == ADMIT_RETURNING)
		snprintf(buf, size, "it is about to go on");
	else if (t != TAILQ_FIRST(&t->session->queue))
		snprintf(buf, size, "another task of this session is first");
	else
		snprintf(buf, size, "it is about to start");
	return true;
}

size_t
admit_running(const struct admit *a)
{
	return a->placed;
}

size_t
admit_waiting(const struct admit *a)
{
	return a->waiting;
}
