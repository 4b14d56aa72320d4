/* What a supervisor makes of the sub-agents that it finds. T10, S4. */
#include <criterion/criterion.h>
#include <string.h>

#include "agents.h"

TestSuite(agents_again, .timeout = 90);

Test(agents_again, those_below_those_below_go_on_with_them_after_a_crash)
{
	struct rig *r = start(NULL);

	rig_ok(r, "say", "-d", agent(r, agent(r, "@hold h\nDeep.")), NULL);
	rig_held(r, "h");
	rig_ok(r, "suspend", "t1", NULL);
	cr_expect_str_eq(state(r, "t2"), "suspended");
	rig_release(r, "h");
	rig_crash(r);
	rig_start(r);
	cr_expect_str_eq(state(r, "t2"), "suspended");
	rig_ok(r, "resume", "t1", NULL);
	rig_record(r, "end", "task", "t2", "end", "exited", NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_free(r);
}
