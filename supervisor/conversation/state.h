/*
 * The state of a session, for the files of this folder alone; the world has
 * session.h. Only apply_* functions change it, all else records().
 */
#ifndef STATE_H
#define STATE_H

#include <sys/queue.h>

#include "ids.h"
#include "keys.h"
#include "session.h"

struct item {
	uint64_t	 seq, turn;
	enum role	 role;
	bool		 filler, note;
	char		*json;		/* rendered once (C4) */
	size_t		 len;
};

struct block {
	struct item	*items;
	size_t		 n, size;
};

/* What a compaction put in front of the committed items from start on (C12). */
struct head {
	struct item	 item;		/* json NULL: nothing, at the beginning */
	size_t		 start;
	char		*summary;	/* in the item, escaped */
};

enum message_state { MESSAGE_QUEUED, MESSAGE_DELIVERED, MESSAGE_CANCELLED };

struct message {
	uint64_t		 id;	/* first: ids.h */
	uint64_t		 seq, turn;
	enum mode		 mode;
	enum message_state	 state;
	enum keep		 tools;
	char			*key, *text;
	TAILQ_ENTRY(message)	 link;	/* on session.waiting while QUEUED */
};

struct call {
	char		*id, *tool, *args;
	enum call_kind	 kind;
	enum call_state	 state;
	enum background	 background;
	uint64_t	 task;		/* 0: none */
	uint64_t	 seq;		/* of its result */
	char		*result;	/* rendered item, once resolved */
	char		*text;		/* BAD: why */
	char		*cwd, *profile;	/* TASK */
	bool		 confirm;	/* TASK: needs consent for */
	char		*grant;		/* this, in words */
	enum wake	 wake;
	struct terms	 terms;		/* TASK; its texts are owned here */
	uint64_t	*waits;		/* HOLD: tasks */
	size_t		 nwaits;
	bool		 any;
	bool		 waited;	/* FX_OWN is on its way again */
	uint64_t	 until, offset;
};

enum turn_state { TURN_ASKING, TURN_STREAMING, TURN_HOLDING, TURN_ENDED };

struct turn {
	uint64_t	 id;		/* first: ids.h */
	enum turn_state	 state;
	enum cause	 cause;
	enum outcome	 outcome;
	size_t		 epoch;		/* the head that it sees, of heads */
	size_t		 base;		/* and committed items up to this (C6) */
	size_t		 seen;		/* bytes of both */
	size_t		 noted;		/* and those that it was told of */
	struct block	 block;		/* its own */
	bool		 compacted;	/* it made a head */
	uint64_t	 context;	/* tokens of its newest request */
	struct buf	 shown;		/* of the answer that streams */
	size_t		 saved;		/* of shown, in the journal */
	uint64_t	 save_at;
	struct buf	 text;		/* all that it answered */
	struct buf	 unknown;	/* tools it called that nobody has */
	struct call	*coming;	/* complete, of what streams */
	size_t		 ncoming;
	struct call	*calls;		/* of its newest assistant item */
	size_t		 ncalls, resolved;
	unsigned	 asks, attempt;
	bool		 asked;		/* since the journal was read back */
	bool		 heard;		/* somebody's message was delivered */
	uint64_t	 held_since;
	uint64_t	*roots;		/* messages that it answers (E3) */
	size_t		 nroots;
	uint64_t	*tasks;		/* that it started */
	size_t		 ntasks;
	char		*why;
	bool		 warned;	/* of a spent budget, since then */
	uint64_t	 began_at, ended_at;
	struct usage_facts usage;
	TAILQ_ENTRY(turn) link;		/* on session.active until ENDED */
};

struct task {
	uint64_t	 id;		/* first: ids.h */
	struct task_facts facts;	/* its strings are owned here */
	bool		 live;
	bool		 stated;	/* in a head: its end is to be told */
	bool		 announced;	/* its end is an event */
	uint64_t	*roots;		/* messages that led to it */
	size_t		 nroots;
	uint64_t	 out_bytes, err_bytes;
	char		*tail;
	TAILQ_ENTRY(task) link;		/* on session.live while it lives */
};

struct approval {
	uint64_t	 id;		/* first: ids.h */
	uint64_t	 task;
	enum approval_state state;
	char		*profile, *grant, *by, *why;
	bool		 always;
	uint64_t	 asked_at, answered_at;
};

