/* What models used, and budgets: the scripted model claims 9 in, 5 out. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"

TestSuite(usage, .timeout = 90);

#define IN	9
#define OUT	5

static json_t *
session(struct rig *r, const char *name)
{
	return rig_find(rig_lines(rig_ok(r, "sessions", "--json", NULL)),
	    "name", name);
}

static void
expect(const json_t *o, json_int_t requests, json_int_t answers)
{
	cr_expect(rig_int(o, "requests") == requests &&
	    rig_int(o, "input_tokens") == answers * IN &&
	    rig_int(o, "output_tokens") == answers * OUT &&
	    rig_int(o, "cached_tokens") == 0);
}

Test(usage, tokens_are_told_per_turn_session_and_in_all)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });
	struct job *said = rig_ok(r, "say", "--json",
	    rig_call(r, "echo one"), NULL);
	json_t *o;

	expect(rig_ok(r, "show", "--json", rig_str(said->json, "turn"),
	    NULL)->json, 2, 2);
	rig_ok(r, "say", "-m", "ask", "How far?", NULL);
	rig_ok(r, "say", "-s", "other", "Hello.", NULL);
	expect(session(r, "main"), 3, 3);
	expect(session(r, "other"), 1, 1);
	expect(rig_ok(r, "show", "--json", "main", NULL)->json, 3, 3);
	o = rig_ok(r, "status", "--json", NULL)->json;
	expect(o, 4, 4);
	cr_expect(json_array_size(json_object_get(o, "over_budget")) == 0);
	cr_expect(json_is_null(json_object_get(session(r, "main"), "budget")));
	cr_expect(strstr(rig_ok(r, "sessions", NULL)->out, " 42 "));
	rig_free(r);
}

static void
expect_used(const json_t *o, json_int_t requests, json_int_t input,
    json_int_t cached, json_int_t output)
{
	char *text = json_dumps(o, JSON_COMPACT);

	cr_expect(rig_int(o, "requests") == requests &&
	    rig_int(o, "input_tokens") == input &&
	    rig_int(o, "cached_tokens") == cached &&
	    rig_int(o, "output_tokens") == output, "%s", text);
	free(text);
}

/* u1 and u2, whose requests are 300 in, 210 of them cached, 18 out; 40, 30, 3. */
static void
expect_cached(struct rig *r)
{
	expect_used(rig_ok(r, "show", "--json", "u1", NULL)->json, 2, 300, 210,
	    18);
	expect_used(rig_ok(r, "show", "--json", "u2", NULL)->json, 1, 40, 30,
	    3);
	expect_used(session(r, "main"), 2, 300, 210, 18);
	expect_used(session(r, "main.t1"), 1, 40, 30, 3);
	expect_used(rig_ok(r, "status", "--json", NULL)->json, 3, 340, 240,
	    21);
	cr_expect(rig_int(session(r, "main.t1"), "tokens") == 40 + 3);
	cr_expect(rig_int(session(r, "main"), "tokens") == 340 + 21);
}

/* In all is with sub-agents; tokens that were cached are tokens, too. */
Test(usage, cached_tokens_are_told_of_a_turn_a_session_a_sub_agent_and_all)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true });

	rig_ok(r, "say", "@usage 100 60 7\n"
	    "@call agent {\"task\":\"@usage 40 30 3\\nSub.\"}\n"
	    "@then @usage 200 150 11", NULL);
	expect_cached(r);
	rig_crash(r);
	rig_start(r);
	expect_cached(r);
	rig_free(r);
}

Test(usage, a_crash_loses_no_count)
{
	struct rig *r = rig_new(NULL);

	rig_ok(r, "say", rig_call(r, "echo one"), NULL);
	rig_spawn(r, "say", "@call exec {\"command\":\"sleep 600\"}\n"
	    "@then\n@mute m", NULL);
	rig_there(r, "sleep 600");
	rig_crash(r);
	rig_start(r);
	rig_held(r, "m");
	expect(session(r, "main"), 4, 3);
	rig_free(r);
}

Test(usage, what_is_cut_or_fails_was_used_and_counts_once)
{
	struct rig *r = rig_new(NULL);
	json_t *o;

	rig_spawn(r, "say", "@counts\n@hold h\nOnce upon a time.", NULL);
	rig_held(r, "h");
	rig_ok(r, "interrupt", NULL);
	rig_record(r, "usage", "turn", "u1", NULL);
	o = rig_ok(r, "show", "--json", "u1", NULL)->json;
	cr_expect_str_eq(rig_str(o, "outcome"), "interrupted");
	cr_expect(rig_int(o, "input_tokens") == IN &&
	    rig_int(o, "output_tokens") == 1);
	rig_run(r, "say", "@counts\n@cut\nTwice upon a time.", NULL);
	rig_ok(r, "say", "@counts\nTo its end.", NULL);
	o = session(r, "main");
	cr_expect(rig_int(o, "requests") == 3);
	cr_expect(rig_int(o, "input_tokens") == 3 * IN);
	cr_expect(rig_int(o, "output_tokens") == 1 + 1 + OUT);
	rig_free(r);
}

