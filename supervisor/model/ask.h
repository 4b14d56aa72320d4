/*
 * One ask on its way, and what it knows of its model: known to model.c and
 * ask.c alone.
 */
#ifndef ASK_H
#define ASK_H

#include <sys/queue.h>

#include "model.h"

struct model {
	struct loop			*loop;
	struct model_conf		 conf;	/* without key and base_url */
	char				*name, *key_file;
	char				*label;		/* model_name() */
	char				*url, *socket;	/* openai's */
	struct key			*key;
	struct http			*http;
	TAILQ_HEAD(model_asks, ask)	 asks;
};

#endif
