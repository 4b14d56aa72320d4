/*
 * Random walks: admit.c beside a plain model of its order that looks at
 * everything each time. What both say must be the same at each step, no limit
 * is passed but by force, and nobody starves.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admit.h"

#define TASKS		256		/* live at a time */
#define SESSIONS	5
#define STEPS		6000
#define WALKS		8

enum state { NONE, WAITING, PLACED, PAUSED, RETURNING };

struct task {
	uint64_t	id, age, asked;
	enum state	state;
	int		session, priority;
	int64_t		rank;
	unsigned	passed, seen, bound;	/* starts of its session */
	uint64_t	after[3];
	size_t		nafter;
	bool		any;
};

struct walk {
	uint64_t	 seed, random, ids, came, asked;
	int64_t		 first, last;
	struct admit	*a;
	struct admit_limits limits;
	struct task	 tasks[TASKS];
	int		 ring[SESSIONS];
	size_t		 nring;
};

static const char *const names[SESSIONS] = { "a", "b", "c", "d", "e" };

static void	fail(const struct walk *, const char *, ...)
		    __attribute__((format(printf, 2, 3), noreturn));

static void
fail(const struct walk *w, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "walk %" PRIu64 ": ", w->seed);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static unsigned
roll(struct walk *w, unsigned sides)
{
	w->random = w->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(w->random >> 33) % sides;
}

static uid_t
user_of(int session)
{
	return 1000 + (uid_t)(session % 2);
}

static size_t
count(const struct walk *w, int session, int user, enum state state)
{
	size_t i, n = 0;

	for (i = 0; i < TASKS; i++)
		n += w->tasks[i].state == state &&
		    (session == -1 || w->tasks[i].session == session) &&
		    (user == -1 || w->tasks[i].session % 2 == user);
	return n;
}

static bool
has_room(const struct walk *w, int session)
{
	const struct admit_limits *l = &w->limits;

	return (l->all == 0 || count(w, -1, -1, PLACED) < l->all) &&
	    (l->session == 0 || count(w, session, -1, PLACED) < l->session) &&
	    (l->user == 0 || count(w, -1, session % 2, PLACED) < l->user);
}

/* The ring as it must be: whoever waits is in it, newcomers at its end. */
static void
mend_ring(struct walk *w)
{
	size_t i, n = 0;
	int s;

	for (i = 0; i < w->nring; i++)
		if (count(w, w->ring[i], -1, WAITING) > 0)
			w->ring[n++] = w->ring[i];
	w->nring = n;
	for (s = 0; s < SESSIONS; s++) {
		for (i = 0; i < w->nring && w->ring[i] != s; i++)
			;
		if (i == w->nring && count(w, s, -1, WAITING) > 0)
			w->ring[w->nring++] = s;
	}
}

static bool
is_better(const struct task *t, const struct task *than)
{
	bool aged = t->passed >= ADMIT_PATIENCE,
	    than_aged = than->passed >= ADMIT_PATIENCE;

	if (aged || than_aged)
		return aged && (!than_aged || t->age < than->age);
	if (t->priority != than->priority)
		return t->priority > than->priority;
	return t->rank < than->rank;
}

static struct task *
best_of(struct walk *w, int session)
{
	struct task *t, *best = NULL;

	for (t = w->tasks; t < w->tasks + TASKS; t++)
		if (t->state == WAITING && t->session == session &&
		    t->nafter == 0 && (best == NULL || is_better(t, best)))
			best = t;
	return best;
}

static struct task *
next_to_return(struct walk *w)
{
	struct task *t, *best = NULL;

	for (t = w->tasks; t < w->tasks + TASKS; t++)
		if (t->state == RETURNING && has_room(w, t->session) &&
		    (best == NULL || t->asked < best->asked))
			best = t;
	return best;
}

/* Those that wait on in the session: how often, and for how long still. */
static void
pass_over(struct walk *w, const struct task *starter)
{
	struct task *t;

	for (t = w->tasks; t < w->tasks + TASKS; t++) {
		if (t->state != WAITING || t->session != starter->session ||
		    t->nafter > 0 || t == starter)
			continue;
		t->passed += t->age < starter->age;
		if (++t->seen > t->bound)
			fail(w, "t%" PRIu64 " starves", t->id);
	}
}