enum event_state { EVENT_PENDING, EVENT_TOLD, EVENT_CONSUMED };

struct fact {				/* an event of E1 */
	uint64_t		 id;	/* first: ids.h */
	enum event_state	 state;
	enum wake		 wake;
	enum about		 about;
	uint64_t		 task, message, turn;
	char			*text;	/* the envelope */
	TAILQ_ENTRY(fact)	 link;	/* on session.pending while PENDING */
};

TAILQ_HEAD(messages, message);
TAILQ_HEAD(turns, turn);
TAILQ_HEAD(facts, fact);
TAILQ_HEAD(tasks, task);

struct session {
	char			*name, *cwd;
	struct origin		 origin;	/* its strings are owned here */
	bool			 created;
	enum mode		 mode;
	struct session_limits	 limits;
	struct block		 block;		/* the transcript: committed */
	struct head		*heads;		/* of epochs; the first is empty */
	size_t			 nheads;
	size_t			 bytes;		/* that a new turn sees */
	uint64_t		 used;		/* tokens of that; 0: not known */
	uint64_t		 learned;	/* what a server takes; 0: same */
	size_t			 declined;	/* items, when no summary came */
	struct ids		 messages, turns, tasks, facts, approvals;
	struct keys		 keys;		/* messages by their clients' */
	struct keys		 calls;		/* ids that were ever used */
	struct messages		 waiting;
	size_t			 nwaiting[MODE_NMODES];
	struct turns		 active;
	struct facts		 pending;
	struct tasks		 live;
	int64_t			 first_rank, last_rank;	/* given to tasks */
	size_t			 nactive, nasides, nlive;
	size_t			 ncompacts;	/* turns that sum up: 0 or 1 */
	size_t			 nwaking;	/* of nactive: wakes */
	size_t			 nwakers;	/* of pending: those that may wake */
	size_t			 npending;
	struct usage_facts	 usage;
	struct usage_facts	 below;	/* of sub-agents */
	uint64_t		*wakes;		/* when they were (E3) */
	size_t			 nwakes;
	uint64_t		 wake_at;	/* UINT64_MAX: no wake is due */
	char			**called;	/* names of tools, each once */
	size_t			 ncalled;
};

/* One step: the event, what comes out, and the session it is about. */
#define SAVE_EVERY	1000000		/* us: shown text is at most this far
					   ahead of the journal (C1) */
#define GATHER		20000		/* us from an event to its wake */

struct step {
	struct session		*s;
	const struct event	*ev;
	struct out		*out;
};

/* session.c */
/* A copy, ended by NUL, that is not the event's. */
struct bytes bytes_keep(struct bytes);
void	bytes_drop(struct bytes *);
/* The same for its texts. */
struct terms terms_keep(const struct terms *);
void	terms_drop(struct terms *);
void	record(struct step *, struct record *);
void	effect(struct step *, const struct effect *);
/* Why this step does nothing; returns false. */
bool	refuse(struct step *, enum refusal);
void	append_id(uint64_t **list, size_t *n, uint64_t id);

/* sense.c: may the record stand here? */
bool	session_makes_sense(const struct session *, const struct record *);

/* block.c: items, rendered once */
void	block_add(struct block *, const struct item *);
void	block_move(struct block *to, struct block *from);
void	block_fini(struct block *);
void	render_user(struct buf *, struct bytes text);
void	render_envelope(struct buf *, struct bytes text);	/* as it is */
void	render_assistant(struct buf *, struct bytes text, const struct call *,
	    size_t ncalls);
void	render_result(struct buf *, const char *call, struct bytes text);
void	put_item(struct step *, struct turn *, enum role, bool filler,
	    struct bytes json);
void	put_filler(struct step *, struct turn *, const char *text);
void	put_note(struct step *, struct turn *);
void	apply_item(struct session *, const struct record *);

/* head.c: what a turn sees of what was committed (C6, C12) */
const struct head *head_newest(const struct session *);
/* The items are committed: a new turn sees them. */
void	head_add_items(struct session *, struct block *);
/* Bytes of all that the turn's request says. */
size_t	head_turn_bytes(const struct turn *);
/* The next head. */
void	head_render(struct buf *json, const struct session *,
	    struct bytes summary, size_t upto);
