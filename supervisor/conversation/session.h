/*
 * One conversation, pure (P4): events in, records and effects out. It decides
 * which turns are active, which messages wait and what comes next. It holds no
 * descriptor, reads no clock and writes no log; its state changes only by
 * applying records, so that what is read back from the journal is what was.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdint.h>

#include "buf.h"
#include "record.h"
#include "vocab.h"

struct session;

#define SESSION_DEPTH	3	/* of a sub-agent's, at most (T10) */

struct session_limits {
	unsigned	max_turns;	/* at a time, asides and wakes apart */
	unsigned	max_asides;
	uint64_t	detach_after;	/* us that a tool holds a turn (C9) */
	unsigned	wakes_per_hour;	/* E3 */
	unsigned	max_asks;	/* model requests of one turn */
	unsigned	max_attempts;	/* of one request, by crashes (S4) */
	bool		spent;		/* the token budget: no more wakes */
	uint64_t	context;	/* tokens of the model; 0: not known */
};

/* What a call turned out to be when the model had made it. */
enum call_kind {
	CALL_KIND_TASK,		/* a tool of its own process */
	CALL_KIND_OWN,		/* one of ours (T9): FX_OWN carries it out */
	CALL_KIND_BAD,		/* refused: `text` is the result */
	CALL_KIND_UNKNOWN	/* there is no such tool */
};

/* How a task wishes to be run. */
struct terms {
	struct bytes	after;		/* not before these: ids by blanks */
	enum condition	condition;	/* and if they ended like this */
	enum priority	priority;
	struct bytes	watch;		/* a pattern; empty: none */
};

/* Whose session it is: a user's own, or a sub-agent's (T10). */
struct origin {
	const char	*parent;	/* a session; "": a user's own */
	uint64_t	 task;		/* of the parent's, the newest one */
	unsigned	 depth;		/* 0: a user's own */
	const char	*tools;		/* names by blanks; "": all there are */
	const char	*model;		/* "": the configuration's */
	const char	*room;		/* the session at depth 0; "": itself */
	size_t		 nturns, ntasks;	/* of before that task */
};

/* How a task stands, for placeholders and notes. */
struct output {
	uint64_t	out_bytes, err_bytes;
	struct bytes	tail;		/* clean text */
};

enum event_kind {
	EV_CREATE,		/* the session itself: cwd, owner, mode, origin */
	EV_ADOPT,		/* a sub-agent's: it is now this task */
	EV_SAY,			/* a message is to be admitted */
	EV_INTERRUPT,
	EV_DETACH,		/* let go of what holds the turns */
	EV_EDIT, EV_MOVE, EV_CANCEL,	/* a queued message */
	EV_TEXT,		/* the model streams for a turn */
	EV_CALL,
	EV_USAGE,		/* what a request used; turn 0: a sub-agent's */
	EV_ANSWERED,
	EV_FAILED,
	EV_RESULT,		/* an own call is done */
	EV_HOLD,		/* an own call waits for tasks */
	EV_GREW,		/* a task has printed more */
	EV_TASK,		/* a user's own task, of no call (O5) */
	EV_STATE,		/* a task's state changed */
	EV_OUTPUT,		/* a task's output, before what needs it */
	EV_SEEN,		/* of a task that runs: about, wake, text */
	EV_WATCH,		/* it is to be watched for a pattern more */
	EV_ENDED,		/* nothing is left of a task */
	EV_DECIDE,		/* a person answers a request for consent */
	EV_TICK,		/* a deadline has come */
	EV_RECOVER,		/* all records were read back after a crash */
	EV_COMPACT,		/* sum up what is long (C12) */
	EV_COPY,		/* an item of a fork's origin: `text` */
	EV_ORDER,		/* a task that waits to start is moved */
	EV_REASK,		/* its requests were cut and are due again */
	EV_NKINDS
};

