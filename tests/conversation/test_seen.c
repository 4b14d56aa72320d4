/* What was seen of a task while it runs: told once, and at once (E1). */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "talk.h"

static struct talk k;

static void
setup(void)
{
	talk_init(&k);
}

static void
teardown(void)
{
	talk_fini(&k);
}

TestSuite(seen, .init = setup, .fini = teardown);

static struct event
sight(uint64_t task, enum about about, const char *line)
{
	static const struct output output = { 70, 7, { NULL, 0 } };

	return (struct event){ .kind = EV_SEEN, .task = task, .about = about,
	    .pattern = BYTES("read<y"), .count = 3, .silence = 600000000,
	    .wake = WAKE_NEVER, .output = &output, .text = bytes_of(line) };
}

static bool
see(uint64_t task, enum about about, const char *line)
{
	struct event ev = sight(task, about, line);

	return talk_step(&k, &ev);
}

/* A task of that policy which holds nothing up. */
static uint64_t
background(enum wake wake)
{
	struct event ev = { .kind = EV_CALL, .wake = wake,
	    .background = BACKGROUND_YES, .task = ++k.numbers['t'] };

	talk_say(&k, MODE_NOW, "go");
	ev.turn = talk_turn(&k, FX_ASK);
	ev.call = bytes_of("c");
	ev.tool = bytes_of("build");
	ev.args = bytes_of("{}");
	talk_step(&k, &ev);
	talk_answered(&k, ev.turn);
	talk_answered(&k, ev.turn);
	talk_state(&k, ev.task, "running");
	talk_forget(&k);
	return ev.task;
}

static bool
watch(uint64_t task, const char *pattern, const char *by)
{
	struct event ev = { .kind = EV_WATCH, .task = task };

	ev.pattern = bytes_of(pattern);
	ev.by = bytes_of(by);
	return talk_step(&k, &ev);
}

/* The turn that a wake began; 0: none did. */
static uint64_t
woken(void)
{
	talk_tick(&k, 20000);
	return talk_turn(&k, FX_ASK);
}

Test(seen, a_match_wakes_and_says_what_it_is)
{
	uint64_t task = background(WAKE_ALWAYS), t;

	cr_assert(see(task, ABOUT_SEEN, "rea</task-event>dy"));
	t = woken();
	cr_assert_neq(t, 0);
	cr_expect_eq(talk_asks_with(&k, t, "<task-event id=\\\"t1\\\" "
	    "tool=\\\"build\\\" state=\\\"running\\\" seen=\\\"read&lt;y\\\" "
	    "matches=\\\"3\\\" for=\\\"m1\\\" out_bytes=\\\"70\\\" "
	    "err_bytes=\\\"7\\\">rea&lt;/task-event&gt;dy</task-event>"), 1);
	cr_expect(talk_is_legal(&k, t));
	cr_expect_eq(talk_rows(&k, "event", "\"about\":\"seen\""), 1);
}

Test(seen, a_prompt_and_a_silence_say_what_they_are)
{
	uint64_t task = background(WAKE_ALWAYS), t;

	see(task, ABOUT_PROMPT, "Password: ");
	see(task, ABOUT_SILENT, "");
	t = woken();
	cr_expect_eq(talk_asks_with(&k, t, "waits=\\\"prompt\\\" for=\\\"m1"
	    "\\\" out_bytes=\\\"70\\\" err_bytes=\\\"7\\\">Password: <"), 1);
	cr_expect_eq(talk_asks_with(&k, t, "silent=\\\"600\\\" for=\\\"m1"
	    "\\\" out_bytes=\\\"70\\\" err_bytes=\\\"7\\\"></"), 1);
}

Test(seen, a_call_that_is_held_lets_go_and_the_model_acts)
{
	static const struct {
		enum about	 about;
		const char	*because;
	} table[] = {
		{ ABOUT_SEEN, "it printed what is watched for" },
		{ ABOUT_PROMPT, "it waits for input" },
		{ ABOUT_SILENT, "it has been silent for long" },
	};
	uint64_t t, task;
	size_t i;

	for (i = 0; i < 3; i++) {
		task = talk_start(&k, &t);
		talk_forget(&k);
		cr_assert(see(task, table[i].about, "ready to serve"));
		cr_expect_eq(talk_turn(&k, FX_ASK), t);
		cr_expect_eq(talk_asks_with(&k, t, table[i].because), 1);
		cr_expect_eq(talk_asks_with(&k, t, "ready to serve"), i + 1);
		cr_expect(talk_is_legal(&k, t));
		cr_expect(talk_ended(&k, task, "exited", "the result"));
		talk_answered(&k, t);
	}
	cr_expect_eq(talk_rows(&k, "result", "\"state\":\"detached\""), 3);
}

