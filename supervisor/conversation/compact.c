/*
 * When a conversation is compacted (C12): a model is asked for a summary in a
 * turn of its own, beside all others; where a server has refused a request as
 * too long there is no time for that, and words are taken from the items.
 */
#include "state.h"
#include "text.h"

#define ENOUGH		4	/* items since the newest head */
#define PAUSE		10	/* items until one is asked again */
#define TOKEN		4	/* bytes of one, where nobody counts */
#define SUMMARY_MAX	(128U << 10)

/*
 * Not in an envelope: it is to be done, and never enters the transcript. Turns
 * that are told the same must differ, so that each has a prefix of its own (C4).
 */
static const char order[] = "This conversation gets too long for you (u%ju). "
    "Write now what stands for all of it so far, for yourself: you "
    "will see your words and what comes after them, and nothing else. Say "
    "what the user wants and how, what was decided and why, what was done and "
    "what came of it, facts that were found, what is still open, the names of "
    "files and the ids of tasks. Only words: call no tool, and do not answer "
    "the user.";
static const char go_on[] = "<session-note>In turn u%ju the conversation was "
    "too long for you, so it is shortened above. Go on with what was to be "
    "done, and do nothing again that was done.</session-note>";

/* Tokens that the model takes; 0: nobody knows. */
static uint64_t
limit_of(const struct session *s)
{
	uint64_t set = s->limits.context;

	return set == 0 || (s->learned != 0 && s->learned < set) ?
	    s->learned : set;
}

static bool
is_long_enough(const struct session *s)
{
	return s->ncompacts == 0 &&
	    s->block.n - head_newest(s)->start >= ENOUGH;
}

static void
put_words(struct step *st, struct turn *t, struct buf *words)
{
	struct buf json = { 0 };

	render_envelope(&json, buf_bytes(words));
	put_item(st, t, ROLE_USER, false, buf_bytes(&json));
	buf_fini(&json);
	buf_fini(words);
}

static void
begin(struct step *st)
{
	struct turn *t = turn_begin(st, CAUSE_COMPACT, 0);
	struct buf words = { 0 };

	buf_printf(&words, order, (uintmax_t)t->id);
	put_words(st, t, &words);
	turn_ask(st, t);
}

bool
on_compact(struct step *st)
{
	if (!is_long_enough(st->s))
		return refuse(st, REFUSAL_GONE);
	begin(st);
	return true;
}

/* At four fifths there is still room for what goes on meanwhile. */
void
compact_check(struct step *st)
{
	const struct session *s = st->s;
	uint64_t limit = limit_of(s);

	if (limit == 0 || s->used < limit - limit / 5 || !is_long_enough(s))
		return;
	if (s->declined == 0 || s->block.n >= s->declined + PAUSE)
		begin(st);
}

static void
record_head(struct step *st, const struct turn *t, struct bytes summary,
    size_t upto, uint64_t limit)
{
	struct record r = { .kind = RECORD_COMPACTED };
	struct buf json = { 0 };

	head_render(&json, st->s, summary, upto);
	r.compacted.turn = t->id;
	r.compacted.upto = upto;
	r.compacted.limit = limit;
	r.compacted.summary = summary;
	r.compacted.message = buf_bytes(&json);
	record(st, &r);
	buf_fini(&json);
}

void
compact_answered(struct step *st, struct turn *t, bool blank)
{
	struct bytes text = buf_bytes(&t->text);
	struct buf summary = { 0 };

	if (blank) {
		turn_finish(st, t, OUTCOME_FAILED,
		    bytes_of("the model gave no summary"));
		return;
	}
	text.len = text_prefix(text, SUMMARY_MAX);
	text_escape(&summary, text);
	record_head(st, t, buf_bytes(&summary), t->base, 0);
	buf_fini(&summary);
	turn_finish(st, t, OUTCOME_ANSWERED, bytes_of(""));
}

/*
 * Nine tenths of what was refused, in tokens. If they were counted before, one
 * knows how many bytes each has.
 */
static uint64_t
learn(const struct session *s, const struct turn *t, size_t bytes)
{
	double tokens = (double)bytes / TOKEN;

	if (s->used != 0 && t->seen != 0 && t->epoch == s->nheads - 1)
		tokens = (double)bytes * (double)s->used / (double)t->seen;
	return tokens < 10 ? 1 : tokens > 1e12 ? (uint64_t)1e12 :
	    (uint64_t)(tokens * 0.9);
}

/* A summary that comes later would stand for less than what is past. */
static void
cut_others(struct step *st, const struct turn *self)
{
	struct turn *t, *next;

	TAILQ_FOREACH_SAFE(t, &st->s->active, link, next)
		if (t != self && t->cause == CAUSE_COMPACT)
			turn_cut(st, t, OUTCOME_INTERRUPTED, "(cut)",
			    BYTES("it was compacted without a model"));
}

static size_t
past_with(const struct session *s, const struct turn *t)
{
	if (t->cause == CAUSE_COMPACT)
		return t->base;
	return s->block.n + (turn_is_apart(t) ? 0 : t->block.n);
}

/* By a quarter at least: else one could go on for ever. */
static bool
is_shorter(const struct session *s, const struct turn *t, struct bytes summary,
    size_t bytes)
{
	struct buf json = { 0 };
	size_t now;

	head_render(&json, s, summary, past_with(s, t));
	now = json.len;
	if (t->cause == CAUSE_ASIDE)
		now += head_turn_bytes(t) - t->seen;
	else if (t->cause != CAUSE_COMPACT)
		now += sizeof(go_on);
	buf_fini(&json);
	return now < bytes - bytes / 4;
}

static void
shorten(struct step *st, struct turn *t, struct bytes summary, uint64_t limit)
{
	struct bytes why = st->ev->text;
	struct buf words = { 0 };

	cut_others(st, t);
	record_head(st, t, summary, past_with(st->s, t), limit);
	if (t->cause == CAUSE_COMPACT) {
		turn_finish(st, t, OUTCOME_FAILED, why);
		return;
	}
	if (t->cause != CAUSE_ASIDE) {
		buf_printf(&words, go_on, (uintmax_t)t->id);
		put_words(st, t, &words);
	}
	turn_ask(st, t);
}

bool
compact_refused(struct step *st, struct turn *t)
{
	size_t bytes = head_turn_bytes(t);
	struct buf summary = { 0 };
	bool ok = false;

	if (t->shown.len == 0 && t->ncoming == 0) {
		digest(&summary, st->s, t, bytes / 4);
		ok = is_shorter(st->s, t, buf_bytes(&summary), bytes);
	}
	if (ok)
		shorten(st, t, buf_bytes(&summary),
		    learn(st->s, t, bytes));
	buf_fini(&summary);
	return ok;
}

uint64_t
compact_context(const struct session *s, const struct turn *t)
{
	if (turn_is_apart(t) || t->epoch != s->nheads - 1)
		return 0;
	if (t->context != 0 || limit_of(s) == 0)
		return t->context;
	return head_turn_bytes(t) / TOKEN;
}
