/*
 * What the files of struct life share with each other and with nobody else.
 * life.c is the table; what its cells do is in the others, by subject.
 */
#ifndef LIFE_OWN_H
#define LIFE_OWN_H

#include "life.h"

#define LIFE_NEVER	UINT64_MAX

static inline uint64_t
life_later(uint64_t from, uint64_t span)
{
	return span > LIFE_NEVER - from ? LIFE_NEVER : from + span;
}

/* By a suspension, or one under way, or by others: THAW lets go of it. */
static inline bool
life_is_held(const struct life *l)
{
	return l->state == LIFE_SUSPENDED ||
	    (l->started != 0 && (l->suspending || l->outside));
}

/* The tool is over and nobody else runs: only output is still on its way. */
static inline bool
life_is_draining(const struct life *l)
{
	return l->exited && l->alive == 0;
}

void	life_put(struct life_out *, enum life_effect_type);
void	life_enter(struct life *, enum life_state, struct life_out *);

/* life_clock.c: the limits' clock, which stands still now and then (T5). */
void	 life_clock_set(struct life *, uint64_t now);	/* as its state asks */
uint64_t life_clock(const struct life *, uint64_t now);
uint64_t life_deadline(const struct life *);	/* LIFE_NEVER: none */
bool	 life_is_due(struct life *, uint64_t now);	/* on a TICK */

/* life_why.c: words for people, kept in `why` and its like. */
void	life_copy(char *to, size_t size, struct bytes);
void	life_say(struct life *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	life_say_text(struct life *, struct bytes);	/* after a semicolon */
void	life_say_bytes(struct life *, struct bytes);	/* in the same breath */
const char *life_span(char buf[static 32], uint64_t us);	/* "10 s" */
void	life_say_alive(struct life *);
void	life_say_anew(struct life *);	/* only who is alive, if anybody */

/* life_hold.c: suspend and resume, by us and from outside. */
bool	life_suspend(struct life *, const struct life_event *,
	    struct life_out *);
bool	life_confirm(struct life *, const struct life_event *,
	    struct life_out *);
void	life_hold_outside(struct life *, struct life_out *);
bool	life_resume(struct life *, const struct life_event *,
	    struct life_out *);
bool	life_run_again(struct life *, uint64_t now, struct life_out *);

/* life_stop.c: the ways to the end. */
bool	life_stop(struct life *, const struct life_event *, struct life_out *);
bool	life_hasten(struct life *, const struct life_event *,
	    struct life_out *);
bool	life_refuse(struct life *, const struct life_event *,
	    struct life_out *);
bool	life_tool_exited(struct life *, const struct life_event *,
	    struct life_out *);
bool	life_stop_rest(struct life *, uint64_t now, struct life_out *);
bool	life_start_over(struct life *, uint64_t now, struct life_out *);
bool	life_time_over(struct life *, uint64_t now, struct life_out *);
bool	life_grace_over(struct life *, uint64_t now, struct life_out *);
bool	life_end_by_force(struct life *, enum life_end verdict, uint64_t now,
	    struct life_out *);
bool	life_gone(struct life *, const struct life_event *);
bool	life_lose(struct life *, const struct life_event *);
bool	life_finish(struct life *, const struct life_event *, enum life_end);

#endif
