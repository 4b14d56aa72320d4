/* Consent to a call: T13. A pending approval holds nothing up. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

TestSuite(approvals, .timeout = 90);

#define WIPE	"#!/bin/sh\n"						\
	"# @describe Wipe it.\n"					\
	"# @option --what! <NAME>  What\n"				\
	"# @meta confirm yes\n"						\
	"echo wiped \"$SIGBOX_ARG_WHAT\" | tee -a wiped\n"
#define CALL	"@call wipe {\"what\":\"it\"}"

static struct rig *
with_wipe(void)
{
	struct rig *r = rig_new(NULL);

	rig_write(r, "tools/wipe.sh", WIPE, 0755);
	rig_configure(r, "");
	return r;
}

/* The model called it; a1 waits. */
static struct rig *
asked(void)
{
	struct rig *r = with_wipe();
	struct job *said = rig_ok(r, "say", "--json", CALL, NULL);

	cr_expect(strstr(rig_str(said->json, "text"),
	    "waiting for approval a1"), "%s", rig_str(said->json, "text"));
	cr_expect_str_eq(rig_str(said->json, "outcome"), "answered");
	return r;
}

/* t1's end woke the model, and that turn is over: nothing lets go of a call. */
static void
until_told(struct rig *r)
{
	rig_record(r, "end", "task", "t1", NULL);
	rig_record(r, "finished", "turn", "u2", NULL);
}

static json_t *
approval(struct rig *r, const char *id)
{
	return rig_find(rig_lines(rig_ok(r, "approvals", "-a", "--json",
	    NULL)), "id", id);
}

static size_t
npending(struct rig *r)
{
	return json_array_size(rig_lines(rig_ok(r, "approvals", "--json",
	    NULL)));
}

Test(approvals, one_that_is_pending_holds_nothing_up)
{
	struct rig *r = asked();
	json_t *a = approval(r, "a1"), *task = rig_task(r, "t1");
	struct job *said;

	cr_expect_str_eq(rig_str(a, "task"), "t1");
	cr_expect_str_eq(rig_str(a, "session"), "main");
	cr_expect_str_eq(rig_str(a, "tool"), "wipe");
	cr_expect_str_eq(rig_str(json_object_get(a, "args"), "what"), "it");
	cr_expect_str_eq(rig_str(a, "cwd"), rig_path(r, "work"));
	cr_expect_str_eq(rig_str(a, "profile"), "workspace");
	cr_expect_str_eq(rig_str(a, "state"), "pending");
	cr_expect_str_eq(rig_str(task, "state"), "queued");
	cr_expect_str_eq(rig_str(task, "why"), "waiting for approval a1");
	said = rig_ok(r, "say", "--json", "And else?", NULL);
	cr_expect_str_eq(rig_str(said->json, "text"), "echo: And else?");
	cr_expect(rig_int(said->json, "request_us") <= RIG_SOON_US);
	said = rig_ok(r, "say", "--json", rig_call(r, "echo other"), NULL);
	cr_expect(strstr(rig_str(said->json, "text"), "other"));
	cr_expect(npending(r) == 1);
	cr_expect(rig_processes(r, "/bin/sh") == 0);
	cr_expect(rig_branches(r) == 0);
	rig_free(r);
}

Test(approvals, words_are_no_consent)
{
	struct rig *r = asked();

	rig_ok(r, "say", "approve a1", NULL);
	rig_ok(r, "say", "-m", "steer", "/approve a1", NULL);
	rig_ok(r, "say", "@call task_resume {\"ids\":[\"t1\"]}", NULL);
	cr_expect(npending(r) == 1);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "queued");
	rig_free(r);
}

Test(approvals, an_approval_runs_it_and_the_model_is_told)
{
	struct rig *r = asked();
	struct job *yes = rig_ok(r, "approve", "a1", "--reason", "go", NULL);
	json_t *end, *messages;
	char by[32];

	snprintf(by, sizeof(by), "uid %u", (unsigned)getuid());
	cr_expect(strstr(yes->out, "a1 wipe (t1): approved"), "%s", yes->out);
	end = rig_record(r, "end", "task", "t1", NULL);
	cr_expect_str_eq(rig_str(end, "end"), "exited");
	rig_record(r, "answer", "approval", "a1", "state", "approved", "by", by,
	    "why", "go", NULL);
	messages = rig_request(r, rig_await(r, 1, "<task-event id=\"t1\""));
	cr_expect(strstr(rig_content(messages, -1UL), "wiped it"));
	cr_expect_str_eq(rig_read(r, "work/wiped"), "wiped it\n");
	cr_expect(npending(r) == 0);
	rig_free(r);
}

Test(approvals, a_denial_is_told_with_its_reason)
{
	struct rig *r = asked();
	json_t *task, *messages;

	rig_ok(r, "deny", "a1", "--reason", "not on a <friday>", NULL);
	messages = rig_request(r, rig_await(r, 1, "<task-event id=\"t1\""));
	cr_expect(strstr(rig_content(messages, -1UL),
	    "not on a &lt;friday&gt;"), "%s", rig_content(messages, -1UL));
	task = rig_task(r, "t1");
	cr_expect_str_eq(rig_str(task, "end"), "refused");
	cr_expect(strstr(rig_str(task, "why"), "denied by uid"));
	cr_expect(json_is_null(json_object_get(task, "started_at")));
	cr_expect(access(rig_path(r, "work/wiped"), F_OK) == -1);
	rig_free(r);
}

