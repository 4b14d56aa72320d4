/*
 * Where the clients are served: the listening socket, the peers, and the
 * questions that are still open. It asks the engine and waits for nothing; an
 * answer that must wait is a question that the engine's news answers later.
 */
#ifndef DESK_H
#define DESK_H

#include <stdbool.h>

struct desk;
struct engine;
struct loop;

struct desk	*desk_new(struct loop *, struct engine *, int listener);
void		 desk_free(struct desk *);
/* What SHUTDOWN and its like ask for; the owner of the loop does it. */
void		 desk_on_shutdown(struct desk *, void (*)(void *arg, bool now), void *arg);

#endif