void	apply_compacted(struct session *, const struct record *);
void	head_fini(struct head *);

/* digest.c: adds a summary that no model made, escaped */
void	digest(struct buf *, const struct session *, const struct turn *,
	    size_t budget);

/* compact.c: when, and by whom (C12) */
bool	on_compact(struct step *);
void	compact_check(struct step *);
/* The model gave its summary; blank: or none. */
void	compact_answered(struct step *, struct turn *, bool blank);
/* Its server refused the request as too long; false: nothing can be done. */
bool	compact_refused(struct step *, struct turn *);
/* For the record of the turn's end. */
uint64_t compact_context(const struct session *, const struct turn *);

/* fork.c */
bool	on_copy(struct step *);
void	fork_begin(struct session *, const struct record *);
void	apply_copied(struct session *, const struct record *);

/* call.c: held, then answered, detached or cancelled */
void	call_fini(struct call *);
/* A name, an id that was used. */
void	call_remember(struct session *, const char *tool, const char *id);
/* The wanted one unless another call has it; the caller frees. */
char	*call_new_id(const struct session *, struct bytes wanted);
struct call *call_find(const struct turn *, struct bytes id);
void	call_resolve(struct step *, struct turn *, struct call *,
	    enum call_state, struct bytes text);
/* Takes those out that name no tool; their names go to t->unknown. */
void	calls_drop_unknown(struct turn *);
/* run: start them; else they only stand in the transcript. */
void	calls_begin(struct step *, struct turn *, bool run);
/* Let go of all that are held; one of ours that was not run is cancelled. */
void	calls_detach(struct step *, struct turn *, const char *because);
/* Of tasks and waits only: one of ours is done before the loop turns. */
void	calls_detach_slow(struct step *, struct turn *, const char *because);
/* One of ours is held and waits for nothing. */
bool	calls_own_are_held(const struct turn *);
void	calls_detach_auto(struct step *, struct turn *, enum background);
/* After a crash: those that have no task to end them. */
void	calls_recover(struct step *, struct turn *);
/* The task's own, and those that wait for it. */
void	calls_let_go_of(struct step *, struct turn *, uint64_t task,
	    const char *because);
void	apply_called(struct session *, const struct record *);
void	apply_result(struct session *, const struct record *);

/* turn.c: a turn's life, to its end */
struct turn *turn_find(const struct session *, uint64_t id);
struct turn *turn_newest(const struct session *);
bool	has_root(const uint64_t *roots, size_t n, uint64_t message);
/* Once, and not 0. */
void	turn_add_root(struct turn *, uint64_t message);
/* Beside the conversation: nothing of it enters the transcript. */
bool	turn_is_apart(const struct turn *);
struct turn *turn_begin(struct step *, enum cause, uint64_t root);
void	turn_ask(struct step *, struct turn *);
/* Before a user's item. */
void	turn_hear(struct step *, struct turn *);
void	turn_hold_check(struct step *, struct turn *);
void	turn_finish(struct step *, struct turn *, enum outcome,
	    struct bytes why);
void	turn_cut(struct step *, struct turn *, enum outcome, const char *filler,
	    struct bytes why);
/* What a stream left when it was cut (C8). */
void	turn_keep_shown(struct step *, struct turn *, const char *mark);
void	turn_fini(struct turn *);
void	turn_recover(struct step *, struct turn *);
void	turn_reask(struct step *, struct turn *);
void	turn_tick(struct step *, struct turn *);
uint64_t turn_deadline(const struct session *, const struct turn *);
void	apply_began(struct session *, const struct record *);
void	apply_asked(struct session *, const struct record *);
void	apply_partial(struct session *, const struct record *);
void	apply_finished(struct session *, const struct record *);

/* hold.c: calls of ours that wait */
bool	call_is_waiting(const struct call *);	/* and the wait is not over */
/* With how the tasks stand; note: why it is over. */
void	call_end_wait(struct step *, struct turn *, struct call *,
	    const char *note);
/* Those that have what they waited for, or no more time. */
void	calls_waits_done(struct step *, struct turn *);
bool	on_hold(struct step *);
bool	on_grew(struct step *);

