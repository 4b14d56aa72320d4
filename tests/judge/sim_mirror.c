#include "sim_mirror.h"

#include <stdlib.h>

static bool
same_bytes(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool
same_requests(const struct session *a, const struct session *b, uint64_t turn)
{
	size_t na, nb, i;
	struct bytes *ia = session_items(a, turn, &na),
	    *ib = session_items(b, turn, &nb);
	bool same = na == nb;

	for (i = 0; same && i < na; i++)
		same = same_bytes(ia[i], ib[i]);
	free(ia);
	free(ib);
	return same;
}

static bool
same_transcripts(const struct session *a, const struct session *b)
{
	struct item_facts fa, fb;
	bool more, as_many;
	size_t i;

	for (i = 0;; i++) {
		more = session_nth_item(a, i, &fa);
		as_many = session_nth_item(b, i, &fb);
		if (!more || !as_many)
			return more == as_many;
		if (fa.seq != fb.seq || fa.turn != fb.turn ||
		    fa.role != fb.role || fa.compacted != fb.compacted ||
		    !same_bytes(fa.json, fb.json))
			return false;
	}
}

/* What streams is on record a second later at most. */
static bool
same_state(const char *a, const char *b)
{
	bool a_holds = strcmp(a, "holding") == 0,
	    b_holds = strcmp(b, "holding") == 0;

	return strcmp(a, b) == 0 || (!a_holds && !b_holds);
}

static bool
same_turns(const struct session *a, const struct session *b)
{
	struct turn_facts fa, fb;
	bool more, as_many;
	size_t i;

	for (i = 0;; i++) {
		more = session_nth_active(a, i, &fa);
		as_many = session_nth_active(b, i, &fb);
		if (!more || !as_many)
			return more == as_many;
		if (fa.id != fb.id || fa.message != fb.message ||
		    fa.cause != fb.cause || !same_state(fa.state, fb.state) ||
		    strcmp(fa.text, fb.text) != 0 ||
		    !same_requests(a, b, fa.id))
			return false;
	}
}

static bool
same_pasts(const struct session *a, const struct session *b)
{
	struct turn_facts fa, fb;
	bool more, as_many;
	size_t i;

	for (i = 0;; i++) {
		more = session_nth_turn(a, i, &fa);
		as_many = session_nth_turn(b, i, &fb);
		if (!more || !as_many)
			return more == as_many;
		if (fa.outcome != fb.outcome || fa.heard != fb.heard ||
		    strcmp(fa.why, fb.why) != 0 ||
		    strcmp(fa.text, fb.text) != 0 ||
		    fa.requests != fb.requests ||
		    fa.ended_at != fb.ended_at)
			return false;
	}
}

/* What a turn that begins now would see, and may call. */
static bool
same_futures(const struct session *a, const struct session *b)
{
	const struct origin *oa = session_origin(a), *ob = session_origin(b);
	size_t bytes_a, bytes_b, i;
	const char *name, *as_well;

	for (i = 0; (name = session_nth_called(a, i)) != NULL; i++)
		if ((as_well = session_nth_called(b, i)) == NULL ||
		    strcmp(name, as_well) != 0)
			return false;
	return session_nth_called(b, i) == NULL &&
	    session_seen(a, &bytes_a) == session_seen(b, &bytes_b) &&
	    bytes_a == bytes_b && oa->task == ob->task &&
	    oa->nturns == ob->nturns && oa->ntasks == ob->ntasks;
}

static bool
same_message(const struct message_facts *a, const struct message_facts *b)
{
	return a->id == b->id && a->seq == b->seq && a->turn == b->turn &&
	    a->mode == b->mode && strcmp(a->state, b->state) == 0 &&
	    strcmp(a->key, b->key) == 0 && strcmp(a->text, b->text) == 0;
}

static bool
same_queue(const struct session *a, const struct session *b)
{
	struct message_facts fa, fb;
	bool more, as_many;
	size_t i;

	for (i = 0;; i++) {
		more = session_nth_waiting(a, i, &fa);
		as_many = session_nth_waiting(b, i, &fb);
		if (!more || !as_many)
			return more == as_many;
		if (!same_message(&fa, &fb))
			return false;
	}
}

static bool
same_messages(const struct session *a, const struct session *b, uint64_t last)
{
	struct message_facts fa, fb;
	bool is, as_well;
	uint64_t id;

	for (id = 1; id <= last; id++) {
		is = session_message(a, id, &fa);
		as_well = session_message(b, id, &fb);
		if (is != as_well || (is && !same_message(&fa, &fb)))
			return false;
	}
	return true;
}

static bool
same_task(const struct task_facts *a, const struct task_facts *b)
{
	return a->id == b->id && a->turn == b->turn &&
	    a->message == b->message && a->wake == b->wake &&
	    strcmp(a->tool, b->tool) == 0 && strcmp(a->args, b->args) == 0 &&
	    strcmp(a->state, b->state) == 0 && strcmp(a->end, b->end) == 0 &&
	    strcmp(a->by, b->by) == 0 && strcmp(a->why, b->why) == 0 &&
	    a->rank == b->rank && a->terms.priority == b->terms.priority &&
	    a->terms.condition == b->terms.condition &&
	    same_bytes(a->terms.after, b->terms.after) &&
	    a->nwatches == b->nwatches &&
	    a->created_at == b->created_at && a->ended_at == b->ended_at;
}

static bool
same_tasks(const struct session *a, const struct session *b)
{
	const struct task_facts *fa, *fb;
	size_t i;

	for (i = 0;; i++) {
		fa = session_nth_task(a, i);
		fb = session_nth_task(b, i);
		if (fa == NULL || fb == NULL)
			return fa == fb;
		if (!same_task(fa, fb) || session_task_is_held(a, fa->id) !=
		    session_task_is_held(b, fb->id))
			return false;
	}
}

static bool
same_approvals(const struct session *a, const struct session *b)
{
	struct approval_facts fa, fb;
	bool more, as_many;
	size_t i;

	for (i = 0;; i++) {
		more = session_nth_approval(a, i, &fa);
		as_many = session_nth_approval(b, i, &fb);
		if (!more || !as_many)
			return more == as_many;
		if (fa.id != fb.id || fa.task != fb.task ||
		    fa.state != fb.state || fa.always != fb.always ||
		    strcmp(fa.grant, fb.grant) != 0 ||
		    strcmp(fa.by, fb.by) != 0)
			return false;
	}
}

static bool
same_usage(const struct session *a, const struct session *b)
{
	struct usage_facts ua, ub;

	session_usage_tree(a, &ua);
	session_usage_tree(b, &ub);
	return ua.requests == ub.requests && ua.input == ub.input &&
	    ua.cached == ub.cached && ua.output == ub.output &&
	    session_npending(a) == session_npending(b);
}

const char *
mirror_compare(const struct session *live, const struct session *mirror,
    const uint64_t ids[128])
{
	if (!same_transcripts(live, mirror))
		return "read back, the transcript is another";
	if (!same_turns(live, mirror))
		return "read back, the turns are others";
	if (!same_pasts(live, mirror))
		return "read back, what turns came to is another";
	if (!same_futures(live, mirror))
		return "read back, the next turn is another";
	if (!same_queue(live, mirror))
		return "read back, the queue is another";
	if (!same_messages(live, mirror, ids['m']))
		return "read back, the messages are others";
	if (!same_tasks(live, mirror))
		return "read back, the tasks are others";
	if (!same_approvals(live, mirror))
		return "read back, the approvals are others";
	if (!same_usage(live, mirror))
		return "read back, something else was used";
	if (session_is_open(live) != session_is_open(mirror))
		return "read back, it is not as open";
	return NULL;
}
