/*
 * What must hold after each record of a session: a message has one end (C2), a
 * call one result before its turn asks on or ends (C5), an id is used once
 * (C4), an event is told once (E1), and nothing happens to a task that has
 * ended (T1). It keeps accounts of its own and shares no code with what it
 * checks.
 */
#ifndef SIM_LEDGER_H
#define SIM_LEDGER_H

#include "record.h"

struct ledger;

struct ledger	*ledger_new(size_t max_turns);
void		 ledger_free(struct ledger *);
/* NULL: all is well, else words. */
const char	*ledger_add(struct ledger *, const struct record *);
/* Tokens, of all turns; tree: of sub-agents, too. */
uint64_t	 ledger_used(const struct ledger *, bool tree);
/* All has come to its end; what a rolled back turn began need not be told. */
/* The tasks with news that is still to be told; 0 behind the last. */
uint64_t	 ledger_nth_due(const struct ledger *, size_t i);
const char	*ledger_balance(const struct ledger *);

#endif