/* A task that ends when its fifo is written to; its turn has let it go. */
static int
start(struct rig *r)
{
	int go = rig_fifo(r, "go");
	struct job *said = rig_exec(r, "read x <go");

	rig_record(r, "state", "task", "t1", "state", "running", NULL);
	rig_ok(r, "detach", NULL);
	rig_finish(said);
	return go;
}

static void
end(struct rig *r, int go)
{
	cr_assert(write(go, "x\n", 2) == 2);
	rig_record(r, "event", "task", "t1", NULL);
}

/* As long as a wake takes: another session's, for an end that came later. */
static void
pass_a_wake(struct rig *r)
{
	int go = rig_fifo(r, "other");

	rig_ok(r, "say", "-d", "-s", "rich", "@call exec {\"command\":"
	    "\"read y <other\"}", NULL);
	rig_record(r, "state", "task", "t2", "state", "running", NULL);
	rig_run(r, "detach", "-s", "rich", NULL);
	cr_assert(write(go, "x\n", 2) == 2);
	rig_await(r, 1, "<task-event id=\"t2\"");
}

static const char note[] = "The token budget of this conversation is used up";

Test(usage, beyond_the_budget_nothing_wakes_and_a_message_is_answered)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true,
	    .conf = "[session]\nbudget=28\n[session rich]\nbudget=0\n" });
	int go = start(r);
	struct job *said;
	json_t *o;

	end(r, go);
	pass_a_wake(r);
	o = session(r, "main");
	cr_expect(json_is_true(json_object_get(o, "over_budget")));
	cr_expect(rig_int(o, "tokens") == 28 && rig_int(o, "budget") == 28);
	cr_expect(rig_int(o, "events") == 1);
	cr_expect(strstr(rig_ok(r, "sessions", NULL)->out,
	    "28 of 28, used up"));
	o = rig_ok(r, "status", "--json", NULL)->json;
	cr_expect_str_eq(json_string_value(json_array_get(json_object_get(o,
	    "over_budget"), 0)), "main");
	said = rig_ok(r, "say", "--json", "--wait", "And?", NULL);
	cr_expect_str_eq(rig_str(said->json, "text"), "echo: And?");
	cr_expect(rig_int(session(r, "main"), "requests") == 3);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
	rig_await(r, 3, note);
	cr_expect(rig_occurs(rig_log(r), "the token budget is used up") == 1);
	rig_free(r);
}

Test(usage, a_raised_budget_lets_what_waited_wake_at_once)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[session main]\nbudget=28\n" });
	int go = start(r);

	end(r, go);
	cr_expect(rig_count(r) == 2);
	rig_configure(r, "[session main]\nbudget=1000\n");
	rig_await(r, 1, "<task-event id=\"t1\"");
	rig_record(r, "began", "cause", "wake", NULL);
	cr_expect(!json_is_true(json_object_get(session(r, "main"),
	    "over_budget")));
	rig_free(r);
}

Test(usage, a_budget_that_was_used_up_is_so_after_a_restart)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[session]\nbudget=28\n" });
	int go = start(r);

	end(r, go);
	rig_crash(r);
	rig_start(r);
	cr_expect(json_is_true(json_object_get(session(r, "main"),
	    "over_budget")));
	rig_ok(r, "say", "And?", NULL);
	cr_expect(rig_count(r) == 3);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
	rig_free(r);
}

Test(usage, a_budget_is_each_sessions_own)
{
	struct rig *r = rig_new(&(struct rig_conf){ .many_sessions = true,
	    .conf = "[session]\nbudget=14\n[session rich]\nbudget=0\n" });

	rig_ok(r, "say", "-s", "rich", "Hello.", NULL);
	rig_ok(r, "say", "Hello.", NULL);
	cr_expect(json_is_true(json_object_get(session(r, "main"),
	    "over_budget")));
	cr_expect(json_is_null(json_object_get(session(r, "rich"), "budget")));
	cr_expect(!json_is_true(json_object_get(session(r, "rich"),
	    "over_budget")));
	rig_free(r);
}

Test(usage, doctor_says_of_a_budget_that_nobody_counts)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[session]\nbudget=28\n" });
	json_t *o = rig_find(rig_lines(rig_ok(r, "doctor", "--json", NULL)),
	    "check", "budget");

	cr_expect(strstr(rig_str(o, "remedy"), "stream_options"));
	rig_configure(r, "[model]\nstream_options=yes\n");
	o = rig_find(rig_lines(rig_ok(r, "doctor", "--json", NULL)),
	    "check", "budget");
	cr_expect_str_eq(rig_str(o, "state"), "set");
	cr_expect(json_is_null(json_object_get(o, "remedy")));
	rig_free(r);
}
