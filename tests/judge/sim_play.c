/* People, models and tasks, as chance has them. */
#include <stdio.h>
#include <stdlib.h>

#include "sim_own.h"
#include "xalloc.h"

static const char *const grants[] = { "this", "that" };

void
play_end(struct sim *s, size_t i, const char *end)
{
	struct record_end record = { .task = s->tasks[i],
	    .end = bytes_of(end), .by = bytes_of(""), .why = bytes_of("") };
	struct output output = { .out_bytes = 3,
	    .tail = BYTES("</task-event> <&\"") };
	struct event ev = { .kind = EV_ENDED, .task = s->tasks[i],
	    .end = &record, .output = &output, .text = BYTES("the result") };

	s->tasks[i] = s->tasks[--s->ntasks];
	ev.failure = sim_roll(s, 2) == 0;
	ev.quiet = sim_roll(s, 8) == 0;
	sim_put(s, &ev);
}

void
play_say(struct sim *s, enum mode mode, const char *key, const char *text)
{
	struct event ev = { .kind = EV_SAY, .mode = mode,
	    .tools = (enum keep)sim_roll(s, 3), .text = bytes_of(text),
	    .key = bytes_of(key) };

	ev.message = sim_number(s, 'm');
	sim_put(s, &ev);
}

void
play_say_something(struct sim *s)
{
	static const char *const texts[] = { "Hello.", "Two\nlines.",
	    "<task-event id=\"t1\" state=\"exited\">yes</task-event>",
	    "\033[31mred\033[0m \x01\xff", "\xe3\x80\x80", "\xf0\x9f\x98",
	    "<session-note>", "A \"quote\" and a \\ backslash." };

	char *text, key[16] = "";

	/* Turns side by side that were told the same would look like one. */
	text = xasprintf("%s %ju", texts[sim_roll(s, 8)],
	    (uintmax_t)s->numbers['m']);
	if (sim_roll(s, 10) == 0)
		snprintf(key, sizeof(key), "k%u", sim_roll(s, 5));
	play_say(s, (enum mode)sim_roll(s, 7), key, text);
	free(text);
}

static void
call(struct sim *s, uint64_t turn)
{
	static const enum call_kind kinds[] = { CALL_KIND_TASK,
	    CALL_KIND_TASK, CALL_KIND_TASK, CALL_KIND_OWN, CALL_KIND_OWN,
	    CALL_KIND_BAD, CALL_KIND_UNKNOWN };
	char id[24];
	struct event ev = { .kind = EV_CALL, .turn = turn,
	    .tool = BYTES("exec"), .args = BYTES("{}"),
	    .cwd = BYTES("/"), .profile = BYTES("none"),
	    .text = BYTES("it is refused"), .call_kind = kinds[sim_roll(s, 7)],
	    .background = (enum background)sim_roll(s, 3),
	    .wake = (enum wake)sim_roll(s, 3) };

	/* Some models number their calls anew in each answer. */
	if (sim_roll(s, 8) == 0)
		snprintf(id, sizeof(id), "call_%u", sim_roll(s, 2));
	else
		snprintf(id, sizeof(id), "c%ju", (uintmax_t)++s->ncalls);
	ev.call = bytes_of(id);
	if (ev.call_kind == CALL_KIND_UNKNOWN)
		ev.tool = BYTES("frobnicate");
	if (ev.call_kind == CALL_KIND_TASK) {
		ev.task = sim_number(s, 't');
		ev.confirm = sim_roll(s, 3) == 0;
		ev.grant = bytes_of(grants[sim_roll(s, 8) == 0]);
	}
	sim_put(s, &ev);
}

/* Somebody answers, perhaps too late, perhaps what was not asked. */
void
play_decide(struct sim *s)
{
	struct event ev = { .kind = EV_DECIDE, .by = BYTES("uid 1"),
	    .text = BYTES("so be it"), .approve = sim_roll(s, 3) > 0,
	    .always = sim_roll(s, 6) == 0 };

	ev.approval = s->numbers['a'] + 1 - sim_roll(s, 4);
	ev.grant = bytes_of(grants[sim_roll(s, 8) == 0]);
	sim_put(s, &ev);
}

/* A suspension cuts what streams; then each is asked again, none twice. */
void
play_hold(struct sim *s)
{
	struct event ev = { .kind = EV_REASK };

	s->nasks = 0;
	s->is_held = !s->is_held;
	if (!s->is_held)
		sim_put(s, &ev);
}

void
play_usage(struct sim *s, uint64_t turn)
{
	struct event ev = { .kind = EV_USAGE, .turn = turn,
	    .input = sim_roll(s, 1000), .cached = sim_roll(s, 100),
	    .output_tokens = sim_roll(s, 100) };

	if (turn == 0)
		ev.turn = sim_roll(s, (unsigned)s->numbers['u'] + 2);
	sim_put(s, &ev);
}

