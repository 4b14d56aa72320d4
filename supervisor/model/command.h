/*
 * One line that a person typed, to a call or to words. Pure. Tools are known
 * by their list alone, as a model knows them.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <jansson.h>

#include "buf.h"

#define COMMAND_HELP \
	"I am sigbox's built-in command interpreter: no AI, no model. " \
	"I understand, one command per line:\n" \
	"  run TOOL [--name value] [--flag] [value]...   run a tool\n" \
	"  run TOOL {\"name\": \"value\"}   the same, with JSON\n" \
	"  $ COMMAND   run a shell command\n" \
	"  run exec --command 'COMMAND' --after tN   another one after it\n" \
	"  agent COMMAND   a sub-agent, which is as simple as I am\n" \
	"  status   list the tasks\n" \
	"  output tN [OFFSET]   show what a task printed\n" \
	"  wait tN...   wait for tasks\n" \
	"  watch tN PATTERN   tell of a line of its output that matches\n" \
	"  stop | suspend | resume tN... | all\n" \
	"  tools   list the tools\n" \
	"  help\n"

#define COMMAND_NO_AI \
	"I am no AI, only sigbox's built-in command interpreter, and did " \
	"not understand that. `help` says what I do understand.\n"

enum command_kind {
	COMMAND_CALL,		/* of *name, with arguments, a JSON object */
	COMMAND_WORDS,		/* they were added */
	COMMAND_UNKNOWN
};

/* The name borrows from the line or is a literal. */
enum command_kind	command_read(struct bytes line, const json_t *tools,
			    struct bytes *name, struct buf *arguments,
			    struct buf *words);

#endif