#define NCLIENTS	8

/* Exactly one wins; each other is told who did. */
Test(approvals, clients_race_and_one_wins)
{
	struct rig *r = asked();
	struct job *j[NCLIENTS];
	int i, won = 0, approved = 0;
	bool ran;

	for (i = 0; i < NCLIENTS; i++)
		j[i] = rig_spawn(r, i % 2 == 0 ? "approve" : "deny", "a1",
		    NULL);
	for (i = 0; i < NCLIENTS; i++) {
		rig_finish(j[i]);
		if (j[i]->code == 0) {
			won++;
			approved = i % 2 == 0;
			continue;
		}
		cr_expect(j[i]->code == 65, "%d", j[i]->code);
		cr_expect(strstr(j[i]->err, "d by uid "), "%s", j[i]->err);
	}
	cr_expect(won == 1, "%d", won);
	rig_record(r, "end", "task", "t1", NULL);
	ran = access(rig_path(r, "work/wiped"), F_OK) == 0;
	cr_expect(ran == (approved == 1));
	cr_expect(json_array_size(rig_lines(rig_ok(r, "approvals", "-a",
	    "--json", NULL))) == 1);
	rig_free(r);
}

Test(approvals, it_survives_a_crash_and_runs_once)
{
	struct rig *r = asked();

	rig_crash(r);
	rig_start(r);
	cr_expect(npending(r) == 1);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "queued");
	cr_expect_str_eq(rig_str(rig_ok(r, "say", "--json", "Still there?",
	    NULL)->json, "text"), "echo: Still there?");
	rig_ok(r, "approve", "a1", NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	rig_crash(r);
	rig_start(r);
	cr_expect_str_eq(rig_read(r, "work/wiped"), "wiped it\n");
	cr_expect(rig_run(r, "approve", "a1", NULL)->code == 65);
	rig_ok(r, "say", "-m", "queue", "All told?", NULL);
	cr_expect(rig_tellings(rig_last_request(r), "t1") == 1);
	rig_free(r);
}

Test(approvals, it_survives_an_ordinary_restart)
{
	struct rig *r = asked();
	int status;

	rig_signal(r, SIGTERM);
	status = rig_exit(r);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	rig_start(r);
	cr_expect(npending(r) == 1);
	rig_ok(r, "deny", "a1", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "refused");
	rig_free(r);
}

Test(approvals, a_stop_cancels_it_and_then_no_answer_counts)
{
	struct rig *r = asked();
	struct job *late;

	rig_ok(r, "stop", "t1", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "stopped");
	cr_expect_str_eq(rig_str(approval(r, "a1"), "state"), "cancelled");
	late = rig_run(r, "approve", "a1", NULL);
	cr_expect(late->code == 65, "%d", late->code);
	cr_expect(strstr(late->err, "cancelled"), "%s", late->err);
	cr_expect(access(rig_path(r, "work/wiped"), F_OK) == -1);
	rig_free(r);
}

Test(approvals, an_interrupt_cancels_it_if_tools_are_stopped)
{
	struct rig *r = asked();

	rig_ok(r, "interrupt", NULL);
	cr_expect(npending(r) == 1);
	rig_ok(r, "interrupt", "--tools", "stop", NULL);
	cr_expect(npending(r) == 0);
	cr_expect(rig_run(r, "approve", "a1", NULL)->code == 65);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "stopped");
	rig_free(r);
}

Test(approvals, it_goes_with_its_session)
{
	struct rig *r = asked();

	rig_ok(r, "delete", "main", NULL);
	cr_expect(npending(r) == 0);
	cr_expect(strstr(rig_run(r, "approve", "a1", NULL)->err,
	    "no such approval"));
	rig_ok(r, "say", "hello", NULL);
	rig_free(r);
}

Test(approvals, another_tool_in_its_place_is_not_what_was_approved)
{
	struct rig *r = asked();
	struct job *yes;

	rig_write(r, "tools/wipe.sh", WIPE "echo and more\n", 0755);
	yes = rig_run(r, "approve", "a1", NULL);
	cr_expect(yes->code == 65, "%d", yes->code);
	cr_expect(strstr(yes->err, "not as it was"), "%s", yes->err);
	rig_record(r, "end", "task", "t1", "end", "refused", NULL);
	rig_await(r, 1, "<task-event id=\"t1\"");
	cr_expect(access(rig_path(r, "work/wiped"), F_OK) == -1);
	rig_free(r);
}

Test(approvals, another_grant_is_not_what_was_approved)
{
	struct rig *r = asked();

	rig_configure(r, "[tool wipe]\nnet=host\n");
	cr_expect(rig_run(r, "approve", "a1", NULL)->code == 65);
	rig_record(r, "end", "task", "t1", "end", "refused", NULL);
	rig_free(r);
}