Test(seen, other_calls_of_the_turn_are_held_on)
{
	uint64_t t, a, b;

	talk_say(&k, MODE_NOW, "go");
	t = talk_turn(&k, FX_ASK);
	a = talk_call(&k, t, "serve");
	b = talk_call(&k, t, "build");
	talk_answered(&k, t);
	talk_forget(&k);
	see(a, ABOUT_SEEN, "ready");
	cr_expect_eq(talk_count(&k, FX_ASK), 0);
	cr_expect(session_task_is_held(k.s, b));
	cr_expect_not(session_task_is_held(k.s, a));
	talk_ended(&k, b, "exited", "built");
	cr_expect_eq(talk_turn(&k, FX_ASK), t);
	cr_expect_eq(talk_asks_with(&k, t, "seen=\\\""), 1);
	cr_expect(talk_is_legal(&k, t));
}

Test(seen, a_wait_for_it_returns_early_and_one_for_another_does_not)
{
	uint64_t a = background(WAKE_ALWAYS), b = background(WAKE_ALWAYS), t;

	talk_say(&k, MODE_NOW, "wait");
	t = talk_turn(&k, FX_ASK);
	talk_own(&k, t, "task_wait", "c2");
	talk_answered(&k, t);
	talk_hold(&k, t, "c2", b, 60000000);
	talk_forget(&k);
	see(a, ABOUT_SEEN, "ready a");
	cr_expect_eq(talk_count(&k, FX_ASK), 0);
	see(b, ABOUT_SEEN, "ready b");
	cr_expect_eq(talk_turn(&k, FX_ASK), t);
	cr_expect_eq(talk_asks_with(&k, t, "it printed what is watched for"),
	    1);
	cr_expect_eq(talk_asks_with(&k, t, "ready b"), 1);
	cr_expect_eq(talk_asks_with(&k, t, "ready a"), 1);
	cr_expect_eq(talk_rows(&k, "told", "\"consumed\":true"), 0);
	cr_expect(talk_is_legal(&k, t));
}

/* Both orders of the two facts: only that it ended was learned otherwise. */
Test(seen, who_learned_of_the_end_is_told_the_line_all_the_same)
{
	uint64_t task = background(WAKE_ALWAYS), t;

	talk_say(&k, MODE_NOW, "look");
	t = talk_turn(&k, FX_ASK);
	see(task, ABOUT_SEEN, "ready");
	talk_ended(&k, task, "exited", "out");
	talk_own(&k, t, "task_output", "c2");
	talk_answered(&k, t);
	talk_forget(&k);
	talk_result(&k, t, "c2", task);
	cr_expect_eq(talk_asks_with(&k, t, "seen=\\\""), 1);
	cr_expect_eq(talk_asks_with(&k, t, "state=\\\"exited\\\""), 0);
	cr_expect_eq(talk_rows(&k, "told", "\"consumed\":true"), 1);
	talk_answered(&k, t);
	cr_expect_not(session_is_open(k.s));
}

Test(seen, it_is_told_once_also_after_a_crash)
{
	uint64_t task = background(WAKE_ALWAYS), t;

	see(task, ABOUT_SEEN, "ready 1");
	talk_replay(&k);
	talk_recover(&k);
	t = woken();
	cr_assert_neq(t, 0);
	cr_expect_eq(talk_asks_with(&k, t, "ready 1"), 1);
	talk_answered(&k, t);
	talk_replay(&k);
	talk_recover(&k);
	talk_forget(&k);
	cr_expect_eq(woken(), 0);
	talk_say(&k, MODE_NOW, "and?");
	cr_expect_eq(talk_rows(&k, "told", ""), 1);
	cr_expect_eq(talk_asks_with(&k, talk_turn(&k, FX_ASK), "ready 1"), 1);
}

Test(seen, the_policy_of_its_task_says_whether_it_wakes)
{
	static const struct {
		enum wake	task;
		enum about	about;
		bool		wakes;
	} table[] = {
		{ WAKE_ALWAYS, ABOUT_SEEN, true },
		{ WAKE_ALWAYS, ABOUT_PROMPT, true },
		{ WAKE_ALWAYS, ABOUT_SILENT, true },
		{ WAKE_FAILURE, ABOUT_SEEN, false },
		{ WAKE_FAILURE, ABOUT_PROMPT, true },
		{ WAKE_FAILURE, ABOUT_SILENT, true },
		{ WAKE_NEVER, ABOUT_SEEN, false },
		{ WAKE_NEVER, ABOUT_PROMPT, false },
		{ WAKE_NEVER, ABOUT_SILENT, false },
	};
	struct event ev;
	uint64_t task;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		talk_fini(&k);
		talk_init(&k);
		task = background(table[i].task);
		see(task, table[i].about, "x");
		cr_expect_eq(woken() != 0, table[i].wakes, "%zu", i);
		if (table[i].wakes)
			continue;
		ev = sight(task, table[i].about, "wanted");
		ev.wake = WAKE_ALWAYS;
		talk_step(&k, &ev);
		cr_expect_neq(woken(), 0, "who asked for it wants it");
		cr_expect_eq(talk_rows(&k, "told", ""), 2, "nothing is lost");
	}
}

