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
void	 talk_replay(struct talk *);	/* a crash, then the journal read back */
size_t	 talk_count(const struct talk *, enum effect_kind);
/* The turn (or task, or message) of the newest such effect; 0: none. */
uint64_t talk_turn(const struct talk *, enum effect_kind);
uint64_t talk_task(const struct talk *, enum effect_kind);

uint64_t talk_say(struct talk *, enum mode, const char *text);
bool	 talk_text(struct talk *, uint64_t turn, const char *text);
/* A call of a tool with a process; its task's id. */
uint64_t talk_call(struct talk *, uint64_t turn, const char *tool);
bool	 talk_own(struct talk *, uint64_t turn, const char *tool, const char *call);
bool	 talk_answered(struct talk *, uint64_t turn);
bool	 talk_failed(struct talk *, uint64_t turn, const char *why);
bool	 talk_state(struct talk *, uint64_t task, const char *state);
bool	 talk_ended(struct talk *, uint64_t task, const char *end, const char *text);
bool	 talk_tick(struct talk *, uint64_t after_us);
bool	 talk_recover(struct talk *);
/* All items of the turn's request, one a line; the caller frees. */
char	*talk_request(const struct talk *, uint64_t turn);
/* The committed transcript likewise. */
char	*talk_transcript(const struct talk *);
/* Does the request keep the order that every server accepts? words or NULL. */
const char *talk_check(const struct talk *, uint64_t turn);

#endif
