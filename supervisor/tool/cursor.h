/* Walking over a line of text that somebody else owns: what is taken goes. */
#ifndef CURSOR_H
#define CURSOR_H

#include "bytes.h"

void		cursor_drop(struct bytes *, size_t n);
void		cursor_blanks(struct bytes *);		/* spaces and tabs */
bool		cursor_at(struct bytes, char);		/* is it next? */
struct bytes	cursor_word(struct bytes *);		/* up to a blank */
struct bytes	cursor_name(struct bytes *);		/* [A-Za-z0-9_-]* */
/* What stands before the next c, which goes too; false: there is none. */
bool		cursor_until(struct bytes *, char c, struct bytes *);

#endif
