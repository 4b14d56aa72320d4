/*
 * What a scripted model is to do, read from the request itself, so that any
 * number of clients can talk to it at once. The last user message's text
 * (envelopes set apart) is a script of lines; a line that begins with @ is a
 * directive, the rest is text. Lines after `@then` are for the round after
 * the first tool results, after the next `@then` for the one after it.
 *
 *	X			answers "echo: X"
 *	@call NAME JSON		calls a tool, after the text as it stands; then
 *				"results: ID -> CONTENT | ..."
 *	@slow MS		pauses between the pieces of the answer
 *	@pieces N		bytes of the stream in each of them
 *	@mute NAME		says nothing at all until NAME is released
 *	@hold NAME		has said its text, and waits
 *	@holdcall NAME		waits in the middle of the calls' arguments
 *	@cut @cutcall		ends the connection in the same two places
 *	@counts			tells what was used before them, too
 *	@error [late]		an error object inside a 200 stream
 *	@status N [WAIT]	an HTTP error, perhaps with retry-after
 *	@once			for the first such request only
 *	@html @unary @null @crlf @nofinish @length @finish X @think X @fill N
 *	@usage N [CACHED [OUT]]	says what was used: N tokens of request, cached
 *			ones of these, and of answer
 *	@context N		from now on refuses requests longer than N bytes
 *	@summary LINE		of the script where a summary is asked for
 *	@ollama @noid @argsobject @badargs @noargs	shapes of calls
 *
 * A message of envelopes only, a wake, answers "noted: t7 exited, ...".
 */
#ifndef FAKE_SCRIPT_H
#define FAKE_SCRIPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define SCRIPT_CALLS	16

struct script_call {
	char	*name;
	char	*arguments;
};

struct script {
	char			*first;		/* the first user message */
	char			*user;		/* the last one, as it came */
	char			*text;		/* what the answer says */
	struct script_call	 calls[SCRIPT_CALLS];
	size_t			 ncalls;
	char			*mute, *hold, *holdcall;
	char			*think, *finish, *retry_after;
	uint64_t		 slow, pieces, status, fill, context;
	uint64_t		 usage, cached, output;		/* tokens */
	bool			 counts, cut, cutcall, error, late, once;
	bool			 html, unary, null, crlf, nofinish, length;
	bool			 ollama, noid, argsobject, badargs, noargs;
};

/* NULL if there is no user message in it. */
struct script	*script_read(const json_t *request);
/* As if nothing went wrong: the second time of what fails once. */
void		 script_heal(struct script *);
void		 script_free(struct script *);

#endif