Test(approvals, always_is_for_what_is_alike)
{
	struct rig *r = asked();

	rig_ok(r, "approve", "a1", "--always", NULL);
	until_told(r);
	rig_record(r, "answer", "approval", "a1", NULL);
	cr_expect(strstr(rig_str(rig_ok(r, "say", "--json", CALL, NULL)->json,
	    "text"), "wiped it"));
	rig_record(r, "answer", "approval", "a2", "by", "a1", NULL);
	rig_configure(r, "[tool wipe]\nnet=host\n");
	rig_ok(r, "say", CALL, NULL);
	cr_expect(npending(r) == 1);
	rig_free(r);
}

/* Then the call has its result at once, and nobody is asked. */
Test(approvals, a_denial_can_hold_always)
{
	struct rig *r = asked();
	struct job *said;

	rig_ok(r, "deny", "a1", "--always", NULL);
	rig_record(r, "end", "task", "t1", "end", "refused", NULL);
	until_told(r);
	said = rig_ok(r, "say", "--json", CALL, NULL);
	cr_expect(strstr(rig_str(said->json, "text"), "denied by a1"), "%s",
	    rig_str(said->json, "text"));
	cr_expect(npending(r) == 0);
	cr_expect_str_eq(rig_str(rig_task(r, "t2"), "end"), "refused");
	cr_expect(access(rig_path(r, "work/wiped"), F_OK) == -1);
	rig_free(r);
}

/* Approved or not, a suspended one does not begin. */
Test(approvals, it_can_be_suspended_and_resumed_meanwhile)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[tool exec]\nconfirm=yes\n" });

	rig_ok(r, "say", rig_call(r, "exec sleep 600"), NULL);
	rig_ok(r, "suspend", "t1", NULL);
	rig_ok(r, "approve", "a1", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "queued");
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "why"), "it is suspended");
	rig_ok(r, "resume", "t1", NULL);
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "state"), "running");
	rig_ok(r, "stop", "--now", "t1", NULL);
	rig_free(r);
}

Test(approvals, who_runs_a_tool_consents_to_it)
{
	struct rig *r = with_wipe();

	cr_expect_str_eq(rig_ok(r, "run", "wipe", "--what", "mine",
	    NULL)->out, "wiped mine\n");
	cr_expect(npending(r) == 0);
	rig_free(r);
}

Test(approvals, what_has_no_walls_by_a_word_for_all_needs_consent)
{
	struct rig *r = rig_new(&(struct rig_conf){
	    .conf = "[sandbox]\nprofile=none\n" });

	rig_ok(r, "say", rig_call(r, "echo free"), NULL);
	cr_expect_str_eq(rig_str(approval(r, "a1"), "profile"), "none");
	rig_ok(r, "approve", "a1", NULL);
	rig_record(r, "end", "task", "t1", "end", "exited", NULL);
	until_told(r);
	rig_configure(r, "[tool exec]\nconfirm=no\n");
	cr_expect(strstr(rig_str(rig_ok(r, "say", "--json", rig_call(r,
	    "echo free"), NULL)->json, "text"), "free"));
	cr_expect(npending(r) == 0);
	rig_free(r);
}

/* Also one without walls, that reaches the socket and looks like a person. */
Test(approvals, a_task_cannot_answer)
{
	struct rig *r = rig_new(&(struct rig_conf){ .as_nobody = true,
	    .conf = "[tool exec]\nprofile=none\n[tool wipe]\nconfirm=yes\n" });
	char *script;

	rig_write(r, "tools/wipe.sh", WIPE, 0755);
	rig_configure(r, "");
	rig_ok(r, "say", CALL, NULL);
	if (asprintf(&script, "SIGBOX_RUNTIME=%s %s approve a1 2>&1; "
	    "(SIGBOX_RUNTIME=%s setsid %s approve a1 2>&1 &) ; wait",
	    rig_path(r, "run"), getenv("SIGBOX"), rig_path(r, "run"),
	    getenv("SIGBOX")) == -1)
		abort();
	rig_ok(r, "say", rig_call(r, script), NULL);
	rig_record(r, "end", "task", "t2", NULL);
	free(script);
	cr_expect(strstr(rig_ok(r, "log", "t2", NULL)->out,
	    "a task cannot answer"), "%s", rig_ok(r, "log", "t2", NULL)->out);
	cr_expect(npending(r) == 1);
	rig_free(r);
}

Test(approvals, other_clients_see_it)
{
	struct rig *r = with_wipe();
	struct job *events = rig_spawn(r, "events", "-f", "--json", NULL);
	json_t *asks;

	rig_expect_json(events, "kind", "snapshot");
	rig_ok(r, "say", CALL, NULL);
	asks = rig_expect_json(events, "kind", "approval");
	cr_expect_str_eq(rig_str(asks, "approval"), "a1");
	cr_expect_str_eq(rig_str(asks, "task"), "t1");
	rig_ok(r, "deny", "a1", NULL);
	cr_expect_str_eq(rig_str(rig_expect_json(events, "kind", "answer"),
	    "state"), "denied");
	rig_kill(events, SIGTERM);
	rig_free(r);
}
