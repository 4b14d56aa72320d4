/* A stage's files; for stage.c. */
#ifndef STAGE_FILES_H
#define STAGE_FILES_H

#include "stage.h"

void	files_make(struct stage *);
void	files_remove(struct stage *);
void	files_renew(struct stage *);
/* A line for each that is outside: what it is, and its path. */
void	files_look(struct stage *, struct buf *);
/* In the working folder, made by the tool. */
void	files_find_set_id(struct stage *, void (*)(void *, const char *),
	    void *);

void	stage_tell_number(struct stage *, const char *, unsigned long);

#endif
