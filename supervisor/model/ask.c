#include "ask.h"

#include <stdlib.h>

#include "builtin.h"
#include "fault.h"
#include "http.h"
#include "key.h"
#include "loop.h"
#include "openai.h"
#include "request.h"
#include "retry.h"
#include "text.h"
#include "xalloc.h"

#define ERROR_MAX	65536U		/* of an error's body */
#define WHY_MAX		600U

struct ask {
	TAILQ_ENTRY(ask)	 link;
	struct model		*model;
	struct model_ops	 ops;
	void			*arg;
	struct alarm		*alarm;	/* until it is tried */
	struct buf		 body;
	uint64_t		 seed;
	struct http_call	*call;		/* NULL between tries */
	struct openai		*openai;
	struct model_usage	 used;		/* by the tries before */
	struct answer		 answer;	/* builtin's */
	struct buf		 error;		/* an error's body */
	unsigned		 ntries;
	bool			 was_sent;
	bool			 has_shown;	/* no other try now */
	bool			 telling;	/* in a callback of its owner */
	bool			 was_cut;	/* there */
};

static void
ask_free(struct ask *a)
{
	buf_fini(&a->body);
	buf_fini(&a->error);
	openai_free(a->openai);
	answer_fini(&a->answer);
	free(a);
}

/* Out of the model, and deaf; the memory stays. */
static void
ask_close(struct ask *a)
{
	TAILQ_REMOVE(&a->model->asks, a, link);
	alarm_free(a->alarm);
	if (a->call != NULL)
		http_cut(a->call);
	a->call = NULL;
}

void
model_cut(struct ask *a)
{
	ask_close(a);
	a->was_cut = true;
	if (!a->telling)
		ask_free(a);
}

static void
tell_item(struct ask *a, const struct answer_item *item)
{
	a->has_shown = true;
	switch (item->kind) {
	case ANSWER_TEXT:
		a->ops.text(a->arg, item->text);
		break;
	case ANSWER_THOUGHT:
		a->ops.thought(a->arg, item->text);
		break;
	case ANSWER_CALL:
		a->ops.call(a->arg, &item->call);
		break;
	}
}

/*
 * false: its owner cut it in the middle, and it is no more. What an item
 * lends lives until its callback returned, even then.
 */
static bool
tell(struct ask *a, struct answer *answer)
{
	struct answer_item item;

	a->telling = true;
	while (!a->was_cut && answer_next(answer, &item))
		tell_item(a, &item);
	a->telling = false;
	if (!a->was_cut)
		return true;
	ask_free(a);
	return false;
}

void
model_used(const struct ask *a, struct model_usage *u)
{
	const struct model_usage *now;

	*u = a->used;
	if (a->openai == NULL)
		return;
	now = openai_usage(a->openai);
	u->input += now->input;
	u->cached += now->cached;
	u->output += now->output;
	u->cut_off = now->cut_off;
}

static void
finish(struct ask *a)
{
	struct model_usage usage;
	struct model_ops ops = a->ops;
	void *arg = a->arg;

	model_used(a, &usage);
	if (a->call != NULL)
		http_leave(a->call);
	a->call = NULL;
	ask_close(a);
	ask_free(a);
	ops.done(arg, &usage);
}

static void
fail(struct ask *a, struct model_failure *failure, struct buf *why)
{
	struct model_ops ops = a->ops;
	void *arg = a->arg;

	model_used(a, &failure->usage);
	ask_close(a);
	ask_free(a);
	failure->why = buf_bytes(why);
	ops.failed(arg, failure);
}

static void
try_later(struct ask *a, uint64_t wait_us, struct buf *why)
{
	if (a->call != NULL)
		http_cut(a->call);
	a->call = NULL;
	alarm_at(a->alarm, loop_now() + wait_us);
	a->ops.retry(a->arg, wait_us, buf_bytes(why));
}

static const char *
header(struct ask *a, const char *name)
{
	return a->call == NULL ? NULL : http_header(a->call, name);
}

/* What a server says of a key often has half of it: not repeated. */
static void
add_denied(struct buf *why, const struct model *m)
{
	if (m->key_file != NULL)
		buf_printf(why, "the key in %s was not accepted", m->key_file);
	else
		buf_puts(why, "the key from the environment was not accepted");
}

static void
add_header(struct ask *a, struct buf *why, const char *words,
    const char *name)
{
	const char *value = header(a, name);

	if (value != NULL)
		buf_printf(why, " (%s %s)", words, value);
}

/* Words for people: what, and what helps to find it in a log elsewhere. */
static void
word(struct ask *a, struct buf *why, unsigned status, struct bytes body)
{
	const struct key *key = a->model->key;
	struct buf raw = { 0 };

	if (status != 0)
		buf_printf(&raw, "%u: ", status);
	if (status == 401 && key != NULL)
		add_denied(&raw, a->model);
	else
		fault_words(&raw, body);
	if (key != NULL)
		key_redact(key, &raw);
	if (status >= 300 && status < 400)
		add_header(a, &raw, "redirects to", "location");
	add_header(a, &raw, "request", "x-request-id");
	add_header(a, &raw, "request", "request-id");
	if (a->ntries > 1)
		buf_printf(&raw, ", after %u tries", a->ntries);
	text_clean(why, buf_bytes(&raw));
	why->len = text_prefix(buf_bytes(why), WHY_MAX);
	buf_fini(&raw);
}

