/*
 * One JSON value as words for a person: an age, a size, a state. What comes
 * out is one line, valid UTF-8 and free of control characters, whatever came
 * in.
 */
#ifndef VALUE_H
#define VALUE_H

#include <jansson.h>

#include "buf.h"

enum value_as {
	VALUE_PLAIN,		/* as it is: text, number, yes or no, a list */
	VALUE_SENTENCE,		/* the first of a text */
	VALUE_TIME,		/* 14:03:22, or with the day */
	VALUE_BYTES,		/* 1.2M */
	VALUE_PERCENT,		/* 42% */
	VALUE_SPAN,		/* microseconds: 1.25 s */
	/* Of the whole object: */
	VALUE_AGE,		/* since started_at, until ended_at: 12 s */
	VALUE_STATE,		/* state, or how it ended: exited 3 */
	VALUE_PROGRESS,		/* 42% text */
	VALUE_TOKENS		/* 1200 of 1000, used up */
};

/* Adds the words for object[key]; "-" if there is none. */
void	 value_add(struct buf *, const json_t *object, const char *key,
	    enum value_as);
/* How a key that no table names is best shown. */
enum value_as value_guess(const char *key);

/* An ITEM's object; NULL if it is none. The caller's to json_decref(). */
json_t	*value_parse(struct bytes);
/* object[key] if it is a string, else "". Borrowed. */
const char *value_text(const json_t *object, const char *key);
/* 12 s, 3 min, 2 h 5 min; adds. */
void	 value_add_seconds(struct buf *, double);
/* Adds raw cleaned, in one line. */
void	 value_add_line(struct buf *, struct bytes raw);

/*
 * The exit code that a task's object stands for (0 if it has not ended): its
 * own code, 128 + n for a signal, else by how it ended.
 */
int	 value_exit_code(const json_t *task);

#endif
