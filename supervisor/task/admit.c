#include <sys/queue.h>
#include <sys/tree.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admit.h"
#include "xalloc.h"

struct user {
	RB_ENTRY(user)		 entry;
	uid_t			 uid;
	size_t			 running;
	size_t			 nsessions;
};

/* Exists while a task of it waits or runs; in the ring while one waits. */
struct session {
	RB_ENTRY(session)	 entry;
	TAILQ_ENTRY(session)	 link;	/* admit.ring */
	TAILQ_HEAD(, task)	 queue;
	char			*name;
	struct user		*user;
	size_t			 running;
};

struct task {
	RB_ENTRY(task)		 entry;
	TAILQ_ENTRY(task)	 link;	/* session.queue, while it waits */
	uint64_t		 id;
	struct session		*session;
	bool			 waits;
};

RB_HEAD(users, user);
RB_HEAD(sessions, session);
RB_HEAD(tasks, task);

struct admit {
	struct admit_limits	 limits;
	struct users		 users;
	struct sessions		 sessions;
	struct tasks		 tasks;
	TAILQ_HEAD(, session)	 ring;
	size_t			 running;
	size_t			 waiting;
};

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
		assert(old->user->uid == uid);
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

	if (s->running > 0 || !TAILQ_EMPTY(&s->queue))
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
	RB_REMOVE(tasks, &a->tasks, t);
	session_drop(a, t->session);
	free(t);
}

/* Its session leaves the ring with the last one that waits. */
static void
task_unqueue(struct admit *a, struct task *t)
{
	struct session	*s = t->session;

	TAILQ_REMOVE(&s->queue, t, link);
	if (TAILQ_EMPTY(&s->queue))
		TAILQ_REMOVE(&a->ring, s, link);
	t->waits = false;
	a->waiting--;
}

static bool
is_full(size_t n, unsigned limit)
{
	return limit != 0 && n >= limit;
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
	return a;
}

void
admit_free(struct admit *a)
{
	struct task	*t, *next;

	if (a == NULL)
		return;
	RB_FOREACH_SAFE(t, tasks, &a->tasks, next) {
		if (t->waits)
			admit_remove(a, t->id);
		else
			admit_done(a, t->id);
	}
	free(a);
}

void
admit_limit(struct admit *a, const struct admit_limits *limits)
{
	a->limits = *limits;
}

void
admit_add(struct admit *a, uint64_t id, const char *session, uid_t uid)
{
	struct task	*t = xcalloc(1, sizeof(*t));
	struct session	*s = session_get(a, session, uid);

	t->id = id;
	t->session = s;
	t->waits = true;
	if (TAILQ_EMPTY(&s->queue))
		TAILQ_INSERT_TAIL(&a->ring, s, link);
	TAILQ_INSERT_TAIL(&s->queue, t, link);
	a->waiting++;
	if (RB_INSERT(tasks, &a->tasks, t) != NULL)
		abort();	/* an id that is known already */
}

/*
 * Whoever is at a limit of his own keeps his turn; whoever had one goes to
 * the end. So a busy user's sessions neither lose nor jump the others' turns.
 */
uint64_t
admit_next(struct admit *a)
{
	struct session	*s;
	struct task	*t;

	if (is_full(a->running, a->limits.all))
		return 0;
	TAILQ_FOREACH(s, &a->ring, link)
		if (!is_full(s->running, a->limits.session) &&
		    !is_full(s->user->running, a->limits.user))
			break;
	if (s == NULL)
		return 0;
	TAILQ_REMOVE(&a->ring, s, link);
	TAILQ_INSERT_TAIL(&a->ring, s, link);
	t = TAILQ_FIRST(&s->queue);
	task_unqueue(a, t);
	a->running++;
	s->running++;
	s->user->running++;
	return t->id;
}

bool
admit_done(struct admit *a, uint64_t id)
{
	struct task	*t = task_find(a, id);

	if (t == NULL || t->waits)
		return false;
	a->running--;
	t->session->running--;
	t->session->user->running--;
	task_forget(a, t);
	return true;
}

bool
admit_remove(struct admit *a, uint64_t id)
{
	struct task	*t = task_find(a, id);

	if (t == NULL || !t->waits)
		return false;
	task_unqueue(a, t);
	task_forget(a, t);
	return true;
}

static void
say_limit(char *buf, size_t size, size_t n, const char *of, const char *whose)
{
	snprintf(buf, size, "%zu task%s%s run%s, %s limit", n,
	    n == 1 ? "" : "s", of, n == 1 ? "s" : "", whose);
}

bool
admit_why(const struct admit *a, uint64_t id, char *buf, size_t size)
{
	const struct task	*t = task_find(a, id);

	*buf = '\0';
	if (t == NULL || !t->waits)
		return false;
	if (is_full(t->session->running, a->limits.session))
		say_limit(buf, size, t->session->running, " of this session",
		    "its");
	else if (is_full(t->session->user->running, a->limits.user))
		say_limit(buf, size, t->session->user->running,
		    " of this user", "the user's");
	else if (is_full(a->running, a->limits.all))
		say_limit(buf, size, a->running, "", "the supervisor's");
	else if (t != TAILQ_FIRST(&t->session->queue))
		snprintf(buf, size, "another task of this session is first");
	else
		snprintf(buf, size, "it is about to start");
	return true;
}

size_t
admit_running(const struct admit *a)
{
	return a->running;
}

size_t
admit_waiting(const struct admit *a)
{
	return a->waiting;
}