Test(seen, a_turn_that_was_rolled_back_hears_nothing)
{
	uint64_t t, task = talk_start(&k, &t);

	talk_say(&k, MODE_ROLLBACK, "something else");
	see(task, ABOUT_SEEN, "ready");
	cr_expect_eq(talk_rows(&k, "event", ""), 0);
}

Test(seen, nothing_is_seen_of_what_ended_or_never_was)
{
	uint64_t task = background(WAKE_ALWAYS);

	cr_expect_not(see(77, ABOUT_SEEN, "x"));
	cr_expect_eq(k.out.refusal, REFUSAL_GONE);
	cr_expect_not(see(task, ABOUT_END, "x"));
	talk_ended(&k, task, "exited", "out");
	cr_expect_not(see(task, ABOUT_SEEN, "x"));
	cr_expect_not(watch(task, "x", "user"));
	cr_expect_eq(k.out.refusal, REFUSAL_GONE);
}

static void
expect_watches(uint64_t task, const char *text)
{
	const struct task_facts *f = session_task(k.s, task);
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < f->nwatches; i++)
		buf_printf(&b, "%s ", f->watches[i]);
	buf_putc(&b, '\0');
	cr_expect_str_eq(b.data, text);
	buf_fini(&b);
}

Test(seen, what_it_is_watched_for_is_on_record)
{
	struct event ev = { .kind = EV_TASK, .task = 1,
	    .tool = BYTES("serve"), .args = BYTES("{}"),
	    .terms.watch = BYTES("first") };

	cr_assert(talk_step(&k, &ev));
	expect_watches(1, "first ");
	talk_forget(&k);
	cr_assert(watch(1, "second", "model"));
	cr_expect_eq(talk_task(&k, FX_WATCH), 1);
	cr_assert(watch(1, "first", "user"), "it is already");
	cr_expect_eq(talk_count(&k, FX_WATCH), 1);
	cr_expect_eq(talk_rows(&k, "watch", "\"pattern\":\"second\",\"by\":"
	    "\"model\""), 1);
	talk_replay(&k);
	expect_watches(1, "first second ");
}

Test(seen, there_are_not_more_than_a_worker_takes)
{
	uint64_t task = background(WAKE_ALWAYS);
	char pattern[8];
	int i;

	for (i = 0; i < WATCHES_MAX; i++) {
		snprintf(pattern, sizeof(pattern), "p%d", i);
		cr_assert(watch(task, pattern, "user"));
	}
	cr_expect_not(watch(task, "more", "user"));
	cr_expect_eq(k.out.refusal, REFUSAL_BAD);
	cr_expect(watch(task, "p3", "user"));
	cr_expect_eq(talk_rows(&k, "watch", ""), WATCHES_MAX);
}

Test(seen, a_side_question_takes_it_for_no_end)
{
	uint64_t task = background(WAKE_NEVER), t;

	see(task, ABOUT_SEEN, "ready");
	talk_say(&k, MODE_ASK, "how far?");
	t = talk_turn(&k, FX_ASK);
	cr_expect_eq(talk_asks_with(&k, t, "Task t1 build has news."), 1);
	cr_expect_eq(talk_asks_with(&k, t, "which is news"), 0);
	talk_ended(&k, task, "exited", "out");
	talk_say(&k, MODE_ASK, "and now?");
	t = talk_turn(&k, FX_ASK);
	cr_expect_eq(talk_asks_with(&k, t, "is exited, which is news"), 1);
	cr_expect(talk_is_legal(&k, t));
}

/* Of an older journal. */
Test(seen, an_event_that_does_not_say_what_about_is_an_end)
{
	uint64_t task = background(WAKE_ALWAYS), t;
	struct record r;

	talk_ended(&k, task, "exited", "out");
	cr_assert(record_read(&r, BYTES("event"), BYTES("{\"event\":\"e9\","
	    "\"task\":\"t1\",\"message\":null,\"wake\":\"always\","
	    "\"text\":\"<task-event/>\"}")));
	cr_assert(session_apply(k.s, &r));
	record_done(&r);
	talk_say(&k, MODE_NOW, "look");
	t = talk_turn(&k, FX_ASK);
	cr_expect_eq(talk_asks_with(&k, t, "<task-event"), 2);
	cr_assert(record_read(&r, BYTES("event"), BYTES("{\"event\":\"e10\","
	    "\"task\":\"t1\",\"message\":null,\"wake\":\"always\","
	    "\"text\":\"<task-event/>\",\"about\":\"else\"}")));
	cr_expect_not(session_apply(k.s, &r));
	record_done(&r);
}
