#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admit_own.h"
#include "xalloc.h"

static bool
is_before(const struct task *a, const struct task *b)
{
	bool	aged = a->passed >= ADMIT_PATIENCE;

	if (aged != (b->passed >= ADMIT_PATIENCE))
		return aged;
	if (!aged && a->priority != b->priority)
		return a->priority > b->priority;
	if (!aged && a->rank != b->rank)
		return a->rank < b->rank;
	return a->age < b->age;
}

/* Most are the last of their kind, so it is looked for from the end. */
static void
insert(struct task *t)
{
	struct admit_line	*queue = &t->session->queue;
	struct task		*at = TAILQ_LAST(queue, admit_line);

	while (at != NULL && is_before(t, at))
		at = TAILQ_PREV(at, admit_line, link);
	if (at == NULL)
		TAILQ_INSERT_HEAD(queue, t, link);
	else
		TAILQ_INSERT_AFTER(queue, at, t, link);
}

static void
place(struct admit *a, struct task *t)
{
	t->state = t->nafter > 0 ? ADMIT_BLOCKED : ADMIT_READY;
	if (t->state == ADMIT_BLOCKED)
		TAILQ_INSERT_TAIL(&a->blocked, t, link);
	else
		insert(t);
}

bool
line_waits(const struct task *t)
{
	return t->state == ADMIT_BLOCKED || t->state == ADMIT_READY;
}

void
line_join(struct admit *a, struct task *t, const struct admit_task *terms)
{
	if (t->age == 0 || terms->rank > t->rank)
		t->age = ++a->came;
	t->passed = 0;
	t->priority = terms->priority;
	t->rank = terms->rank;
	t->any = terms->any;
	free(t->after);
	t->after = xcalloc(terms->nafter + 1, sizeof(*t->after));
	if (terms->nafter > 0)
		memcpy(t->after, terms->after,
		    terms->nafter * sizeof(*t->after));
	t->nafter = terms->nafter;
	place(a, t);
}

void
line_leave(struct admit *a, struct task *t)
{
	if (t->state == ADMIT_BLOCKED)
		TAILQ_REMOVE(&a->blocked, t, link);
	else
		TAILQ_REMOVE(&t->session->queue, t, link);
}

void
line_start(struct task *t)
{
	struct admit_line	*queue = &t->session->queue;
	struct task		*other, *next;

	TAILQ_FOREACH_SAFE(other, queue, link, next) {
		if (other->age > t->age || ++other->passed != ADMIT_PATIENCE)
			continue;
		TAILQ_REMOVE(queue, other, link);
		insert(other);
	}
}

/* How many it waited for and does no more. */
static size_t
strike(struct task *t, uint64_t id)
{
	size_t	i, kept = 0, n = t->nafter;

	for (i = 0; i < n; i++)
		if (t->after[i] != id)
			t->after[kept++] = t->after[i];
	t->nafter = kept;
	return n - kept;
}

static void
refuse(struct admit *a, struct task *t, uint64_t because)
{
	TAILQ_REMOVE(&a->blocked, t, link);
	TAILQ_INSERT_TAIL(&a->refused, t, link);
	t->state = ADMIT_REFUSED;
	t->because = because;
}

void
admit_ended(struct admit *a, uint64_t id, bool ok)
{
	struct task	*t, *next;

	TAILQ_FOREACH_SAFE(t, &a->blocked, link, next) {
		if (strike(t, id) == 0)
			continue;
		if (!ok && !t->any) {
			refuse(a, t, id);
		} else if (t->nafter == 0) {
			TAILQ_REMOVE(&a->blocked, t, link);
			place(a, t);
		}
	}
}

void
line_say_after(const struct task *t, char *buf, size_t size)
{
	char	word[32];
	size_t	i, n = 0;

	for (i = 0; i < t->nafter; i++) {
		snprintf(word, sizeof(word), "%st%" PRIu64,
		    i == 0 ? "after " : ", ", t->after[i]);
		if (n + strlen(word) + sizeof(", ...") > size) {
			snprintf(buf + n, size - n, ", ...");
			return;
		}
		n += (size_t)snprintf(buf + n, size - n, "%s", word);
	}
}
