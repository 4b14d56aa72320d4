/*
 * Every pair of a turn's state and an event is decided here, in the open. A
 * cell is what comes of it and how things stand then. What comes is "-why",
 * refused for that reason with nothing changed, or the effects in order: A ask,
 * C cut, R run, O own call, S stop, Z suspend, + admitted, d delivered, x
 * cancelled, F finished, G release, N refuse, m moved, W watch. How things stand
 * is a letter for each active turn, in order: a asking, s streaming, h holding; n
 * is none.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "talk.h"

/*
 * How things stood when the event came. u1 is the turn, t1 its task; while it
 * is active m2 waits in the queue.
 */
enum scene {
	IDLE,		/* nobody has spoken */
	ASKING,		/* its request is on the wire */
	STREAMING,	/* it showed text and a complete call */
	TASK,		/* t1 holds it */
	OWN,		/* one of our own calls holds it */
	WAIT,		/* it waits for t1, which it let go before */
	ENDED,		/* it has answered; t1 goes on */
	PENDING,	/* it asks on; t1 waits for a person's consent */
	NSCENES
};

/* What happens: each kind of event, and a message in each mode. */
enum what {
	W_CREATE, W_SAY_NOW, W_SAY_STEER, W_SAY_INTERRUPT, W_SAY_QUEUE,
	W_SAY_ROLLBACK, W_SAY_REJECT, W_SAY_ASK, W_INTERRUPT, W_DETACH, W_EDIT,
	W_MOVE, W_CANCEL, W_TEXT, W_CALL, W_USAGE, W_ANSWERED, W_FAILED,
	W_RESULT, W_HOLD, W_GREW, W_TASK, W_STATE, W_OUTPUT, W_SEEN,
	W_WATCH, W_ENDED, W_DECIDE,
	W_TICK, W_RECOVER, W_COMPACT, W_COPY, W_ORDER, W_ADOPT,
	W_REASK, W_NWHATS
};

static_assert(EV_NKINDS == 29, "a new kind of event needs a row below");
static_assert(MODE_NMODES == 7, "a new mode needs a row below");
static_assert(W_NWHATS == EV_NKINDS - 1 + MODE_NMODES, "a row for each");

static const struct {
	enum event_kind	 kind;
	enum mode	 mode;
} whats[W_NWHATS] = {
	[W_CREATE] = { EV_CREATE, MODE_NOW },
	[W_SAY_NOW] = { EV_SAY, MODE_NOW },
	[W_SAY_STEER] = { EV_SAY, MODE_STEER },
	[W_SAY_INTERRUPT] = { EV_SAY, MODE_INTERRUPT },
	[W_SAY_QUEUE] = { EV_SAY, MODE_QUEUE },
	[W_SAY_ROLLBACK] = { EV_SAY, MODE_ROLLBACK },
	[W_SAY_REJECT] = { EV_SAY, MODE_REJECT },
	[W_SAY_ASK] = { EV_SAY, MODE_ASK },
	[W_INTERRUPT] = { EV_INTERRUPT, MODE_NOW },
	[W_DETACH] = { EV_DETACH, MODE_NOW },
	[W_EDIT] = { EV_EDIT, MODE_NOW },
	[W_MOVE] = { EV_MOVE, MODE_NOW },
	[W_CANCEL] = { EV_CANCEL, MODE_NOW },
	[W_TEXT] = { EV_TEXT, MODE_NOW },
	[W_CALL] = { EV_CALL, MODE_NOW },
	[W_USAGE] = { EV_USAGE, MODE_NOW },
	[W_ANSWERED] = { EV_ANSWERED, MODE_NOW },
	[W_FAILED] = { EV_FAILED, MODE_NOW },
	[W_RESULT] = { EV_RESULT, MODE_NOW },
	[W_HOLD] = { EV_HOLD, MODE_NOW },
	[W_GREW] = { EV_GREW, MODE_NOW },
	[W_TASK] = { EV_TASK, MODE_NOW },
	[W_STATE] = { EV_STATE, MODE_NOW },
	[W_OUTPUT] = { EV_OUTPUT, MODE_NOW },
	[W_SEEN] = { EV_SEEN, MODE_NOW },
	[W_WATCH] = { EV_WATCH, MODE_NOW },
	[W_ENDED] = { EV_ENDED, MODE_NOW },
	[W_DECIDE] = { EV_DECIDE, MODE_NOW },
	[W_TICK] = { EV_TICK, MODE_NOW },
	[W_RECOVER] = { EV_RECOVER, MODE_NOW },
	[W_COMPACT] = { EV_COMPACT, MODE_NOW },
	[W_COPY] = { EV_COPY, MODE_NOW },
	[W_ORDER] = { EV_ORDER, MODE_NOW },
	[W_ADOPT] = { EV_ADOPT, MODE_NOW },
	[W_REASK] = { EV_REASK, MODE_NOW },
};

