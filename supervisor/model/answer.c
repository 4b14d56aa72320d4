#include "answer.h"

#include <stdlib.h>

#include "buf.h"
#include "xalloc.h"

struct answer_node {
	TAILQ_ENTRY(answer_node)	link;
	enum answer_kind		kind;
	struct buf			text;	/* or a call's four */
	struct model_call		call;
};

void
answer_init(struct answer *a)
{
	TAILQ_INIT(&a->nodes);
	a->lent = NULL;
}

static void
node_free(struct answer_node *n)
{
	if (n == NULL)
		return;
	buf_fini(&n->text);
	free(n);
}

void
answer_fini(struct answer *a)
{
	struct answer_node *n;

	while ((n = TAILQ_FIRST(&a->nodes)) != NULL) {
		TAILQ_REMOVE(&a->nodes, n, link);
		node_free(n);
	}
	node_free(a->lent);
	a->lent = NULL;
}

static struct answer_node *
node_new(struct answer *a, enum answer_kind kind)
{
	struct answer_node *n = xcalloc(1, sizeof(*n));

	n->kind = kind;
	TAILQ_INSERT_TAIL(&a->nodes, n, link);
	return n;
}

void
answer_say(struct answer *a, enum answer_kind kind, struct bytes text)
{
	struct answer_node *n = TAILQ_LAST(&a->nodes, answer_nodes);

	if (text.len == 0)
		return;
	if (n == NULL || n->kind != kind)
		n = node_new(a, kind);
	buf_add_bytes(&n->text, text);
}

static void
keep(struct answer_node *n, struct bytes *kept, struct bytes b)
{
	/* Room for all of it was made: nothing that is kept moves. */
	kept->data = n->text.data + n->text.len;
	kept->len = b.len;
	buf_add_bytes(&n->text, b);
}

void
answer_call(struct answer *a, const struct model_call *call)
{
	struct answer_node *n = node_new(a, ANSWER_CALL);

	buf_room(&n->text, call->id.len + call->name.len +
	    call->arguments.len + call->bad.len + 1);
	keep(n, &n->call.id, call->id);
	keep(n, &n->call.name, call->name);
	keep(n, &n->call.arguments, call->arguments);
	keep(n, &n->call.bad, call->bad);
}

bool
answer_next(struct answer *a, struct answer_item *item)
{
	struct answer_node *n;

	node_free(a->lent);
	if ((n = a->lent = TAILQ_FIRST(&a->nodes)) == NULL)
		return false;
	TAILQ_REMOVE(&a->nodes, n, link);
	item->kind = n->kind;
	item->text = n->kind == ANSWER_CALL ?
	    (struct bytes){ NULL, 0 } : buf_bytes(&n->text);
	item->call = n->call;
	return true;
}
