/* A stage's listeners, shared memory and queues; for stage.c. */
#ifndef STAGE_IPC_H
#define STAGE_IPC_H

#include "stage.h"

void	ipc_make(struct stage *);
void	ipc_remove(struct stage *);

#endif
