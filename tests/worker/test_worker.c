#include "rig.h"

#include <stdlib.h>

RIG_TEST(worker, the_tool_speaks_and_its_code_is_told)
{
	struct rig_task t;
	struct rig r;
	size_t len;
	char *s;

	rig_init(&r, at);
	rig_run(&t, &r, "echo hello; echo oops >&2; exit 7");
	cr_expect_eq(t.end.how, CHILD_DONE, "%s", t.end_why);
	cr_expect(t.running && t.exited && t.end.known);
	cr_expect_eq(t.end.code, 7);
	cr_expect_eq(t.end.signal, 0);
	s = rig_read(&t, "out", &len);
	cr_expect_str_eq(s, "hello\n");
	free(s);
	s = rig_read(&t, "err", &len);
	cr_expect_str_eq(s, "oops\n");
	free(s);
	rig_fini(&r);
}
