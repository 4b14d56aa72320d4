/*
 * Words that are no prompt (C10): "stop", "/stop t7", "suspend all" and the
 * like act at once and without a model. Anything else is a message; a leading
 * blank makes a message of these too.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdint.h>

#include "bytes.h"

enum order_kind { ORDER_NONE, ORDER_STOP, ORDER_SUSPEND, ORDER_RESUME, ORDER_INTERRUPT };

struct order {
	enum order_kind	 kind;
	bool		 all;		/* no id was named: the session's */
	bool		 turns;		/* and the turns are cut, too */
	uint64_t	 task;
};

struct order	order_parse(struct bytes text);

#endif