struct event {
	enum event_kind	kind;
	uint64_t	now;		/* monotonic, us */
	uint64_t	wall;		/* us since the epoch */
	uint64_t	message;	/* SAY: its new id; EDIT MOVE CANCEL */
	uint64_t	turn;
	uint64_t	task;
	enum mode	mode;		/* CREATE SAY MOVE */
	bool		remode;		/* MOVE: the mode changes too */
	enum keep	tools;		/* SAY, INTERRUPT */
	uint64_t	position;	/* MOVE: 1 is the next one */
	struct bytes	key, expect;
	uint64_t	approval;	/* DECIDE, with a reason in `text` */
	bool		approve, always;
	struct bytes	by;
	/* SAY EDIT TEXT RESULT FAILED ENDED; CANCEL: why; CALL: see kind */
	struct bytes	text;
	/* CALL; RESULT and HOLD name their call by `call` */
	struct bytes	call, tool, args, cwd, profile;
	struct bytes	owner;		/* CREATE TASK: of cwd, a uid as text */
	const struct origin *origin;	/* CREATE; NULL: a user's own */
	enum call_kind	call_kind;
	bool		confirm;	/* CALL: a person must consent (T13) */
	struct bytes	grant;	/* CALL: what it is granted; DECIDE: now */
	enum background	background;
	enum wake	wake;
	struct terms	terms;		/* CALL, TASK */
	/* HOLD: the tasks waited for, one of them or all, until when */
	const uint64_t	*tasks;
	size_t		ntasks;
	bool		any;
	uint64_t	until;
	/*
	 * HOLD: what the one task prints beyond offset ends the wait, too. Over,
	 * FX_OWN comes again, unless it is the time that is up.
	 */
	bool		grown;
	uint64_t	offset;		/* GREW: how much it is now */
	bool		consume;	/* RESULT: it told how `task` ended */
	bool		failure;	/* ENDED: for wake=failure */
	uint64_t	input, cached, output_tokens;	/* USAGE */
	bool		context;	/* FAILED: the request was too long */
	enum role	role;		/* COPY */
	bool		filler;
	struct bytes	forked, called;	/* CREATE: see record.def */
	bool		quiet;		/* ENDED: whatever it says, no wake;
					   RECOVER: nothing is asked yet */
	const struct record_state *state;	/* STATE */
	const struct record_end	*end;		/* ENDED */
	const struct output	*output;	/* OUTPUT, SEEN, ENDED */
	const struct record_order *order;	/* ORDER */
	enum about	about;		/* SEEN */
	struct bytes	pattern;	/* WATCH, with `by`; SEEN, */
	uint64_t	count;		/* which so many lines matched */
	uint64_t	silence;	/* SEEN: us without output */
};

enum effect_kind {
	FX_ASK,			/* send the turn's request */
	FX_CUT,			/* cut the turn's stream */
	FX_RUN,			/* start the task, if consent is given */
	FX_OWN,			/* carry out an own call */
	FX_STOP, FX_SUSPEND,	/* a task, as an interrupt says */
	FX_ADMITTED,		/* the message is durable: say so */
	FX_DELIVERED,		/* the turn reads it */
	FX_CANCELLED,		/* it was cancelled */
	FX_FINISHED,		/* the turn ended */
	FX_RELEASE,		/* its consent is given: the task may start */
	FX_REFUSE,		/* or is not: it ends without a start */
	FX_ORDER,		/* the task waits on other terms */
	FX_WATCH		/* the task has a pattern more */
};

struct effect {
	enum effect_kind kind;
	uint64_t	 message, turn, task;
	struct bytes	 call;		/* FX_OWN; lives as long as the turn */
};

/* Why a step was refused; nothing has changed then. */
enum refusal {
	REFUSAL_NONE,
	REFUSAL_BUSY,		/* mode reject, and a turn is active */
	REFUSAL_EXPECT,		/* `expect` names something else (C11) */
	REFUSAL_GONE,		/* what it is about is not, or no more */
	REFUSAL_BAD		/* the event itself makes no sense */
};

struct out {
	uint64_t	 seq;		/* in: of the journal's newest record */
	uint64_t	(*number)(void *arg, char letter);	/* new ids */
	void		 (*record)(void *arg, const struct record *);
	void		*arg;
	struct effect	*effects;	/* out, in order */
	size_t		 neffects, size;
	enum refusal	 refusal;
	uint64_t	 message;	/* SAY: its id, or the key's first */
	struct buf	 receipt;	/* of an interrupt: an object (C11) */
};

void	out_fini(struct out *);

struct session	*session_new(const char *name, const struct session_limits *);
void		 session_free(struct session *);
void		 session_limit(struct session *, const struct session_limits *);
/* false: refused, see out->refusal; no record and no effect was made. */
bool		 session_step(struct session *, const struct event *,
		    struct out *);
/*
 * The way back: a record from the journal. false: it makes no sense here, and
 * nothing has changed.
 */
bool		 session_apply(struct session *, const struct record *);
/* The next moment at which EV_TICK is due; UINT64_MAX: none. */
uint64_t	 session_deadline(const struct session *);

/* What a request for the turn says; the array is the caller's to free. */
struct bytes	*session_items(const struct session *, uint64_t turn,
		    size_t *n);
/* Of the newest turn; where none is active, of one that would begin now. */
struct bytes	*session_next_items(const struct session *, size_t *n);

/* Each name of a tool that was ever called, once; NULL behind the last. */
const char	*session_nth_called(const struct session *, size_t i);

/* Looking. Pointers live until the next step. */
const char	*session_name(const struct session *);
const char	*session_cwd(const struct session *);
enum mode	 session_mode(const struct session *);
bool		 session_exists(const struct session *); /* was created */
/* Something is unfinished: a turn, a message, a task, an event that wakes. */
bool		 session_is_open(const struct session *);
size_t		 session_nturns(const struct session *); /* active ones */
size_t		 session_nlive(const struct session *);		/* tasks */
const struct origin *session_origin(const struct session *);
/* Nothing goes on by itself; side questions aside. */
bool		 session_is_idle(const struct session *);
/* Whether it may call that tool; those for its own tasks apart. */
bool		 session_may_call(const struct session *, const char *tool);
/* A call of our own that is held; its tool and arguments. */
bool		 session_held_call(const struct session *, uint64_t turn,
		    struct bytes call, const char **tool, const char **args);