static struct task *
expected(struct walk *w)
{
	struct task *t = next_to_return(w);
	size_t i;
	int s;

	for (i = 0; t == NULL && i < w->nring; i++) {
		s = w->ring[i];
		if (!has_room(w, s) || (t = best_of(w, s)) == NULL)
			continue;
		memmove(w->ring + i, w->ring + i + 1,
		    (w->nring - i - 1) * sizeof(w->ring[0]));
		w->ring[w->nring - 1] = s;
		pass_over(w, t);
	}
	return t;
}

static void
next(struct walk *w)
{
	struct task *t = expected(w);
	uint64_t id = admit_next(w->a), wanted = t == NULL ? 0 : t->id;

	if (id != wanted)
		fail(w, "t%" PRIu64 " is next, not t%" PRIu64, id, wanted);
	if (t != NULL)
		t->state = PLACED;
	mend_ring(w);
}

static struct task *
pick(struct walk *w, enum state state)
{
	unsigned i, from = roll(w, TASKS);
	struct task *t;

	for (i = 0; i < TASKS; i++) {
		t = &w->tasks[(from + i) % TASKS];
		if (t->state == state)
			return t;
	}
	return NULL;
}

/* How many starts of its session it may have to see before its own. */
static void
set_bound(const struct walk *w, struct task *t)
{
	const struct task *o;

	t->passed = t->seen = 0;
	t->bound = ADMIT_PATIENCE;
	for (o = w->tasks; o < w->tasks + TASKS; o++)
		t->bound += o->state == WAITING && o->session == t->session &&
		    o->age < t->age;
}

/* After others of its session that were there before it, some of them over. */
static void
choose_after(struct walk *w, struct task *t)
{
	const struct task *o;
	unsigned n = roll(w, 6);

	t->nafter = 0;
	t->any = roll(w, 2) == 0;
	for (; n > 3; n--) {
		o = pick(w, (enum state)(1 + roll(w, 4)));
		if (o != NULL && o != t && o->id < t->id &&
		    o->session == t->session)
			t->after[t->nafter++] = o->id;
	}
}

static struct admit_task
terms(const struct task *t)
{
	return (struct admit_task){ .id = t->id, .session = names[t->session],
	    .uid = user_of(t->session), .priority = t->priority,
	    .rank = t->rank, .after = t->after, .nafter = t->nafter,
	    .any = t->any };
}

static void
add(struct walk *w)
{
	struct task *t = pick(w, NONE);
	struct admit_task at;

	if (t == NULL)
		return;
	*t = (struct task){ .id = ++w->ids, .session = (int)roll(w, SESSIONS),
	    .priority = (int)roll(w, 3) - 1, .rank = ++w->last,
	    .age = ++w->came };
	choose_after(w, t);
	at = terms(t);
	admit_add(w->a, &at);
	t->state = WAITING;
	set_bound(w, t);
	mend_ring(w);
}

static void
change(struct walk *w)
{
	struct task *t = pick(w, WAITING);
	struct admit_task at;
	unsigned how = roll(w, 4);

	if (t == NULL)
		return;
	if (how == 0)
		t->rank = --w->first;
	else if (how == 1) {
		t->rank = ++w->last;
		t->age = ++w->came;
	} else if (how == 2)
		t->priority = (int)roll(w, 3) - 1;
	else
		choose_after(w, t);
	at = terms(t);
	if (!admit_change(w->a, &at))
		fail(w, "t%" PRIu64 " waits and cannot be moved", t->id);
	set_bound(w, t);
}

/* All that waited for it, and for what is refused because of it. */
static void
ended(struct walk *w, uint64_t id, bool ok)
{
	uint64_t gone, because;
	struct task *t;
	size_t i, n;
	bool waited;

	admit_ended(w->a, id, ok);
	for (t = w->tasks; t < w->tasks + TASKS; t++) {
		for (i = n = 0, waited = false; i < t->nafter; i++)
			if (t->after[i] != id)
				t->after[n++] = t->after[i];
			else
				waited = true;
		t->nafter = n;
		if (t->state == WAITING && waited && !ok && !t->any)
			t->state = NONE;
	}
	mend_ring(w);
	while ((gone = admit_refused(w->a, &because)) != 0) {
		for (t = w->tasks; t < w->tasks + TASKS; t++)
			if (t->id == gone && t->state != NONE)
				fail(w, "t%" PRIu64 " is refused", gone);
		ended(w, gone, false);
	}
}

