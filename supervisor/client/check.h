/* Whether a frame that a person's words went into fits (frames.def). */
#ifndef CHECK_H
#define CHECK_H

#include "frame.h"

/* NULL: it may. Else what is wrong with which field; the caller frees. */
char	*check_frame(const struct frame *);

#endif
