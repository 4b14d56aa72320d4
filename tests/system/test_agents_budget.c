/* The budget of a session is that of its sub-agents, too. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents.h"

TestSuite(agents_budget, .timeout = 90);

#define TOKENS	14	/* of a request to the scripted model */

static json_t *
usage(struct rig *r, const char *name, json_int_t requests, json_int_t tokens)
{
	json_t *o = rig_ok(r, "show", "--json", name, NULL)->json;

	cr_expect(rig_int(o, "requests") == requests &&
	    rig_int(o, "tokens") == tokens * TOKENS, "%s: %d, %d", name,
	    (int)rig_int(o, "requests"), (int)rig_int(o, "tokens"));
	return o;
}

Test(agents_budget, what_a_sub_agent_used_counts_for_all_above_it)
{
	struct rig *r = start(NULL);

	say(r, agent(r, agent(r, "What is up?")));
	usage(r, "main", 2, 5);
	usage(r, "main.t1", 2, 3);
	rig_crash(r);
	rig_start(r);
	usage(r, "main", 2, 5);
	cr_expect(json_is_null(json_object_get(session(r, "main.t1"),
	    "tokens")), "it was not read for that");
	usage(r, "main.t1", 2, 3);
	usage(r, "main", 2, 5);
	rig_free(r);
}

/* t1 is held: the second request, its own, used the budget up. */
static struct rig *
spent(int *go)
{
	struct rig *r = start("[session main]\nbudget=28\n");

	*go = rig_fifo(r, "go");
	rig_ok(r, "say", "-d", agent(r, rig_call(r, "read x <go")), NULL);
	rig_record(r, "state", "task", "t1", "state", "suspended", "by",
	    "budget", NULL);
	return r;
}

