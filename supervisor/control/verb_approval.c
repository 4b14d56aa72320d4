/* Requests for consent: listed, and answered by a person (T13). */
#include <stdio.h>

#include "kin.h"
#include "question.h"
#include "text.h"

static void
put_approval(struct peer *p, uint64_t request, struct host *h,
    const struct approval_facts *a)
{
	struct buf b = { 0 };

	present_approval(&b, h, a);
	answer_item(p, request, buf_bytes(&b));
	buf_fini(&b);
}

static void
list(struct peer *p, const struct frame_approvals *f, struct host *h)
{
	struct approval_facts a;
	size_t i;

	for (i = 0; session_nth_approval(host_session(h), i, &a); i++)
		if (f->all || a.state == APPROVAL_PENDING)
			put_approval(p, f->request, h, &a);
}

void
verb_approvals(struct peer *p, const struct frame_approvals *f)
{
	struct host *h = NULL;

	if (bytes_is(f->session, "*")) {
		while ((h = host_next(p->desk->engine, h)) != NULL)
			list(p, f, h);
	} else if ((h = verb_host(p, f->request, f->session)) != NULL)
		list(p, f, h);
	else
		return;
	answer_done(p, f->request, 0, "%s", "");
}

/* NULL: answered already. */
static struct host *
find(struct peer *p, const struct frame_answer *f, uint64_t *approval)
{
	struct approval_facts a;
	struct host *h = NULL;

	*approval = record_id(f->id, 'a');
	if (*approval != 0)
		h = host_of(p->desk->engine, 'a', *approval);
	if (h != NULL && session_approval(host_session(h), *approval, &a))
		return h;
	answer_done(p, f->request, 65, "%.*s: no such approval", (int)f->id.len,
	    f->id.data);
	return NULL;
}

/* As the kernel says who they are, not as they do. */
static bool
is_a_person(struct peer *p, uint64_t request)
{
	if (!kin_is_ours(p->pid, p->uid))
		return true;
	answer_done(p, request, 77, "a task cannot answer, only a person");
	return false;
}

static void
tell_how_it_stands(struct peer *p, uint64_t request, int status,
    const struct approval_facts *a)
{
	struct buf words = { 0 };

	consent_why(&words, a);
	answer_done(p, request, status, "%s", words.data);
	buf_fini(&words);
}

static void
decide(struct peer *p, const struct frame_answer *f, struct host *h,
    uint64_t approval)
{
	struct consent c = { .approve = f->approve, .always = f->always };
	struct buf reason = { 0 };
	struct approval_facts a;
	enum refusal why;
	char by[24];
	bool ok;

	text_clean(&reason, f->reason);
	snprintf(by, sizeof(by), "uid %u", (unsigned)p->uid);
	c.by = bytes_of(by);
	c.reason = buf_bytes(&reason);
	ok = host_decide(h, approval, &c, &why);
	session_approval(host_session(h), approval, &a);
	if (ok && a.state != APPROVAL_CANCELLED) {
		put_approval(p, f->request, h, &a);
		answer_done(p, f->request, 0, "%s", "");
	} else
		tell_how_it_stands(p, f->request, 65, &a);
	buf_fini(&reason);
}

void
verb_answer(struct peer *p, const struct frame_answer *f)
{
	struct host *h;
	uint64_t approval;

	if (verb_busy(p, f->request) || !is_a_person(p, f->request) ||
	    (h = find(p, f, &approval)) == NULL)
		return;
	decide(p, f, h, approval);
}
