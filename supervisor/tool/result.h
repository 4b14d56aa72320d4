/* What a tool's exit code means to the model, by sysexits(3) and the shell. */
#ifndef RESULT_H
#define RESULT_H

/* "temporary failure, may be tried again"; NULL: the code says it all. */
const char	*result_words(unsigned code);

#endif
