/*
 * What a client asked and is not fully answered: shared by the files of this
 * folder. A question belongs to its peer and goes with it.
 */
#ifndef QUESTION_H
#define QUESTION_H

#include <sys/queue.h>

#include "desk.h"
#include "engine.h"
#include "wire.h"

#define PEER_QUESTIONS	128		/* open ones of one peer */
#define PEER_QUEUE	(256U << 10)	/* bytes waiting before streams pause */
#define PEER_LIMIT	(24U << 20)	/* bytes waiting before it is cut */

enum question_kind {
	ASKED_SAY, ASKED_TASKS, ASKED_LOG, ASKED_EVENTS, ASKED_TRANSCRIPT,
	ASKED_COMPACT
};
/* What a question about tasks waits for. */
enum until { UNTIL_ENDED, UNTIL_SUSPENDED, UNTIL_RUNNING, UNTIL_MOVED };
enum follow { FOLLOW_ADMITTED, FOLLOW_ANSWERED, FOLLOW_SETTLED };

struct watch;
struct alarm;

struct peer {
	struct desk		*desk;
	int			 fd;
	pid_t			 pid;		/* as the kernel says */
	uid_t			 uid;
	struct watch		*watch;
	struct wire		 wire;
	bool			 gone;		/* freed at the next sweep */
	bool			 leaving;	/* once it has been told */
	size_t			 nquestions;
	TAILQ_HEAD(, question)	 questions;
	TAILQ_ENTRY(peer)	 link;		/* on desk.peers */
};

struct question {
	struct peer		*peer;
	uint64_t		 request;
	enum question_kind	 kind;
	char			*session;	/* its name; "" all of them */
	TAILQ_ENTRY(question)	 link;		/* on peer.questions */
	struct alarm		*alarm;		/* its time is up */

	/* SAY */
	enum follow		 follow;
	uint64_t		 message, turn;
	uint64_t		 admitted_at, sent_at, first_at;
	bool			 admitted, answered;
	char			*receipt;

	/* TASKS, LOG */
	enum until		 until;
	uint64_t		*tasks;
	size_t			 ntasks;
	size_t			 nended;	/* the first ones, for good */
	uint64_t		 since;		/* LOG: byte; EVENTS: seq */
	bool			 errors, wait;

	/* EVENTS, TRANSCRIPT */
	bool			 live, text, paused;
	size_t			 next;		/* item */

	/* COMPACT, with turn: what a turn saw before */
	size_t			 items, bytes;
};

struct desk {
	struct loop		*loop;
	struct engine		*engine;
	struct watch		*listener;
	int			 listener_fd, spare_fd;
	uint64_t		 started_at;	/* us since the epoch */
	TAILQ_HEAD(, peer)	 peers;
	void			(*shutdown)(void *arg, bool now);
	void			*shutdown_arg;
};

/* peer.c */
void	peer_accept(struct desk *);
void	peer_free(struct peer *);
void	peer_send(struct peer *, const struct frame *);
void	peer_flush(struct peer *);
size_t	peer_waiting(const struct peer *);	/* bytes not yet taken */
/* A new open question; NULL: there are too many, and that was answered. */
struct question *question_new(struct peer *, uint64_t request,
	    enum question_kind);
void	question_free(struct question *);
void	question_add_task(struct question *, uint64_t task);
struct question *question_find(struct peer *, uint64_t request);
void	answer_item(struct peer *, uint64_t request, struct bytes json);
void	answer_done(struct peer *, uint64_t request, int status,
	    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* done, and the question is gone. */
void	question_done(struct question *, int status, const char *why);

/* verbs.c: validates and calls the one that acts */
void	verb_dispatch(struct peer *, const struct frame *);
/* NULL: answered already, the name is no name or there is no such session. */
struct host *verb_host(struct peer *, uint64_t request, struct bytes session);
bool	verb_is_name(struct bytes session);
struct host *verb_host_make(struct peer *, uint64_t request,
	    struct bytes session, struct bytes cwd, struct bytes mode);
/* "t7"; NULL: answered already. */
struct host *verb_task(struct peer *, uint64_t request, struct bytes id,
	    uint64_t *task);
bool	verb_busy(struct peer *, uint64_t request);
/* DONE, in words; what: whom it is about, or empty. */
void	verb_refusal(struct peer *, uint64_t request, struct bytes what,
	    enum refusal);

/* verb_talk.c */
void	verb_say(struct peer *, const struct frame_say *);
void	verb_interrupt(struct peer *, const struct frame_interrupt *);
void	verb_detach(struct peer *, const struct frame_detach *);
void	verb_queue(struct peer *, const struct frame_queue *);
void	say_effect(struct question *, struct host *, const struct effect *);
void	say_sent(struct question *, struct host *, uint64_t turn);
bool	say_shown(struct question *, struct host *, uint64_t turn, struct bytes);
void	answer_shown(struct question *, const struct host *, uint64_t turn,
	    struct bytes text);
void	say_settled(struct question *);

/* verb_task.c */
void	verb_tasks(struct peer *, const struct frame_tasks *);
void	verb_stop(struct peer *, const struct frame_stop *);
void	verb_suspend(struct peer *, const struct frame_suspend *);
void	verb_resume(struct peer *, const struct frame_resume *);
void	verb_feed(struct peer *, const struct frame_feed *);
void	verb_wait(struct peer *, const struct frame_wait *);
void	verb_run(struct peer *, const struct frame_run *);
void	verb_move(struct peer *, const struct frame_move *);
void	tasks_settled(struct question *);
struct order;
bool	verb_order_act(struct host *, struct engine *, const struct order *,
	    struct buf *receipt);

/* verb_watch.c */
void	verb_watch(struct peer *, const struct frame_watch *);

/* verb_approval.c */
void	verb_approvals(struct peer *, const struct frame_approvals *);
void	verb_answer(struct peer *, const struct frame_answer *);

/* verb_compact.c */
void	verb_compact(struct peer *, const struct frame_compact *);
void	verb_fork(struct peer *, const struct frame_fork *);
void	compact_effect(struct question *, struct host *, const struct effect *);

/* verb_log.c */
void	verb_log(struct peer *, const struct frame_log *);
void	log_settled(struct question *);

/* verb_look.c */
void	verb_show(struct peer *, const struct frame_show *);
void	verb_sessions(struct peer *, const struct frame_sessions *);
void	verb_create(struct peer *, const struct frame_create *);
void	verb_delete(struct peer *, const struct frame_delete *);
void	verb_transcript(struct peer *, const struct frame_transcript *);
void	verb_tools(struct peer *, const struct frame_tools *);
void	verb_status(struct peer *, const struct frame_status *);
void	verb_doctor(struct peer *, const struct frame_doctor *);
void	transcript_settled(struct question *);

/* verb_events.c */
void	verb_events(struct peer *, const struct frame_events *);
void	events_settled(struct question *);
void	events_shown(struct question *, struct host *, uint64_t turn,
	    struct bytes);

#endif