static void
end(struct walk *w)
{
	struct task *t = pick(w, (enum state)(1 + roll(w, 4)));
	bool waits = t != NULL && t->state == WAITING;

	if (t == NULL)
		return;
	if (!(waits ? admit_remove : admit_done)(w->a, t->id) ||
	    (waits ? admit_done : admit_remove)(w->a, t->id))
		fail(w, "t%" PRIu64 " is not taken out once", t->id);
	t->state = NONE;
	mend_ring(w);
	ended(w, t->id, !waits && roll(w, 4) > 0);
}

static void
pause_(struct walk *w)
{
	bool stays = roll(w, 4) == 0;
	struct task *t = pick(w, stays ? RETURNING : PLACED);

	if (t == NULL)
		return;
	if (!(stays ? admit_stay : admit_pause)(w->a, t->id))
		fail(w, "t%" PRIu64 " keeps its place", t->id);
	t->state = PAUSED;
}

static void
go_on(struct walk *w)
{
	struct task *t = pick(w, PAUSED);

	if (t == NULL)
		return;
	t->asked = ++w->asked;
	if (!admit_return(w->a, t->id))
		fail(w, "t%" PRIu64 " cannot go on", t->id);
	t->state = RETURNING;
}

static void
force(struct walk *w)
{
	struct task *t = pick(w, roll(w, 2) == 0 ? RETURNING : PAUSED);

	if (t == NULL)
		return;
	if (!admit_force(w->a, t->id))
		fail(w, "t%" PRIu64 " is not let go on", t->id);
	t->state = PLACED;
}

static void
limit(struct walk *w)
{
	w->limits = (struct admit_limits){ roll(w, 6), roll(w, 9),
	    roll(w, 12) };
	admit_limit(w->a, &w->limits);
}

static void
check(const struct walk *w)
{
	const struct task *t;
	char why[64];

	if (admit_running(w->a) != count(w, -1, -1, PLACED))
		fail(w, "%zu places are taken, not %zu", admit_running(w->a),
		    count(w, -1, -1, PLACED));
	if (admit_waiting(w->a) != count(w, -1, -1, WAITING))
		fail(w, "%zu wait, not %zu", admit_waiting(w->a),
		    count(w, -1, -1, WAITING));
	for (t = w->tasks; t < w->tasks + TASKS; t++)
		if (t->state != NONE && admit_why(w->a, t->id, why,
		    sizeof(why)) != (t->state == WAITING ||
		    t->state == RETURNING))
			fail(w, "t%" PRIu64 ": why: %s", t->id, why);
}

static void
step(struct walk *w)
{
	unsigned chance = roll(w, 100);

	if (chance < 30)
		add(w);
	else if (chance < 60)
		next(w);
	else if (chance < 80)
		end(w);
	else if (chance < 85)
		change(w);
	else if (chance < 90)
		pause_(w);
	else if (chance < 96)
		go_on(w);
	else if (chance < 98)
		force(w);
	else
		limit(w);
}

static void
walk(uint64_t seed)
{
	static struct walk w;
	unsigned i;

	w = (struct walk){ .seed = seed, .random = seed * 0x9e3779b97f4a7c15 };
	w.a = admit_new(&w.limits);
	limit(&w);
	for (i = 0; i < STEPS; i++) {
		step(&w);
		check(&w);
	}
	while (pick(&w, WAITING) != NULL || pick(&w, PLACED) != NULL ||
	    pick(&w, PAUSED) != NULL || pick(&w, RETURNING) != NULL)
		end(&w);
	check(&w);
	admit_free(w.a);
}

int
main(void)
{
	const char *one = getenv("SIM_SEED");
	uint64_t seed;

	if (one != NULL) {
		walk(strtoull(one, NULL, 10));
		return 0;
	}
	for (seed = 1; seed <= WALKS; seed++)
		walk(seed);
	return 0;
}