struct cell {
	const char	*comes;
	const char	*stands;
};

static const struct cell table[W_NWHATS][NSCENES] = {
	[W_CREATE] = {
	    { "-bad", "n" }, { "-bad", "a" }, { "-bad", "s" },
	    { "-bad", "h" }, { "-bad", "h" }, { "-bad", "h" },
	    { "-bad", "n" },
	    { "-bad", "a" } },
	[W_SAY_NOW] = {
	    { "+dA", "a" }, { "+dA", "aa" }, { "+dA", "sa" },
	    { "+FdA", "a" }, { "+FdA", "a" }, { "+FdA", "a" }, { "+dA", "a" },
	    { "+dA", "aa" } },
	[W_SAY_STEER] = {
	    { "+dA", "a" }, { "+", "a" }, { "+", "s" }, { "+dA", "a" },
	    { "+", "h" }, { "+dA", "a" }, { "+dA", "a" },
	    { "+", "a" } },
	[W_SAY_INTERRUPT] = {
	    { "+dA", "a" }, { "+CFdA", "a" }, { "+CFdA", "a" },
	    { "+FSdA", "a" }, { "+FdA", "a" }, { "+FSdA", "a" },
	    { "+SdA", "a" },
	    { "+CFSdA", "a" } },
	[W_SAY_QUEUE] = {
	    { "+dA", "a" }, { "+", "a" }, { "+", "s" }, { "+", "h" },
	    { "+", "h" }, { "+", "h" }, { "+dA", "a" },
	    { "+", "a" } },
	[W_SAY_ROLLBACK] = {
	    { "+dA", "a" }, { "+CFdA", "a" }, { "+CFdA", "a" },
	    { "+SFdA", "a" }, { "+FdA", "a" }, { "+SFdA", "a" },
	    { "+dA", "a" },
	    { "+SCFdA", "a" } },
	[W_SAY_REJECT] = {
	    { "+dA", "a" }, { "-busy", "a" }, { "-busy", "s" },
	    { "-busy", "h" }, { "-busy", "h" }, { "-busy", "h" },
	    { "+dA", "a" },
	    { "-busy", "a" } },
	[W_SAY_ASK] = {
	    { "+dA", "a" }, { "+dA", "aa" }, { "+dA", "sa" },
	    { "+dA", "ha" }, { "+dA", "ha" }, { "+dA", "ha" }, { "+dA", "a" },
	    { "+dA", "aa" } },
	[W_INTERRUPT] = {
	    { "", "n" }, { "CFdA", "a" }, { "CFdA", "a" }, { "FSdA", "a" },
	    { "FdA", "a" }, { "FSdA", "a" }, { "S", "n" },
	    { "CFSdA", "a" } },
	[W_DETACH] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "A", "a" }, { "-gone", "h" }, { "A", "a" }, { "-gone", "n" },
	    { "-gone", "a" } },
	[W_EDIT] = {
	    { "-gone", "n" }, { "", "a" }, { "", "s" }, { "", "h" },
	    { "", "h" }, { "", "h" }, { "-gone", "n" },
	    { "", "a" } },
	[W_MOVE] = {
	    { "-gone", "n" }, { "", "a" }, { "", "s" }, { "", "h" },
	    { "", "h" }, { "", "h" }, { "-gone", "n" },
	    { "", "a" } },
	[W_CANCEL] = {
	    { "-gone", "n" }, { "x", "a" }, { "x", "s" }, { "x", "h" },
	    { "x", "h" }, { "x", "h" }, { "-gone", "n" },
	    { "x", "a" } },
	[W_TEXT] = {
	    { "-gone", "n" }, { "", "s" }, { "", "s" }, { "-gone", "h" },
	    { "-gone", "h" }, { "-gone", "h" }, { "-gone", "n" },
	    { "", "s" } },
	[W_CALL] = {
	    { "-gone", "n" }, { "", "s" }, { "", "s" }, { "-gone", "h" },
	    { "-gone", "h" }, { "-gone", "h" }, { "-gone", "n" },
	    { "", "s" } },
	[W_USAGE] = {
	    { "-gone", "n" }, { "", "a" }, { "", "s" }, { "", "h" },
	    { "", "h" }, { "", "h" }, { "", "n" },
	    { "", "a" } },
	[W_ANSWERED] = {
	    { "-gone", "n" }, { "FdA", "a" }, { "R", "h" }, { "-gone", "h" },
	    { "-gone", "h" }, { "-gone", "h" }, { "-gone", "n" },
	    { "FdA", "a" } },
	[W_FAILED] = {
	    { "-gone", "n" }, { "FdA", "a" }, { "FdA", "a" },
	    { "-gone", "h" }, { "-gone", "h" }, { "-gone", "h" },
	    { "-gone", "n" },
	    { "FdA", "a" } },
	[W_RESULT] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "-gone", "h" }, { "A", "a" }, { "A", "a" }, { "-gone", "n" },
	    { "-gone", "a" } },
	[W_HOLD] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "-gone", "h" }, { "A", "a" }, { "-gone", "h" },
	    { "-gone", "n" },
	    { "-gone", "a" } },
	[W_GREW] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "", "h" }, { "-gone", "h" }, { "", "h" }, { "", "n" },
	    { "", "a" } },
	[W_TASK] = {
	    { "R", "n" }, { "R", "a" }, { "R", "s" }, { "R", "h" },
	    { "R", "h" }, { "R", "h" }, { "R", "n" },
	    { "R", "a" } },
	[W_STATE] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "", "h" }, { "-gone", "h" }, { "", "h" }, { "", "n" },
	    { "-bad", "a" } },
	[W_OUTPUT] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "", "h" }, { "-gone", "h" }, { "", "h" }, { "", "n" },
	    { "", "a" } },
	[W_SEEN] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "A", "a" }, { "-gone", "h" }, { "A", "a" }, { "", "n" },
	    { "", "a" } },
	[W_WATCH] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "W", "h" }, { "-gone", "h" }, { "W", "h" }, { "W", "n" },
	    { "W", "a" } },
	[W_ENDED] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "A", "a" }, { "-gone", "h" }, { "A", "a" }, { "", "n" },
	    { "", "a" } },
	[W_DECIDE] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "-gone", "h" }, { "-gone", "h" }, { "-gone", "h" },
	    { "-gone", "n" }, { "G", "a" } },
	[W_TICK] = {
	    { "", "n" }, { "", "a" }, { "", "s" }, { "A", "a" }, { "", "h" },
	    { "", "h" }, { "", "n" },
	    { "", "a" } },
	[W_RECOVER] = {
	    { "", "n" }, { "A", "a" }, { "A", "a" }, { "", "h" },
	    { "A", "a" }, { "A", "a" }, { "", "n" },
	    { "A", "a" } },
	[W_COMPACT] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "-gone", "h" }, { "-gone", "h" }, { "-gone", "h" },
	    { "A", "a" }, { "-gone", "a" } },
	[W_COPY] = {
	    { "", "n" }, { "-bad", "a" }, { "-bad", "s" }, { "-bad", "h" },
	    { "-bad", "h" }, { "-bad", "h" }, { "-bad", "n" },
	    { "-bad", "a" } },
	[W_ORDER] = {
	    { "-gone", "n" }, { "-gone", "a" }, { "-gone", "s" },
	    { "m", "h" }, { "-gone", "h" }, { "m", "h" }, { "m", "n" },
	    { "m", "a" } },
	[W_ADOPT] = {
	    { "-bad", "n" }, { "-bad", "a" }, { "-bad", "s" },
	    { "-bad", "h" }, { "-bad", "h" }, { "-bad", "h" },
	    { "-bad", "n" }, { "-bad", "a" } },
	[W_REASK] = {
	    { "", "n" }, { "A", "a" }, { "A", "a" }, { "", "h" },
	    { "", "h" }, { "", "h" }, { "", "n" }, { "A", "a" } },
};

