/*
 * A session with a fake world: it hands out ids, keeps the journal, and does
 * at once what the effects order. Tests say what happens and look at what came
 * of it; talk_replay() makes the session anew from its journal.
 */
#ifndef TALK_H
#define TALK_H

#include "session.h"

struct talk_row {
	char		*kind, *body;
	uint64_t	 seq, time;
};

struct talk {
	struct session	*s;
	struct session_limits limits;
	struct out	 out;
	uint64_t	 numbers[128];
	uint64_t	 now;
	struct talk_row	*rows;
	size_t		 nrows;
	struct effect	*effects;	/* of all steps since talk_forget() */
	size_t		 neffects;
};

void	 talk_init(struct talk *);
void	 talk_fini(struct talk *);
bool	 talk_step(struct talk *, struct event *);
void	 talk_forget(struct talk *);	/* the effects so far */
/* A crash, then the journal read back. */
void	 talk_replay(struct talk *);
size_t	 talk_count(const struct talk *, enum effect_kind);
/* The turn (or task, or message) of the newest such effect; 0: none. */
uint64_t talk_turn(const struct talk *, enum effect_kind);
uint64_t talk_task(const struct talk *, enum effect_kind);

uint64_t talk_say(struct talk *, enum mode, const char *text);
/* A turn that a tool holds; its id is *turn, the task's is returned. */
uint64_t talk_start(struct talk *, uint64_t *turn);
bool	 talk_text(struct talk *, uint64_t turn, const char *text);
/* A call of a tool with a process; its task's id. */
uint64_t talk_call(struct talk *, uint64_t turn, const char *tool);
/* The same, of a tool that needs consent for what is granted. */
uint64_t talk_ask_for(struct talk *, uint64_t turn, const char *tool,
	    const char *grant);
bool	 talk_decide(struct talk *, uint64_t approval, bool approve,
	    const char *grant, const char *by);
bool	 talk_own(struct talk *, uint64_t turn, const char *tool,
	    const char *call);
bool	 talk_result(struct talk *, uint64_t turn, const char *call,
	    uint64_t consumed);
bool	 talk_hold(struct talk *, uint64_t turn, const char *call,
	    uint64_t task, uint64_t for_us);
bool	 talk_answered(struct talk *, uint64_t turn);
bool	 talk_failed(struct talk *, uint64_t turn, const char *why);
bool	 talk_state(struct talk *, uint64_t task, const char *state);
bool	 talk_ended(struct talk *, uint64_t task, const char *end,
	    const char *text);
bool	 talk_tick(struct talk *, uint64_t after_us);
bool	 talk_recover(struct talk *);
/* INTERRUPT, DETACH: an event that needs no more than its name. */
bool	 talk_step_alone(struct talk *, enum event_kind);
/* EDIT, MOVE, CANCEL. */
bool	 talk_queue(struct talk *, enum event_kind, uint64_t message,
	    const char *text, uint64_t position);
bool	 talk_remode(struct talk *, uint64_t message, enum mode);

enum outcome talk_outcome(const struct talk *, uint64_t turn);
/* Its state, and the turn that reads it if that is asked for. */
const char *talk_message(const struct talk *, uint64_t message, uint64_t *turn);
/* All items of the turn's request, one a line; the caller frees. */
char	*talk_request(const struct talk *, uint64_t turn);
/* The committed transcript likewise. */
char	*talk_transcript(const struct talk *);
/* How often words stand in the two, or in records of a kind. */
size_t	 talk_asks_with(const struct talk *, uint64_t turn, const char *);
size_t	 talk_keeps(const struct talk *, const char *);
size_t	 talk_rows(const struct talk *, const char *kind, const char *);
/* Does the request keep the order that every server accepts? words or NULL. */
const char *talk_check(const struct talk *, uint64_t turn);
/* The same, and it says why not. */
bool	 talk_is_legal(const struct talk *, uint64_t turn);

#endif
