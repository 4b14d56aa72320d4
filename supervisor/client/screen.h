/*
 * Who speaks on the terminal: turns whose text streams, remarks, and the
 * prompt. A line never holds words of two: one turn alone streams as it
 * comes; as soon as there are several, each speaks in whole lines that its id
 * stands in front of.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <sys/queue.h>

#include <stdint.h>

#include "buf.h"

struct voice;

struct screen {
	TAILQ_HEAD(voices, voice) voices;	/* every turn heard of */
	struct voice		*open;		/* whose line is not finished */
	size_t			 nspeaking;
	bool			 has_prompt;	/* it is wanted at all */
	bool			 is_prompting;	/* it stands on the last line */
};

void	screen_init(struct screen *, bool has_prompt);
void	screen_fini(struct screen *);
/*
 * A piece of a turn's text. It may reach us by several questions; the one that
 * brought the first piece brings them all, the others are echoes.
 */
void	screen_speak(struct screen *, struct bytes turn, uint64_t request,
	    struct bytes text);
/* The turn is over. */
void	screen_hush(struct screen *, struct bytes turn);
/* Whether words of that turn were shown. */
bool	screen_has_heard(const struct screen *, struct bytes turn);
/* Text of nobody who speaks, from the start of a line to the end of one. */
void	screen_block(struct screen *, struct bytes text);
/* Before somebody else writes to the terminal: to the start of a line. */
void	screen_break(struct screen *);
/* Shows the prompt, if the line is free for it. */
void	screen_prompt(struct screen *);
/* A person pressed Enter: whatever the line was, it is done. */
void	screen_entered(struct screen *);

#endif
