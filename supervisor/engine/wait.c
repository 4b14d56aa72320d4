/* What a task waits for before it is in line to start: consent (T13). */
#include "inner.h"

void
run_wait_no_more(struct run *r)
{
	if (r->pending)
		r->engine->npending--;
	r->pending = false;
}

void
run_release(struct run *r)
{
	if (!r->pending)
		return;
	run_wait_no_more(r);
	place_queue(r);
}

void
run_refuse(struct run *r)
{
	const struct task_facts *f = session_task(r->host->session, r->id);
	struct life_event ev = { .type = LIFE_EV_REFUSED };
	struct approval_facts a;
	struct buf why = { 0 };

	if (session_approval(r->host->session, f->approval, &a))
		consent_why(&why, &a);
	ev.why = buf_bytes(&why);
	run_wait_no_more(r);
	run_feed(r, &ev);
	buf_fini(&why);
}

/* What waits for consent has no place, and does not wait for one (T7). */
void
run_wait(struct run *r)
{
	const struct task_facts *f = session_task(r->host->session, r->id);
	struct approval_facts a = { .state = APPROVAL_APPROVED };

	session_approval(r->host->session, f->approval, &a);
	switch (a.state) {
	case APPROVAL_PENDING:
		r->pending = true;
		r->engine->npending++;
		break;
	case APPROVAL_APPROVED:
		place_queue(r);
		break;
	case APPROVAL_DENIED:
	case APPROVAL_CANCELLED:
		run_refuse(r);
		break;
	}
}
