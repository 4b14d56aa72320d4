/* What the files of the simulation share; the world has sim.h. */
#ifndef SIM_OWN_H
#define SIM_OWN_H

#include "session.h"
#include "sim.h"
#include "sim_books.h"
#include "sim_ledger.h"

#define LIST_MAX	64

struct ask {
	uint64_t	turn;
};

/* What a turn sees of what was committed as it began, or was compacted. */
struct sight {
	size_t		base, head;
	size_t		last;		/* its newest request, from 1; or 0 */
};

struct errand {
	uint64_t	turn;
	char		call[24];
};

struct sim {
	uint64_t	 random, now;
	struct session	*session, *mirror;
	struct session_limits limits;
	struct ledger	*ledger;
	struct out	 out;
	struct books	 books;
	size_t		 written;	/* of books, before this step */
	uint64_t	 numbers[128], seq, ncalls;
	struct ask	 asks[LIST_MAX];
	struct errand	 errands[LIST_MAX];
	uint64_t	 tasks[LIST_MAX];	/* that live */
	size_t		 nasks, nerrands, ntasks;
	struct buf	*requests;
	size_t		 nrequests, sent;	/* sent: before this step */
	struct sight	*sights;	/* of each turn */
	size_t		 nsights;
	struct buf	*heads;		/* as the records have them; 0: none */
	size_t		*starts, nheads;
	bool		 crashed;	/* and not yet recovered */
	bool		 spent;		/* its budget of tokens */
	bool		 is_held;	/* nothing is asked meanwhile (T10) */
	char		 why[4096];
};

/* sim.c: the session and the world that carries out its effects */
unsigned sim_roll(struct sim *, unsigned sides);
uint64_t sim_number(void *, char letter);
void	 sim_put(struct sim *, struct event *);
void	 sim_spend(struct sim *, bool spent);
bool	 sim_is_denied(const struct sim *, uint64_t task);

void	 sim_fail(struct sim *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/* sim_sight.c: what a turn must see */
struct model_request;
void	 sim_note(struct sim *, const struct record *);
void	 sim_blind(struct sim *);	/* before all is read back */
void	 sim_check_sight(struct sim *, uint64_t turn,
	    const struct model_request *, const struct buf *rendered);

/* sim_wait.c */
void	 sim_check_waiting(struct sim *);

/* sim_play.c: what people, models and tasks do */
void	 play_say(struct sim *, enum mode, const char *key, const char *text);
void	 play_say_something(struct sim *);
void	 play_answer(struct sim *, size_t i, bool end);
void	 play_errand(struct sim *, size_t i, bool end);
void	 play_task(struct sim *, size_t i);
void	 play_end(struct sim *, size_t i, const char *end);
void	 play_direct(struct sim *);
void	 play_decide(struct sim *);
/* turn 0: any. */
void	 play_usage(struct sim *, uint64_t turn);
void	 play_order(struct sim *);
void	 play_hold(struct sim *);	/* or lets it go on */
void	 play_sight(struct sim *, uint64_t task);
void	 play_copy(struct sim *);	/* of a fork's origin */
void	 play_adopt(struct sim *);

#endif
