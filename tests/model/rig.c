#include "rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct rig	rig;

static void
on_sent(void *arg)
{
	(void)arg;
	buf_puts(&rig.log, "sent;");
}

static void
on_text(void *arg, struct bytes b)
{
	(void)arg;
	buf_puts(&rig.log, "text ");
	buf_add_bytes(&rig.log, b);
	buf_puts(&rig.log, ";");
	if (rig.at_text != NULL) {
		rig.at_text();
		/* What was lent is still there, even if the ask is cut. */
		cr_assert(b.len > 0 && b.data[b.len - 1] != '\0');
	}
}

static void
on_thought(void *arg, struct bytes b)
{
	(void)arg;
	buf_puts(&rig.log, "thought ");
	buf_add_bytes(&rig.log, b);
	buf_puts(&rig.log, ";");
}

static void
on_call(void *arg, const struct model_call *call)
{
	(void)arg;
	buf_puts(&rig.log, "call ");
	buf_add_bytes(&rig.log, call->name);
	buf_puts(&rig.log, " ");
	buf_add_bytes(&rig.log, call->arguments);
	buf_puts(&rig.log, ";");
}

static void
on_retry(void *arg, uint64_t wait_us, struct bytes why)
{
	(void)arg;
	(void)wait_us;
	cr_expect(why.len > 0);
	buf_puts(&rig.log, "retry;");
}

static void
on_done(void *arg, const struct model_usage *usage)
{
	(void)arg;
	rig.ask = NULL;
	rig.nended++;
	rig.usage = *usage;
	buf_puts(&rig.log, usage->cut_off ? "cut off;" : "done;");
}

static void
on_failed(void *arg, const struct model_failure *failure)
{
	static const char *const kinds[] = { "network", "denied", "quota",
	    "context", "limited", "refused", "server", "nonsense" };

	(void)arg;
	rig.ask = NULL;
	rig.nended++;
	rig.retry_after_us = failure->retry_after_us;
	rig.usage = failure->usage;
	cr_expect(failure->why.len > 0 && failure->why.len <= 600);
	buf_printf(&rig.log, "failed %s: ", kinds[failure->kind]);
	buf_add_bytes(&rig.log, failure->why);
}

const struct model_ops rig_ops = { on_sent, on_text, on_thought, on_call,
    on_retry, on_done, on_failed };

void
rig_set_up(void)
{
	setenv("no_proxy", "*", 1);
	rig.loop = loop_new();
	rig.server = server_new(rig.loop, NULL, &rig.base_url);
	rig.conf = (struct model_conf){ .provider = MODEL_OPENAI,
	    .base_url = rig.base_url, .name = "m" };
}

void
rig_tear_down(void)
{
	model_free(rig.model);
	server_free(rig.server);
	free(rig.base_url);
	buf_fini(&rig.log);
	loop_free(rig.loop);
}

struct model *
rig_model(void)
{
	char *why = NULL;

	if (rig.model == NULL)
		rig.model = model_new(rig.loop, &rig.conf, &why);
	cr_assert_not_null(rig.model, "%s", why);
	return rig.model;
}

void
rig_ask(const char *text)
{
	struct buf item = { 0 };
	struct bytes items[1];
	struct model_request r = { .items = items, .nitems = 1 };
	size_t len = rig.log.len;

	buf_printf(&item, "{\"role\":\"user\",\"content\":\"%s\"}", text);
	items[0] = buf_bytes(&item);
	rig.ask = model_ask(rig_model(), &r, &rig_ops, NULL);
	buf_fini(&item);
	cr_expect_eq(rig.log.len, len, "called back from within");
}

static void
after(void *arg)
{
	(void)arg;
	if (rig.until())
		loop_stop(rig.loop);
}

void
rig_run(bool (*until)(void))
{
	rig.until = until;
	loop_run(rig.loop, after, NULL);
}

bool
rig_has_ended(void)
{
	return rig.nended > 0;
}

bool
rig_two_have_ended(void)
{
	return rig.nended == 2;
}

bool
rig_is_streaming(void)
{
	return rig.log.len > 0 && strstr(rig.log.data, "text") != NULL;
}

bool
rig_peer_has_left(void)
{
	const struct server_peer *p = TAILQ_FIRST(&rig.server->peers);

	return p != NULL && p->is_closed;
}

void
rig_answer_hi(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_text(p, "hi");
	server_event(p, "[DONE]");
	server_end(p);
}

void
rig_fall_silent(void *arg, struct server_peer *p)
{
	(void)arg;
	server_stream(p);
	server_text(p, "hi");
}
