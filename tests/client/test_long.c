/* Conversations that are long: compact, fork, and what a transcript tells. */
#include <string.h>

#include "fake_supervisor.h"

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

TestSuite(long_ones, .init = start, .fini = stop, .timeout = 60);

static void
end_well(void)
{
	fake_done(&s, f.compact.request, 0, "");
	cr_expect_eq(fake_end(&s), 0, "%s", s.err.data);
}

Test(long_ones, old_items_and_what_stands_for_them_are_marked)
{
	fake_run(&s, "transcript", NULL);
	HEAR(&s, TRANSCRIPT);
	fake_item(&s, f.transcript.request, "{\"seq\":3,\"turn\":\"u1\","
	    "\"role\":\"user\",\"text\":\"old\",\"compacted\":true}");
	fake_item(&s, f.transcript.request, "{\"seq\":9,\"turn\":\"u2\","
	    "\"role\":\"user\",\"text\":\"all\",\"head\":true}");
	end_well();
	expect_text(s.out, "3 user (u1), compacted:\nold\n\n"
	    "9 user (u2) for those above:\nall\n\n");
}

Test(long_ones, a_session_is_compacted)
{
	static const char done[] = "{\"session\":\"work\",\"turn\":\"u7\","
	    "\"outcome\":\"compacted\",\"items_before\":40,"
	    "\"items_after\":1,\"bytes_before\":9000,\"bytes_after\":700,"
	    "\"why\":\"\"}";

	fake_run(&s, "compact", "work", NULL);
	HEAR(&s, COMPACT);
	expect_bytes(f.compact.session, "work");
	fake_item(&s, f.compact.request, done);
	end_well();
	expect_text(s.out, "work: compacted: 40 items, 9000 bytes -> 1 items, "
	    "700 bytes\n");
}

Test(long_ones, a_session_is_forked)
{
	fake_run(&s, "fork", "work", "play", NULL);
	HEAR(&s, FORK);
	expect_bytes(f.fork.session, "work");
	expect_bytes(f.fork.name, "play");
	fake_item(&s, f.fork.request, "{\"session\":\"play\","
	    "\"origin\":\"work\",\"items\":4,\"bytes\":200}");
	end_well();
	expect_text(s.out, "play\n");
}

Test(long_ones, with_json_the_answer_is_as_it_came)
{
	fake_run(&s, "compact", "--json", NULL);
	HEAR(&s, COMPACT);
	expect_bytes(f.compact.session, "");
	fake_item(&s, f.compact.request, "{\"outcome\":\"shortened\"}");
	end_well();
	expect_text(s.out, "{\"outcome\":\"shortened\"}\n");
}

Test(long_ones, what_was_not_compacted_is_an_error)
{
	fake_run(&s, "compact", NULL);
	HEAR(&s, COMPACT);
	fake_done(&s, f.compact.request, 65, "there is too little to compact");
	cr_expect_eq(fake_end(&s), 65);
	expect_text(s.err, "sigbox: compact: there is too little to compact\n");
}
