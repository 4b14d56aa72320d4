/* Workers that are over before anybody has looked at them. */
#include "rig.h"

#include <sys/wait.h>

#include "loop.h"
#include "shop.h"

/* As when the news of another one's end finds it ended, too. */
static void
reap(const struct rig_task *t)
{
	siginfo_t si;

	cr_assert_eq(waitid(P_PID, (id_t)child_pid(t->child), &si, WEXITED),
	    0);
	child_changed(t->child, &si);
}

static void
expect_done(struct rig_task *t)
{
	rig_until(t->rig, &t->gone);
	cr_expect_eq(t->end.how, CHILD_DONE, "%s", t->end_why);
	cr_expect(t->running && t->exited);
	cr_expect_eq(t->end.code, 3);
	cr_expect_gt(t->init, 0);
}

RIG_TEST(haste, who_ends_before_a_word_of_his_is_read_is_believed)
{
	struct rig_task t;
	struct rig r;

	rig_init(&r, at);
	rig_sh(&t, &r, "exit 3");
	reap(&t);
	expect_done(&t);
	rig_fini(&r);
}

static void
stop_when_named(void *arg)
{
	struct rig_task *t = arg;

	if (t->gone || t->child->init != 0)
		loop_stop(t->rig->loop);
}

RIG_TEST(haste, who_ends_between_two_words_is_believed)
{
	struct rig_task t;
	struct rig r;
	int i;

	rig_init(&r, at);
	for (i = 0; i < 20; i++) {
		rig_sh(&t, &r, "exit 3");
		loop_run(r.loop, stop_when_named, &t);
		if (!t.gone)
			reap(&t);
		expect_done(&t);
	}
	rig_fini(&r);
}