/* It has waited, and is now to be answered. */
bool		 session_call_has_waited(const struct session *, uint64_t turn,
		    struct bytes call);
/* The least output that ends a wait for it; UINT64_MAX: none waits. */
uint64_t	 session_awaits_beyond(const struct session *, uint64_t task);
/* Nothing that the message led to is unfinished. */
bool		 session_is_settled(const struct session *, uint64_t message);
/* The turn answers the message, or what it led to. */
bool		 session_concerns(const struct session *, uint64_t turn,
		    uint64_t message);

#define WATCHES_MAX	8	/* of one task */

struct task_facts {
	uint64_t	 id, turn, message;
	const char	*call, *tool, *args, *cwd, *profile, *tier, *owner;
	const char	*state, *by, *why;
	const char	*end;		/* "" while it lives */
	enum wake	 wake;
	struct terms	 terms;
	int64_t		 rank;		/* in line to start, lowest first */
	char		**watches;	/* patterns: of its terms, then more */
	size_t		 nwatches;
	uint64_t	 approval;	/* 0: it needed none */
	bool		 has_code;
	uint64_t	 code, signal, pid, init, tool_pid;
	uint64_t	 landlock, filter;	/* ABI, hash; 0: none */
	uint64_t	 created_at, started_at, ended_at;	/* wall us; 0 */
	uint64_t	 out_bytes, err_bytes, out_lost, err_lost;
};

const struct task_facts *session_task(const struct session *, uint64_t id);
/*
 * The next id of a list such as "t3 t4", which loses it; 0: there is none, and
 * what is left is no id.
 */
uint64_t	 terms_next(struct bytes *after);
/* It has not begun, but for want of a place, of consent or of others. */
bool		 task_is_queued(const struct task_facts *);
bool		 session_task_is_held(const struct session *, uint64_t id);
/* In order of id; i from 0; NULL behind the last. */
const struct task_facts *session_nth_task(const struct session *, size_t i);

struct approval_facts {
	uint64_t	 id, task;
	enum approval_state state;
	const char	*profile, *grant;	/* as they were asked for */
	const char	*by, *why;		/* of the answer, or "" */
	bool		 always;
	uint64_t	 asked_at, answered_at;	/* wall us; 0 */
};
bool		 session_approval(const struct session *, uint64_t id,
		    struct approval_facts *);
bool		 session_nth_approval(const struct session *, size_t i,
		    struct approval_facts *);
/* The task must not start: nobody has consented yet. */
bool		 session_task_is_pending(const struct session *, uint64_t id);

struct message_facts {
	uint64_t	 id, seq, turn;
	const char	*key, *text, *state;	/* queued delivered cancelled */
	enum mode	 mode;
};
bool		 session_message(const struct session *, uint64_t id,
		    struct message_facts *);
/* The waiting ones in order; false behind the last. */
bool		 session_nth_waiting(const struct session *, size_t i,
		    struct message_facts *);

struct turn_facts {
	uint64_t	 id, message;
	enum cause	 cause;
	bool		 apart;		/* nothing of it is in the transcript */
	bool		 heard;		/* a message was delivered to it */
	enum outcome	 outcome;	/* NONE while active */
	const char	*state;		/* asking, streaming, holding, ended */
	const char	*text, *why;	/* what it answered */
	uint64_t	 began_at, ended_at, requests, input, cached, output;
};
bool		 session_turn(const struct session *, uint64_t id,
		    struct turn_facts *);
bool		 session_nth_active(const struct session *, size_t i,
		    struct turn_facts *);
/* All, in order of their beginning; false behind the last. */
bool		 session_nth_turn(const struct session *, size_t i,
		    struct turn_facts *);
const uint64_t	*session_turn_tasks(const struct session *, uint64_t turn,
		    size_t *n);

/* Of all turns, also side questions and what was rolled back. */
struct usage_facts {
	uint64_t	 requests;		/* to the model */
	uint64_t	 input, cached, output;	/* tokens; cached ones are of */
};						/* the input */
void		 session_usage(const struct session *, struct usage_facts *);
/* The same, with all that sub-agents below it used. */
void		 session_usage_tree(const struct session *,
		    struct usage_facts *);
/* Events that are still to be told. */
size_t		 session_npending(const struct session *);
/* Of those, the ones that wake it as far as its limits let them. */
size_t		 session_nwakers(const struct session *);

struct item_facts {
	uint64_t	 seq, turn;
	enum role	 role;
	bool		 filler;
	bool		 head;		/* stands for those before it */
	bool		 compacted;	/* no new turn sees it */
	struct bytes	 json;
};
bool		 session_nth_item(const struct session *, size_t i,
		    struct item_facts *);
/* Those that a new turn would see, and how many bytes all of them have. */
bool		 session_nth_seen(const struct session *, size_t i,
		    struct item_facts *);
size_t		 session_seen(const struct session *, size_t *bytes);
/*
 * Adds an item for a fork: what goes on belongs to this session. false: there
 * is nothing to say.
 */
bool		 session_fork_note(const struct session *, struct buf *json);

#endif
