/* What stands between a call that needs consent and its answer: T13. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents.h"

TestSuite(approvals_scene, .timeout = 110);

#define WIPE	"#!/bin/sh\n"						\
	"# @describe Wipe it.\n"					\
	"# @option --what! <NAME>  What\n"				\
	"# @meta confirm yes\n"						\
	"echo wiped \"$SIGBOX_ARG_WHAT\" | tee -a wiped\n"
#define CALL	"@call wipe {\"what\":\"it\"}"
#define NCLIENTS	8

static struct rig *
with_wipe(const struct rig_conf *conf, const char *more)
{
	struct rig *r = rig_new(conf);

	rig_write(r, "tools/wipe.sh", WIPE, 0755);
	rig_configure(r, more);
	return r;
}

static size_t
nlines(struct rig *r, const char *all)
{
	return json_array_size(rig_lines(rig_ok(r, "approvals", "--json",
	    all, NULL)));
}

/* a1 waits, and so does t1. */
static void
expect_pending(struct rig *r)
{
	json_t *task = rig_task(r, "t1");

	cr_expect(nlines(r, NULL) == 1);
	cr_expect_str_eq(rig_str(task, "state"), "queued");
	cr_expect_str_eq(rig_str(task, "why"), "waiting for approval a1");
	cr_expect(access(rig_path(r, "work/wiped"), F_OK) == -1);
}

/* In every mode: nothing is active, so that none of them has to wait. */
static void
ask_in_all_modes(struct rig *r)
{
	static const char *const modes[] = { "now", "steer", "interrupt",
	    "queue", "rollback", "reject", "ask" };
	char text[32], echo[48];
	struct job *said;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		snprintf(text, sizeof(text), "Does %s hang?", modes[i]);
		snprintf(echo, sizeof(echo), "echo: %s", text);
		said = rig_ok(r, "say", "--json", "-m", modes[i], text, NULL);
		cr_expect_str_eq(rig_str(said->json, "text"), echo);
		cr_expect(rig_int(said->json, "request_us") <= RIG_SOON_US);
		expect_pending(r);
	}
}

/* True: it was approved. All but one are told what had been said before. */
static bool
race(struct rig *r)
{
	struct job *j[NCLIENTS];
	int i, won = 0;
	bool approved = false;

	for (i = 0; i < NCLIENTS; i++)
		j[i] = rig_spawn(r, i % 2 == 0 ? "approve" : "deny", "a1",
		    NULL);
	for (i = 0; i < NCLIENTS; i++)
		if (rig_finish(j[i])->code == 0) {
			won++;
			approved = i % 2 == 0;
		}
	for (i = 0; i < NCLIENTS; i++)
		cr_expect(j[i]->code == 0 || (j[i]->code == 65 &&
		    strstr(j[i]->err, approved ? "approved by uid " :
		    "denied by uid ")), "%d: %s", j[i]->code, j[i]->err);
	cr_expect(won == 1, "%d", won);
	return approved;
}

static size_t
count(struct rig *r, const char *kind, const char *key, const char *value)
{
	json_t *records = rig_records(r), *o;
	size_t i, n = 0;

	json_array_foreach(records, i, o)
		n += strcmp(rig_str(o, "kind"), kind) == 0 &&
		    json_object_get(o, key) != NULL &&
		    strcmp(rig_str(o, key), value) == 0;
	return n;
}

/* As the winner said, once, and no word after it counts. */
static void
expect_final(struct rig *r, bool approved)
{
	cr_expect(count(r, "answer", "approval", "a1") == 1);
	cr_expect(count(r, "end", "task", "t1") == 1);
	cr_expect(count(r, "state", "state", "starting") == (approved ? 1 : 0));
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), approved ?
	    "exited" : "refused");
	if (approved)
		cr_expect_str_eq(rig_read(r, "work/wiped"), "wiped it\n");
	else
		cr_expect(access(rig_path(r, "work/wiped"), F_OK) == -1);
	cr_expect(rig_run(r, "approve", "a1", NULL)->code == 65);
	cr_expect(rig_run(r, "deny", "a1", NULL)->code == 65);
	cr_expect(nlines(r, NULL) == 0 && nlines(r, "-a") == 1);
}

