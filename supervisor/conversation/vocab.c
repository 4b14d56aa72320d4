#include "vocab.h"

#define WORD(N, text)	text,
#define VOCABULARY(type, words)						\
static const char *const type##_words[] = { words(WORD) };		\
									\
const char *								\
type##_name(enum type v)						\
{									\
	return type##_words[v];						\
}									\
									\
bool									\
type##_parse(struct bytes b, enum type *v)				\
{									\
	size_t i;							\
									\
	for (i = 0; i < sizeof(type##_words) / sizeof(type##_words[0]); i++) \
		if (bytes_is(b, type##_words[i])) {			\
			*v = (enum type)i;				\
			return true;					\
		}							\
	return false;							\
}

VOCABULARY(mode, MODES)
VOCABULARY(keep, KEEPS)
VOCABULARY(cause, CAUSES)
VOCABULARY(outcome, OUTCOMES)
VOCABULARY(call_state, CALL_STATES)
VOCABULARY(background, BACKGROUNDS)
VOCABULARY(wake, WAKES)
VOCABULARY(about, ABOUTS)
VOCABULARY(priority, PRIORITIES)
VOCABULARY(condition, CONDITIONS)
VOCABULARY(approval_state, APPROVAL_STATES)
VOCABULARY(role, ROLES)
