/*
 * What a person types behind a tool's name, made into the object of arguments
 * that a model would have written (O5): --jobs 4, --jobs=4, -j 4, --clean,
 * --clean=false, --file a --file b, then positionals, with or without --.
 * Types are the tool's; whether the whole is right is for args_make() to say.
 */
#ifndef WORDS_H
#define WORDS_H

#include "tool.h"

/* false: *why as in args.h, *object is as it was. */
bool	words_object(const struct tool *, const char *const *words, size_t n,
	    struct buf *object, char **why);

/*
 * RUN's args: an object of arguments, taken as it is, or an array of words.
 * Nothing at all is an empty object.
 */
bool	words_from_run(const struct tool *, struct bytes json,
	    struct buf *object, char **why);

#endif