static void
play(struct rig *r)
{
	struct job *said = say(r, CALL);
	bool approved;

	cr_expect(strstr(text_of(said), "waiting for approval a1"), "%s",
	    text_of(said));
	ask_in_all_modes(r);
	rig_crash(r);
	rig_start(r);
	expect_pending(r);
	ask_in_all_modes(r);
	approved = race(r);
	woken(r, "t1");
	expect_final(r, approved);
	rig_ok(r, "say", "-m", "queue", "Is all told?", NULL);
	expect_told_once(r, "t1");
	rig_crash(r);
	rig_start(r);
	expect_final(r, approved);
	rig_free(r);
}

/*
 * How long it pends is of no account: no clock of the supervisor's looks at
 * it, that of detach_after (20 s) included, which may as well have run out.
 */
Test(approvals_scene, it_pends_through_questions_a_crash_and_a_race)
{
	play(with_wipe(NULL, ""));
}

Test(approvals_scene, it_pends_so_where_no_call_holds_a_turn_for_long)
{
	play(with_wipe(NULL, "[session]\ndetach_after=1ms\n"));
}

/* Twice: as who began it, and as one that has left its group. */
static char *
approve_by_itself(struct rig *r)
{
	char *text;

	if (asprintf(&text, "read x <gate; SIGBOX_RUNTIME=%s %s approve a1 "
	    "2>&1; SIGBOX_RUNTIME=%s setsid -w %s approve a1 2>&1; true",
	    rig_path(r, "run"), getenv("SIGBOX"), rig_path(r, "run"),
	    getenv("SIGBOX")) == -1)
		abort();
	return rig_call(r, rig_keep(r, text));
}

Test(approvals_scene, no_sub_agent_no_event_and_no_text_answers)
{
	struct rig *r = with_wipe(&(struct rig_conf){ .as_nobody = true,
	    .many_sessions = true }, "[tool exec]\nprofile=none\n"
	    "confirm=no\n");
	int gate = rig_fifo(r, "gate");
	const char *told;

	say(r, CALL);
	rig_ok(r, "say", "-d", agent(r, lines(r, "approve a1",
	    approve_by_itself(r), "@then approve a1", NULL)), NULL);
	rig_record(r, "state", "task", "t3", "state", "running", NULL);
	say(r, "Meanwhile?");
	tell(gate);
	woken(r, "t2");
	told = rig_content(rig_request(r, rig_await(r, 1,
	    "<task-event id=\"t2\"")), -1UL);
	cr_expect(strstr(told, "\napprove a1\n"), "%s", told);
	cr_expect(rig_occurs(rig_ok(r, "log", "t3", NULL)->out,
	    "a task cannot answer") == 2, "%s", rig_ok(r, "log", "t3",
	    NULL)->out);
	expect_pending(r);
	cr_expect(count(r, "answer", "approval", "a1") == 0);
	rig_free(r);
}

/* Its owner is the same, and so is its name. */
static void
replace_folder(struct rig *r)
{
	struct stat st;

	cr_assert(stat(rig_path(r, "work"), &st) == 0);
	cr_assert(rename(rig_path(r, "work"), rig_path(r, "other")) == 0);
	cr_assert(mkdir(rig_path(r, "work"), 0755) == 0);
	cr_assert(chown(rig_path(r, "work"), st.st_uid, st.st_gid) == 0);
}

Test(approvals_scene, another_folder_is_not_what_was_approved)
{
	struct rig *r = with_wipe(NULL, "");
	const char *why;

	say(r, CALL);
	replace_folder(r);
	rig_run(r, "approve", "a1", NULL);
	woken(r, "t1");
	why = rig_str(rig_task(r, "t1"), "why");
	cr_expect_str_eq(rig_str(rig_task(r, "t1"), "end"), "refused");
	cr_expect(strstr(why, "the working folder was replaced"), "%s", why);
	cr_expect(access(rig_path(r, "work/wiped"), F_OK) == -1);
	cr_expect(access(rig_path(r, "other/wiped"), F_OK) == -1);
	rig_free(r);
}

Test(approvals_scene, who_administers_may_spare_a_tool_the_question)
{
	struct rig *r = with_wipe(NULL, "[tool wipe]\nconfirm=no\n");
	struct job *said = say(r, CALL);

	cr_expect(strstr(text_of(said), "wiped it"), "%s", text_of(said));
	cr_expect(nlines(r, "-a") == 0);
	cr_expect_str_eq(rig_read(r, "work/wiped"), "wiped it\n");
	rig_free(r);
}
