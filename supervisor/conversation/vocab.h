/* The words of the conversation; vocab.c gives each its text. */
#ifndef VOCAB_H
#define VOCAB_H

#include "bytes.h"

/* How a message is taken (C7). */
#define MODES(X)							\
	X(NOW, "now") X(STEER, "steer") X(INTERRUPT, "interrupt")	\
	X(QUEUE, "queue") X(ROLLBACK, "rollback") X(REJECT, "reject")	\
	X(ASK, "ask")
/* What an interrupt does with the tasks. */
#define KEEPS(X)							\
	X(KEEP, "keep") X(SUSPEND, "suspend") X(STOP, "stop")
/* What started a turn. */
#define CAUSES(X)							\
	X(MESSAGE, "message") X(WAKE, "wake") X(ASIDE, "ask")		\
	X(COMPACT, "compact")
/* How a turn ended (C8). */
#define OUTCOMES(X)							\
	X(NONE, "") X(ANSWERED, "answered") X(DETACHED, "detached")	\
	X(INTERRUPTED, "interrupted") X(ROLLED_BACK, "rolled back")	\
	X(FAILED, "failed")
/* A call's own state (T2). */
#define CALL_STATES(X)							\
	X(HELD, "held") X(ANSWERED, "answered")				\
	X(DETACHED, "detached") X(CANCELLED, "cancelled")
/* Whether a tool lets its turn go (C9). */
#define BACKGROUNDS(X)	X(AUTO, "auto") X(YES, "yes") X(NO, "no")
/* Whether an event may start a turn (E3). */
#define WAKES(X)							\
	X(ALWAYS, "always") X(FAILURE, "failure") X(NEVER, "never")
/* What is told of a task. */
#define ABOUTS(X)							\
	X(END, "end") X(SEEN, "seen") X(PROMPT, "prompt")		\
	X(SILENT, "silent")
/* Which of those that wait in one session is first (T7); not said: normal. */
#define PRIORITIES(X)							\
	X(NORMAL, "normal") X(LOW, "low") X(HIGH, "high")
/* How the tasks that one waits for must have ended (T7). */
#define CONDITIONS(X)	X(OK, "ok") X(ANY, "any")
/* How a request for consent stands (T13). */
#define APPROVAL_STATES(X)						\
	X(PENDING, "pending") X(APPROVED, "approved")			\
	X(DENIED, "denied") X(CANCELLED, "cancelled")
/* Who speaks in an item. */
#define ROLES(X)							\
	X(USER, "user") X(ASSISTANT, "assistant") X(TOOL, "tool")

#define MODE(N, text)		MODE_##N,
#define KEEP(N, text)		KEEP_##N,
#define CAUSE(N, text)		CAUSE_##N,
#define OUTCOME(N, text)	OUTCOME_##N,
#define CALL_STATE(N, text)	CALL_##N,
#define BACKGROUND(N, text)	BACKGROUND_##N,
#define WAKE(N, text)		WAKE_##N,
#define ABOUT(N, text)		ABOUT_##N,
#define PRIORITY(N, text)	PRIORITY_##N,
#define CONDITION(N, text)	CONDITION_##N,
#define APPROVAL(N, text)	APPROVAL_##N,
#define ROLE(N, text)		ROLE_##N,
enum mode { MODES(MODE) };
enum { MODE_NMODES = MODE_ASK + 1 };
enum keep { KEEPS(KEEP) };
enum cause { CAUSES(CAUSE) };
enum outcome { OUTCOMES(OUTCOME) };
enum call_state { CALL_STATES(CALL_STATE) };
enum background { BACKGROUNDS(BACKGROUND) };
enum wake { WAKES(WAKE) };
enum about { ABOUTS(ABOUT) };
enum priority { PRIORITIES(PRIORITY) };
enum condition { CONDITIONS(CONDITION) };
enum approval_state { APPROVAL_STATES(APPROVAL) };
enum role { ROLES(ROLE) };
#undef MODE
#undef KEEP
#undef CAUSE
#undef OUTCOME
#undef CALL_STATE
#undef BACKGROUND
#undef WAKE
#undef ABOUT
#undef PRIORITY
#undef CONDITION
#undef APPROVAL
#undef ROLE

const char	*mode_name(enum mode);
const char	*keep_name(enum keep);
const char	*cause_name(enum cause);
const char	*outcome_name(enum outcome);
const char	*call_state_name(enum call_state);
const char	*background_name(enum background);
const char	*wake_name(enum wake);
const char	*about_name(enum about);
const char	*priority_name(enum priority);
const char	*condition_name(enum condition);
const char	*approval_state_name(enum approval_state);
const char	*role_name(enum role);

/* false: no such word; *v is untouched. */
bool	mode_parse(struct bytes, enum mode *);
bool	keep_parse(struct bytes, enum keep *);
bool	cause_parse(struct bytes, enum cause *);
bool	outcome_parse(struct bytes, enum outcome *);
bool	call_state_parse(struct bytes, enum call_state *);
bool	background_parse(struct bytes, enum background *);
bool	wake_parse(struct bytes, enum wake *);
bool	about_parse(struct bytes, enum about *);
bool	priority_parse(struct bytes, enum priority *);
bool	condition_parse(struct bytes, enum condition *);
bool	approval_state_parse(struct bytes, enum approval_state *);
bool	role_parse(struct bytes, enum role *);

#endif
