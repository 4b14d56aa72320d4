/* How a task is to be run, as people and models say it (T7). */
#include <stdlib.h>
#include <string.h>

#include "inner.h"
#include "own.h"
#include "xalloc.h"

static bool
is_between(char c)
{
	return c == ',' || c == ' ';
}

/* The next word of a list by commas or blanks. */
static struct bytes
next_word(struct bytes *list)
{
	struct bytes word;
	size_t n = 0;

	while (list->len > 0 && is_between(*list->data)) {
		list->data++;
		list->len--;
	}
	while (n < list->len && !is_between(list->data[n]))
		n++;
	word = (struct bytes){ list->data, n };
	list->data += n;
	list->len -= n;
	return word;
}

static bool
wrong(char **why, const char *what, struct bytes word, const char *how)
{
	*why = xasprintf("%s: %.*s: %s", what, (int)word.len, word.data, how);
	return false;
}

static bool
read_after(struct host *h, struct bytes list, struct buf *after, char **why)
{
	bool said = list.len > 0;
	struct bytes word;
	uint64_t id;

	while ((word = next_word(&list)).len > 0) {
		id = record_id(word, 't');
		if (id == 0)
			return wrong(why, "after", word, "not a task's id");
		if (session_task(h->session, id) == NULL)
			return wrong(why, "after", word,
			    "there is no such task in this session");
		buf_printf(after, "%st%ju", after->len == 0 ? "" : " ",
		    (uintmax_t)id);
	}
	if (!said || after->len > 0)
		return true;
	*why = xstrdup("after: no task is named");
	return false;
}

struct wish
wish_of(const struct own *o, const struct wish *beside)
{
	struct wish w = { .after = bytes_of(o->after),
	    .condition = bytes_of(o->after_if),
	    .priority = bytes_of(o->priority),
	    .place = bytes_of(o->first ? "first" : "") };

	if (beside == NULL)
		return w;
	if (beside->after.len > 0)
		w.after = beside->after;
	if (beside->condition.len > 0)
		w.condition = beside->condition;
	if (beside->priority.len > 0)
		w.priority = beside->priority;
	return w;
}

bool
terms_read(struct host *h, const struct wish *w, struct terms *t,
    struct buf *after, char **why)
{
	if (w->condition.len > 0 &&
	    !condition_parse(w->condition, &t->condition))
		return wrong(why, "after-if", w->condition, "not ok or any");
	if (w->priority.len > 0 && !priority_parse(w->priority, &t->priority))
		return wrong(why, "priority", w->priority,
		    "not low, normal or high");
	if (!bytes_is(w->after, "none") && !read_after(h, w->after, after, why))
		return false;
	t->after = buf_bytes(after);
	return true;
}

void
terms_say_end(struct buf *b, const struct host *h, uint64_t task)
{
	const struct task_facts *f = session_task(h->session, task);

	buf_printf(b, "t%ju ", (uintmax_t)task);
	if (f == NULL)
		buf_puts(b, "is not known any more");
	else if (strcmp(f->end, "exited") == 0)
		buf_printf(b, "ended with code %ju", (uintmax_t)f->code);
	else if (strcmp(f->end, "signaled") == 0)
		buf_printf(b, "was ended by signal %ju", (uintmax_t)f->signal);
	else if (strcmp(f->end, "timed-out") == 0)
		buf_puts(b, "took too long");
	else
		buf_printf(b, "was %s", f->end);
}

static bool
says_nothing(const struct wish *w)
{
	return w->after.len + w->condition.len + w->priority.len +
	    w->place.len == 0;
}

static char *
say_refusal(const struct task_facts *f, enum refusal refusal)
{
	if (refusal == REFUSAL_GONE)
		return xasprintf("it %s%s, and only what waits to start can "
		    "be moved", f->end[0] != '\0' ? "has ended" : "is ",
		    f->end[0] != '\0' ? "" : f->state);
	return xstrdup("it would wait for itself");
}

static bool
move(struct host *h, uint64_t task, const struct record_order *order,
    char **why)
{
	struct event ev = { .kind = EV_ORDER, .task = task, .order = order };
	struct out *out;
	bool ok;

	out = host_step(h, &ev, &ok);
	if (!ok)
		*why = say_refusal(session_task(h->session, task),
		    out->refusal);
	return ok;
}

bool
host_move(struct host *h, uint64_t task, const struct wish *w, const char *by,
    char **why)
{
	struct record_order order = { .place = w->place,
	    .priority = w->priority, .condition = w->condition };
	const struct task_facts *f = session_task(h->session, task);
	struct terms terms = { .condition = CONDITION_OK };
	struct buf after = { 0 };
	bool ok = false;

	order.by = bytes_of(by);
	if (!task_is_queued(f))
		*why = say_refusal(f, REFUSAL_GONE);
	else if (says_nothing(w))
		*why = xstrdup("nothing is to be changed");
	else if (terms_read(h, w, &terms, &after, why)) {
		if (w->after.len > 0)
			order.after = after.len > 0 ? buf_bytes(&after) :
			    bytes_of("none");
		ok = move(h, task, &order, why);
	}
	buf_fini(&after);
	return ok;
}