/* An error of the server's, or of the line to it: again, or the end. */
static void
trouble(struct ask *a, unsigned status, struct bytes body)
{
	struct retry_case c = {
		.status = status,
		.should_retry = header(a, "x-should-retry"),
		.retry_after_ms = header(a, "retry-after-ms"),
		.retry_after = header(a, "retry-after"),
		.body = body,
		.wall_us = loop_wall(),
		.ntries = a->ntries,
		.max = a->model->conf.retries,
		.dice = arc4random()
	};
	struct retry_verdict v = retry_judge(&c);
	struct model_failure failure = { .kind = v.kind,
	    .retry_after_us = v.retry_after_us };
	struct buf why = { 0 };

	word(a, &why, status, body);
	if (v.again && !a->has_shown)
		try_later(a, v.wait_us, &why);
	else
		fail(a, &failure, &why);
	buf_fini(&why);
}

static void
fail_as_nonsense(struct ask *a)
{
	struct model_failure failure = { .kind = MODEL_WHY_NONSENSE };
	struct buf why = { 0 };

	buf_puts(&why, "the server sent ");
	buf_add_bytes(&why, openai_fault(a->openai));
	buf_puts(&why, "; is base_url right?");
	fail(a, &failure, &why);
	buf_fini(&why);
}

/* cut: what ended the stream, if it was not its end. */
static void
conclude(struct ask *a, enum openai_state state, const char *cut)
{
	struct bytes fault = openai_fault(a->openai);

	switch (state) {
	case OPENAI_OPEN:
		break;
	case OPENAI_DONE:
		finish(a);
		break;
	case OPENAI_ERROR:
		trouble(a, fault_status(fault), fault);
		break;
	case OPENAI_NONSENSE:
		fail_as_nonsense(a);
		break;
	case OPENAI_CUT:
		trouble(a, 0, cut == NULL ? fault : bytes_of(cut));
		break;
	}
}

static bool
is_answer(const struct ask *a)
{
	unsigned status = http_status(a->call);

	return status >= 200 && status < 300;
}

static void
on_sent(void *arg)
{
	struct ask *a = arg;

	if (a->was_sent)
		return;
	a->was_sent = true;
	a->ops.sent(a->arg);
}

/* An error's body may have no end; its beginning is enough. */
static void
add_error(struct ask *a, struct bytes b)
{
	if (b.len > ERROR_MAX - a->error.len)
		b.len = ERROR_MAX - a->error.len;
	buf_add_bytes(&a->error, b);
	if (a->error.len == ERROR_MAX)
		trouble(a, http_status(a->call), buf_bytes(&a->error));
}

static void
on_data(void *arg, struct bytes b)
{
	struct ask *a = arg;
	enum openai_state state;

	if (!is_answer(a)) {
		add_error(a, b);
		return;
	}
	state = openai_feed(a->openai, b);
	if (tell(a, openai_answer(a->openai)))
		conclude(a, state, NULL);
}

static void
on_end(void *arg, const char *why)
{
	struct ask *a = arg;
	unsigned status = http_status(a->call);
	enum openai_state state;

	if (status != 0 && !is_answer(a)) {
		trouble(a, status, buf_bytes(&a->error));
		return;
	}
	state = openai_end(a->openai);
	if (tell(a, openai_answer(a->openai)))
		conclude(a, state, why);
}

static void
ask_try(void *arg)
{
	static const struct http_ops ops = { on_sent, on_data, on_end };
	struct ask *a = arg;
	struct model *m = a->model;
	struct http_post post = {
		.url = m->url,
		.socket = m->socket,
		.auth = m->key == NULL ? NULL : key_header(m->key),
		.body = buf_bytes(&a->body)
	};

	a->ntries++;
	model_used(a, &a->used);
	openai_free(a->openai);
	a->openai = openai_new(post.body, a->seed);
	buf_reset(&a->error);
	a->call = http_post(m->http, &post, &ops, a);
}

static void
on_builtin_turn(void *arg)
{
	struct ask *a = arg;

	a->telling = true;
	a->ops.sent(a->arg);
	if (tell(a, &a->answer))
		finish(a);
}

struct ask *
model_ask(struct model *m, const struct model_request *r,
    const struct model_ops *ops, void *arg)
{
	struct ask *a = xcalloc(1, sizeof(*a));

	a->model = m;
	a->ops = *ops;
	a->arg = arg;
	arc4random_buf(&a->seed, sizeof(a->seed));
	answer_init(&a->answer);
	TAILQ_INSERT_TAIL(&m->asks, a, link);
	switch (m->conf.provider) {
	case MODEL_BUILTIN:
		builtin_answer(&a->answer, r, a->seed);
		a->alarm = alarm_new(m->loop, on_builtin_turn, a);
		alarm_at(a->alarm, loop_now());
		break;
	case MODEL_OPENAI:
		request_render(&a->body, &m->conf, r);
		a->alarm = alarm_new(m->loop, ask_try, a);
		ask_try(a);
		break;
	}
	return a;
}
