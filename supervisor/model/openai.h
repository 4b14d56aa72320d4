/*
 * The body of a Chat Completions answer, in any pieces, to text, thoughts and
 * calls. Pure, and lenient: it takes what servers really send. Text comes out
 * as it comes in; calls come out at the end, for only the end tells whether
 * they are whole.
 */
#ifndef OPENAI_H
#define OPENAI_H

#include "answer.h"
#include "buf.h"

/* Of text, thoughts and arguments together. */
#define OPENAI_ANSWER_MAX	(16U << 20)

struct openai;

enum openai_state {
	OPENAI_OPEN,		/* feed more */
	OPENAI_DONE,
	OPENAI_ERROR,		/* the server's; openai_fault() is its JSON */
	OPENAI_NONSENSE,	/* no answer; openai_fault() is words */
	OPENAI_CUT		/* ended before its end */
};

/*
 * Ids that the model makes and that already stand in the request are replaced;
 * what replaces them follows from seed. The request is borrowed.
 */
struct openai	*openai_new(struct bytes request, uint64_t seed);
void		 openai_free(struct openai *);

/* No more is fed once it is not OPEN. */
enum openai_state openai_feed(struct openai *, struct bytes);
/* Nothing more comes, for whatever reason; never OPEN. */
enum openai_state openai_end(struct openai *);

struct answer	*openai_answer(struct openai *);
const struct model_usage *openai_usage(const struct openai *);
struct bytes	 openai_fault(const struct openai *);

#endif
