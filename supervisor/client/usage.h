/*
 * The command line's grammar, made from the rows of verb.h: parsing and the
 * words of --help. What an option means is the verb's business.
 */
#ifndef USAGE_H
#define USAGE_H

#include "verb.h"

/*
 * argv[0] is the program or the verb. Without a verb only what stands in front
 * of one is read, which may be chat's, since chat is what no verb means.
 * true: c->argc and c->argv are what is left. false: *status is the exit code,
 * after words or help.
 */
bool	usage_parse(struct client *c, const struct verb *, int argc,
	    char **argv, int *status);
/* choices: a|b|c. */
bool	usage_is_one_of(const char *choices, const char *word);
void	usage_all(void);	/* to stdout */
void	usage_verb(const struct verb *);

#endif
