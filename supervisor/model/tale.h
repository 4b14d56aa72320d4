/*
 * What became of a task, in plain sentences: from a call's result, or from an
 * event's envelope (E2). Pure.
 */
#ifndef TALE_H
#define TALE_H

#include "buf.h"

/* What a call of that tool came back with: JSON about a task, or any text. */
void	tale_result(struct buf *, struct bytes tool, struct bytes content);

/* The inside of <task-event ATTRIBUTES>BODY</task-event>, still escaped. */
void	tale_event(struct buf *, struct bytes attributes, struct bytes body);

#endif
