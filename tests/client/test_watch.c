/* sigbox watch: set, and followed by what is on record. */
#include <string.h>

#include "fake_supervisor.h"

#define TASK	"{\"id\":\"t7\",\"session\":\"work\",\"tool\":\"serve\"}"
#define SIGHT(task, pattern, line)					\
	"{\"seq\":9,\"kind\":\"event\",\"task\":\"" task "\",\"about\":"	\
	"\"seen\",\"text\":\"<task-event id=\\\"" task "\\\" state="	\
	"\\\"running\\\" seen=\\\"" pattern "\\\" matches=\\\"1\\\">" line	\
	"</task-event>\"}"

static struct fake s;
static struct frame f;

static void
start(void)
{
	fake_init(&s);
}

static void
stop(void)
{
	fake_fini(&s);
}

TestSuite(watch, .init = start, .fini = stop, .timeout = 60);

Test(watch, it_is_set_and_that_is_all)
{
	fake_run(&s, "watch", "t7", "a|b", NULL);
	HEAR(&s, WATCH);
	expect_bytes(f.watch.id, "t7");
	expect_bytes(f.watch.pattern, "a|b");
	fake_item(&s, f.watch.request, TASK);
	fake_done(&s, f.watch.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "");
}

Test(watch, with_json_the_task_is_shown)
{
	fake_run(&s, "watch", "--json", "t7", "a", NULL);
	HEAR(&s, WATCH);
	fake_item(&s, f.watch.request, TASK);
	fake_done(&s, f.watch.request, 0, "");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, TASK "\n");
}

Test(watch, what_is_wrong_with_it_is_said)
{
	fake_run(&s, "watch", "-f", "t7", "(", NULL);
	HEAR(&s, WATCH);
	fake_done(&s, f.watch.request, 65, "t7: pattern: a ( has no )");
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: watch: t7: pattern: a ( has no )\n");
	fake_run(&s, "watch", "t7", NULL);
	cr_expect_eq(fake_end(&s), 64);
}

static void
follow(const char *pattern)
{
	fake_run(&s, "watch", "-f", "t7", pattern, NULL);
	HEAR(&s, WATCH);
	fake_item(&s, f.watch.request, TASK);
	fake_done(&s, f.watch.request, 0, "");
	HEAR(&s, EVENTS);
	expect_bytes(f.events.session, "work");
	cr_expect(f.events.follow);
	cr_expect_eq(f.events.since, 0);
}

/* Of this task, of this pattern, since it was set; as they were printed. */
Test(watch, only_its_lines_are_printed)
{
	uint64_t n;

	follow("<b");
	n = f.events.request;
	fake_item(&s, n, "{\"kind\":\"task\",\"task\":\"t7\",\"watch\":\"c\"}");
	fake_item(&s, n, SIGHT("t7", "&lt;b", "of an older one"));
	fake_item(&s, n, "{\"kind\":\"watch\",\"task\":\"t8\","
	    "\"pattern\":\"<b\"}");
	fake_item(&s, n, SIGHT("t7", "&lt;b", "still too old"));
	fake_item(&s, n, "{\"kind\":\"watch\",\"task\":\"t7\","
	    "\"pattern\":\"<b\"}");
	fake_item(&s, n, SIGHT("t7", "&lt;b", "&lt;b&gt; &amp; &quot;&amp;lt;"));
	fake_printed(&s, "<b> & \"&lt;\n");
	fake_item(&s, n, SIGHT("t8", "&lt;b", "another's"));
	fake_item(&s, n, SIGHT("t7", "c", "another &lt;b"));
	fake_item(&s, n, SIGHT("t7", "c", " seen=&quot;&lt;b&quot; matches="));
	fake_item(&s, n, "{\"kind\":\"end\",\"task\":\"t8\"}");
	fake_item(&s, n, SIGHT("t7", "&lt;b", "last"));
	fake_item(&s, n, "{\"kind\":\"end\",\"task\":\"t7\"}");
	cr_expect_eq(fake_end(&s), 0);
	expect_text(s.out, "<b> & \"&lt;\nlast\n");
}

Test(watch, what_the_header_watches_for_is_followed_from_the_start)
{
	follow("b");
	fake_item(&s, f.events.request,
	    "{\"kind\":\"task\",\"task\":\"t7\",\"watch\":\"b\"}");
	fake_item(&s, f.events.request, SIGHT("t7", "b", "first"));
	fake_printed(&s, "first\n");
	fake_hang_up(&s);
	cr_expect_neq(fake_end(&s), 0);
}