static struct talk k;

static void
call_own(void)
{
	talk_own(&k, 1, "task_wait", "own");
	talk_answered(&k, 1);
}

static void
call_task(enum background background, bool confirm)
{
	struct event ev = { .kind = EV_CALL, .turn = 1, .task = 1,
	    .background = background, .confirm = confirm };

	ev.call = bytes_of("task");
	ev.tool = bytes_of("build");
	ev.args = bytes_of("{}");
	talk_step(&k, &ev);
}

/* t1 goes on beside the turn, which asks again. */
static void
let_go(void)
{
	call_task(BACKGROUND_YES, false);
	talk_answered(&k, 1);
}

static void
set(enum scene scene)
{
	talk_init(&k);
	if (scene == IDLE)
		return;
	talk_say(&k, MODE_NOW, "one");
	if (scene == ENDED) {
		let_go();
		talk_answered(&k, 1);
		return;
	}
	talk_say(&k, MODE_QUEUE, "two");
	if (scene == STREAMING || scene == TASK) {
		talk_text(&k, 1, "x");
		call_task(BACKGROUND_AUTO, false);
	}
	if (scene == PENDING)
		call_task(BACKGROUND_AUTO, true);
	if (scene == TASK || scene == PENDING)
		talk_answered(&k, 1);
	if (scene == WAIT)
		let_go();
	if (scene == OWN || scene == WAIT)
		call_own();
	if (scene == WAIT)
		talk_hold(&k, 1, "own", 1, 60000000);
}