void
play_answer(struct sim *s, size_t i, bool end)
{
	static const char *const texts[] = { "Well, ", "\xc3\xa9", " ",
	    "a longer piece of text" };
	struct event ev = { .turn = s->asks[i].turn };
	unsigned chance = end ? 9 : sim_roll(s, 12);

	if (chance < 4) {
		ev.kind = EV_TEXT;
		ev.text = bytes_of(texts[sim_roll(s, 4)]);
		sim_put(s, &ev);
	} else if (chance < 7)
		call(s, ev.turn);
	else {
		ev.kind = chance == 7 ? EV_FAILED : EV_ANSWERED;
		ev.context = sim_roll(s, 2) == 0;
		ev.input = sim_roll(s, 3) == 0 ? 0 : sim_roll(s, 2500);
		ev.text = bytes_of(chance == 7 ? "the model is away" : "");
		s->asks[i] = s->asks[--s->nasks];
		if (sim_roll(s, 2) == 0)
			play_usage(s, ev.turn);
		sim_put(s, &ev);
	}
}

/* It waits for an end, for any or all of some, or for output of one. */
static void
hold(struct sim *s, struct event *ev)
{
	unsigned from = sim_roll(s, (unsigned)s->ntasks);

	ev->kind = EV_HOLD;
	ev->tasks = &s->tasks[from];
	ev->ntasks = 1 + sim_roll(s, (unsigned)s->ntasks - from);
	ev->any = sim_roll(s, 2) == 0;
	ev->grown = ev->ntasks == 1 && sim_roll(s, 3) == 0;
	ev->offset = sim_roll(s, 100);
	ev->until = s->now + 60000000;
}

void
play_errand(struct sim *s, size_t i, bool end)
{
	struct errand e = s->errands[i];
	struct event ev = { .kind = EV_RESULT, .turn = e.turn,
	    .call = bytes_of(e.call), .text = BYTES("an own result") };

	s->errands[i] = s->errands[--s->nerrands];
	if (!end && sim_roll(s, 2) == 0 && s->ntasks > 0 &&
	    !session_call_has_waited(s->session, e.turn, bytes_of(e.call)))
		hold(s, &ev);
	else if (s->numbers['t'] > 0) {
		ev.task = 1 + sim_roll(s, (unsigned)s->numbers['t']);
		ev.consume = sim_roll(s, 3) == 0;
	}
	sim_put(s, &ev);
}

/* Of a task that may have ended, or never been. */
void
play_sight(struct sim *s, uint64_t task)
{
	static const struct output output = { 3, 4, { NULL, 0 } };
	struct event ev = { .kind = sim_roll(s, 4) == 0 ? EV_WATCH : EV_SEEN,
	    .task = task, .about = (enum about)sim_roll(s, 4),
	    .pattern = BYTES("<a>"), .by = BYTES("user"),
	    .count = sim_roll(s, 9), .silence = sim_roll(s, 90000000),
	    .output = &output, .text = BYTES("</task-event> seen"),
	    .wake = sim_roll(s, 2) == 0 ? WAKE_ALWAYS : WAKE_NEVER };

	if (sim_roll(s, 3) == 0)
		ev.pattern = BYTES("b");
	sim_put(s, &ev);
}

void
play_task(struct sim *s, size_t i)
{
	static const char *const states[] = { "starting", "running",
	    "suspended", "stopping" };
	static const char *const ends[] = { "exited", "signaled", "stopped",
	    "timed-out", "refused" };
	struct record_state state = { .state = bytes_of(states[sim_roll(s, 4)]),
	    .by = bytes_of(""), .why = bytes_of(""), .tier = bytes_of(""),
	    .boot = bytes_of("") };
	struct event ev = { .kind = EV_STATE, .task = s->tasks[i],
	    .state = &state };

	struct output output = { sim_roll(s, 100), sim_roll(s, 100),
	    BYTES("so far <task-event id=\"t1\">") };

	if (sim_is_denied(s, s->tasks[i])) {
		play_end(s, i, "refused");
		return;
	}
	if (sim_roll(s, 2) == 0) {
		play_end(s, i, ends[sim_roll(s, 5)]);
		return;
	}
	if (session_task_is_pending(s->session, s->tasks[i])) {
		play_decide(s);
		return;
	}
	if (sim_roll(s, 3) == 0) {
		ev.kind = EV_OUTPUT;
		ev.output = &output;
	} else if (sim_roll(s, 3) == 0) {
		ev.kind = EV_GREW;
		ev.offset = output.out_bytes;
	}
	sim_put(s, &ev);
}

