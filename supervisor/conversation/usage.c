/* What the requests of turns used, as servers report it. */
#include "state.h"

/* What a server claims fits the journal's numbers, whatever it claims. */
static void
add(uint64_t *sum, uint64_t n)
{
	*sum = n < INT64_MAX - *sum ? *sum + n : INT64_MAX;
}

static void
add_all(struct usage_facts *sum, const struct usage_facts *u)
{
	add(&sum->requests, u->requests);
	add(&sum->input, u->input);
	add(&sum->cached, u->cached);
	add(&sum->output, u->output);
}

static void
use(struct session *s, struct turn *t, const struct usage_facts *u)
{
	add_all(&t->usage, u);
	add_all(&s->usage, u);
}

static uint64_t
bounded(uint64_t n)
{
	return n < INT64_MAX ? n : INT64_MAX;
}

/* Also of a turn that has ended: what was cut was used (M2). */
bool
on_usage(struct step *st)
{
	struct record r = { .kind = RECORD_USAGE };

	if (st->ev->turn != 0 && turn_find(st->s, st->ev->turn) == NULL)
		return refuse(st, REFUSAL_GONE);
	r.usage.turn = st->ev->turn;
	r.usage.input_tokens = bounded(st->ev->input);
	r.usage.cached_tokens = bounded(st->ev->cached);
	r.usage.output_tokens = bounded(st->ev->output_tokens);
	record(st, &r);
	return true;
}

void
apply_usage(struct session *s, const struct record *r)
{
	struct usage_facts u = { .input = r->usage.input_tokens,
	    .cached = r->usage.cached_tokens,
	    .output = r->usage.output_tokens };
	struct turn *t = turn_find(s, r->usage.turn);

	if (r->usage.turn == 0) {
		u.requests = 1;
		add_all(&s->below, &u);
	}
	if (t == NULL)
		return;
	use(s, t, &u);
	t->context = bounded(u.input + u.output);
}

void
usage_asked(struct session *s, struct turn *t)
{
	t->usage.requests++;
	s->usage.requests++;
}

static uint64_t
beyond(uint64_t n, uint64_t known)
{
	return n > known ? n - known : 0;
}

void
usage_sum(struct session *s, struct turn *t, const struct record_finished *r)
{
	const struct usage_facts *known = &t->usage;
	struct usage_facts rest = {
	    .input = beyond(r->input_tokens, known->input),
	    .cached = beyond(r->cached_tokens, known->cached),
	    .output = beyond(r->output_tokens, known->output) };

	use(s, t, &rest);
}

void
session_usage(const struct session *s, struct usage_facts *u)
{
	*u = s->usage;
}

void
session_usage_tree(const struct session *s, struct usage_facts *u)
{
	*u = s->usage;
	add_all(u, &s->below);
}