static bool
happen(enum what what)
{
	static const uint64_t task = 1;
	struct record_state state = { .state = bytes_of("suspended"),
	    .by = bytes_of(""), .why = bytes_of(""), .tier = bytes_of(""),
	    .boot = bytes_of("") };
	struct record_end end = { .end = bytes_of("exited"),
	    .by = bytes_of(""), .why = bytes_of("") };
	struct output output = { .tail = bytes_of("") };
	struct record_order order = { .place = BYTES("first") };
	struct event ev = { .kind = whats[what].kind, .mode = whats[what].mode,
	    .tools = KEEP_STOP, .message = 2, .position = 1, .turn = 1,
	    .task = 1, .text = bytes_of("hi"), .call = bytes_of("own"),
	    .tool = bytes_of("build"), .args = bytes_of("{}"),
	    .cwd = bytes_of("/"), .profile = bytes_of(""), .tasks = &task,
	    .ntasks = 1, .until = k.now + 60000000, .state = &state,
	    .end = &end, .output = &output, .order = &order, .call_kind = CALL_KIND_OWN,
	    .approval = 1, .approve = true, .by = bytes_of("me"),
	    .about = ABOUT_SEEN, .pattern = bytes_of("ready") };

	if (ev.kind == EV_SAY)
		ev.message = 9;
	if (ev.kind == EV_TASK)
		ev.task = 9;
	if (ev.kind == EV_TICK)
		k.now += 30000000;
	if (ev.kind == EV_RECOVER)
		talk_replay(&k);
	return talk_step(&k, &ev);
}

static const char *
came(bool ok)
{
	static const char *const refusals[] = { "-", "-busy", "-expect",
	    "-gone", "-bad" };
	static const char letters[] = "ACROSZ+dxFGNmW";
	static char text[32];
	size_t i;

	if (!ok)
		return refusals[k.out.refusal];
	for (i = 0; i < k.out.neffects; i++)
		text[i] = letters[k.out.effects[i].kind];
	text[i] = '\0';
	return text;
}

static const char *
stands(void)
{
	static char text[16];
	struct turn_facts f;
	size_t i;

	for (i = 0; session_nth_active(k.s, i, &f); i++)
		text[i] = f.state[0];
	text[i] = '\0';
	return i == 0 ? "n" : text;
}

/* Whatever came, requests are legal and the journal tells the same. */
static bool
is_sound(void)
{
	char *before = talk_transcript(&k), *after;
	struct turn_facts f;
	bool same;
	size_t i;

	for (i = 0; session_nth_active(k.s, i, &f); i++)
		if (f.state[0] == 'a' && !talk_is_legal(&k, f.id)) {
			free(before);
			return false;
		}
	talk_replay(&k);
	after = talk_transcript(&k);
	same = strcmp(before, after) == 0;
	free(before);
	free(after);
	return same;
}

static void
try(enum what what, enum scene scene)
{
	const struct cell *c = &table[what][scene];
	size_t nrows;
	bool ok;

	set(scene);
	nrows = k.nrows;
	ok = happen(what);
	cr_expect_str_eq(came(ok), c->comes, "event %d in scene %d: %s, not %s",
	    what, scene, came(ok), c->comes);
	cr_expect_str_eq(stands(), c->stands, "event %d in scene %d: %s, not "
	    "%s", what, scene, stands(), c->stands);
	cr_expect(ok || (k.nrows == nrows && k.out.neffects == 0));
	cr_expect(is_sound(), "event %d in scene %d", what, scene);
	talk_fini(&k);
}

Test(table, each_event_is_decided_in_each_state)
{
	int what, scene;

	for (what = 0; what < W_NWHATS; what++)
		for (scene = 0; scene < NSCENES; scene++) {
			cr_assert_not_null(table[what][scene].comes);
			try((enum what)what, (enum scene)scene);
		}
}

Test(table, nothing_is_decided_before_the_session_is_made)
{
	static const struct session_limits limits = { .max_turns = 1 };
	struct session *s = session_new("main", &limits);
	struct event ev = { 0 };
	struct out out = { 0 };
	int kind;

	for (kind = 0; kind < EV_NKINDS; kind++) {
		ev.kind = (enum event_kind)kind;
		if (ev.kind == EV_CREATE)
			continue;
		cr_expect_not(session_step(s, &ev, &out));
		cr_expect_eq(out.refusal, REFUSAL_BAD);
	}
	out_fini(&out);
	session_free(s);
}