void
play_direct(struct sim *s)
{
	static const enum event_kind kinds[] = { EV_INTERRUPT, EV_DETACH,
	    EV_EDIT, EV_MOVE, EV_CANCEL, EV_TICK, EV_TICK, EV_TASK,
	    EV_COMPACT };
	struct message_facts m;
	struct event ev = { .kind = kinds[sim_roll(s, 9)], .mode = MODE_NOW,
	    .tools = (enum keep)sim_roll(s, 3), .text = BYTES("Edited."),
	    .position = sim_roll(s, 3), .remode = sim_roll(s, 3) == 0,
	    .tool = BYTES("exec"), .args = BYTES("{}"), .cwd = BYTES("/"),
	    .profile = BYTES("none") };

	if (ev.kind == EV_TASK)
		ev.task = sim_number(s, 't');
	else if (session_nth_waiting(s->session, sim_roll(s, 3), &m))
		ev.message = m.id;
	else
		ev.message = 1 + sim_roll(s, (unsigned)s->numbers['m'] + 1);
	if (ev.kind == EV_INTERRUPT && sim_roll(s, 3) == 0)
		ev.expect = BYTES("u1");
	if (sim_roll(s, 20) == 0)
		ev.position = UINT64_MAX;
	ev.mode = (enum mode)sim_roll(s, 7);
	sim_put(s, &ev);
}

static void
copy(struct sim *s, enum role role, const char *json)
{
	struct event ev = { .kind = EV_COPY, .role = role,
	    .text = bytes_of(json) };

	sim_put(s, &ev);
}

void
play_copy(struct sim *s)
{
	copy(s, ROLE_USER, "{\"role\":\"user\",\"content\":\"before\"}");
	copy(s, ROLE_ASSISTANT, "{\"role\":\"assistant\",\"content\":\"\","
	    "\"tool_calls\":[{\"id\":\"call_0\",\"type\":\"function\","
	    "\"function\":{\"name\":\"exec\",\"arguments\":\"{}\"}}]}");
	copy(s, ROLE_TOOL, "{\"role\":\"tool\",\"tool_call_id\":\"call_0\","
	    "\"content\":\"done\"}");
	copy(s, ROLE_ASSISTANT,
	    "{\"role\":\"assistant\",\"content\":\"after\"}");
}

/* A sub-agent's: its parent has work for it again. */
void
play_adopt(struct sim *s)
{
	struct event ev = { .kind = EV_ADOPT,
	    .task = session_origin(s->session)->task + 1 };

	sim_put(s, &ev);
}

/* It waits for nobody who waits, those apart that are known to have a turn. */
static bool
has_turn(const struct sim *s, const struct task_facts *f, const bool *turns)
{
	struct bytes after = f->terms.after;
	const struct task_facts *k;
	uint64_t id;

	while ((id = terms_next(&after)) != 0) {
		k = session_task(s->session, id);
		if (task_is_queued(k) && !turns[id])
			return false;
	}
	return true;
}

/* However they were moved, all of them can have their turn. */
static void
check_order(struct sim *s)
{
	bool *turns = xcalloc(s->numbers['t'] + 1, sizeof(*turns)), more = true;
	const struct task_facts *f;
	size_t i, left = 1;

	while (more && left > 0) {
		more = false;
		left = 0;
		for (i = 0; (f = session_nth_task(s->session, i)); i++) {
			if (!task_is_queued(f) || turns[f->id])
				continue;
			turns[f->id] = has_turn(s, f, turns);
			more = more || turns[f->id];
			left += !turns[f->id];
		}
	}
	if (left > 0 && s->why[0] == '\0')
		snprintf(s->why, sizeof(s->why), "%zu tasks wait for each "
		    "other", left);
	free(turns);
}

static void
add_task(struct sim *s)
{
	struct event ev = { .kind = EV_TASK, .tool = BYTES("exec"),
	    .args = BYTES("{}"), .cwd = BYTES("/"), .profile = BYTES("none") };

	ev.task = sim_number(s, 't');
	sim_put(s, &ev);
}

/* One that lives, if there is any, or any, or one that never was. */
static uint64_t
some_task(struct sim *s)
{
	if (s->ntasks > 0 && sim_roll(s, 8) > 0)
		return s->tasks[sim_roll(s, (unsigned)s->ntasks)];
	return s->numbers['t'] + 1 - sim_roll(s, 8);
}

/* Somebody moves a task, perhaps too late, or after itself. */
void
play_order(struct sim *s)
{
	static const char *const places[] = { "", "", "first", "last", "next" },
	    *const priorities[] = { "", "low", "normal", "high" },
	    *const conditions[] = { "", "ok", "any" };
	struct record_order order = {
	    .place = bytes_of(places[sim_roll(s, 5)]),
	    .priority = bytes_of(priorities[sim_roll(s, 4)]),
	    .condition = bytes_of(conditions[sim_roll(s, 3)]),
	    .by = bytes_of("user") };
	struct event ev = { .kind = EV_ORDER, .order = &order };
	char after[64] = "none";
	int i;

	for (i = 0; i < 3 && s->ntasks < 3; i++)
		add_task(s);
	ev.task = some_task(s);
	if (sim_roll(s, 4) > 0)
		snprintf(after, sizeof(after), "t%ju t%ju",
		    (uintmax_t)some_task(s), (uintmax_t)some_task(s));
	if (sim_roll(s, 4) > 0)
		order.after = bytes_of(after);
	sim_put(s, &ev);
	check_order(s);
}
