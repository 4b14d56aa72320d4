/*
 * What a model has said and nobody has been told yet: text, thoughts and
 * calls, in order. Pure. It owns what is put in; what is taken out is lent
 * until the next call.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <sys/queue.h>

#include "model.h"

enum answer_kind { ANSWER_TEXT, ANSWER_THOUGHT, ANSWER_CALL };

struct answer_item {
	enum answer_kind	kind;
	struct bytes		text;	/* or thought, never empty */
	struct model_call	call;
};

struct answer_node;

struct answer {
	TAILQ_HEAD(answer_nodes, answer_node)	nodes;
	struct answer_node			*lent;
};

void	answer_init(struct answer *);
void	answer_fini(struct answer *);
/* Text behind text of its kind is one item. */
void	answer_say(struct answer *, enum answer_kind, struct bytes);
void	answer_call(struct answer *, const struct model_call *);
bool	answer_next(struct answer *, struct answer_item *);

#endif