Test(agents_budget, beyond_it_sub_agents_wait_and_whoever_speaks_is_answered)
{
	int go;
	struct rig *r = spent(&go);
	struct job *said;
	json_t *over;

	said = rig_ok(r, "say", "--json", "Hello?", NULL);
	cr_expect_str_eq(text_of(said), "echo: Hello?");
	cr_expect(rig_int(said->json, "request_us") <= RIG_SOON_US);
	rig_await(r, 1, "The token budget of this conversation is used up");
	cr_expect_str_eq(state(r, "t1"), "suspended");
	over = json_object_get(rig_ok(r, "status", "--json", NULL)->json,
	    "over_budget");
	cr_expect(json_array_size(over) == 2);
	said = say(r, agent(r, "Another one."));
	cr_expect(strstr(text_of(said), "\"refused\"") &&
	    strstr(text_of(said), "token budget"), "%s", text_of(said));
	cr_expect(session(r, "main.t3") == NULL);
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(agents_budget, no_resume_is_a_way_around_it)
{
	int go;
	struct rig *r = spent(&go);
	struct job *refused = rig_run(r, "resume", "t1", NULL), *said;

	cr_expect(refused->code == 65 &&
	    strstr(refused->err, "the token budget is used up") != NULL);
	said = say(r, "@call task_resume {\"ids\":[\"t1\"]}");
	cr_expect(strstr(text_of(said), "the token budget is used up"), "%s",
	    text_of(said));
	cr_expect_str_eq(state(r, "t1"), "suspended");
	rig_configure(r, "[session main]\nbudget=1000\n");
	tell(go);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_free(r);
}

Test(agents_budget, that_of_all_is_not_a_sub_agents_own)
{
	struct rig *r = start("[session]\nbudget=10\n"
	    "[session rich]\nbudget=0\n");
	struct job *said = rig_ok(r, "say", "--json", "-s", "rich", agent(r,
	    agent(r, "Deep.")), NULL);

	cr_expect(strstr(text_of(said), "echo: Deep."), "%s", text_of(said));
	rig_free(r);
}

Test(agents_budget, a_larger_one_lets_them_go_on)
{
	int go;
	struct rig *r = spent(&go);

	rig_ok(r, "detach", NULL);
	rig_configure(r, "[session main]\nbudget=1000\n");
	tell(go);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_await(r, 1, "<task-event id=\"t1\"");
	rig_free(r);
}

Test(agents_budget, one_that_the_user_suspends_meanwhile_stays_so)
{
	int go;
	struct rig *r = spent(&go);

	rig_ok(r, "suspend", "t1", NULL);
	rig_record(r, "state", "task", "t1", "state", "suspended", "by",
	    "user", NULL);
	rig_ok(r, "detach", NULL);
	tell(go);
	rig_configure(r, "[session main]\nbudget=1000\n");
	say(r, "Hello?");
	cr_expect_str_eq(state(r, "t1"), "suspended");
	rig_ok(r, "resume", "t1", NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_free(r);
}

Test(agents_budget, it_is_used_up_after_a_restart_as_well)
{
	struct rig *r = start("[session main]\nbudget=40\n");
	struct job *said;

	say(r, agent(r, "What is up?"));
	rig_crash(r);
	rig_start(r);
	said = say(r, agent(r, "And now?"));
	cr_expect(strstr(text_of(said), "token budget"), "%s", text_of(said));
	rig_free(r);
}

/* Written while nobody runs to be told. */
static void
restart(struct rig *r, const char *more)
{
	char *text;

	rig_crash(r);
	if (asprintf(&text, "%s%s", rig_read(r, "sigbox.conf"), more) == -1)
		abort();
	rig_write(r, "sigbox.conf", text, 0644);
	free(text);
	rig_start(r);
}

Test(agents_budget, a_larger_one_found_at_a_restart_lets_them_go_on)
{
	int go;
	struct rig *r = spent(&go);

	restart(r, "[session main]\nbudget=1000\n");
	tell(go);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_free(r);
}

Test(agents_budget, a_smaller_one_found_at_a_restart_holds_them)
{
	struct rig *r = start(NULL);
	uint64_t n;

	rig_ok(r, "say", "-d", agent(r, "@mute h\nSlowly."), NULL);
	rig_held(r, "h");
	rig_ok(r, "detach", NULL);
	rig_record(r, "finished", "session", "main", NULL);
	n = rig_count(r);
	restart(r, "[session main]\nbudget=1\n");
	rig_record(r, "state", "task", "t1", "state", "suspended", "by",
	    "budget", NULL);
	cr_expect(rig_count(r) == n);
	rig_release(r, "h");
	rig_ok(r, "stop", "t1", NULL);
	rig_free(r);
}

/* t2, below t1, is held with it; that the budget is spent does not part them */
Test(agents_budget, one_that_is_held_with_another_goes_on_with_it)
{
	struct rig *r = start("[session main]\nbudget=50\n");

	rig_ok(r, "say", "-d", agent(r, agent(r, "@mute h\nDeep.")), NULL);
	rig_held(r, "h");
	rig_ok(r, "suspend", "t1", NULL);
	say(r, "One.");
	say(r, "Two.");
	cr_expect(json_is_true(json_object_get(session(r, "main"),
	    "over_budget")));
	rig_release(r, "h");
	rig_configure(r, "[session main]\nbudget=1000\n");
	cr_expect_str_eq(state(r, "t1"), "suspended");
	rig_ok(r, "resume", "t1", NULL);
	rig_record(r, "end", "task", "t2", "end", "exited", NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_free(r);
}

Test(agents_budget, one_that_is_approved_beyond_it_asks_nothing)
{
	struct rig *r = start("[session main]\nbudget=20\n"
	    "[tool agent]\nconfirm=yes\n");
	uint64_t n;

	say(r, agent(r, "May I?"));
	n = rig_count(r);
	rig_ok(r, "approve", "a1", NULL);
	say(r, "Is it quiet?");
	cr_expect(rig_count(r) == n + 1);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "by"), "budget");
	rig_configure(r, "[session main]\nbudget=1000\n");
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_free(r);
}

Test(agents_budget, one_that_the_last_answer_starts_asks_nothing)
{
	struct rig *r = start("[session main]\nbudget=10\n");
	uint64_t n;

	rig_ok(r, "say", "-d", agent(r, "Too late?"), NULL);
	rig_record(r, "state", "task", "t1", "by", "budget", NULL);
	rig_ok(r, "detach", NULL);
	n = rig_count(r);
	say(r, "Is it quiet?");
	cr_expect(rig_count(r) == n + 1);
	rig_configure(r, "[session main]\nbudget=1000\n");
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_free(r);
}