/* usage.c: what requests used */
bool	on_usage(struct step *);
void	usage_asked(struct session *, struct turn *);
/* An older journal has only the sum of a turn: what it does not know yet. */
void	usage_sum(struct session *, struct turn *,
	    const struct record_finished *);
void	apply_usage(struct session *, const struct record *);

/* stream.c: what the model and our own calls bring */
bool	on_text(struct step *);
bool	on_call(struct step *);
bool	on_answered(struct step *);
bool	on_failed(struct step *);
bool	on_result(struct step *);

/* message.c: admission, modes, the queue (C2, C7) */
bool	on_say(struct step *);
bool	on_interrupt(struct step *);
bool	on_detach(struct step *);
bool	on_edit(struct step *);
bool	on_move(struct step *);
bool	on_cancel(struct step *);
void	message_deliver(struct step *, struct message *, struct turn *);
void	message_steers(struct step *, struct turn *);
void	apply_admitted(struct session *, const struct record *);
void	apply_edited(struct session *, const struct record *);
void	apply_moved(struct session *, const struct record *);
void	apply_delivered(struct session *, const struct record *);
void	apply_cancelled(struct session *, const struct record *);

/* pump.c: what comes next */
void	pump(struct step *);
/* Whatever tools hold lets go, and its turn is over (C7 `now`). */
void	pump_free_turns(struct step *);

/* event.c: facts about tasks, told once (E1-E3) */
void	events_tell(struct step *, struct turn *);
/* Of its own tasks, that nobody else heard of. */
void	events_drop(struct step *, struct turn *);
void	events_return(struct session *, const struct turn *);
void	event_consume(struct step *, uint64_t task, struct turn *);
/* What it was told is the transcript's, even if it is rolled back. */
void	events_keep(struct session *, const struct turn *);
bool	event_may_wake(const struct session *, uint64_t wall);
bool	on_ended(struct step *);
void	envelope_attribute(struct buf *, const char *name, const char *value);
void	apply_event(struct session *, const struct record *);
void	apply_told(struct session *, const struct record *);

/* task.c: what a session knows of its tasks */
/* The event's, while it lives; or NULL. */
struct task *task_live(const struct step *);
bool	on_task(struct step *);
bool	on_state(struct step *);
bool	on_output(struct step *);
void	task_fini(struct task *);
void	task_start(struct step *, struct turn *, const struct call *);
void	apply_task(struct session *, const struct record *);
void	apply_state(struct session *, const struct record *);
void	apply_end(struct session *, const struct record *);

/* order.c: in line to start (T7) */
bool	on_order(struct step *);
void	apply_order(struct session *, const struct record *);
bool	order_makes_sense(const struct record_order *);

/* seen.c: what it is watched for, and what was seen */
bool	on_seen(struct step *);
bool	on_watch(struct step *);
bool	task_has_watch(const struct task *, struct bytes pattern);
void	task_add_watch(struct task *, struct bytes pattern);
void	task_drop_watches(struct task *);
void	apply_watch(struct session *, const struct record *);

/* approval.c: consent to a call (T13) */
struct approval *approval_of(const struct session *, const struct task *);
/* true: the task waits for it; false: an older answer holds for it, too. */
bool	approval_ask(struct step *, const struct call *);
/* If it is pending. */
void	approval_cancel(struct step *, const struct task *, struct bytes by);
/* It has no consent, and is in no other state than queued before its end. */
bool	approval_forbids(const struct session *, const struct task *,
	    struct bytes state);
bool	on_decide(struct step *);
void	apply_approval(struct session *, const struct record *);
void	apply_answer(struct session *, const struct record *);
void	approval_fini(struct approval *);

/* origin.c: a user's session, or a sub-agent's (T10) */
bool	on_create(struct step *);
bool	on_adopt(struct step *);
void	origin_init(struct origin *);
void	origin_fini(struct origin *);
void	apply_created(struct session *, const struct record *);
void	apply_adopted(struct session *, const struct record *);

/* receipt.c: what an interrupt did (C11) */
void	receipt_open(struct step *);
void	receipt_turn(struct step *, const struct turn *, const char *was);
void	receipt_tasks(struct step *, enum keep);
void	receipt_close(struct step *, const char *what);

#endif
