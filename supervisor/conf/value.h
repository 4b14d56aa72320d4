/*
 * One value of the configuration: its text, as systemd writes such values,
 * read by its type into a variable of that type (conf.h's conf_TYPE). Pure.
 */
#ifndef VALUE_H
#define VALUE_H

#include <stdint.h>

#include "bytes.h"

enum value_type {
	VALUE_WORD,	/* char *: one of words, "a|b|c" */
	VALUE_TEXT,	/* char *: anything */
	VALUE_URL,	/* char *: http or https, the last slash is taken off */
	VALUE_PATH,	/* char *: absolute */
	VALUE_COUNT,	/* uint64_t: within words, "low high" */
	VALUE_TIME,	/* uint64_t, us: 10s 5min 1h 500ms; bare: seconds */
	VALUE_SIZE,	/* uint64_t, bytes: 512M 1G */
	VALUE_BOOL,	/* bool */
	VALUE_LIST,	/* struct conf_list: by blanks, added to it */
	VALUE_PATHS,	/* struct conf_list: the same, each absolute */
	VALUE_PLACES	/* struct conf_list: the same, each canonical */
};

/* NULL, or why not, the caller's to free; the variable is as it was. */
char	*value_set(enum value_type, void *at, struct bytes text,
	    const char *words);
/* Back to a fallback, which is sound; NULL: not said. */
void	 value_reset(enum value_type, void *at, const char *fallback);
void	 value_fini(enum value_type, void *at);

/* Without the blanks around it. */
struct bytes value_trim(struct bytes);

#endif
